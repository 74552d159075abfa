//! `edit`, `rename` and `remove`: a role of `~/.assumerole` is changed, and
//! every other byte of the file stays.

use std::fs;

use super::harness::{CONFIG, Stage};
use super::support::{Checks, environment};
use super::terminal::{CTRL_C, Terminal};

fn file(stage: &Stage) -> String {
    fs::read_to_string(stage.path(".assumerole")).unwrap()
}

const CHAINED: &str = r#"{
  "assume_roles": {
    "hub": { "aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain" },
    "next": { "via": "hub", "aws_account": "123456789012", "aws_role": "read" },
    "half": { "aws_account": "123456789012" }
  },
  "print_exports": false
}
"#;

#[test]
fn flags_change_their_keys_alone() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let plain = r#""aws_role": "plain""#;
    for (case, args, from, to, said) in [
        (
            "one more key",
            vec!["plain", "--region", "eu-west-1"],
            r#""aws_role": "plain""#,
            "\"aws_role\": \"plain\",\n      \"aws_region\": \"eu-west-1\"",
            "role plain is changed, at ~/.assumerole:11:5\n",
        ),
        (
            "the same again",
            vec!["plain", "--account", "123456789012", "--role", "plain"],
            "",
            "",
            "nothing was changed\n",
        ),
        (
            "another account of an ARN",
            vec!["deploy", "--account", "210987654321", "--duration", "1h"],
            "arn:aws:iam::123456789012:role/team/deploy\",\n      \"aws_mfa_arn\": \"arn:aws:iam::210987654321:mfa/jdoe\",\n      \"max_session_duration\": 7200",
            "arn:aws:iam::210987654321:role/team/deploy\",\n      \"aws_mfa_arn\": \"arn:aws:iam::210987654321:mfa/jdoe\",\n      \"max_session_duration\": 3600",
            "role deploy is changed, at ~/.assumerole:16:5\n",
        ),
        (
            "another name of an ARN",
            vec!["deploy", "--role", "other"],
            "role/team/deploy",
            "role/other",
            "role deploy is changed, at ~/.assumerole:16:5\n",
        ),
        (
            "an ARN in place of two keys",
            vec!["plain", "--role", "arn:aws:iam::123456789012:role/x"],
            "\"aws_account\": \"123456789012\",\n      \"aws_role\": \"plain\"",
            "\"aws_role\": \"arn:aws:iam::123456789012:role/x\"",
            "role plain is changed, at ~/.assumerole:11:5\n",
        ),
        (
            "no device",
            vec!["deploy", "--no-mfa"],
            "      \"aws_mfa_arn\": \"arn:aws:iam::210987654321:mfa/jdoe\",\n      \"max",
            "      \"max",
            "role deploy is changed, at ~/.assumerole:16:5\n",
        ),
        (
            "by way of another",
            vec!["plain", "--via", "deploy"],
            "\"aws_profile\": \"base\",\n      \"aws_account\": \"123456789012\",\n      \"aws_role\": \"plain\"",
            "\"aws_account\": \"123456789012\",\n      \"aws_role\": \"plain\",\n      \"via\": \"deploy\"",
            "role plain is changed, at ~/.assumerole:11:5\n",
        ),
    ] {
        let args = [vec!["edit"], args].concat();
        stage.write(".assumerole", CONFIG);
        checks.ran(case, &stage.run(&args), "", said, 0);
        let at = CONFIG.find("\"plain\"").unwrap();
        let (head, tail) = match args[1] {
            "plain" => CONFIG.split_at(at),
            _ => ("", CONFIG),
        };
        let wanted = [
            head,
            &tail.replacen(from, to, usize::from(!from.is_empty())),
        ]
        .concat();
        checks.same(case, &file(&stage), &wanted);
    }
    // Where the top of the file names a device, the role says that it has none.
    let top = r#"{"aws_profile": "base", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "assume_roles": {"a": {"aws_account": "123456789012", "aws_role": "plain"}}}"#;
    stage.write(".assumerole", top);
    checks.number(
        "no device",
        stage.run(&["-q", "edit", "a", "--no-mfa"]).status as usize,
        0,
    );
    checks.same(
        "no device",
        &file(&stage),
        &top.replace("\"plain\"}", "\"plain\", \"aws_mfa_arn\": false}"),
    );
    stage.write(".assumerole", CONFIG);
    let dry = stage.run(&["edit", "plain", "--region", "eu-west-1", "--dry-run"]);
    let shown = format!(
        "\"plain\": {{\n      \"aws_profile\": \"base\",\n      \"aws_account\": \"123456789012\",\n      {plain},\n      \"aws_region\": \"eu-west-1\"\n    }}\n"
    );
    checks.ran("dry", &dry, &shown, "", 0);
    checks.same("dry", &file(&stage), CONFIG);
}

