//! What a session is cached under: an edit of either file that changes the
//! credentials is a miss, and no other edit is.

use aws_sandbox::{Fault, Options, Role, User};

use super::harness::{BASE_ACCOUNT, KEY, SECRET, Stage, world};
use super::support::{Checks, base_keys, check};

const SECOND_KEY: &str = "AKIAI44QH8DHBEXAMPLE";

const ROLE: &str = r#""r": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "aws_region": "eu-central-1"}"#;

fn stage() -> Stage {
    let world = world()
        .user(User::new("second", BASE_ACCOUNT).key(SECOND_KEY, SECRET))
        .role(Role::new("arn:aws:iam::123456789012:role/other").trusting(BASE_ACCOUNT))
        .role(Role::new("arn:aws:iam::210987654321:role/plain").trusting(BASE_ACCOUNT));
    Stage::with(world, Options::default())
}

/// Warms the role, does `edit`, runs it again; how many requests that took.
fn requests_after(edit: impl FnOnce(&Stage), role: &str, env: &[(&str, &str)]) -> usize {
    let stage = stage();
    stage.roles(ROLE);
    let ran = stage.run(&["exec", "r", "true"]);
    assert_eq!(
        (ran.stderr.as_str(), ran.status, stage.requests()),
        ("", 0, 1)
    );
    edit(&stage);
    // Warnings, such as that of a key for ssh that is not there, change nothing.
    let ran = stage.run_in(&["exec", role, "true"], env);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    stage.requests() - 1
}

#[test]
fn an_edit_of_the_roles() {
    let mut checks = Checks::default();
    for (case, from, to, role, requests) in [
        ("nothing", "", "", "r", 0),
        ("role", "\"plain\"", "\"other\"", "r", 1),
        ("account", "123456789012", "210987654321", "r", 1),
        (
            "ARN of the same",
            "\"plain\"",
            "\"arn:aws:iam::123456789012:role/plain\"",
            "r",
            0,
        ),
        (
            "duration",
            "\"aws_role\"",
            "\"max_session_duration\": 1800, \"aws_role\"",
            "r",
            1,
        ),
        (
            "the same duration",
            "\"aws_role\"",
            "\"max_session_duration\": 3600, \"aws_role\"",
            "r",
            0,
        ),
        (
            "region, where STS is asked",
            "eu-central-1",
            "eu-west-1",
            "r",
            1,
        ),
        ("name", "\"r\"", "\"renamed\"", "renamed", 0),
        (
            "environment",
            "\"aws_role\"",
            "\"environment\": [{\"name\": \"A\", \"value\": \"b\"}], \"aws_role\"",
            "r",
            0,
        ),
        (
            "key of ssh",
            "\"aws_role\"",
            "\"sshkey\": \"~/.ssh/none\", \"aws_role\"",
            "r",
            0,
        ),
    ] {
        let edit = |stage: &Stage| stage.roles(&ROLE.replacen(from, to, 1));
        checks.number(case, requests_after(edit, role, &[]), requests);
    }
}

