//! `~/.assumerole`: a mistake is told with its place, and before any request.

use super::harness::Stage;
use super::support::{Checks, check};

/// One good role, so that a mistake elsewhere is all that is wrong.
const GOOD: &str = r#"{"assume_roles": {"plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}}"#;

#[test]
fn a_mistake_is_shown_with_its_place_and_nobody_is_asked() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (case, text, stderr) in [
        ("not JSON", "{\n  \"assume_roles\": {\n    \"plain\": {,}\n  }\n}\n", "\
error: unexpected comma before the first key
 --> ~/.assumerole:3:15
  |
3 |     \"plain\": {,}
  |               ^
  hint: remove it
"),
        ("empty", "", "\
error: the file is empty
 --> ~/.assumerole:1:1
  |
1 |
  | ^
  hint: write {\"assume_roles\": {}} where there is no role yet
"),
        ("a list", "[]", "\
error: the file must hold an object, this is a list
 --> ~/.assumerole:1:1
  |
1 | []
  | ^
  hint: put everything between { and }, see the example in the user guide
"),
        ("no roles", "{}", "error: there is no role \"plain\" in ~/.assumerole or ~/.aws\n  hint: did you mean the command: assumerole plan?\n  hint: see all roles: assumerole list\n"),
        ("roles are a list", "{\"assume_roles\": []}", "\
error: assume_roles must be an object, this is a list
 --> ~/.assumerole:1:18
  |
1 | {\"assume_roles\": []}
  |                  ^^
  hint: write \"assume_roles\": { \"NAME\": { … } }, a name and an object for each role
"),
        ("a role is text", "{\"assume_roles\": {\n  \"plain\": \"x\"\n}}", "\
error: role \"plain\" must be an object, this is a string
 --> ~/.assumerole:2:12
  |
2 |   \"plain\": \"x\"
  |            ^^^
"),
        (
            "no profile",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}\n}}",
            "\
error: role \"plain\" has no aws_profile
 --> ~/.assumerole:2:3
  |
2 |   \"plain\": {\"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}
  |   ^^^^^^^
  hint: add \"aws_profile\": \"PROFILE\", the profile of ~/.aws whose credentials call STS
",
        ),
        (
            "no account",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\", \"aws_role\": \"plain\"}\n}}",
            "\
error: role \"plain\" has no aws_account
 --> ~/.assumerole:2:3
  |
2 |   \"plain\": {\"aws_profile\": \"base\", \"aws_role\": \"plain\"}
  |   ^^^^^^^
  hint: add \"aws_account\": \"123456789012\", the account that owns the role
",
        ),
        (
            "wrong type",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": [\"base\"], \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}\n}}",
            "\
error: role \"plain\": aws_profile must be a string, this is a list
 --> ~/.assumerole:2:28
  |
2 |   \"plain\": {\"aws_profile\": [\"base\"], \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}
  |                            ^^^^^^^^
",
        ),
        (
            "account of 11 digits",
            "{\"assume_roles\": {\n  \"plain\": {\n\t\"aws_profile\": \"base\",\n\t\"aws_account\": \"12345678901\",\n\t\"aws_role\": \"plain\"}\n}}",
            "\
error: role \"plain\": aws_account is not valid
 --> ~/.assumerole:4:17
  |
4 |     \"aws_account\": \"12345678901\",
  |                    ^^^^^^^^^^^^^
  = because: an AWS account has 12 digits, this has 11
",
        ),
        (
            "contradiction",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\",\n    \"aws_account\": \"123456789012\",\n    \"aws_role\": \"arn:aws:iam::210987654321:role/plain\"}\n}}",
            "\
error: role \"plain\": aws_role is in account 210987654321, aws_account says 123456789012
 --> ~/.assumerole:4:17
  |
4 |     \"aws_role\": \"arn:aws:iam::210987654321:role/plain\"}
  |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = because: aws_account is at ~/.assumerole:3:20
  hint: correct the wrong one, or remove aws_account: the ARN has the account
",
        ),
        (
            "device of another kind",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\",\n    \"aws_role\": \"arn:aws:iam::123456789012:role/plain\",\n    \"aws_mfa_arn\": \"arn:aws:iam::210987654321:user/jdoe\"}\n}}",
            "\
error: role \"plain\": aws_mfa_arn is not valid
 --> ~/.assumerole:4:20
  |
4 |     \"aws_mfa_arn\": \"arn:aws:iam::210987654321:user/jdoe\"}
  |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = because: the ARN of an MFA device looks like arn:aws:iam::123456789012:mfa/NAME
",
        ),
        (
            "region",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\", \"aws_region\": \"Frankfurt am Main\",\n    \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}\n}}",
            "\
error: role \"plain\": aws_region is not valid
 --> ~/.assumerole:2:50
  |
2 |   \"plain\": {\"aws_profile\": \"base\", \"aws_region\": \"Frankfurt am Main\",
  |                                                  ^^^^^^^^^^^^^^^^^^^
  = because: a region is lower-case letters, digits and hyphens, such as eu-central-1
",
        ),
        (
            "duration",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\", \"max_session_duration\": 899,\n    \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}\n}}",
            "\
error: role \"plain\": max_session_duration is out of range
 --> ~/.assumerole:2:60
  |
2 |   \"plain\": {\"aws_profile\": \"base\", \"max_session_duration\": 899,
  |                                                            ^^^
  = because: AWS grants a role session of 15 minutes to 12 hours, in seconds: 900 to 43200
",
        ),
        (
            "duplicate",
            "{\"assume_roles\": {\n  \"plain\": {},\n  \"other\": {},\n  \"plain\": {}\n}}",
            "\
error: role \"plain\" is defined twice
 --> ~/.assumerole:4:3
  |
4 |   \"plain\": {}
  |   ^^^^^^^
  = because: the first is at ~/.assumerole:2:3
  hint: rename or remove one of the two
",
        ),
        (
            "environment",
            "{\"assume_roles\": {\n  \"plain\": {\"aws_profile\": \"base\",\n    \"aws_role\": \"arn:aws:iam::123456789012:role/plain\",\n    \"environment\": [{\"name\": \"AWS_PROFILE\", \"value\": \"x\"}]}\n}}",
            "\
error: role \"plain\": environment entry 1: name AWS_PROFILE cannot be set here
 --> ~/.assumerole:4:30
  |
4 |     \"environment\": [{\"name\": \"AWS_PROFILE\", \"value\": \"*\"}]}
  |                              ^^^^^^^^^^^^^
  = because: it is among the variables that assumerole itself sets or removes
  hint: remove this entry
",
        ),
        ("print_exports", "{\"print_exports\": \"no\",\n \"assume_roles\": {}}", "\
error: print_exports must be true or false, this is a string
 --> ~/.assumerole:1:19
  |
1 | {\"print_exports\": \"no\",
  |                   ^^^^
"),
    ] {
        stage.write(".assumerole", text);
        checks.ran(case, &stage.run(&["exec", "plain", "true"]), "", stderr, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn an_unknown_key_is_a_warning_and_the_role_works() {
    let stage = Stage::of_roles(
        "\n  \"plain\": {\"aws_profile\": \"base\", \"aws_account\": 123456789012, \"aws_role\": \"plain\",\n    \"aws_regoin\": \"x\"}",
    );
    let mut checks = Checks::default();
    let warning = "\
warning: role \"plain\" has an unknown key \"aws_regoin\"
 --> ~/.assumerole:3:5
  |
3 |     \"aws_regoin\": \"x\"}}}
  |     ^^^^^^^^^^^^
  hint: did you mean aws_region?
";
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    checks.ran("cold", &ran, "works\n", warning, 0);
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    checks.ran("warm", &ran, "works\n", warning, 0);
    let ran = stage.run(&["-q", "exec", "plain", "echo", "works"]);
    checks.ran("quiet", &ran, "works\n", "", 0);
    // At the top of the file too.
    stage.write(
        ".assumerole",
        &GOOD.replacen('{', "{\"assume_role\": {}, ", 1),
    );
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    checks.ran("top", &ran, "works\n", "\
warning: the file has an unknown key \"assume_role\"
 --> ~/.assumerole:1:2
  |
1 | {\"assume_role\": {}, \"assume_roles\": {\"plain\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}}
  |  ^^^^^^^^^^^^^
  hint: did you mean assume_roles?
", 0);
}

#[test]
fn a_mistake_in_one_role_stands_in_the_way_of_no_other() {
    let stage = Stage::of_roles(
        r#""broken": {"aws_profile": 1}, "plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    let mut checks = Checks::default();
    checks.ran(
        "exec",
        &stage.run(&["exec", "plain", "echo", "works"]),
        "works\n",
        "",
        0,
    );
    checks.ran(
        "names",
        &stage.run(&["accountlist"]),
        "broken\nplain\n",
        "",
        0,
    );
    checks.ran("info", &stage.run(&["info", "broken"]), "", "\
error: role \"broken\": aws_profile must be a string, this is a number
 --> ~/.assumerole:1:45
  |
1 | {\"assume_roles\": {\"broken\": {\"aws_profile\": 1}, \"plain\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}}
  |                                             ^
", 3);
}

#[test]
fn the_file_is_the_one_that_is_named() {
    let stage = Stage::new();
    let named = |name: &str| GOOD.replace("\"plain\": {", &format!("\"{name}\": {{"));
    stage.write("a.json", &named("a"));
    stage.write("b.json", &named("b"));
    let path = |name: &str| stage.path(name).into_os_string().into_string().unwrap();
    let (a, b) = (path("a.json"), path("b.json"));
    let list = "accountlist_text";
    let usual = "read\nplain\ndeploy\n";
    let mut checks = Checks::default();
    for (case, args, variable, names) in [
        ("as usual", &[list][..], None, usual),
        ("variable", &[list], Some(a.as_str()), "a\n"),
        ("empty variable", &[list], Some(""), usual),
        ("flag", &["--config", &b, list], None, "b\n"),
        (
            "flag after the subcommand",
            &[list, "--config", &b],
            None,
            "b\n",
        ),
        (
            "flag over variable",
            &["--config", &b, list],
            Some(a.as_str()),
            "b\n",
        ),
        ("relative", &["--config", "b.json", list], None, "b\n"),
        (
            "no shell expanded it",
            &["--config=~/b.json", list],
            None,
            "b\n",
        ),
        ("nor this", &[list], Some("~/a.json"), "a\n"),
    ] {
        let mut command = stage.command(args);
        command.envs(variable.map(|path| ("ASSUMEROLE_CONFIG", path)));
        checks.ran(case, &stage.ran(&mut command), names, "", 0);
    }
    // It works all the way, and errors name it.
    let ran = stage.run_in(
        &["exec", "a", "sh", "-c", "echo $AWS_ACCOUNT"],
        &[("ASSUMEROLE_CONFIG", &a)],
    );
    checks.ran("exec", &ran, "a\n", "", 0);
    let ran = stage.run_in(&["exec", "plain", "true"], &[("ASSUMEROLE_CONFIG", &a)]);
    checks.ran(
        "name",
        &ran,
        "",
        "error: there is no role \"plain\" in ~/a.json or ~/.aws\n  hint: did you mean the command: assumerole plan?\n  hint: see all roles: assumerole list\n",
        125,
    );
    let ran = stage.run_in(
        &["exec", "plain", "true"],
        &[("ASSUMEROLE_CONFIG", "~/none")],
    );
    checks.ran(
        "missing",
        &ran,
        "",
        "\
error: there is no ~/none
  because: it names the roles that can be assumed
  hint: create it: assumerole --config ~/none add
  hint: name another file: --config FILE or ASSUMEROLE_CONFIG
",
        125,
    );
}

#[test]
fn what_cannot_be_a_file_of_roles_is_told() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let home = stage.home().to_str().unwrap().to_owned();
    let ran = stage.run(&["--config", &home, "list"]);
    checks.ran(
        "folder",
        &ran,
        "",
        "error: cannot read ~\n  because: Is a directory\n",
        3,
    );
    let pipe = std::process::Command::new("mkfifo")
        .arg(stage.path("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    let ran = stage.run(&["--config", "pipe", "list"]);
    checks.ran(
        "a pipe that nobody writes to",
        &ran,
        "",
        "error: cannot read pipe\n  because: it is a pipe that was not closed within 2 s\n  \
         hint: write the content to a file first, and name that\n",
        3,
    );
    std::fs::write(stage.path("utf16"), b"\xff\xfe{\0}\0").unwrap();
    let ran = stage.run(&["--config", "utf16", "list"]);
    checks.ran(
        "UTF-16",
        &ran,
        "",
        "\
error: the file is not UTF-8 text
 --> utf16:1:1
  |
1 | ��{�}�
  | ^
  = because: it is UTF-16
  hint: convert it: iconv -f UTF-16 -t UTF-8 utf16
",
        3,
    );
    std::fs::write(stage.path("bom"), format!("\u{feff}{GOOD}")).unwrap();
    let ran = stage.run(&["--config", "bom", "accountlist"]);
    checks.ran("byte order mark", &ran, "plain\n", "", 0);
    let ran = stage.run(&["--config", "/dev/null/x", "list"]);
    checks.ran(
        "below a file",
        &ran,
        "",
        "\
error: there is no /dev/null/x
  because: it names the roles that can be assumed
  hint: create it: assumerole --config /dev/null/x add
  hint: name another file: --config FILE or ASSUMEROLE_CONFIG
",
        3,
    );
}

#[test]
fn control_characters_of_the_file_never_reach_a_terminal() {
    let stage = Stage::new();
    stage.write(
        ".assumerole",
        "{\"assume_roles\": {\"x\\u001b]0;pwn\\u0007\": {\"aws_profile\": \"\\u001b[2J\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}}}",
    );
    for args in [
        &["list"][..],
        &["accountlist"],
        &["info", "y"],
        &["exec", "x\u{1b}]0;pwn\u{7}", "true"],
    ] {
        let ran = stage.run(args);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains(['\u{1b}', '\u{7}']), "{all:?}");
        assert!(all.contains('x') || all.contains('y'), "{all:?}");
    }
}

#[test]
fn keys_that_cannot_be_sent_are_told_with_their_place() {
    let stage = Stage::new();
    let good = std::fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let bad = good.replace(
        "aws_secret_access_key = ",
        "aws_secret_access_key = x\u{a0}",
    );
    stage.write(".aws/credentials", &bad);
    let ran = stage.run(&["exec", "read", "--mfa-code", "123456", "true"]);
    check(
        &ran,
        "",
        "\
error: aws_secret_access_key of profile base is not valid
 --> ~/.aws/credentials:3:25
  |
3 | aws_secret_access_key = ********
  |                         ^^^^^^^^
  = because: it has characters that no credentials of AWS have
  hint: paste the key again: aws configure --profile base
",
        125,
    );
    assert_eq!(stage.requests(), 0);
}
