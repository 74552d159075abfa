//! `add`: a role into `~/.assumerole`, from flags or by questions.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::harness::{CONFIG, DEVICE, Stage};
use super::support::{Checks, check};
use super::terminal::{CTRL_C, Terminal};

/// A stage whose `~/.assumerole` is to be made.
fn stage() -> Stage {
    let stage = Stage::new();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    stage
}

fn file(stage: &Stage) -> String {
    fs::read_to_string(stage.path(".assumerole")).unwrap()
}

fn mode(stage: &Stage, name: &str) -> u32 {
    let mode = fs::metadata(stage.path(name)).unwrap().permissions().mode();
    mode & 0o7777
}

#[test]
fn flags_make_a_role_that_works() {
    let stage = stage();
    let mut checks = Checks::default();
    let plain = [
        "add",
        "plain",
        "--profile",
        "base",
        "--account",
        "123456789012",
        "--role",
        "plain",
    ];
    let said = "role plain is in ~/.assumerole:3:5\nassume it: assumerole plain\n";
    checks.ran("the first", &stage.run(&plain), "", said, 0);
    let first = r#"{
  "assume_roles": {
    "plain": {
      "aws_profile": "base",
      "aws_account": "123456789012",
      "aws_role": "plain"
    }
  }
}
"#;
    checks.same("file", &file(&stage), first);
    checks.number("mode", mode(&stage, ".assumerole") as usize, 0o600);
    let all = [
        "add",
        "--role",
        "arn:aws:iam::123456789012:role/team/deploy",
        "--profile",
        "base",
        "--mfa-arn",
        DEVICE,
        "--region",
        "eu-west-1",
        "--duration",
        "2h",
        "--external-id",
        "acme-1",
        "--session-name",
        "jdoe",
        "--description",
        "ships \"it\"",
        "list",
    ];
    let said = "role list is in ~/.assumerole:8:5\nassume it: assumerole -- list\n";
    checks.ran("every flag", &stage.run(&all), "", said, 0);
    checks.same(
        "file",
        &file(&stage),
        &first.replace(
            "    }\n  }\n",
            r#"    },
    "list": {
      "aws_profile": "base",
      "aws_role": "arn:aws:iam::123456789012:role/team/deploy",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "aws_region": "eu-west-1",
      "max_session_duration": 7200,
      "external_id": "acme-1",
      "session_name": "jdoe",
      "description": "ships \"it\""
    }
  }
"#,
        ),
    );
    let via = [
        "-q",
        "add",
        "next",
        "--via",
        "plain",
        "--role",
        "arn:aws:iam::123456789012:role/read",
    ];
    checks.ran("a chain, quiet", &stage.run(&via), "", "", 0);
    checks.ran(
        "it works",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "",
        0,
    );
}

