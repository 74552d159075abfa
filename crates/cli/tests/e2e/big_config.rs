//! Ten thousand roles: as quick as one to a person, and no file on disk for it.

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

/// What is in `~/.assumerole.d` of a large file: indexes, in earlier versions.
fn indexes(stage: &Stage) -> Vec<String> {
    let mut names = stage.list(".assumerole.d");
    names.retain(|name| name.starts_with("config-"));
    names
}

#[test]
fn an_edit_is_seen_at_once() {
    let stage = Stage::new();
    let usual = config("");
    stage.write(".assumerole", &usual);
    let show = ["sh", "-c", "echo $AWS_ACCOUNT $X"];
    let run = |role: &str| stage.run(&[&["exec", role, "--"][..], &show].concat());
    let mut checks = Checks::default();
    checks.ran("first", &run("role-9999"), "role-9999\n", "", 0);
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
    checks.number("index", indexes(&stage).len(), 0);
}

/// Whichever of ten thousand entries does it.
#[test]
fn a_role_that_one_of_many_protects() {
    let stage = Stage::new();
    let guard = ",\n\"guard\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\", \"confirm\": true}";
    let mut checks = Checks::default();
    for (after, status) in [(guard, 125), ("", 0), (guard, 125)] {
        stage.write(".assumerole", &config(after));
        let ran = stage.run(&["exec", "role-17", "true"]);
        checks.number(&ran.stderr, ran.status.try_into().unwrap(), status);
    }
}

/// Whatever would have been wrong with the whole file still is, wherever the role
/// stands that is asked for.
#[test]
fn a_fault_behind_the_role_is_told() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (after, why) in [
        (
            ",\n\"role-9999\": {}",
            "role \"role-9999\" is defined twice",
        ),
        (
            ",\n\"r\\u006fle-7\": {}",
            "role \"role-7\" is defined twice",
        ),
        (",\n\"x\": {]", "] stands in an object"),
        (
            "},\n\"aws_region\": {\"x\": 1",
            "aws_region must be a string",
        ),
    ] {
        stage.write(".assumerole", &config(after));
        let ran = stage.run(&["exec", "role-17", "true"]);
        checks.number(&ran.stderr, ran.status.try_into().unwrap(), 125);
        let said = ran.stderr.lines().next().unwrap_or_default();
        checks.number(said, usize::from(said.contains(why)), 1);
    }
    // Settings behind the roles count for those before.
    let after = "},\n\"environment\": [{\"name\": \"X\", \"value\": \"late\"}], \"prompt\": {}";
    stage.write(
        ".assumerole",
        &config(&after.replace("{}", "false")).replace("false\n}}", "false\n}"),
    );
    let ran = stage.run(&["exec", "role-17", "sh", "-c", "echo $X"]);
    checks.ran("late settings", &ran, "late\n", "", 0);
}

#[test]
fn indexes_of_earlier_versions_go() {
    let stage = Stage::new();
    stage.write(".assumerole", &config(""));
    stage.warm("last");
    let index = stage.path(".assumerole.d/config-0123456789abcdef.index");
    let other = stage.path(".assumerole.d/config-mine.index");
    fs::write(&other, "").unwrap();
    let mut checks = Checks::default();
    for words in [
        &["exec", "--fresh", "role-0", "--", "true"][..],
        &["logout", "role-0"],
        &["logout"],
        &["doctor", "--offline"],
    ] {
        fs::write(&index, "arindex").unwrap();
        stage.run(words);
        checks.same(
            &words.concat(),
            &format!("{:?}", indexes(&stage)),
            "[\"config-mine.index\"]",
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

/// Ways of roles and of profiles, as long as may be and one longer: whichever
/// command follows them, and whichever way round the file has them.
#[test]
fn a_way_over_many_roles_has_an_end() {
    const MOST: usize = 21;
    let stage = Stage::new();
    let arn = "arn:aws:iam::123456789012:role/plain";
    let mut roles = vec![format!(
        "\"v0\": {{\"aws_profile\": \"base\", \"aws_role\": \"{arn}\"}}"
    )];
    let mut profiles = format!(
        "[profile base]\nendpoint_url = {}\nregion = us-east-1\n[profile p0]\nrole_arn = {arn}\nsource_profile = base\n",
        stage.sandbox.endpoint()
    );
    for number in 1..1000 {
        let before = number - 1;
        roles.push(format!(
            "\"v{number}\": {{\"via\": \"v{before}\", \"aws_role\": \"{arn}\"}}"
        ));
        let _ = write!(
            profiles,
            "[profile p{number}]\nrole_arn = {arn}\nsource_profile = p{before}\n"
        );
    }
    stage.write(".aws/config", &profiles);
    let mut checks = Checks::default();
    for reversed in [false, true] {
        if reversed {
            roles.reverse();
        }
        stage.write(
            ".assumerole",
            &format!("{{\"assume_roles\": {{\n{}\n}}}}", roles.join(",\n")),
        );
        for (kind, key, what) in [("v", "via", "role"), ("p", "source_profile", "profile")] {
            for number in [MOST - 1, MOST, MOST + 1, 999] {
                let role = format!("{kind}{number}");
                let ran = stage.run(&["plan", &role]);
                let said = ran.stderr.lines().next().unwrap_or_default().to_owned();
                let expected = match number < MOST {
                    true => String::new(),
                    false => format!(
                        "error: \"{key}\" of {what} {role} leads through more than 20 roles"
                    ),
                };
                checks.same(&role, &said, &expected);
                let status = if number < MOST { 0 } else { 3 };
                checks.number(&role, ran.status.try_into().unwrap(), status);
            }
        }
        let ran = stage.run(&["check", "--json"]);
        let found = ran.stdout.matches("leads through more than").count();
        checks.number("check", found, 2 * (1000 - MOST));
        let ran = stage.run(&["list", "--json"]);
        checks.number("list", ran.stdout.matches("\"name\"").count(), 2000);
    }
}