#[test]
fn what_would_be_no_role_is_not_written() {
    let stage = Stage::new();
    stage.write(".assumerole", CHAINED);
    stage.write(".aws/config", "[profile base]\nregion = eu-west-1\n\n[profile own]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n");
    let mut checks = Checks::default();
    for (case, args, stderr, status) in [
        (
            "a profile",
            vec!["edit", "own", "--region", "eu-west-1"],
            "error: own is a profile of ~/.aws, not a role of ~/.assumerole\n --> ~/.aws/config:4:1\n  |\n4 | [profile own]\n  | ^^^^^^^^^^^^^\n  hint: change it there, in an editor\n",
            2,
        ),
        (
            "a profile",
            vec!["remove", "own", "--yes"],
            "error: own is a profile of ~/.aws, not a role of ~/.assumerole\n --> ~/.aws/config:4:1\n  |\n4 | [profile own]\n  | ^^^^^^^^^^^^^\n  hint: change it there, in an editor\n",
            2,
        ),
        (
            "a profile",
            vec!["rename", "own", "x"],
            "error: own is a profile of ~/.aws, not a role of ~/.assumerole\n --> ~/.aws/config:4:1\n  |\n4 | [profile own]\n  | ^^^^^^^^^^^^^\n  hint: change it there, in an editor\n",
            2,
        ),
        (
            "nothing of that name",
            vec!["remove", "hbu"],
            "error: there is no role \"hbu\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n",
            4,
        ),
        (
            "no such profile",
            vec!["edit", "hub", "--profile", "bsae"],
            "error: there is no profile \"bsae\"\n  hint: did you mean base?\n  hint: create it: aws configure --profile bsae\n",
            4,
        ),
        (
            "a circle",
            vec!["edit", "hub", "--via", "next"],
            "error: \"via\" of role hub forms a cycle: hub → next → hub\n --> ~/.assumerole:3:73\n  |\n3 |     \"hub\": { \"aws_account\": \"123456789012\", \"aws_role\": \"plain\", \"via\": \"next\" },\n  |                                                                         ^^^^^^\n  hint: take \"via\" out of one of them and give it an aws_profile\n",
            3,
        ),
        (
            "two accounts",
            vec![
                "edit",
                "hub",
                "--role",
                "arn:aws:iam::123456789012:role/x",
                "--account",
                "210987654321",
            ],
            "error: --role is in account 123456789012, --account says 210987654321\n  hint: leave out --account: the ARN has the account\n",
            2,
        ),
        (
            "still half a role",
            vec!["edit", "half", "--region", "eu-west-1"],
            "error: role \"half\" has no aws_profile\n --> ~/.assumerole:5:5\n  |\n5 |     \"half\": { \"aws_account\": \"123456789012\", \"aws_region\": \"eu-west-1\" }\n  |     ^^^^^^\n  hint: add \"aws_profile\": \"PROFILE\", the profile of ~/.aws whose credentials call STS\n",
            3,
        ),
        (
            "somebody comes by it",
            vec!["remove", "hub", "--yes"],
            "error: role \"hub\" is not removed: role \"next\" is assumed via it\n --> ~/.assumerole:4:5\n  |\n4 |     \"next\": { \"via\": \"hub\", \"aws_account\": \"123456789012\", \"aws_role\": \"read\" },\n  |     ^^^^^^\n  hint: remove it first, or change its \"via\": assumerole edit next --via OTHER\n",
            2,
        ),
        (
            "nobody to ask",
            vec!["remove", "next"],
            "error: role next is not removed: there is no terminal to ask at\n  hint: confirm it if you mean it: assumerole remove --yes next\n",
            5,
        ),
        (
            "taken",
            vec!["rename", "hub", "next"],
            "error: there is a role \"next\" already\n --> ~/.assumerole:4:5\n  |\n4 |     \"next\": { \"via\": \"hub\", \"aws_account\": \"123456789012\", \"aws_role\": \"read\" },\n  |     ^^^^^^\n  hint: choose another name, or change that role: assumerole edit next\n",
            2,
        ),
        (
            "no name",
            vec!["rename", "hub", ""],
            "error: a role needs a name\n",
            2,
        ),
        (
            "no name",
            vec!["rename", "hub", "a\tb"],
            "error: a name is one line of text, without control characters\n",
            2,
        ),
        (
            "the same",
            vec!["rename", "hub", "hub"],
            "nothing was changed\n",
            0,
        ),
    ] {
        let case = format!("{case}: {args:?}");
        checks.ran(&case, &stage.run(&args), "", stderr, status);
        checks.same(&case, &file(&stage), CHAINED);
    }
}