#[test]
fn every_other_byte_of_the_file_stays() {
    let stage = Stage::new();
    let text =
        "\u{feff}{\r\n\t\"assume_roles\" : {\r\n\t\t\"a\" : { \"aws_profile\" : \"base\" } } }";
    fs::rename(stage.path(".assumerole"), stage.path("dotfiles")).unwrap();
    symlink("dotfiles", stage.path(".assumerole")).unwrap();
    stage.write("dotfiles", text);
    fs::set_permissions(stage.path("dotfiles"), fs::Permissions::from_mode(0o640)).unwrap();
    let args = [
        "-q",
        "add",
        "b",
        "--profile",
        "base",
        "--role",
        "arn:aws:iam::123456789012:role/x",
    ];
    let mut checks = Checks::default();
    checks.ran(
        "dry",
        &stage.run(&[&args[..], &["--dry-run"]].concat()),
        r#""b": {
  "aws_profile": "base",
  "aws_role": "arn:aws:iam::123456789012:role/x"
}
"#,
        "",
        0,
    );
    checks.same("untouched", &file(&stage), text);
    checks.ran("added", &stage.run(&args), "", "", 0);
    let new = ",\r\n\t\t\"b\" : { \"aws_profile\" : \"base\", \"aws_role\" : \"arn:aws:iam::123456789012:role/x\" } } }";
    let (before, _) = text.rsplit_once(" } }").unwrap();
    checks.same("file", &file(&stage), &[before, new].concat());
    checks.number("mode", mode(&stage, "dotfiles") as usize, 0o640);
    checks.same(
        "link",
        &format!("{:?}", fs::read_link(stage.path(".assumerole")).unwrap()),
        "\"dotfiles\"",
    );
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_written() {
    let stage = Stage::new();
    let arn = "arn:aws:iam::123456789012:role/x";
    let mut checks = Checks::default();
    for (case, args, stderr, status) in [
        (
            "nobody to ask",
            vec!["add", "n", "--profile", "base"],
            "\
error: the role is incomplete, and there is no terminal to ask at
  because: missing: --role, --account
  hint: add the missing options: assumerole add n --profile base --account ID --role ROLE
",
            2,
        ),
        (
            "nobody to ask for a name",
            vec!["add", "--via", "plain", "--role", arn],
            "\
error: the role is incomplete, and there is no terminal to ask at
  because: missing: NAME
  hint: add the missing options: assumerole add NAME --via plain --role arn:aws:iam::123456789012:role/x
",
            2,
        ),
        (
            "nobody to ask for a role of a strange name",
            vec!["add", "--profile", "base", "--", "-a b"],
            "\
error: the role is incomplete, and there is no terminal to ask at
  because: missing: --role, --account
  hint: add the missing options: assumerole add --profile base --account ID --role ROLE -- '-a b'
",
            2,
        ),
        (
            "taken",
            vec!["add", "plain", "--profile", "base", "--role", arn],
            "\
error: there is a role \"plain\" already
  --> ~/.assumerole:11:5
   |
11 |     \"plain\": {
   |     ^^^^^^^
  hint: choose another name, or change that role: assumerole edit plain
",
            2,
        ),
        (
            "no such profile",
            vec!["add", "n", "--profile", "bsae", "--role", arn],
            "\
error: there is no profile \"bsae\"
  hint: did you mean base?
  hint: create it: aws configure --profile bsae
",
            4,
        ),
        (
            "no such role",
            vec!["add", "n", "--via", "plian", "--role", arn],
            "\
error: there is no role \"plian\"
  hint: did you mean plain?
  hint: name another role of the same file: --via ROLE
",
            4,
        ),
        (
            "two accounts",
            vec![
                "add",
                "n",
                "--profile",
                "base",
                "--role",
                arn,
                "--account",
                "210987654321",
            ],
            "\
error: --role is in account 123456789012, --account says 210987654321
  hint: leave out --account: the ARN has the account
",
            2,
        ),
        (
            "no name",
            vec!["add", "", "--profile", "base", "--role", arn],
            "error: a role needs a name\n",
            2,
        ),
        (
            "no role name",
            vec![
                "add",
                "n",
                "--profile",
                "base",
                "--account",
                "123456789012",
                "--role",
                "a b",
            ],
            "\
error: --role <NAME|ARN> cannot be \"a b\"
  because: a role name has letters, digits and +=,.@_- only, this has ' '
  hint: see: assumerole add --help
",
            2,
        ),
    ] {
        checks.ran(case, &stage.run(&args), "", stderr, status);
    }
    for (subcommand, args) in [
        ("add", &["add", "n", "--profile", "base", "--role", arn][..]),
        ("edit", &["edit", "plain"]),
        ("exec", &["exec"]),
    ] {
        let command = if subcommand == "exec" {
            &["plain", "true"][..]
        } else {
            &[]
        };
        let args = [args, &["--region", "us-east-1a"], command].concat();
        let stderr = format!(
            "error: --region <REGION> cannot be \"us-east-1a\"\n  because: that is an Availability \
             Zone; its region is us-east-1\n  hint: see: assumerole {subcommand} --help\n"
        );
        let status = if subcommand == "exec" { 125 } else { 2 };
        checks.ran(subcommand, &stage.run(&args), "", &stderr, status);
    }
    checks.same("file", &file(&stage), CONFIG);
    stage.write(".assumerole", "{\"assume_roles\": {},}");
    let ran = stage.run(&["add", "n", "--profile", "base", "--role", arn]);
    checks.same(
        "broken file",
        ran.stderr.lines().next().unwrap(),
        "error: trailing comma before }",
    );
    checks.same("broken file", &file(&stage), "{\"assume_roles\": {},}");
}