#[test]
fn an_edit_of_the_profile() {
    let mut checks = Checks::default();
    type Edit = fn(&Stage);
    let rows: [(&str, Edit, usize); 7] = [
        (
            "the file, not the profile",
            |stage| {
                stage.write(
                    ".aws/credentials",
                    &format!("# new\n[other]\nx = y\n{}", base_keys()),
                );
            },
            0,
        ),
        (
            "key",
            |stage| {
                stage.write(".aws/credentials", &base_keys().replace(KEY, SECOND_KEY));
            },
            1,
        ),
        (
            "region",
            |stage| {
                let url = stage.sandbox.endpoint();
                stage.write(
                    ".aws/config",
                    &format!("[profile base]\nendpoint_url = {url}\nregion = eu-west-1\n"),
                );
            },
            1,
        ),
        (
            "endpoint",
            |stage| {
                let url = stage.sandbox.endpoint();
                stage.write(
                    ".aws/config",
                    &format!("[profile base]\nendpoint_url = {url}/\n"),
                );
            },
            1,
        ),
        (
            "attempts",
            |stage| {
                let url = stage.sandbox.endpoint();
                stage.write(
                    ".aws/config",
                    &format!("[profile base]\nendpoint_url = {url}\nmax_attempts = 2\n"),
                );
            },
            0,
        ),
        (
            "name of the profile",
            |stage| {
                let url = stage.sandbox.endpoint();
                stage.write(".aws/credentials", &base_keys().replace("[base]", "[new]"));
                stage.write(
                    ".aws/config",
                    &format!("[profile new]\nendpoint_url = {url}\n"),
                );
                stage.roles(&ROLE.replace("\"base\"", "\"new\""));
            },
            0,
        ),
        (
            "device",
            |stage| {
                stage.roles(&ROLE.replace(
                    "\"aws_role\"",
                    "\"aws_mfa_arn\": \"arn:aws:iam::210987654321:mfa/jdoe\", \"mfa_session\": false, \"aws_role\"",
                ));
                // Without a code at hand, a miss is an error.
                stage.sandbox.inject(Fault::throttle());
                assert_eq!(stage.run(&["exec", "r", "true"]).status, 125);
                stage.sandbox.clear_faults();
                let code = stage.code();
                assert_eq!(
                    stage
                        .run(&["exec", "r", "--mfa-code", &code, "true"])
                        .status,
                    0
                );
            },
            1,
        ),
    ];
    for (case, edit, requests) in rows {
        checks.number(case, requests_after(edit, "r", &[]), requests);
    }
}

#[test]
fn a_change_of_the_environment() {
    let mut checks = Checks::default();
    for (case, env, requests) in [
        ("nothing", &[][..], 0),
        ("duration", &[("AWS_STS_DURATION_SECONDS", "1800")], 1),
        (
            "the same duration",
            &[("AWS_STS_DURATION_SECONDS", "3600")],
            0,
        ),
        ("the name of the session", &[("USER", "somebody")], 1),
        (
            "a region that does not count",
            &[("AWS_REGION", "eu-west-1")],
            0,
        ),
        ("attempts", &[("AWS_MAX_ATTEMPTS", "2")], 0),
    ] {
        checks.number(case, requests_after(|_| (), "r", env), requests);
    }
}

#[test]
fn fresh_asks_again_and_what_it_gets_is_kept() {
    let stage = stage();
    let show = ["sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
    let run = |args: &[&str]| stage.run(&[args, &show].concat()).stdout;
    let first = run(&["exec", "plain"]);
    let second = run(&["exec", "--fresh", "plain"]);
    assert_ne!(first, second);
    assert_eq!(
        (run(&["exec", "plain"]), stage.requests()),
        (second.clone(), 2)
    );
    // Refused, it leaves the one that is there.
    stage
        .sandbox
        .inject(Fault::error("AccessDenied", "no", 403));
    assert_eq!(stage.run(&["exec", "--fresh", "plain", "true"]).status, 125);
    assert_eq!(run(&["exec", "plain"]), second);
    stage.without_sessions();
    let code = stage.code();
    assert_eq!(stage.run(&["--fresh", "read", &code]).status, 0);
    assert_eq!(stage.run(&["exec", "read", "--fresh", "true"]).status, 125);
}

#[test]
fn a_session_that_has_ended_is_no_answer_and_is_not_kept() {
    let stage = stage();
    stage.sandbox.inject(Fault::expire_in(-1));
    let ran = stage.run(&["exec", "plain", "true"]);
    assert_eq!((ran.status, stage.entries().len()), (125, 0));
    assert!(
        ran.stderr.starts_with("error: the answer to AssumeRole contains something that has already expired; nothing of it was kept\n"),
        "{}",
        ran.stderr
    );
    for requests in [2, 2] {
        check(&stage.run(&["exec", "plain", "true"]), "", "", 0);
        assert_eq!((stage.requests(), stage.entries().len()), (requests, 1));
    }
}
