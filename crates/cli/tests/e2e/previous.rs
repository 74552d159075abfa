//! `-`: the previous role.

use super::harness::Stage;
use super::support::Checks;

/// Prints the role that it runs in.
const WHO: [&str; 3] = ["sh", "-c", "echo $AWS_ACCOUNT"];

fn exec(role: &str) -> Vec<&str> {
    [&["exec", role, "--"], WHO.as_slice()].concat()
}

/// A stage where `read`, then `plain` was used.
fn used() -> Stage {
    let stage = Stage::direct();
    stage.warm("read");
    assert_eq!(stage.run(&exec("plain")).stdout, "plain\n");
    stage
}

#[test]
fn outside_of_any_role_it_is_the_one_used_last() {
    let stage = used();
    let mut checks = Checks::default();
    checks.ran("exec", &stage.run(&exec("-")), "plain\n", "", 0);
    checks.ran("again", &stage.run(&exec("-")), "plain\n", "", 0);
    let command = [("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCOUNT'")];
    checks.ran("command", &stage.run_in(&["-"], &command), "plain\n", "", 0);
    let shell = stage.script("shell", "#!/bin/sh\necho in $AWS_ACCOUNT\n");
    let quiet = [("SHELL", shell.as_str()), ("ASSUMEROLE_QUIET", "1")];
    checks.ran("shell", &stage.run_in(&["-"], &quiet), "in plain\n", "", 0);
}

/// As `cd -` does, one goes to and fro.
#[test]
fn inside_a_role_it_is_the_last_other_one() {
    let stage = used();
    let mut checks = Checks::default();
    let inside = |role: &'static str| [("AWS_ACCOUNT", role)];
    checks.ran(
        "plain",
        &stage.run_in(&exec("-"), &inside("plain")),
        "read\n",
        "",
        0,
    );
    checks.ran(
        "read",
        &stage.run_in(&exec("-"), &inside("read")),
        "plain\n",
        "",
        0,
    );
    checks.ran(
        "plain again",
        &stage.run_in(&exec("-"), &inside("plain")),
        "read\n",
        "",
        0,
    );
    // A role that was entered elsewhere.
    checks.ran(
        "other",
        &stage.run_in(&exec("-"), &inside("deploy")),
        "read\n",
        "",
        0,
    );
    // For real: each shell in the one before.
    let shell = stage.script(
        "shell",
        "#!/bin/sh\necho in $AWS_ACCOUNT\n[ \"$AWS_ACCOUNT\" = read ] || exec \"$PROGRAM\" -\n",
    );
    let env = [
        ("SHELL", shell.as_str()),
        ("ASSUMEROLE_QUIET", "1"),
        ("PROGRAM", super::harness::program()),
    ];
    checks.ran(
        "nested",
        &stage.run_in(&["plain"], &env),
        "in plain\nin read\n",
        "",
        0,
    );
}

#[test]
fn a_code_may_stand_behind_it() {
    let stage = used();
    std::fs::remove_dir_all(stage.path(".assumerole.d/cache")).unwrap();
    let code = stage.code();
    let command = [
        ("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCOUNT'"),
        ("AWS_ACCOUNT", "plain"),
    ];
    let mut checks = Checks::default();
    checks.ran(
        "code",
        &stage.run_in(&["-", &code], &command),
        "read\n",
        "",
        0,
    );
    checks.same("sent", &stage.parameter("TokenCode").unwrap(), &code);
    let ran = stage.run_in(&["-", "12345"], &command);
    checks.number("five digits", ran.status.unsigned_abs() as usize, 125);
}

#[test]
fn without_one_it_says_so() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let hints =
        "  hint: name one: assumerole ROLE\n  hint: see what was used: assumerole history\n";
    let none = format!("error: there is no previous role: none has been used\n{hints}");
    checks.ran("exec", &stage.run(&exec("-")), "", &none, 125);
    checks.ran("shell", &stage.run(&["-"]), "", &none, 125);
    stage.run(&exec("plain"));
    let only = format!("error: there is no previous role: none but plain has been used\n{hints}");
    let inside = [("AWS_ACCOUNT", "plain")];
    checks.ran("only", &stage.run_in(&exec("-"), &inside), "", &only, 125);
    // One that has left the file since.
    stage.write(
        ".assumerole.d/history",
        "{\"at\":\"2026-11-22T08:00:00Z\",\"role\":\"gone\"}\n",
    );
    let gone = "\
error: there is no role \"gone\" in ~/.assumerole or ~/.aws
  hint: see all roles: assumerole list
";
    checks.ran("gone", &stage.run(&exec("-")), "", gone, 125);
}

#[test]
fn a_role_of_that_name_is_meant_by_its_name() {
    let stage = used();
    stage.roles(
        r#""-": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    assert_eq!(stage.run(&exec("-")).stdout, "-\n");
}