#[test]
fn many_at_once_lose_nothing() {
    let stage = stage();
    let add = |number: usize| {
        let arn = "arn:aws:iam::123456789012:role/x";
        let name = format!("r{number}");
        let mut command = stage.command(&["-q", "add", &name, "--profile", "base", "--role", arn]);
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..12).map(add).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut names = stage.run(&["accountlist_text"]).stdout;
    for number in 0..12 {
        names = names.replacen(&format!("r{number}\n"), "", 1);
    }
    assert_eq!(names, "");
}

#[test]
fn what_is_missing_is_asked_for_until_it_is_good() {
    let stage = stage();
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile other]\n[profile base]\nregion = eu-central-1\nmfa_serial = {DEVICE}\nendpoint_url = {endpoint}\n"),
    );
    let mut terminal = Terminal::running(&stage, "assumerole add");
    terminal.sees("Name of the role, as you will type it:");
    terminal.types("\r");
    terminal.sees("a role needs a name\nName of the role, as you will type it:");
    terminal.types("acme\r");
    terminal.sees("  1  other");
    terminal.sees("  2  base");
    terminal.sees("its number or name:");
    terminal.types("3\r");
    terminal.sees_times("its number or name:", 2);
    terminal.sees("there is no 3 in this list\n");
    terminal.types("2\r");
    terminal.sees("The role in its account, its name or its ARN:");
    terminal.types("plain\r");
    terminal.sees("The account that owns the role, 12 digits:");
    terminal.types("1234\r");
    terminal.sees("an AWS account has 12 digits, this has 4\nThe account that owns the role");
    terminal.types("123456789012\r");
    terminal.sees(
        "ARN of the MFA device; Enter for arn:aws:iam::210987654321:mfa/jdoe, - for none, ? to ask IAM:",
    );
    terminal.types("\r");
    terminal.sees("Region; Enter for that of the profile, eu-central-1:");
    terminal.types("\r");
    terminal.sees("Write this to ~/.assumerole? [Y/n]");
    assert!(!stage.path(".assumerole").exists());
    terminal.types("\r");
    terminal.sees("assume it: assumerole acme");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_before();
    assert_eq!(
        file(&stage),
        r#"{
  "assume_roles": {
    "acme": {
      "aws_profile": "base",
      "aws_account": "123456789012",
      "aws_role": "plain",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"
    }
  }
}
"#
    );
}

#[test]
fn who_has_nothing_is_told_the_first_steps() {
    let stage = stage();
    fs::remove_dir_all(stage.path(".aws")).unwrap();
    let stderr = "\
error: there is no role: no ~/.assumerole, and no profile with role_arn in ~/.aws
  hint: create a profile with keys: aws configure --profile NAME
  hint: add a role that uses it: assumerole add
";
    check(&stage.run(&[]), "", stderr, 125);
    let mut terminal = Terminal::running(&stage, "assumerole");
    terminal.sees("add a role that uses it: assumerole add");
    assert_eq!(terminal.ends(), 125);
    assert_eq!(terminal.screen(), stderr.trim_end());
}

