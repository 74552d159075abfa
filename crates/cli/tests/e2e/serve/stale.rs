//! What a server hands out is what there is: renewed in time, and gone when it
//! is forgotten, changed or over.

use super::super::harness::{Stage, program};
use super::{Running, Server, Time, ask, until};

/// `role` under `exec --serve`, at a time that the test sets.
fn start(stage: &Stage, time: &Time<'_>, role: &str) -> Running {
    let mut command = stage.command(&["exec", "--serve", role]);
    time.tell(&mut command);
    Running::start(&mut command)
}

/// The access key of an answer.
fn key(body: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(body).unwrap();
    answer["AccessKeyId"].as_str().unwrap().to_owned()
}

/// The next access key after `before`.
fn next(running: &Running, before: &str) -> String {
    let body = running.asks_until(|status, body| status == 200 && key(body) != before);
    key(&body)
}

#[test]
fn credentials_are_renewed_before_anybody_has_to_ask() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let running = start(&stage, &time, "plain");
    let mut before = key(&running.ask().1);
    for hour in [0, 40, 80, 120, 160] {
        time.is(hour + 39);
        // Still with 21 minutes to live.
        assert_eq!(key(&running.ask().1), before);
        time.is(hour + 40);
        before = next(&running, &before);
    }
    assert_eq!(running.end(), "");
    assert_eq!(stage.sandbox.count("AssumeRole"), 6);
}

/// After a night, nothing that has ended is handed out, and what there is then
/// comes by itself.
#[test]
fn a_machine_that_slept_hands_out_nothing_that_has_ended() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let running = start(&stage, &time, "plain");
    let before = key(&running.ask().1);
    time.is(8 * 60);
    let (status, body) = running.ask();
    assert!(status == 403 || key(&body) != before, "{body}");
    next(&running, &before);
    running.end();
}

#[test]
fn a_question_is_spoken_of_in_time_and_a_login_elsewhere_is_enough() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let login = |code: &str| {
        let mut command = stage.command(&["login", "read", "--mfa-code", code]);
        time.tell(&mut command);
        let ran = stage.ran(&mut command);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    };
    login(&stage.code());
    let running = start(&stage, &time, "read");
    let mut before = key(&running.ask().1);
    // Of the session's twelve hours, the last role is assumed ten minutes
    // before their end.
    time.is(12 * 60 - 10);
    before = next(&running, &before);
    time.is(12 * 60 + 20);
    std::thread::sleep(std::time::Duration::from_secs(2));
    time.is(12 * 60 + 41);
    // What there is is handed out to its end.
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(key(&running.ask().1), before);
    time.is(12 * 60 + 51);
    let body = running.asks_until(|status, _| status == 403);
    assert!(body.contains("assumerole login read"), "{body}");
    assert!(
        body.contains("\"Code\":\"CredentialsNotAvailable\""),
        "{body}"
    );
    std::thread::sleep(std::time::Duration::from_secs(1));
    login(&stage.code());
    next(&running, &before);
    let said = running.end();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].contains("end in 30 min"), "{said}");
    assert!(lines[1].contains("end in 9 min"), "{said}");
    assert!(lines[2].contains("have ended"), "{said}");
}

#[test]
fn logout_stops_what_is_handed_out_and_a_new_session_goes_on() {
    let stage = Stage::new();
    let mut command = stage.command(&["exec", "--serve", "plain"]);
    let running = Running::start(&mut command);
    let before = key(&running.ask().1);
    let ran = stage.run(&["logout", "plain"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let body = running.asks_until(|status, _| status == 403);
    assert!(body.contains("assumerole login plain"), "{body}");
    let requests = stage.requests();
    // It does not obtain new ones by itself.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!((running.ask().0, stage.requests()), (403, requests));
    stage.run(&["exec", "plain", "--", "true"]);
    next(&running, &before);
    let said = running.end();
    assert!(
        said.starts_with("logout forgot the credentials of plain"),
        "{said}"
    );
}

#[test]
fn a_role_that_has_changed_is_renewed_and_one_that_is_gone_is_refused() {
    let stage = Stage::new();
    let role = |more: &str| {
        let text = "\"plain\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"";
        stage.roles(&format!("{text}{more}}}"));
    };
    role("");
    let running = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
    let before = key(&running.ask().1);
    role(", \"max_session_duration\": 1800");
    let after = next(&running, &before);
    assert_eq!(stage.parameter("DurationSeconds").as_deref(), Some("1800"));
    // A file that is being written is wrong for a while.
    stage.write(".assumerole", "{");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(key(&running.ask().1), after);
    stage.roles("\"other\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}");
    let body = running.asks_until(|status, _| status == 403);
    assert!(body.contains("no role plain any more"), "{body}");
    role(", \"max_session_duration\": 1800");
    running.asks_until(|status, _| status == 200);
    running.end();
}

/// What cannot be had now is handed out while it lives.
#[test]
fn while_aws_does_not_answer_the_old_ones_are_handed_out() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let running = start(&stage, &time, "plain");
    let before = key(&running.ask().1);
    stage
        .sandbox
        .inject(aws_sandbox::Fault::internal_error().always());
    time.is(45);
    until(|| (stage.sandbox.count("AssumeRole") > 1).then_some(()));
    assert_eq!(key(&running.ask().1), before);
    running.end();
}

/// Nobody who asks waits for AWS: an SDK gives up after a second.
#[test]
fn an_answer_does_not_wait_for_a_renewal() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let running = start(&stage, &time, "plain");
    let before = key(&running.ask().1);
    let forever = std::time::Duration::from_secs(600);
    stage
        .sandbox
        .inject(aws_sandbox::Fault::hang(forever).always());
    time.is(45);
    until(|| (stage.sandbox.count("AssumeRole") > 1).then_some(()));
    for _ in 0..20 {
        assert_eq!(key(&running.ask().1), before);
    }
    // Nor is there an end of what has ended.
    time.is(61);
    running.asks_until(|status, _| status == 403);
    running.end();
}