#[test]
fn a_role_that_is_removed_is_forgotten() {
    let stage = Stage::new();
    stage.write(".assumerole", CHAINED);
    let mut checks = Checks::default();
    checks.ran("both", &stage.run(&["exec", "hub", "true"]), "", "", 0);
    checks.number("cached", stage.entries().len(), 1);
    let said = "role next is removed; it was at ~/.assumerole:4:5\n";
    checks.ran(
        "the last",
        &stage.run(&["remove", "--yes", "next"]),
        "",
        said,
        0,
    );
    checks.number("another's session stays", stage.entries().len(), 1);
    let said = "role hub is removed; it was at ~/.assumerole:3:5\nforgot 1 session\n";
    checks.ran(
        "the first",
        &stage.run(&["remove", "hub", "--yes"]),
        "",
        said,
        0,
    );
    checks.number("nothing is cached", stage.entries().len(), 0);
    checks.same(
        "file",
        &file(&stage),
        "{\n  \"assume_roles\": {\n    \"half\": { \"aws_account\": \"123456789012\" }\n  },\n  \"print_exports\": false\n}\n",
    );
    // Also one that is wrong; what it hid is told.
    stage.write(".aws/config", "[profile half]\nregion = eu-west-1\n");
    let said = "role half is removed; it was at ~/.assumerole:3:5\nhalf is the profile at ~/.aws/config:1:1 from now on\n";
    checks.ran(
        "a wrong one",
        &stage.run(&["remove", "--yes", "half"]),
        "",
        said,
        0,
    );
    checks.same(
        "file",
        &file(&stage),
        "{\n  \"assume_roles\": {},\n  \"print_exports\": false\n}\n",
    );
}

#[test]
fn a_person_says_yes_to_a_removal() {
    let stage = Stage::new();
    for (keys, removed, status) in [("y\r", true, 0), ("\r", false, 130), ("n\r", false, 130)] {
        stage.write(".assumerole", CONFIG);
        let mut terminal = Terminal::running(&stage, "assumerole remove plain");
        terminal.sees("Remove role plain (~/.assumerole:11:5)? [y/N]");
        terminal.types(keys);
        assert_eq!(terminal.ends(), status, "{keys:?}");
        assert_eq!(!file(&stage).contains("\"plain\""), removed, "{keys:?}");
    }
    let mut terminal = Terminal::running(&stage, "assumerole remove plain");
    terminal.sees("[y/N]");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert_eq!(file(&stage), CONFIG);
}

