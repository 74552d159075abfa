//! What the top of `~/.assumerole` says for all roles, as a person sees it.

use std::fmt::Write as _;
use std::fs;

use super::harness::Stage;
use super::support::Checks;
use super::terminal::Terminal;

const STS: (&str, &str) = ("AWS_ENDPOINT_URL_STS", "https://sts.example");

const TOP: &str = r#"{
  "aws_profile": "base",
  "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
  "aws_region": "eu-central-1",
  "max_session_duration": 1800,
  "assume_roles": {
    "read": { "aws_account": "123456789012", "aws_role": "read" },
    "plain": { "aws_account": "123456789012", "aws_role": "plain", "aws_mfa_arn": false },
    "next": { "via": "plain", "aws_account": "123456789012", "aws_role": "read" }
  }
}
"#;

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole", TOP);
    stage
}

#[test]
fn a_role_of_two_keys_is_assumed_with_all_of_it() {
    let stage = stage();
    let mut checks = Checks::default();
    let code = stage.code();
    let show = ["--", "sh", "-c", "echo $AWS_ACCOUNT $AWS_REGION"];
    let args = [&["exec", "read", "--mfa-code", &code][..], &show].concat();
    checks.ran(
        "with a code",
        &stage.run(&args),
        "read eu-central-1\n",
        "",
        0,
    );
    let seconds = stage.parameter("DurationSeconds");
    checks.same("seconds", &format!("{seconds:?}"), "Some(\"1800\")");
    let args = [&["exec", "plain"][..], &show].concat();
    checks.ran("without", &stage.run(&args), "plain eu-central-1\n", "", 0);
    // The session, and both roles.
    checks.number("requests", stage.requests(), 3);
}

#[test]
fn a_plan_says_where_each_value_stands() {
    let stage = stage();
    let mut checks = Checks::default();
    let ran = stage.run_in(&["plan", "plain"], &[STS]);
    let plain = "\
plain: calls AWS, no prompt

1. keys of profile base
   profile         base                                  ~/.assumerole:2:18
   access key      AKIAIOSFODNN7EXAMPLE                  ~/.aws/credentials:2:21
   secret key      (not shown)                           ~/.aws/credentials:3:25

2. AssumeRole plain: not cached
   role            arn:aws:iam::123456789012:role/plain  ~/.assumerole:8:59
   account         123456789012                          ~/.assumerole:8:31
   session name    tester                                the user of this machine
   seconds         1800                                  ~/.assumerole:5:27
   MFA device      none                                  ~/.assumerole:8:83
   region of STS   eu-central-1                          ~/.assumerole:4:17
   endpoint        https://sts.example                   AWS_ENDPOINT_URL_STS

3. export
   region          eu-central-1                          ~/.assumerole:4:17

4. programs (credential-process, serve)
   time left       15 min or more                        half of the session
";
    checks.ran("false is none", &ran, plain, "", 0);
    let ran = stage.run_in(&["plan", "read"], &[STS]);
    let device = "   MFA device      arn:aws:iam::210987654321:mfa/jdoe   ~/.assumerole:3:18\n";
    let has = |text: &str| format!("{}", ran.stdout.contains(text));
    checks.same(&ran.stdout, &has(device), "true");
    let ran = stage.run_in(&["plan", "next"], &[STS]);
    let is_none = ran.stdout.contains("mfa/jdoe");
    checks.same("via takes no device", &is_none.to_string(), "false");
}

