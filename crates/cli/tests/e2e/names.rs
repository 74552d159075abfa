//! Names: what roles there are, what each is, what is cached.

use jiff::Timestamp;

use super::harness::{CONFIG, Stage};
use super::support::{Checks, check};

#[test]
fn names_come_one_a_line_in_the_order_of_the_file() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let names = "read\nplain\ndeploy\n";
    for command in ["accountlist", "accountlist_text"] {
        checks.ran(command, &stage.run(&[command]), names, "", 0);
        checks.ran(command, &stage.run(&["-q", command]), names, "", 0);
    }
    // Colour where it is forced; never in what completion scripts read.
    let force = [("CLICOLOR_FORCE", "1"), ("TERM", "xterm")];
    let ran = stage.run_in(&["accountlist"], &force);
    checks.ran(
        "colour",
        &ran,
        "\u{1b}[1mread\u{1b}[0m\n\u{1b}[1mplain\u{1b}[0m\n\u{1b}[1mdeploy\u{1b}[0m\n",
        "",
        0,
    );
    checks.ran(
        "text",
        &stage.run_in(&["accountlist_text"], &force),
        names,
        "",
        0,
    );
    // bash's own completion takes it as it is.
    let mut bash = std::process::Command::new("bash");
    stage.clear(&mut bash);
    let line = format!(
        "compgen -W \"$('{}' accountlist_text)\" -- d",
        super::harness::program()
    );
    checks.ran(
        "bash",
        &stage.ran(bash.args(["-c", &line])),
        "deploy\n",
        "",
        0,
    );
    stage.roles("");
    checks.ran("none", &stage.run(&["accountlist"]), "", "", 0);
    assert!(!stage.path(".assumerole.d").exists(), "nothing to keep");
}

#[test]
fn info_says_what_a_role_is_and_asks_nobody() {
    let stage = Stage::new();
    std::fs::remove_dir_all(stage.path(".aws")).unwrap();
    let read = "account name: read\naccount ID:   123456789012\nrole:         read\n";
    let mut checks = Checks::default();
    checks.ran("named", &stage.run(&["info", "read"]), read, "", 0);
    let deploy = "account name: deploy\naccount ID:   123456789012\nrole:         team/deploy\n";
    checks.ran("ARN", &stage.run(&["info", "deploy"]), deploy, "", 0);
    // Inside a role it is that role.
    checks.ran(
        "inside",
        &stage.run_in(&["info"], &[("AWS_ACCOUNT", "read")]),
        read,
        "",
        0,
    );
    let ran = stage.run_in(&["info"], &[("AWS_ACCOUNT", "gone")]);
    checks.ran(
        "gone",
        &ran,
        "",
        "\
error: there is no role \"gone\" in ~/.assumerole or ~/.aws
  hint: see all roles: assumerole list
",
        4,
    );
    checks.ran(
        "no role",
        &stage.run(&["info"]),
        "",
        "\
error: no role is named, and there is no terminal to choose one on
  hint: name it: assumerole ROLE
  hint: see all roles: assumerole list
",
        2,
    );
    checks.number("requests", stage.requests(), 0);
    checks.same("cache", &format!("{:?}", stage.entries()), "[]");
}

