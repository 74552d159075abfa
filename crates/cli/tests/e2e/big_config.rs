//! Ten thousand roles: answered by the index, which never answers wrongly.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::harness::{Stage, program};
use super::support::{Checks, check};

const ROLES: usize = 10_000;

/// Roles `role-0`…, all the same one, and what comes after them.
fn config(after: &str) -> String {
    let mut text = String::from("{\"assume_roles\": {\n");
    for number in 0..ROLES {
        let _ = writeln!(
            text,
            "  \"role-{number}\": {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}},"
        );
    }
    let _ = writeln!(
        text,
        "  \"last\": {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}{after}\n}}}}"
    );
    text
}

fn index(stage: &Stage) -> Vec<String> {
    let mut names = stage.list(".assumerole.d");
    names.retain(|name| name.starts_with("config-"));
    names
}

#[test]
fn an_edit_is_seen_at_once_whatever_the_index_knew() {
    let stage = Stage::new();
    let usual = config("");
    stage.write(".assumerole", &usual);
    let show = ["sh", "-c", "echo $AWS_ACCOUNT $X"];
    let run = |role: &str| stage.run(&[&["exec", role, "--"][..], &show].concat());
    let mut checks = Checks::default();
    checks.ran("first", &run("role-9999"), "role-9999\n", "", 0);
    checks.number("index", index(&stage).len(), 1);
    checks.ran("second", &run("role-0"), "role-0\n", "", 0);
    // All of them are one session of one role.
    checks.number("requests", stage.requests(), 1);

    let gone = "error: there is no role \"newcomer\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n";
    checks.ran("not yet", &run("newcomer"), "", gone, 125);
    stage.write(
        ".assumerole",
        &config(
            ",\n  \"newcomer\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}",
        ),
    );
    checks.ran("added", &run("newcomer"), "newcomer\n", "", 0);
    stage.write(".assumerole", &usual);
    checks.ran("removed", &run("newcomer"), "", gone, 125);

    // The same length, and one character of one role is another.
    let changed = usual.replacen(
        "\"role-5000\": {\"aws_profile\"",
        "\"role-5000\": {\"aws_profilE\"",
        1,
    );
    assert_eq!(changed.len(), usual.len());
    stage.write(".assumerole", &changed);
    checks.ran("broken", &run("role-5000"), "", "\
error: role \"role-5000\" has no aws_profile
    --> ~/.assumerole:5002:17
     |
5002 |   \"role-5000\": {\"aws_profilE\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"},
     |                 ^^^^^^^^^^^^^
  hint: write aws_profile instead of \"aws_profilE\"
", 125);
    checks.ran("beside it", &run("role-4999"), "role-4999\n", "", 0);
    stage.write(
        ".assumerole",
        &usual.replacen(
            "\"last\": {",
            "\"last\": {\"environment\": [{\"name\": \"X\", \"value\": \"new\"}], ",
            1,
        ),
    );
    checks.ran("changed", &run("last"), "last new\n", "", 0);
    checks.number("requests in all", stage.requests(), 1);
    checks.number("one index", index(&stage).len(), 1);
}

/// Whether a role is protected is told by the index too, whichever of ten
/// thousand entries does it.
#[test]
fn a_role_that_one_of_many_protects() {
    let stage = Stage::new();
    let guard = ",\n\"guard\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\", \"confirm\": true}";
    let mut checks = Checks::default();
    for (after, status) in [(guard, 125), ("", 0), (guard, 125)] {
        stage.write(".assumerole", &config(after));
        // The first call makes the index.
        for _ in 0..2 {
            let ran = stage.run(&["exec", "role-17", "true"]);
            checks.number(&ran.stderr, ran.status.try_into().unwrap(), status);
        }
        checks.number("index", index(&stage).len(), 1);
    }
}

#[test]
fn a_damaged_index_is_no_index() {
    let stage = Stage::new();
    stage.write(".assumerole", &config(""));
    stage.warm("last");
    let path = stage.path(".assumerole.d").join(&index(&stage)[0]);
    let good = fs::read(&path).unwrap();
    let mut checks = Checks::default();
    let middle = good.len() / 2;
    for (case, bytes) in [
        ("empty", Vec::new()),
        ("cut", good[..middle].to_vec()),
        ("garbage", vec![0xa5; good.len()]),
        ("longer", [good.clone(), vec![0; 8]].concat()),
    ] {
        fs::write(&path, bytes).unwrap();
        let ran = stage.run(&["exec", "role-77", "sh", "-c", "echo $AWS_ACCOUNT"]);
        checks.ran(case, &ran, "role-77\n", "", 0);
        checks.same(
            case,
            &format!("{}", fs::read(&path).unwrap() == good),
            "true",
        );
    }
}

#[test]
fn a_call_from_the_cache_starts_nothing_and_connects_to_nothing() {
    let stage = Stage::new();
    stage.write(".assumerole", &config(""));
    stage.warm("last");
    let trace = stage.path("trace");
    let mut command = Command::new("strace");
    stage.clear(&mut command);
    command.args([
        "-f",
        "-e",
        "trace=connect,socket,clone,clone3,fork,vfork,execve",
        "-o",
    ]);
    command
        .arg(&trace)
        .arg(program())
        .args(["exec", "last", "--", "/bin/true"]);
    check(&stage.ran(&mut command), "", "", 0);
    let trace = fs::read_to_string(trace).unwrap();
    let calls: Vec<&str> = trace
        .lines()
        .filter(|line| !line.contains("+++"))
        .map(|line| line.split_once(' ').unwrap().1.trim_start())
        .map(|line| line.split_once('(').unwrap().0)
        .collect();
    // Ours, and the command's: no process, no thread, no network between.
    assert_eq!(calls, ["execve", "execve"], "{trace}");
}

#[test]
fn names_are_complete_and_in_order() {
    let stage = Stage::new();
    stage.write(".assumerole", &config(""));
    for _ in 0..2 {
        let ran = stage.run(&["accountlist_text"]);
        let names: Vec<&str> = ran.stdout.lines().collect();
        assert_eq!(
            (names.len(), names[0], names[ROLES]),
            (ROLES + 1, "role-0", "last")
        );
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}