#[test]
fn lists_and_info_know_it() {
    let stage = stage();
    let mut checks = Checks::default();
    let ran = stage.run(&["list", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let row = |number: usize| {
        let row = &rows[number];
        format!(
            "{} {} {} {}",
            row["name"], row["profile"], row["mfa"], row["region"]
        )
    };
    let device = "\"arn:aws:iam::210987654321:mfa/jdoe\"";
    let region = "\"eu-central-1\"";
    checks.same(
        "read",
        &row(0),
        &format!("\"read\" \"base\" {device} {region}"),
    );
    checks.same(
        "plain",
        &row(1),
        &format!("\"plain\" \"base\" null {region}"),
    );
    checks.same("next", &row(2), &format!("\"next\" \"base\" null {region}"));
    let info = "account name: read\naccount ID:   123456789012\nrole:         read\n";
    checks.ran("info", &stage.run(&["info", "read"]), info, "", 0);
}

#[test]
fn check_says_what_is_wrong_at_the_top_once() {
    let stage = stage();
    let mut checks = Checks::default();
    let good = "nothing is wrong with ~/.assumerole (3 roles)\n";
    checks.ran("good", &stage.run(&["check", "--strict"]), "", good, 0);
    stage.write(".assumerole", &TOP.replace("\"base\"", "\"bsae\""));
    let wrong = "\
error: the top of ~/.assumerole uses profile bsae, which does not exist
 --> ~/.assumerole:2:18
  |
2 |   \"aws_profile\": \"bsae\",
  |                  ^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: did you mean base?
  hint: create it: aws configure --profile bsae
";
    checks.ran(
        "no such profile",
        &stage.run(&["check"]),
        wrong,
        "1 error\n",
        1,
    );
    let repeats = TOP.replace("\"read\": { ", "\"read\": { \"aws_profile\": \"base\", ");
    stage.write(".assumerole", &repeats);
    let odd = "\
warning: role \"read\" repeats the top-level aws_profile, so the aws_mfa_arn beside that one does not apply to it
 --> ~/.assumerole:7:30
  |
7 |     \"read\": { \"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"read\" },
  |                              ^^^^^^
  hint: remove it there, or add \"aws_mfa_arn\": false
";
    checks.ran("repeated", &stage.run(&["check"]), odd, "1 warning\n", 0);
    // A device for nobody would guard nothing, so nothing is assumed.
    stage.write(
        ".assumerole",
        &TOP.replace("  \"aws_profile\": \"base\",\n", ""),
    );
    let ran = stage.run(&["exec", "plain", "true"]);
    let first = ran.stderr.lines().next().unwrap_or_default();
    let half = "error: the file has aws_mfa_arn beside its roles without an aws_profile, where it has no effect";
    checks.same("half", first, half);
    checks.number("half", ran.status.try_into().unwrap(), 125);
    checks.number("requests", stage.requests(), 0);
}

/// Settings count for the roles before them, however many these are.
#[test]
fn what_stands_behind_ten_thousand_roles_counts_too() {
    let stage = Stage::new();
    let mut text = String::from("{\"assume_roles\": {\n");
    for number in 0..10_000 {
        let _ = writeln!(
            text,
            "  \"role-{number}\": {{\"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}},"
        );
    }
    text.push_str("  \"own\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}\n},\n");
    let top = |seconds: u32| {
        format!(
            "{text}\"aws_region\": \"eu-west-1\", \"aws_profile\": \"base\", \"max_session_duration\": {seconds}}}\n"
        )
    };
    let mut checks = Checks::default();
    for (number, seconds) in [1800, 2700].into_iter().enumerate() {
        stage.write(".assumerole", &top(seconds));
        for role in ["role-77", "role-9999", "own"] {
            let ran = stage.run(&["exec", role, "sh", "-c", "echo $AWS_ACCOUNT $AWS_REGION"]);
            checks.ran(role, &ran, &format!("{role} eu-west-1\n"), "", 0);
        }
        let asked = stage.parameter("DurationSeconds");
        checks.same(
            "seconds",
            &format!("{asked:?}"),
            &format!("Some(\"{seconds}\")"),
        );
        // One session for all of them, another one after the edit.
        checks.number("requests", stage.requests(), number + 1);
        let plan = stage.run(&["plan", "role-5000"]).stdout;
        let profile = plan.lines().find(|line| line.contains("  profile "));
        let place = profile.and_then(|line| line.split_whitespace().last());
        checks.same("place", place.unwrap_or_default(), "~/.assumerole:10004:43");
    }
}

#[test]
fn add_repeats_nothing_that_the_top_says() {
    let stage = stage();
    let arn = "arn:aws:iam::123456789012:role/x";
    let entry = |members: &str| format!("\"n\": {{\n{members}\n}}\n");
    let role = "  \"aws_role\": \"arn:aws:iam::123456789012:role/x\"";
    let own = "arn:aws:iam::210987654321:mfa/own";
    let top = "arn:aws:iam::210987654321:mfa/jdoe";
    let mut checks = Checks::default();
    for (flags, members) in [
        (vec![], role.to_owned()),
        (vec!["--profile", "base"], role.to_owned()),
        (vec!["--mfa-arn", top], role.to_owned()),
        (
            vec!["--region", "eu-central-1", "--duration", "30m"],
            role.to_owned(),
        ),
        (
            vec!["--mfa-arn", own],
            format!("{role},\n  \"aws_mfa_arn\": \"{own}\""),
        ),
        (
            vec!["--no-mfa"],
            format!("{role},\n  \"aws_mfa_arn\": false"),
        ),
        (
            vec!["--region", "eu-west-1", "--duration", "1h"],
            format!("{role},\n  \"aws_region\": \"eu-west-1\",\n  \"max_session_duration\": 3600"),
        ),
        (
            vec!["--profile", "other"],
            format!("  \"aws_profile\": \"other\",\n{role}"),
        ),
        (
            vec!["--profile", "other", "--mfa-arn", top],
            format!("  \"aws_profile\": \"other\",\n{role},\n  \"aws_mfa_arn\": \"{top}\""),
        ),
        (
            vec!["--profile", "other", "--no-mfa"],
            format!("  \"aws_profile\": \"other\",\n{role}"),
        ),
        (
            vec!["--via", "plain"],
            format!("  \"via\": \"plain\",\n{role}"),
        ),
    ] {
        stage.write(".aws/config", "[profile base]\n[profile other]\n");
        let args = [&["add", "n", "--role", arn, "--dry-run"][..], &flags].concat();
        checks.ran(&flags.join(" "), &stage.run(&args), &entry(&members), "", 0);
    }
    let ran = stage.run(&["-q", "add", "n", "--role", arn]);
    checks.ran("written", &ran, "", "", 0);
    let text = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let new = "\"n\": { \"aws_role\": \"arn:aws:iam::123456789012:role/x\" }";
    checks.same(&text, &text.contains(new).to_string(), "true");
}

#[test]
fn questions_offer_what_the_top_says() {
    let stage = stage();
    let mut terminal = Terminal::running(&stage, "assumerole add");
    terminal.sees("Name of the role, as you will type it:");
    terminal.types("acme\r");
    terminal.sees("its number or name; Enter for base:");
    terminal.types("\r");
    terminal.sees("The role in its account, its name or its ARN:");
    terminal.types("arn:aws:iam::123456789012:role/plain\r");
    terminal.sees(
        "ARN of the MFA device; Enter for arn:aws:iam::210987654321:mfa/jdoe, - for none, ? to ask IAM:",
    );
    terminal.types("-\r");
    terminal.sees("Region; Enter for that of the top of the file, eu-central-1:");
    terminal.types("\r");
    terminal.sees("Write this to ~/.assumerole? [Y/n]");
    terminal.types("\r");
    terminal.sees("assume it: assumerole acme");
    assert_eq!(terminal.ends(), 0);
    let text = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let new = "\"acme\": { \"aws_role\": \"arn:aws:iam::123456789012:role/plain\", \"aws_mfa_arn\": false }";
    assert!(text.contains(new), "{text}");
}

#[test]
fn an_imported_role_has_the_device_that_it_had() {
    let stage = stage();
    let endpoint = stage.sandbox.endpoint();
    let arn = "arn:aws:iam::123456789012:role/plain";
    let role = |more: &str| {
        format!("role_arn = {arn}\nsource_profile = base\nsource_identity = me\n{more}")
    };
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {endpoint}\n[profile none]\n{}[profile same]\n{}",
            role(""),
            role("mfa_serial = arn:aws:iam::210987654321:mfa/jdoe\nregion = eu-central-1\n"),
        ),
    );
    let ran = stage.run(&["import", "--dry-run", "none", "same"]);
    let said = format!(
        "\
Would be written:
  \"none\": {{
    \"aws_role\": \"{arn}\",
    \"source_identity\": \"me\",
    \"aws_mfa_arn\": false
  }}
    for source_identity at ~/.aws/config:6:19
  \"same\": {{
    \"aws_role\": \"{arn}\",
    \"source_identity\": \"me\"
  }}
    for source_identity at ~/.aws/config:10:19
"
    );
    let written = ran
        .stdout
        .split("\nOf other tools")
        .next()
        .unwrap_or_default();
    assert_eq!(written, said);
}
