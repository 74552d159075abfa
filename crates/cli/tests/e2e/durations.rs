//! How long a session is asked for, and under which name.

use aws_sandbox::Fault;

use super::harness::Stage;
use super::support::Checks;

fn role(more: &str) -> String {
    format!(
        r#""r": {{{more} "aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/team/deploy"}}"#
    )
}

const MFA: &str = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe","#;

#[test]
fn the_file_wins_over_the_variable_and_an_hour_is_the_default() {
    let stage = Stage::new();
    let variable = "AWS_STS_DURATION_SECONDS";
    let plain = |more: &str| role(more).replace("team/deploy", "plain");
    let mut checks = Checks::default();
    for (case, roles, env, seconds) in [
        ("default", plain(""), None, "3600"),
        ("variable", plain(""), Some("1800"), "1800"),
        ("empty variable", plain(""), Some(""), "3600"),
        (
            "file",
            plain(r#""max_session_duration": 900,"#),
            None,
            "900",
        ),
        (
            "both",
            plain(r#""max_session_duration": 2700,"#),
            Some("1800"),
            "2700",
        ),
        (
            "text",
            plain(r#""max_session_duration": "1200","#),
            None,
            "1200",
        ),
    ] {
        stage.roles(&roles);
        let mut command = stage.command(&["exec", "r", "--fresh", "true"]);
        command.envs(env.map(|seconds| (variable, seconds)));
        checks.ran(case, &stage.ran(&mut command), "", "", 0);
        checks.same(case, &stage.parameter("DurationSeconds").unwrap(), seconds);
    }
}

#[test]
fn a_duration_that_is_none_is_told_before_anything_is_asked() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (value, stderr) in [("1h", "\
error: the environment variable AWS_STS_DURATION_SECONDS is \"1h\"; it should be seconds, 900 to 43200
  hint: unset AWS_STS_DURATION_SECONDS
"), ("899", "\
error: the environment variable AWS_STS_DURATION_SECONDS is \"899\"; it should be seconds, 900 to 43200
  hint: unset AWS_STS_DURATION_SECONDS
"), ("43201", "\
error: the environment variable AWS_STS_DURATION_SECONDS is \"43201\"; it should be seconds, 900 to 43200
  hint: unset AWS_STS_DURATION_SECONDS
"), ("-3600", "\
error: the environment variable AWS_STS_DURATION_SECONDS is \"-3600\"; it should be seconds, 900 to 43200
  hint: unset AWS_STS_DURATION_SECONDS
")] {
        let ran = stage.run_in(&["exec", "plain", "true"], &[("AWS_STS_DURATION_SECONDS", value)]);
        checks.ran(value, &ran, "", stderr, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn over_the_roles_maximum_the_place_of_the_wish_is_named() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    stage.roles(&role("\n  \"max_session_duration\": 7200,").replace("team/deploy", "plain"));
    checks.ran("file", &stage.run(&["exec", "r", "true"]), "", "\
error: An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
  hint: lower it: 7200 s was requested (~/.assumerole:2:27)
  hint: or have an administrator raise the maximum session duration of r
", 125);
    stage.roles(&role("").replace("team/deploy", "plain"));
    let ran = stage.run_in(
        &["exec", "r", "true"],
        &[("AWS_STS_DURATION_SECONDS", "7200")],
    );
    checks.ran("variable", &ran, "", "\
error: An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
  hint: lower it: 7200 s was requested (AWS_STS_DURATION_SECONDS)
  hint: or have an administrator raise the maximum session duration of r
", 125);
    // A long one is granted where the role allows it.
    stage.roles(&role(&format!("{MFA} \"max_session_duration\": 43200,")));
    let code = stage.code();
    let ran = stage.run(&["exec", "r", "--mfa-code", &code, "true"]);
    checks.ran("granted", &ran, "", "", 0);
    let status = stage.run(&["status"]).stdout;
    checks.same("left", &status.contains(" 11h 59m ").to_string(), "true");
}

#[test]
fn the_session_is_named_after_the_person() {
    let stage = Stage::direct();
    let plain = role("").replace("team/deploy", "plain");
    let mut checks = Checks::default();
    for (case, env, name) in [
        ("user", &[("USER", "tester")][..], "tester"),
        (
            "odd letters",
            &[("USER", "DOMAIN\\j d\u{f6}e")],
            "DOMAIN-j-d-e",
        ),
        (
            "mail",
            &[("USER", "j.doe+x@example.com")],
            "j.doe+x@example.com",
        ),
        ("short", &[("USER", "x")], "assumerole"),
        (
            "long",
            &[("USER", &"long".repeat(30))],
            "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglong",
        ),
        (
            "other variable",
            &[("USER", ""), ("LOGNAME", "logname")],
            "logname",
        ),
    ] {
        stage.roles(&plain);
        let ran = stage.run_in(&["exec", "--fresh", "r", "true"], env);
        checks.ran(case, &ran, "", "", 0);
        checks.same(case, &stage.parameter("RoleSessionName").unwrap(), name);
    }
    // The owner of the device is who AWS knows.
    stage.roles(&role(&format!("{MFA} \"mfa_session\": false,")));
    let code = stage.code();
    checks.ran(
        "device",
        &stage.run(&["exec", "r", "--mfa-code", &code, "true"]),
        "",
        "",
        0,
    );
    checks.same(
        "device",
        &stage.parameter("RoleSessionName").unwrap(),
        "jdoe",
    );
    checks.same(
        "serial",
        &stage.parameter("SerialNumber").unwrap(),
        super::harness::DEVICE,
    );
}

/// Where AWS gives less than a flag asks for, though no rule says so beforehand.
#[test]
fn a_session_that_is_shorter_than_what_was_asked_for_is_said_to_be() {
    let mut checks = Checks::default();
    let line = "plain: 1200 s instead of 3600 s, because AWS gave no more\n";
    for (flags, seconds, said) in [
        (&["--duration", "1h"][..], 1200, line),
        (&["--duration", "1h"], 3570, ""),
        (&[], 1200, ""),
    ] {
        let stage = Stage::new();
        let mut args = vec!["exec", "plain"];
        args.extend(flags);
        args.extend(["--", "true"]);
        stage.sandbox.inject(Fault::expire_in(seconds));
        for case in ["new", "cached"] {
            checks.ran(
                &format!("{flags:?} {seconds} {case}"),
                &stage.run(&args),
                "",
                said,
                0,
            );
        }
        checks.number("requests", stage.requests(), 1);
    }
}
