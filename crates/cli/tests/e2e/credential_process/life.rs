//! How much of their life is left of the credentials that a program gets.

use super::*;

/// Minutes that `role` has left, `minutes` after it was obtained, and the
/// requests that this took.
fn left(stage: &Stage, role: &str, minutes: i64) -> (i64, usize) {
    let before = stage.requests();
    let mut command = process(stage, role);
    later(stage, &mut command, minutes * 60 + 20);
    let ends: Timestamp = answer(&stage.ran(&mut command))["Expiration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let left = ends.duration_since(stage.sandbox.now());
    (left.as_mins(), stage.requests() - before)
}

fn lasting(seconds: u32) -> String {
    format!(
        r#""r": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "max_session_duration": {seconds}}}"#
    )
}

#[test]
fn a_program_gets_sixteen_minutes_or_half() {
    let mut checks = Checks::default();
    // The first request is at 20 s; each row is a while after the first.
    for (seconds, after, (is_left, requests)) in [
        (3600, 0, (60, 1)),
        (3600, 43, (16, 0)),
        (3600, 44, (60, 1)),
        (3600, 58, (60, 1)),
        (900, 7, (7, 0)),
        (900, 8, (15, 1)),
        (1800, 14, (15, 0)),
        (1800, 15, (30, 1)),
    ] {
        let stage = Stage::of_roles(&lasting(seconds));
        let case = format!("{seconds} s, {after} min later");
        let mut found = left(&stage, "r", 0);
        if after > 0 {
            found = left(&stage, "r", after);
        }
        // 43 min 59 s and the like.
        let minutes = found.0 + 1;
        let same = minutes == is_left || found.0 == is_left;
        checks.same(&case, &same.to_string(), "true");
        checks.number(&case, found.1, requests);
        if !same {
            checks.same(&case, &found.0.to_string(), &is_left.to_string());
        }
    }
}

/// A shell keeps its small margin.
#[test]
fn a_command_gets_what_is_cached_as_before() {
    let stage = Stage::of_roles(&lasting(3600));
    left(&stage, "r", 0);
    let mut command = stage.command(&["exec", "r", "true"]);
    later(&stage, &mut command, 50 * 60);
    assert_eq!(stage.ran(&mut command).status, 0);
    assert_eq!(stage.requests(), 1);
}

/// The MFA session is over in 15 minutes, which takes a question: what is left
/// of the role is handed out, and asked for with a code only at the end.
#[test]
fn without_a_question_what_is_left_is_handed_out() {
    let stage = Stage::new();
    let text = super::super::harness::CONFIG.replacen('{', "{ \"mfa_session_seconds\": 900,", 1);
    stage.write(".assumerole", &text);
    let code = stage.code();
    let ran = stage.run(&["exec", "read", "--mfa-code", &code, "true"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    for (minutes, is_left) in [(43, 16), (45, 14), (50, 9), (58, 1)] {
        let (found, requests) = left(&stage, "read", minutes);
        assert!(
            found == is_left || found + 1 == is_left,
            "{minutes}: {found}"
        );
        assert_eq!(requests, 0, "{minutes}");
    }
    let mut command = process(&stage, "read");
    later(&stage, &mut command, 59 * 60 + 30);
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 5));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.ends_with("assumerole login read\n"),
        "{}",
        ran.stderr
    );
}

/// AWS does not answer, or says no: what is left is good all the same. It is
/// not tried again at once.
#[test]
fn without_an_answer_what_is_left_is_handed_out() {
    let stage = Stage::of_roles(&lasting(3600));
    left(&stage, "r", 0);
    unreachable(&stage);
    let (_, first) = left(&stage, "r", 50);
    assert!(first > 0);
    assert_eq!(left(&stage, "r", 50).1, 0, "a moment ago");
    assert_eq!(left(&stage, "r", 52).1, first, "two minutes later");
    stage.sandbox.clear_faults();
    assert_eq!(left(&stage, "r", 54), (59, 1));
}