#[test]
fn a_role_keeps_all_but_its_name() {
    let stage = Stage::new();
    let text = CHAINED.replace("\"half\"", "\"other\"").replace(
        "{ \"aws_account\": \"123456789012\" }",
        "{ \"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\", \"session_name\": \"xyz\" }",
    );
    stage.write(".assumerole", &text);
    let mut checks = Checks::default();
    checks.ran("before", &stage.run(&["exec", "hub", "true"]), "", "", 0);
    let asked = stage.requests();
    let said = "role hub is list now, at ~/.assumerole:3:5\nassume it: assumerole -- list\n";
    checks.ran(
        "renamed",
        &stage.run(&["rename", "hub", "list"]),
        "",
        said,
        0,
    );
    let wanted = text
        .replace("\"hub\":", "\"list\":")
        .replace("\"via\": \"hub\"", "\"via\": \"list\"");
    checks.same("file", &file(&stage), &wanted);
    assert_eq!(stage.run(&["rename", "list", "hub2"]).status, 0);
    checks.ran(
        "its session",
        &stage.run(&["exec", "hub2", "true"]),
        "",
        "",
        0,
    );
    checks.number("no request", stage.requests(), asked);
    let status = stage.run(&["status"]).stdout;
    checks.same(
        "status",
        status.lines().nth(1).unwrap().split(' ').next().unwrap(),
        "hub2",
    );
    let history = stage.run(&["history"]).stdout;
    checks.number("history", history.matches(" hub2 ").count(), 2);
    // Another one was used since; the one before it is known by its new name.
    checks.ran("another", &stage.run(&["exec", "other", "true"]), "", "", 0);
    let before = stage.run_in(
        &["exec", "-", "--", "env", "-0"],
        &[("AWS_ACCOUNT", "other")],
    );
    checks.same("-", &environment(&before.stdout)["AWS_ACCOUNT"], "hub2");
    // What a shell has kept for itself.
    let kept = [("ASSUMEROLE_PREVIOUS", "hub")];
    let before = stage.run_in(&["exec", "-", "--", "env", "-0"], &kept);
    checks.same("kept", &environment(&before.stdout)["AWS_ACCOUNT"], "hub2");
    // A shell that is in it.
    let inside = "assumerole rename hub2 hub3 && assumerole info && assumerole exec - -- printenv AWS_ACCOUNT";
    let ran = stage.run(&[
        "exec",
        "hub2",
        "--",
        "sh",
        "-c",
        &inside.replace(
            "assumerole ",
            &format!("{} ", shell_words::quote(super::harness::program())),
        ),
    ]);
    checks.ran(
        "inside",
        &ran,
        "account name: hub3\naccount ID:   123456789012\nrole:         plain\nother\n",
        "role hub2 is hub3 now, at ~/.assumerole:3:5\nassume it: assumerole hub3\n",
        0,
    );
}

#[test]
fn help_is_that_of_the_command() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (args, same) in [
        (vec!["help"], vec!["--help"]),
        (vec!["help", "exec"], vec!["exec", "--help"]),
        (vec!["help", "help"], vec!["help", "--help"]),
        (
            vec!["help", "accountlist_text"],
            vec!["accountlist_text", "--help"],
        ),
        (
            vec!["help", "profiles", "write"],
            vec!["profiles", "write", "--help"],
        ),
    ] {
        let wanted = stage.run(&same).stdout;
        checks.same(
            "has a usage",
            &wanted.contains("Usage: ").to_string(),
            "true",
        );
        checks.ran(&args.join(" "), &stage.run(&args), &wanted, "", 0);
    }
    for (words, error) in [
        (
            &["exce"][..],
            "error: there is no command \"exce\"\n  hint: did you mean exec?\n  hint: see all commands: assumerole --help\n",
        ),
        (
            &["profiles", "wriet"],
            "error: there is no command \"profiles wriet\"\n  hint: did you mean write?\n  hint: see: assumerole profiles --help\n",
        ),
        (
            &["exec", "read"],
            "error: there is no command \"exec read\"\n  hint: see: assumerole exec --help\n",
        ),
    ] {
        let ran = stage.run(&[&["help"], words].concat());
        checks.ran(&words.join(" "), &ran, "", error, 2);
    }
}
