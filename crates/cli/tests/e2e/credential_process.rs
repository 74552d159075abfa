//! `credential-process`: what SDKs run, and how long what they get lasts.

mod children;
mod deadline;
mod life;
mod questions;

use std::process::Command;

use aws_sandbox::Fault;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::harness::{Ran, Stage};
use super::in_place::fake_time_library as library;
use super::support::Checks;

/// The command for `role`.
fn process(stage: &Stage, role: &str) -> Command {
    stage.command(&["credential-process", role])
}

/// Lets it be `later` seconds later for `command`, and for AWS.
fn later(stage: &Stage, command: &mut Command, later: i64) {
    stage
        .sandbox
        .set_clock_offset(SignedDuration::from_secs(later));
    command
        .env("LD_PRELOAD", library())
        .env("FAKETIME", format!("+{later}s"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}

/// What `ran` printed, and nothing beside it.
fn answer(ran: &Ran) -> Value {
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{}", ran.stdout);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn an_sdk_gets_one_object_and_both_spellings_are_one() {
    let stage = Stage::new();
    let first = stage.ran(&mut process(&stage, "plain"));
    let object = answer(&first);
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "AccessKeyId",
            "AccountId",
            "Expiration",
            "SecretAccessKey",
            "SessionToken",
            "Version"
        ]
    );
    assert_eq!(object["Version"], 1);
    assert_eq!(object["AccountId"], "123456789012");
    let end = object["Expiration"].as_str().unwrap();
    assert!(end.ends_with('Z') && end.len() == 20, "{end}");
    end.parse::<Timestamp>().unwrap();
    for args in [
        vec!["export", "--format", "credential-process", "plain"],
        vec!["export", "plain", "--format=credential-process"],
        vec!["credential-process", "--no-prompt", "--", "plain"],
        vec![
            "credential-process",
            "--config",
            ".assumerole",
            "--no-prompt",
            "plain",
        ],
        vec!["--config=.assumerole", "credential-process", "plain"],
    ] {
        assert_eq!(stage.run(&args), first, "{args:?}");
    }
    assert_eq!(stage.requests(), 1);
}

/// Whatever goes wrong, a program that shows one line shows all of it.
#[test]
fn what_fails_is_said_in_one_line() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (args, line, status) in [
        (
            vec!["credential-process", "nobody"],
            "error: there is no role \"nobody\" in ~/.assumerole or ~/.aws; see all roles: assumerole list\n",
            4,
        ),
        (
            vec!["credential-process", "--no-such-flag", "plain"],
            "error: there is no option --no-such-flag; to pass '--no-such-flag' as a value, use '-- --no-such-flag', see: assumerole credential-process --help\n",
            2,
        ),
        (
            vec!["credential-process"],
            "error: missing: <ROLE>; write: assumerole credential-process [OPTIONS] <ROLE>, see: assumerole credential-process --help\n",
            2,
        ),
        (
            vec!["export", "--format", "credential-process", "nobody"],
            "error: there is no role \"nobody\" in ~/.assumerole or ~/.aws; see all roles: assumerole list\n",
            4,
        ),
    ] {
        checks.ran(&args.join(" "), &stage.run(&args), "", line, status);
    }
    stage.write(".assumerole", "{\n  \"assume_roles\": {,\n}");
    let ran = stage.ran(&mut process(&stage, "plain"));
    checks.same("stdout", &ran.stdout, "");
    checks.number("lines", ran.stderr.lines().count(), 1);
    assert!(ran.stderr.contains("~/.assumerole:2:"), "{}", ran.stderr);
    assert_eq!(ran.status, 3);
}

/// What could not be written is no success.
#[test]
fn what_cannot_be_written_is_told() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    let program = super::harness::program();
    for words in [
        "credential-process plain",
        "export --format credential-process plain",
    ] {
        let mut command = Command::new("sh");
        let script = format!("exec \"$0\" {words} >/dev/full");
        command.args(["-c", &script, program]);
        stage.clear(&mut command);
        let said = "error: cannot write to standard output: No space left on device\n";
        checks.ran(words, &stage.ran(&mut command), "", said, 1);
    }
    assert_eq!(stage.requests(), 1);
}

/// A role may have been called so before there was the command.
#[test]
fn a_role_of_that_name_is_hinted_at() {
    let stage = Stage::of_roles(
        r#""credential-process": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    let ran = stage.run(&["credential-process"]);
    assert_eq!(
        ran.stderr,
        "error: credential-process is both a command and a role; nothing was done; assume the role: assumerole -- credential-process, run the command: assumerole credential-process [OPTIONS] <ROLE>\n"
    );
    assert_eq!(ran.status, 2);
    answer(&stage.run(&["credential-process", "credential-process"]));
}

/// What an SDK asks for by itself is no use of a role by a person.
#[test]
fn it_is_in_the_history_once_and_not_what_the_hyphen_stands_for() {
    let stage = Stage::new();
    let code = stage.code();
    let ran = stage.run(&["exec", "read", "--mfa-code", &code, "true"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    for _ in 0..3 {
        answer(&stage.ran(&mut process(&stage, "plain")));
    }
    let ran = stage.run(&["history", "--json"]);
    let uses: Value = serde_json::from_str(&ran.stdout).unwrap();
    let ways: Vec<&Value> = uses
        .as_array()
        .unwrap()
        .iter()
        .map(|record| &record["way"])
        .collect();
    assert_eq!(ways, ["exec", "credential-process"]);
    let ran = stage.run(&["exec", "-", "sh", "-c", "echo $AWS_ACCOUNT"]);
    assert_eq!(ran.stdout, "read\n");
}

/// The variables that a role's `environment` uses are not those of an SDK.
#[test]
fn what_a_role_sets_besides_is_not_looked_at() {
    let stage = Stage::of_roles(
        r#""r": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "environment": [{"name": "A", "value": "$NOT_SET"}]}"#,
    );
    assert_eq!(stage.run(&["exec", "r", "true"]).status, 125);
    answer(&stage.ran(&mut process(&stage, "r")));
}

/// A fault of AWS for every request.
fn unreachable(stage: &Stage) {
    for _ in 0..20 {
        stage.sandbox.inject(Fault::cut());
    }
}

#[test]
fn check_suggests_the_newer_spelling() {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    let line = "credential_process = assumerole export --format credential-process plain";
    let config =
        |line: &str| format!("[profile base]\nendpoint_url = {endpoint}\n[profile own]\n{line}\n");
    stage.write(".aws/config", &config(line));
    let ran = stage.run(&["check"]);
    assert!(
        ran.stdout
            .contains("hint: write: credential_process = assumerole credential-process -- plain\n"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    let newer = "credential_process = assumerole credential-process -- plain";
    stage.write(".aws/config", &config(newer));
    let ran = stage.run(&["check"]);
    assert!(!ran.stdout.contains("older spelling"), "{}", ran.stderr);
}