#[test]
fn a_name_that_is_not_there_is_told_with_the_nearest() {
    let roles = ["acme-sandbox-read", "acme-sandbox-write", "acme-prod-read", "other"].map(|name| {
        format!("{name:?}: {{\"aws_profile\": \"base\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}}")
    });
    let stage = Stage::of_roles(&roles.join(","));
    let mut checks = Checks::default();
    for (name, stderr) in [
        (
            "acme-sandbx-read",
            "\
error: there is no role \"acme-sandbx-read\" in ~/.assumerole or ~/.aws
  hint: did you mean acme-sandbox-read or acme-sandbox-write or acme-prod-read?
  hint: see all roles: assumerole list
",
        ),
        (
            "sandbox",
            "\
error: there is no role \"sandbox\" in ~/.assumerole or ~/.aws
  hint: did you mean acme-sandbox-read or acme-sandbox-write?
  hint: see all roles: assumerole list
",
        ),
        (
            "ACME-PROD-READ",
            "\
error: there is no role \"ACME-PROD-READ\" in ~/.assumerole or ~/.aws
  hint: did you mean acme-prod-read or acme-sandbox-read or acme-sandbox-write?
  hint: see all roles: assumerole list
",
        ),
        (
            "zzzzzz",
            "\
error: there is no role \"zzzzzz\" in ~/.assumerole or ~/.aws
  hint: see all roles: assumerole list
",
        ),
        (
            "statsu",
            "\
error: there is no role \"statsu\" in ~/.assumerole or ~/.aws
  hint: did you mean the command: assumerole status?
  hint: see all roles: assumerole list
",
        ),
        (
            "",
            "\
error: there is no role \"\" in ~/.assumerole or ~/.aws
  hint: see all roles: assumerole list
",
        ),
    ] {
        checks.ran(name, &stage.run(&["exec", name, "true"]), "", stderr, 125);
        checks.ran(name, &stage.run(&[name]), "", stderr, 125);
    }
    checks.ran(
        "no name",
        &stage.run(&[]),
        "",
        "\
error: no role is named, and there is no terminal to choose one on
  hint: name it: assumerole ROLE
  hint: see all roles: assumerole list
",
        125,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn list_is_a_table_with_the_time_that_is_left() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    checks.ran(
        "cold",
        &stage.run(&["list"]),
        "\
NAME    ACCOUNT       ROLE         PROFILE  REGION        MFA   FROM           LEFT  DESCRIPTION
read    123456789012  read         base     eu-central-1  jdoe  ~/.assumerole     -  -
plain   123456789012  plain        base     -             -     ~/.assumerole     -  -
deploy  123456789012  team/deploy  base     -             jdoe  ~/.assumerole     -  -
",
        "",
        0,
    );
    stage.warm("plain");
    stage.warm("read");
    checks.ran(
        "warm",
        &stage.run(&["list"]),
        "\
NAME    ACCOUNT       ROLE         PROFILE  REGION        MFA   FROM           LEFT  DESCRIPTION
read    123456789012  read         base     eu-central-1  jdoe  ~/.assumerole   59m  -
plain   123456789012  plain        base     -             -     ~/.assumerole   59m  -
deploy  123456789012  team/deploy  base     -             jdoe  ~/.assumerole     -  -
",
        "",
        0,
    );
    // A role that is wrong is told, and hides no other.
    stage.write(
        ".assumerole",
        &CONFIG.replacen("\"123456789012\"", "\"12345\"", 1),
    );
    checks.ran(
        "one is wrong",
        &stage.run(&["list"]),
        "\
NAME    ACCOUNT       ROLE         PROFILE  REGION  MFA   FROM           LEFT  DESCRIPTION
plain   123456789012  plain        base     -       -     ~/.assumerole   59m  -
deploy  123456789012  team/deploy  base     -       jdoe  ~/.assumerole     -  -
",
        "\
warning: role \"read\": aws_account is not valid: an AWS account has 12 digits, this has 5
 --> ~/.assumerole:5:22
  |
5 |       \"aws_account\": \"12345\",
  |                      ^^^^^^^
",
        0,
    );
    // Nor does a profile that is not there.
    stage.write(".assumerole", &CONFIG.replacen("\"base\"", "\"gone\"", 1));
    checks.ran(
        "a profile is gone",
        &stage.run(&["list"]),
        "\
NAME    ACCOUNT       ROLE         PROFILE  REGION        MFA   FROM           LEFT  DESCRIPTION
read    123456789012  read         gone     eu-central-1  jdoe  ~/.assumerole     -  -
plain   123456789012  plain        base     -             -     ~/.assumerole   59m  -
deploy  123456789012  team/deploy  base     -             jdoe  ~/.assumerole     -  -
",
        "",
        0,
    );
    stage.roles("");
    checks.ran(
        "none",
        &stage.run(&["list"]),
        "",
        "there are no roles in ~/.assumerole yet\n",
        0,
    );
}

/// JSON with the times and the key replaced, which no two runs share.
fn steady(stage: &Stage, json: &str) -> String {
    let granted = stage.sandbox.journal().last().map(|entry| entry.time);
    let mut lines = Vec::new();
    for line in json.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            lines.push(line.to_owned());
            continue;
        };
        let comma = if value.ends_with(',') { "," } else { "" };
        let value = value.trim_end_matches(',');
        let text = value.trim_matches('"');
        let shown = match name.trim().trim_matches('"') {
            "expires" | "obtained" if value != "null" => {
                let time: Timestamp = text.parse().unwrap();
                let away = time.duration_since(granted.unwrap()).as_secs_f64() / 3600.0;
                format!("{} h from now", away.round())
            }
            "seconds_left" if value != "null" => {
                let seconds: i64 = value.parse().unwrap();
                assert!((3500..=3600).contains(&seconds), "{seconds}");
                "an hour".to_owned()
            }
            "access_key_id" => {
                assert!(text.starts_with("ASIA"));
                "ASIA".to_owned()
            }
            _ => value.to_owned(),
        };
        lines.push(format!("{name}: {shown}{comma}"));
    }
    lines.join("\n") + "\n"
}

