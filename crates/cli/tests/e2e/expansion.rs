//! `environment` of a role: three forms are expanded, nothing is executed, and
//! a mistake costs no code.

use super::harness::Stage;
use super::support::{Checks, check, environment};

fn role(environment: &str) -> String {
    format!(
        r#""read": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read",
 "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "aws_region": "eu-central-1",
 "environment": {environment}}}"#
    )
}

#[test]
fn values_are_expanded_and_the_rest_is_literal() {
    let stage = Stage::of_roles(&role(
        r#"[
 {"name": "A", "value": "~/x"}, {"name": "B", "value": "$HOME/a b"}, {"name": "C", "value": "${USER}s"},
 {"name": "D", "value": "$(touch marker)`touch marker`"}, {"name": "E", "value": "a  'b' \"c\" * ; & \\"},
 {"name": "F", "value": "$AWS_REGION $AWS_ACCOUNT_ID $C"}, {"name": "G", "value": ""},
 {"name": "H", "value": "$OLD ~ x~/y"}, {"name": "EDITOR", "value": "$EDITOR -w"}, {"name": "L", "value": "two\nlines"}]"#,
    ));
    let code = stage.code();
    let ran = stage.run_in(
        &["exec", "read", "--mfa-code", &code, "--", "env", "-0"],
        &[("OLD", "$(touch marker) $HOME"), ("EDITOR", "vi")],
    );
    let env = environment(&ran.stdout);
    let mut checks = Checks::default();
    for (name, value) in [
        ("A", "$HOME/x"),
        ("B", "$HOME/a b"),
        ("C", "testers"),
        ("D", "$(touch marker)`touch marker`"),
        ("E", "a  'b' \"c\" * ; & \\"),
        ("F", "eu-central-1 123456789012 testers"),
        ("G", ""),
        ("H", "$(touch marker) $HOME ~ x~/y"),
        ("EDITOR", "vi -w"),
        ("L", "two\nlines"),
    ] {
        checks.same(name, &env[name], value);
    }
    checks.same("stderr", &ran.stderr, "");
    assert!(!stage.path("marker").exists());
}

#[test]
fn what_the_outer_role_changed_is_expanded_from_the_persons_own() {
    let stage = Stage::of_roles(&format!(
        r#"{}, "plain": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
 "environment": [{{"name": "LIST", "value": "$LIST:plain"}}]}}"#,
        role(r#"[{"name": "LIST", "value": "$LIST:read"}]"#)
    ));
    stage.sandbox.clear_journal();
    let code = stage.code();
    let ran = stage.run_in(
        &[
            "exec",
            "read",
            "--mfa-code",
            &code,
            "--",
            super::harness::program(),
            "exec",
            "plain",
            "--",
            "sh",
            "-c",
            "echo $LIST",
        ],
        &[("LIST", "mine")],
    );
    check(&ran, "mine:plain\n", "", 0);
}

#[test]
fn a_name_that_is_not_set_is_an_error_before_a_code_is_asked_for() {
    let stage = Stage::of_roles(&role(
        "[\n  {\"name\": \"A\", \"value\": \"x ${NOBODY}\"}\n ]",
    ));
    let mut checks = Checks::default();
    let error = "\
error: the value of A in the environment of role read cannot be expanded
 --> ~/.assumerole:4:26
  |
4 |   {\"name\": \"A\", \"value\": \"***********\"}
  |                          ^^^^^^^^^^^^^
  = because: the environment variable NOBODY is not set
  hint: set that variable first, or take the name out of the value
";
    // No code is at hand: that would be the next thing to be said.
    checks.ran(
        "exec",
        &stage.run(&["exec", "read", "--", "true"]),
        "",
        error,
        125,
    );
    checks.ran("shell", &stage.run(&["read"]), "", error, 125);
    // Nor is a code spent that is at hand.
    let code = stage.code();
    checks.ran("code", &stage.run(&["read", &code]), "", error, 125);
    checks.number("requests", stage.requests(), 0);
    // Empty is set.
    let ran = stage.run_in(
        &[
            "exec",
            "read",
            "--mfa-code",
            &code,
            "--",
            "sh",
            "-c",
            "echo \"[$A]\"",
        ],
        &[("NOBODY", "")],
    );
    checks.ran("empty", &ran, "[x ]\n", "", 0);
    // A cached role says it too.
    checks.ran(
        "cached",
        &stage.run(&["exec", "read", "true"]),
        "",
        error,
        125,
    );
}

#[test]
fn credentials_of_before_are_not_there_to_be_expanded() {
    let stage = Stage::of_roles(&role(r#"[{"name": "A", "value": "$AWS_PROFILE"}]"#));
    let ran = stage.run_in(&["exec", "read", "true"], &[("AWS_PROFILE", "other")]);
    check(
        &ran,
        "",
        "\
error: the value of A in the environment of role read cannot be expanded
 --> ~/.assumerole:3:41
  |
3 |  \"environment\": [{\"name\": \"A\", \"value\": \"************\"}]}}}
  |                                         ^^^^^^^^^^^^^^
  = because: the environment variable AWS_PROFILE is not set
  hint: set that variable first, or take the name out of the value
",
        125,
    );
}
