//! How much of their life is left of the credentials that a program gets.

use super::super::sources::{CORP, PROVIDER, SSO_CONFIG, sso_login};
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

/// `plan` says what a program gets, beside what a shell does.
#[test]
fn a_plan_says_what_a_program_gets() {
    let device = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;
    let role = |name: &str, more: &str| {
        format!(
            r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "{name}"{more}}}"#
        )
    };
    let roles = [
        role("plain", r#", "max_session_duration": 900"#),
        role(
            "read",
            &format!(r#", {device}, "max_session_duration": 7200"#),
        ),
        role(
            "deploy",
            &format!(r#", {device}, "max_session_duration": 7200, "mfa_session": false"#),
        ),
    ];
    let stage = Stage::of_roles(&roles.join(", "));
    let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    let process = "[profile handed]\ncredential_process = /bin/false\n";
    stage.write(".aws/config", &format!("{config}{process}"));
    let mut checks = Checks::default();
    for (role, said, least, seconds) in [
        (
            "plain",
            "time left 7 min 30 s or more half of the session",
            "450",
            "900",
        ),
        (
            "read",
            "time left 16 min or more SDKs renew what has 15 min left \
             session through the MFA session, 1 h at a time a program renews by itself",
            "960",
            "3600",
        ),
        (
            "deploy",
            "time left 16 min or more SDKs renew what has 15 min left",
            "960",
            "7200",
        ),
        (
            "handed",
            "time left what the source gives, as it is its life is the source's to say",
            "null",
            "null",
        ),
    ] {
        let ran = stage.run(&["plan", role]);
        let (_, section) = ran
            .stdout
            .split_once("programs (credential-process, serve)\n")
            .unwrap();
        let words: Vec<&str> = section.split_whitespace().collect();
        checks.same(role, &words.join(" "), said);
        let ran = stage.run(&["plan", role, "--json"]);
        let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
        checks.same(role, &plan["programs"]["least_seconds"].to_string(), least);
        checks.same(
            role,
            &plan["programs"]["duration_seconds"].to_string(),
            seconds,
        );
    }
}

/// `status` says what is too little for a program, which a shell still gets.
#[test]
fn status_says_what_a_program_does_not_get() {
    let stage = Stage::of_roles(&lasting(3600));
    left(&stage, "r", 0);
    let mut checks = Checks::default();
    let note = "too little time for a program (credential-process, serve), which gets 16 min or half of a session: r\n";
    for (minutes, said, usable, by_programs) in [
        (40, "", "true", "true"),
        (50, note, "true", "false"),
        (58, "", "false", "false"),
    ] {
        let at = |args: &[&str]| {
            let mut command = stage.command(args);
            later(&stage, &mut command, minutes * 60);
            stage.ran(&mut command)
        };
        checks.same(&minutes.to_string(), &at(&["status"]).stderr, said);
        let rows: Value = serde_json::from_str(&at(&["status", "--json"]).stdout).unwrap();
        checks.same(&minutes.to_string(), &rows[0]["usable"].to_string(), usable);
        checks.same(
            &minutes.to_string(),
            &rows[0]["usable_by_programs"].to_string(),
            by_programs,
        );
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

/// The requests that are made for `role` of a program, and how long each role
/// of them shall last.
fn asked(stage: &Stage, role: &str) -> Vec<(String, Option<String>)> {
    let known = stage.requests();
    answer(&stage.ran(&mut process(stage, role)));
    let journal = stage.sandbox.journal().into_iter().skip(known);
    let asked = journal.map(|entry| {
        let seconds = entry.parameters.get("DurationSeconds").cloned();
        let seconds = seconds.filter(|_| entry.action == "AssumeRole");
        (entry.action, seconds)
    });
    asked.collect()
}

/// A role of two hours comes through the MFA session, an hour at a time: nobody
/// is asked twice a day for what renews itself.
#[test]
fn a_long_role_comes_through_the_mfa_session() {
    let stage = Stage::new();
    let code = stage.code();
    assert_eq!(stage.run(&["login", "deploy", &code]).status, 0);
    let role = |seconds: &str| ("AssumeRole".to_owned(), Some(seconds.to_owned()));
    assert_eq!(asked(&stage, "deploy"), [role("3600")]);
    // Who wants none has the role with the code.
    stage.without_sessions();
    let known = stage.requests();
    let code = stage.code();
    assert_eq!(stage.run(&["login", "deploy", &code]).status, 0);
    assert_eq!(stage.parameter("DurationSeconds").as_deref(), Some("7200"));
    assert_eq!(asked(&stage, "deploy"), []);
    assert_eq!(stage.requests(), known + 1);
}

/// The life of what these give is not ours to choose: it is handed on as long as
/// it lasts, with its own end, and a newer one when there is one.
#[test]
fn what_a_source_gives_is_handed_on_as_it_is() {
    let web = "[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nweb_identity_token_file = ~/token\nSTS\n";
    for (config, action) in [
        (web, "AssumeRoleWithWebIdentity"),
        (SSO_CONFIG, "GetRoleCredentials"),
    ] {
        let stage = Stage::of_sources(config);
        let token = stage.sandbox.identity_token(PROVIDER, "first", 6000);
        stage.write("token", &token);
        stage.write(CORP, &sso_login("good-token", "2999-01-01T00:00:00Z", ""));
        // Half of what a program is given elsewhere.
        let short = || Fault::expire_in(480).on(action);
        stage.sandbox.inject(short());
        let at = |seconds: i64| {
            let mut command = process(&stage, "q");
            later(&stage, &mut command, seconds);
            stage.ran(&mut command)
        };
        let first = answer(&at(0));
        let end: Timestamp = first["Expiration"].as_str().unwrap().parse().unwrap();
        let left = end.duration_since(stage.sandbox.now()).as_secs();
        assert!((400..=480).contains(&left), "{action}: {left}");
        // It is as good as new for half its time.
        assert_eq!(answer(&at(180)), first, "{action}");
        assert_eq!(stage.sandbox.count(action), 1);
        unreachable(&stage);
        for seconds in [300, 410] {
            assert_eq!(answer(&at(seconds)), first, "{action}, {seconds}");
        }
        let ran = at(475);
        assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1));
        stage.sandbox.clear_faults();
        stage.sandbox.inject(short());
        assert_ne!(answer(&at(520)), first, "{action}");
    }
}

/// A role that comes from such a source has its own life, however little is left
/// of that of the source.
#[test]
fn the_end_of_a_machines_credentials_is_not_that_of_its_role() {
    let role =
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/last\nSTS\ncredential_source = ";
    for (source, action, name, path) in [
        (
            "EcsContainer",
            "GetContainerCredentials",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "/v2/credentials/task-1",
        ),
        (
            "Ec2InstanceMetadata",
            "GetInstanceCredentials",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "",
        ),
    ] {
        let stage = Stage::of_sources(&format!("{role}{source}\n"));
        stage
            .sandbox
            .inject(Fault::expire_in(480).on(action).always());
        let value = format!("{}{path}", stage.sandbox.endpoint());
        let at = |minutes: i64| {
            let mut command = process(&stage, "p");
            command.env(name, &value);
            later(&stage, &mut command, minutes * 60);
            let object = answer(&stage.ran(&mut command));
            let end: Timestamp = object["Expiration"].as_str().unwrap().parse().unwrap();
            end.duration_since(stage.sandbox.now()).as_mins()
        };
        for (minutes, left, roles) in [(0, 59, 1), (40, 19, 1), (45, 59, 2)] {
            let found = at(minutes);
            assert!(found == left || found == left + 1, "{source}: {found}");
            assert_eq!(stage.sandbox.count("AssumeRole"), roles, "{source}");
        }
    }
}