#[test]
fn list_and_status_as_json_have_the_same_fields_whatever_there_is() {
    let stage = Stage::direct();
    let mut checks = Checks::default();
    checks.ran("nothing", &stage.run(&["status", "--json"]), "[]\n", "", 0);
    stage.warm("read");
    let ran = stage.run(&["list", "--json"]);
    checks.same(
        "list",
        &steady(&stage, &ran.stdout),
        "\
[
  {
    \"name\": \"read\",
    \"account\": \"123456789012\",
    \"account_name\": null,
    \"unit\": null,
    \"role\": \"read\",
    \"profile\": \"base\",
    \"sso_session\": null,
    \"origin\": \"~/.assumerole\",
    \"region\": \"eu-central-1\",
    \"mfa\": \"arn:aws:iam::210987654321:mfa/jdoe\",
    \"description\": null,
    \"tags\": {},
    \"expires\": 1 h from now,
    \"seconds_left\": an hour
  },
  {
    \"name\": \"plain\",
    \"account\": \"123456789012\",
    \"account_name\": null,
    \"unit\": null,
    \"role\": \"plain\",
    \"profile\": \"base\",
    \"sso_session\": null,
    \"origin\": \"~/.assumerole\",
    \"region\": null,
    \"mfa\": null,
    \"description\": null,
    \"tags\": {},
    \"expires\": null,
    \"seconds_left\": null
  },
  {
    \"name\": \"deploy\",
    \"account\": \"123456789012\",
    \"account_name\": null,
    \"unit\": null,
    \"role\": \"team/deploy\",
    \"profile\": \"base\",
    \"sso_session\": null,
    \"origin\": \"~/.assumerole\",
    \"region\": null,
    \"mfa\": \"arn:aws:iam::210987654321:mfa/jdoe\",
    \"description\": null,
    \"tags\": {},
    \"expires\": null,
    \"seconds_left\": null
  }
]
",
    );
    let ran = stage.run(&["status", "--json"]);
    checks.same(
        "status",
        &steady(&stage, &ran.stdout),
        "\
[
  {
    \"name\": \"read\",
    \"kind\": \"role\",
    \"parent\": null,
    \"arn\": \"arn:aws:iam::123456789012:role/read\",
    \"account\": \"123456789012\",
    \"profile\": \"base\",
    \"mfa\": \"arn:aws:iam::210987654321:mfa/jdoe\",
    \"region\": \"eu-central-1\",
    \"access_key_id\": ASIA,
    \"narrowed\": [],
    \"session_name\": null,
    \"duration_seconds\": null,
    \"obtained\": 0 h from now,
    \"expires\": 1 h from now,
    \"seconds_left\": an hour,
    \"usable\": true,
    \"usable_by_programs\": true
  }
]
",
    );
    checks.number("requests", stage.requests(), 1);
}

#[test]
fn status_is_what_is_cached_longest_first_with_a_bar() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    checks.ran(
        "nothing",
        &stage.run(&["status"]),
        "",
        "nothing is cached; assume a role: assumerole ROLE\n",
        0,
    );
    stage.warm("plain");
    let code = stage.code();
    assert_eq!(
        stage
            .run(&["exec", "deploy", "--mfa-code", &code, "true"])
            .status,
        0
    );
    let ran = stage.run(&["status"]);
    let rows: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    checks.same("header", &rows[0].join(" "), "NAME ACCOUNT LEFT BAR ENDS");
    checks.same(
        "deploy",
        &rows[1][..5].join(" "),
        "deploy 123456789012 1h 59m #########.",
    );
    checks.same(
        "plain",
        &rows[2][..4].join(" "),
        "plain 123456789012 59m #########.",
    );
    let ran = stage.run_in(&["status"], &[("LANG", "C.UTF-8")]);
    checks.same(
        "UTF-8",
        &ran.stdout.contains("█████████░").to_string(),
        "true",
    );
    // What has ended is not there any more.
    let two_hours_ago = jiff::SignedDuration::from_hours(-2);
    stage.sandbox.set_clock_offset(two_hours_ago);
    assert_eq!(stage.run(&["exec", "plain", "--fresh", "true"]).status, 0);
    let ran = stage.run(&["status"]);
    checks.number("ended", ran.stdout.lines().count(), 2);
}

#[test]
fn a_damaged_entry_is_not_shown() {
    let stage = Stage::new();
    stage.warm("plain");
    let name = stage.entries().remove(0);
    std::fs::write(stage.path(".assumerole.d/cache").join(name), "x").unwrap();
    let nothing = "nothing is cached; assume a role: assumerole ROLE\n";
    check(&stage.run(&["status"]), "", nothing, 0);
    check(&stage.run(&["status", "--json"]), "[]\n", "", 0);
}

#[test]
fn who_only_looks_or_forgets_makes_nothing() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for args in [
        &["list"][..],
        &["status"],
        &["info", "plain"],
        &["accountlist"],
        &["history"],
        &["logout"],
        &["logout", "plain"],
    ] {
        checks.number(&args.join(" "), stage.run(args).status as usize, 0);
    }
    checks.number(
        "an unknown name",
        stage.run(&["logout", "x"]).status as usize,
        4,
    );
    checks.same(
        "nothing is there",
        &stage.path(".assumerole.d").exists().to_string(),
        "false",
    );
}
