//! What says which session a shell is in, or would be: it never says what
//! another one is.

use std::collections::BTreeMap;

use super::harness::Stage;
use super::support::{Checks, environment};
use super::terminal::Terminal;

const READ_ONLY: &str = "narrowed by:  ReadOnlyAccess\n";

/// What `info` says of a role in account 123456789012.
fn lines(name: &str, role: &str) -> String {
    format!("account name: {name}\naccount ID:   123456789012\nrole:         {role}\n")
}

fn role(name: &str, role: &str, more: &str) -> String {
    format!(
        r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "{role}"{more}}}"#
    )
}

fn stage() -> Stage {
    Stage::of_roles(&format!(
        "{}, {}",
        role("a", "plain", ""),
        role("b", "read", "")
    ))
}

/// The environment of what runs in a role that is assumed so.
fn inside(stage: &Stage, args: &[&str]) -> BTreeMap<String, String> {
    let args = [&["exec"], args, &["--", "env", "-0"]].concat();
    let output = stage.command(&args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    environment(&String::from_utf8(output.stdout).unwrap())
}

#[test]
fn info_says_what_the_shell_is_in_and_what_has_changed_since() {
    let stage = stage();
    let whole = inside(&stage, &["a"]);
    let narrow = inside(&stage, &["--read-only", "a"]);
    let mut checks = Checks::default();
    let mut says = |case: &str,
                    env: &BTreeMap<String, String>,
                    more: &[(&str, &str)],
                    stdout: &str,
                    stderr: &str| {
        let mut command = stage.command(&["info"]);
        command.envs(env);
        for (name, value) in more {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        checks.ran(case, &stage.ran(&mut command), stdout, stderr, 0);
    };
    let a = lines("a", "plain");
    let narrowed = format!("{a}{READ_ONLY}");
    says("whole", &whole, &[], &a, "");
    says("narrow", &narrow, &[], &narrowed, "");
    says(
        "another name",
        &narrow,
        &[("AWS_ACCOUNT", "b")],
        &narrowed,
        "AWS_ACCOUNT says b, and this shell is in a\n",
    );
    says(
        "own keys",
        &whole,
        &[("AWS_ACCESS_KEY_ID", "AKIAOWN")],
        &a,
        "this shell is out of a: it has other credentials\n",
    );
    says(
        "no keys",
        &whole,
        &[
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_SECRET_ACCESS_KEY", ""),
            ("AWS_SESSION_TOKEN", ""),
        ],
        &a,
        "this shell is out of a: its credentials are gone\n",
    );
    says(
        "an earlier version",
        &whole,
        &[("ASSUMEROLE_SESSION", "")],
        &a,
        "nothing says which session this shell is in (ASSUMEROLE_SESSION is not set); this is what the files say\n",
    );
    stage.roles(&role(
        "a",
        "read",
        r#", "policy_arns": ["arn:aws:iam::aws:policy/SecurityAudit"]"#,
    ));
    says(
        "another role",
        &whole,
        &[],
        &a,
        "a is a different role in the files now: it is arn:aws:iam::123456789012:role/read\n",
    );
    stage.roles(&role(
        "a",
        "plain",
        r#", "policy_arns": ["arn:aws:iam::aws:policy/SecurityAudit"]"#,
    ));
    says(
        "narrowed since",
        &whole,
        &[],
        &a,
        "a is a different role in the files now: narrowed by SecurityAudit, not by nothing\n",
    );
    stage.roles(&role("b", "read", ""));
    says(
        "gone",
        &whole,
        &[],
        &a,
        "a cannot be assumed like this any more: there is no role \"a\" in ~/.assumerole or ~/.aws\n",
    );
    checks.number("requests", stage.requests(), 2);
}

#[test]
fn the_prompt_shows_the_role_whose_keys_are_there() {
    let stage = stage();
    let env = inside(&stage, &["a"]);
    let mut checks = Checks::default();
    for (case, name, value, shown) in [
        ("as it is", "X", "y", "a 123456789012"),
        ("another name", "AWS_ACCOUNT", "prod", "a 123456789012"),
        (
            "another account",
            "AWS_ACCOUNT_ID",
            "210987654321",
            "a 123456789012",
        ),
        ("own keys", "AWS_ACCESS_KEY_ID", "AKIAOWN", ""),
        ("no token", "AWS_SESSION_TOKEN", "", ""),
        // By its name, as before.
        ("no note", "ASSUMEROLE_SESSION", "", "a 123456789012"),
    ] {
        let mut command = stage.command(&["prompt", "--format", "{role} {account}"]);
        command.envs(&env).env(name, value);
        checks.ran(case, &stage.ran(&mut command), shown, "", 0);
    }
}

/// What stands below the list is what Enter would give.
#[test]
fn the_chooser_shows_what_the_flags_make_of_a_role() {
    let stage = stage();
    inside(&stage, &["a"]);
    let mut terminal = Terminal::running(&stage, "assumerole --duration 15m --region us-west-2");
    terminal.sees_whole("session  15m, not cached");
    terminal.sees("region   us-west-2");
    terminal.types(super::terminal::ESC);
    terminal.ends();
    let mut terminal = Terminal::running(&stage, "assumerole");
    terminal.sees_whole("session  1h 00m, cached");
    terminal.types(super::terminal::ESC);
    terminal.ends();
}

#[test]
fn a_shorter_session_than_was_asked_for_is_said_from_the_cache_too() {
    let stage = Stage::new();
    stage.warm("read");
    let said = "read: 3600 s instead of 7200 s, because a role assumed from temporary credentials lasts an hour at most (a rule of STS)\n";
    stage.roles(&format!(
        "{}, {}",
        role("hub", "plain", ""),
        r#""read": {"via": "hub", "aws_account": "123456789012", "aws_role": "read", "max_session_duration": 7200}"#
    ));
    stage
        .sandbox
        .edit(|world| {
            for role in &mut world.roles {
                *role = aws_sandbox::Role::new(role.arn.clone())
                    .trusting("210987654321")
                    .trusting("123456789012")
                    .lasting(43_200)
                    .allowing("*");
            }
        })
        .unwrap();
    let mut checks = Checks::default();
    for case in ["from AWS", "from the cache"] {
        checks.ran(
            case,
            &stage.run(&["exec", "read", "--", "true"]),
            "",
            said,
            0,
        );
        let ran = stage.run(&["export", "--format", "bash", "read"]);
        checks.same(case, &ran.stderr, said);
    }
    // Programs take a line beside their data for a failure.
    let ran = stage.run(&["export", "--format", "credential-process", "read"]);
    checks.same("for a program", &ran.stderr, "");
}