/// The deadline of a run is that of each renewal, and not that of the server.
#[test]
fn each_renewal_has_a_time_of_its_own() {
    let stage = Stage::new();
    let role = |seconds: u32| {
        let text =
            "\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"";
        stage.roles(&format!(
            "\"plain\": {{{text}, \"max_session_duration\": {seconds}}}"
        ));
    };
    role(3600);
    let mut command = stage.command(&["exec", "--serve", "plain"]);
    // A minute and more goes by.
    command
        .env("LD_PRELOAD", super::library())
        .env("FAKETIME", "+0 x40");
    let running = Running::start(&mut command);
    let mut before = key(&running.ask().1);
    for seconds in [1800, 1801] {
        std::thread::sleep(std::time::Duration::from_secs(1));
        role(seconds);
        before = next(&running, &before);
    }
    assert_eq!(running.end(), "");
}

/// What another program prints has a life of its own: the server follows it, to
/// the end and to what is newer.
#[test]
fn what_another_program_gives_is_handed_on_as_it_is() {
    let stage = Stage::new();
    let script = stage.script("creds", "#!/bin/sh\ncat keys\n");
    stage.write(
        ".aws/config",
        &format!("[profile p]\ncredential_process = {script}\n"),
    );
    let now = stage.sandbox.now();
    let give = |name: &str, minutes: i64| {
        let end = now + jiff::SignedDuration::from_mins(minutes);
        let end = jiff::Timestamp::from_second(end.as_second()).unwrap();
        stage.write("keys", &format!(
            r#"{{"Version": 1, "AccessKeyId": "{name}", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{end}"}}"#
        ));
        end.to_string()
    };
    let end = give("ASIAFIRST", 8);
    let time = Time::new(&stage);
    let running = start(&stage, &time, "p");
    let body = running.ask().1;
    assert_eq!(key(&body), "ASIAFIRST");
    assert!(body.contains(&end), "{body}");
    time.is(7);
    assert_eq!(key(&running.ask().1), "ASIAFIRST");
    give("ASIASECOND", 30);
    assert_eq!(next(&running, "ASIAFIRST"), "ASIASECOND");
    running.end();
}

/// What was forgotten while another role was asked for is not handed out, but
/// that other one is.
#[test]
fn a_logout_before_the_server_starts_is_seen() {
    let stage = Stage::new();
    let otp = stage.script(
        "otp",
        &format!("#!/bin/sh\n'{}' logout plain >&2 && cat code\n", program()),
    );
    let config = super::super::harness::CONFIG;
    let with = format!("\"read\": {{\n      \"mfa_process\": \"{otp}\",");
    stage.write(".assumerole", &config.replace("\"read\": {", &with));
    stage.write("code", &stage.code());
    let args = ["plain", "read", "--token-file", "token"];
    let server = Server::start(&stage, &args, "/role/read\n");
    let token = std::fs::read_to_string(stage.path("token")).unwrap();
    let (_, uri) = server.said.split_once("FULL_URI=").unwrap();
    let (plain, _) = uri.split_once('\n').unwrap();
    let (status, body) = ask(plain, &token);
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("assumerole login plain"), "{body}");
    let (_, uri) = uri.split_once("FULL_URI=").unwrap();
    let (status, body) = ask(uri.trim(), &token);
    assert_eq!(status, 200, "{body}");
    server.end();
}