#[test]
fn questions_can_be_left_at_any_time() {
    let stage = Stage::new();
    let mut terminal = Terminal::running(&stage, "assumerole add plain2 --profile base >out 2>err");
    terminal.sees("The role in its account, its name or its ARN:");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    terminal.is_as_before();
    assert_eq!(
        fs::read_to_string(stage.path("err")).unwrap(),
        "error: cancelled, nothing was written\n"
    );
    let mut terminal = Terminal::running(
        &stage,
        "assumerole add plain2 --profile base --account 123456789012",
    );
    terminal.sees("its ARN:");
    terminal.types("arn:aws:iam::123456789012:role/x\r");
    terminal.sees("Enter for none, ? to ask IAM:");
    terminal.types("-\r");
    terminal.sees("Region; Enter for none:");
    terminal.types("eu-west-1\r");
    terminal.sees("[Y/n]");
    terminal.types("n\r");
    terminal.sees("nothing was written");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(file(&stage), CONFIG);
    check(
        &stage.run(&["check"]),
        "",
        "nothing is wrong with ~/.assumerole (3 roles)\n",
        0,
    );
}

/// Somebody at the question for the device, in a world whose user may `allow`.
fn at_the_device(allow: &[&str]) -> (Stage, Terminal) {
    let stage = stage();
    stage
        .sandbox
        .edit(|world| {
            for user in &mut world.users {
                user.allow = allow.iter().map(|action| (*action).to_owned()).collect();
            }
        })
        .unwrap();
    let line = "assumerole add plain --profile base --account 123456789012";
    let mut terminal = Terminal::running(&stage, line);
    terminal.sees("its ARN:");
    terminal.types("plain\r");
    terminal.sees("? asks IAM for your devices (iam:ListMFADevices, with the keys of base)");
    terminal.sees("ARN of the MFA device; Enter for none, ? to ask IAM:");
    (stage, terminal)
}

#[test]
fn iam_says_which_devices_there_are_if_it_may_be_asked() {
    let (stage, mut terminal) = at_the_device(&["iam:ListMFADevices"]);
    // Nobody is asked before the person says so.
    assert_eq!(stage.requests(), 0);
    terminal.types("?\r");
    terminal.sees(&format!("  1  {DEVICE}"));
    terminal.sees("Enter for the first, - for none:");
    terminal.types("\r");
    terminal.sees("Region; Enter for none:");
    terminal.types("\r");
    terminal.sees("[Y/n]");
    terminal.types("y\r");
    assert_eq!(terminal.ends(), 0);
    assert!(file(&stage).contains(&format!("\"aws_mfa_arn\": \"{DEVICE}\"")));
    let actions: Vec<String> = stage
        .sandbox
        .journal()
        .into_iter()
        .map(|e| e.action)
        .collect();
    assert_eq!(actions, ["ListMFADevices"]);
}

#[test]
fn a_refusal_of_iam_costs_nothing_but_the_answer() {
    let (stage, mut terminal) = at_the_device(&[]);
    terminal.types("?\r");
    terminal.sees("An error occurred (AccessDenied) when calling the ListMFADevices operation:");
    terminal.sees("hint: allow the user iam:ListMFADevices");
    terminal.sees_times("Enter for none, ? to ask IAM:", 2);
    terminal.types("\r");
    terminal.sees("Region; Enter for none:");
    terminal.types("\r");
    terminal.sees("[Y/n]");
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
    assert!(!file(&stage).contains("aws_mfa_arn"));
}

#[test]
fn an_iam_that_is_not_there_is_said_and_the_question_comes_again() {
    let stage = stage();
    stage.write(
        ".aws/config",
        "[profile base]\nendpoint_url = http://127.0.0.1:9\nmax_attempts = 1\n",
    );
    let line = "assumerole add plain --profile base --account 123456789012";
    let mut terminal = Terminal::running(&stage, line);
    terminal.sees("its ARN:");
    terminal.types("plain\r");
    terminal.sees("Enter for none, ? to ask IAM:");
    terminal.types("?\r");
    terminal.sees("IAM could not be reached at http://127.0.0.1:9");
    terminal.sees_times("Enter for none, ? to ask IAM:", 2);
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert!(!stage.path(".assumerole").exists());
}
