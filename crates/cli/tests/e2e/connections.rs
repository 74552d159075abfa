//! How often the program connects, and when: one connection for all requests
//! to a host, opened while a code is looked for, and never a code sent twice.

use aws_sandbox::Options;

#[cfg(target_os = "linux")]
use super::cache_folder::{NOBODY, give_away};
use super::codeartifact;
use super::harness::{Stage, world};
use super::mfa_stage;
use super::relay::{Manner, Relay};
use super::support::{Checks, check};
use super::terminal::{CTRL_C, Terminal};
use super::wire;

fn over_tls() -> Stage {
    let options = Options {
        tls: true,
        ..Options::default()
    };
    let stage = Stage::with(world(), options);
    stage.write("ca.pem", stage.sandbox.ca_pem().unwrap());
    stage
}

fn bundle(stage: &Stage) -> String {
    let path = stage.path("ca.pem");
    path.into_os_string().into_string().unwrap()
}

/// What was called over which connection.
pub(crate) fn calls(stage: &Stage) -> String {
    let journal = stage.sandbox.journal();
    let calls = journal
        .iter()
        .map(|entry| format!("{} {}", entry.connection, entry.action));
    calls.collect::<Vec<_>>().join(", ")
}

#[test]
fn two_requests_take_one_connection() {
    for stage in [Stage::new(), over_tls()] {
        let ca = bundle(&stage);
        let code = stage.code();
        let ran = stage.run_in(
            &["exec", "read", "--mfa-code", &code, "--", "echo", "in"],
            &[("AWS_CA_BUNDLE", &ca)],
        );
        check(&ran, "in\n", "", 0);
        assert_eq!(calls(&stage), "1 GetSessionToken, 1 AssumeRole");
    }
}

#[test]
fn codeartifact_at_the_same_host_takes_no_other_connection() {
    let stage = codeartifact::stage(codeartifact::DOMAIN);
    assert_ne!(codeartifact::token(&stage), "");
    assert_eq!(calls(&stage), "1 AssumeRole, 1 GetAuthorizationToken");
}

/// Asks at a terminal; `before` is what happens while the question stands
/// there.
fn asked(stage: &Stage, env: &[(&str, &str)], before: impl FnOnce(&mut Terminal)) -> Terminal {
    let mut terminal = Terminal::new();
    terminal.start(stage, "exec assumerole exec read -- echo done", env);
    terminal.is_asked(1);
    before(&mut terminal);
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    terminal
}

#[test]
fn a_connection_is_opened_while_the_question_stands_there() {
    // Over TLS the server speaks once: its part of the handshake.
    for (stage, words) in [(Stage::new(), 0), (over_tls(), 1)] {
        let relay = Relay::before(&stage, &[Manner::Passes]);
        let ca = bundle(&stage);
        let mut before_enter = 0;
        let mut terminal = asked(&stage, &[("AWS_CA_BUNDLE", &ca)], |_| {
            relay.sees_that("a connection", |seen| {
                seen.first().is_some_and(|seen| seen.turns[1] == words)
            });
            before_enter = relay.round_trips();
        });
        assert_eq!(terminal.ends(), 0);
        assert!(terminal.all().contains("done"));
        assert_eq!(calls(&stage), "1 GetSessionToken, 1 AssumeRole");
        assert_eq!(relay.round_trips() - before_enter, 2);
    }
}

#[test]
fn a_connection_is_opened_while_a_program_runs() {
    let stage = mfa_stage::stage(&[]);
    let relay = Relay::before(&stage, &[Manner::Passes]);
    // It has a code when somebody has connected.
    stage.script(
        "bin/otp",
        "#!/bin/sh\nwhile ! test -e connected; do sleep 0.01; done\ncat code\n",
    );
    mfa_stage::with(&stage, r#""mfa_process": "otp""#);
    let ran = std::thread::scope(|scope| {
        let running = scope.spawn(|| mfa_stage::run(&stage, &[], &[]));
        relay.sees_that("a connection", |seen| !seen.is_empty());
        stage.write("connected", "");
        running.join().unwrap()
    });
    check(&ran, "in\n", "", 0);
    assert_eq!(calls(&stage), "1 GetSessionToken, 1 AssumeRole");
}

#[test]
fn with_the_code_on_the_command_line_there_is_no_more_than_is_needed() {
    // The connection, its handshake, and each request.
    for (stage, needed) in [(Stage::new(), 3), (over_tls(), 4)] {
        let relay = Relay::before(&stage, &[Manner::Passes]);
        let (ca, code) = (bundle(&stage), stage.code());
        let ran = stage.run_in(
            &["exec", "read", "--mfa-code", &code, "true"],
            &[("AWS_CA_BUNDLE", &ca)],
        );
        check(&ran, "", "", 0);
        assert_eq!(relay.round_trips(), needed);
    }
}

#[test]
fn nothing_is_opened_where_nothing_is_asked() {
    let stage = Stage::new();
    stage.warm("read");
    let relay = Relay::before(&stage, &[Manner::Passes]);
    let none = |case: &str| assert_eq!(relay.seen().len(), 0, "{case}");
    // The endpoint is part of what a session is kept under.
    let nobody = stage.run(&["exec", "read", "true"]);
    assert_eq!(nobody.status, 125, "{nobody:?}");
    none("no terminal, no program");
    let wrong = stage.run(&["exec", "read", "--mfa-code", "12", "--", "true"]);
    assert_eq!(wrong.status, 125, "{wrong:?}");
    none("a code that is none");

    let protected = r#""read": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "confirm": true}"#;
    stage.roles(protected);
    let mut terminal = Terminal::running(&stage, "exec assumerole exec read -- true");
    terminal.sees("read");
    none("before the role is confirmed");
    terminal.types(CTRL_C);
    terminal.end_of_shell();
    none("not confirmed");

    stage.roles(&protected.replace(r#", "confirm": true"#, ""));
    stage.warm("read");
    let before = relay.seen().len();
    let mut terminal = Terminal::running(&stage, "exec assumerole exec read -- echo done");
    terminal.sees("done");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(relay.seen().len(), before, "cached");
}

#[test]
fn a_person_who_gives_up_does_not_wait_for_the_connection() {
    let stage = Stage::new();
    let relay = Relay::before(&stage, &[Manner::Stalls]);
    let mut terminal = Terminal::running(&stage, "exec assumerole exec read -- true");
    terminal.is_asked(1);
    relay.sees_that("a connection", |seen| !seen.is_empty());
    terminal.types(CTRL_C);
    terminal.end_of_shell();
    terminal.is_as_before();
    assert_eq!(relay.uses_of("TokenCode"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_can_be_started_the_request_connects() {
    let stage = Stage::new();
    let relay = Relay::before(&stage, &[Manner::Passes]);
    give_away(&stage);
    // The limit is none for root.
    let program = match stage.path("program").exists() {
        true => format!(
            "setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups prlimit --nproc=0 ./program"
        ),
        false => "prlimit --nproc=0 assumerole".to_owned(),
    };
    let script = format!("exec {program} exec read -- echo done");
    let mut terminal = Terminal::running(&stage, &script);
    terminal.is_asked(1);
    assert_eq!(relay.seen().len(), 0);
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0, "{}", terminal.all());
    assert_eq!(terminal.all().matches("warning").count(), 0);
    assert_eq!(calls(&stage), "1 GetSessionToken, 1 AssumeRole");
}

/// Before Enter nothing is said; after it, what is said without an early
/// connection.
#[test]
fn who_cannot_be_reached_is_told_when_the_code_is_there() {
    let refusing = wire::Proxy::start(wire::Manner::Refuses);
    let proxy = refusing.url();
    let mut checks = Checks::default();
    for (case, endpoint, env) in [
        ("closed port", Some("http://127.0.0.1:9"), &[][..]),
        ("closed port, TLS", Some("https://127.0.0.1:9"), &[]),
        ("no such host", Some("https://sts.example.invalid"), &[]),
        ("unknown certificate", None, &[]),
        (
            "refusing proxy",
            None,
            &[("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "")],
        ),
        (
            "no proxy",
            None,
            &[("HTTPS_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "")],
        ),
    ] {
        let stage = over_tls();
        if let Some(endpoint) = endpoint {
            stage.write(
                ".aws/config",
                &format!("[profile base]\nendpoint_url = {endpoint}\n"),
            );
        }
        let given = stage.run_in(&["exec", "read", "--mfa-code", "123456", "--", "true"], env);
        assert_ne!(given.stderr, "", "{case}");
        let mut terminal = Terminal::new();
        let script = "assumerole exec read -- true 2>said; echo status $?; exec true";
        terminal.start(&stage, script, env);
        terminal.is_asked(1);
        terminal.types("123456\r");
        terminal.sees("status 125");
        terminal.ends();
        let said = std::fs::read_to_string(stage.path("said")).unwrap();
        let said = said.replace(&stage.sandbox.endpoint(), "$STS");
        checks.same(case, &said, &given.stderr);
    }
}

const EARLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
const GARBAGE: &[u8] = b"\0\x01\x02 what?\r\n\r\n";

#[test]
fn a_code_that_is_asked_for_again_goes_over_the_same_connection() {
    let stage = Stage::new();
    let relay = Relay::before(&stage, &[Manner::Passes]);
    let wrong = |code: &str| if code == "000000" { "111111" } else { "000000" };
    let mut terminal = Terminal::running(&stage, "exec assumerole exec read -- echo done");
    terminal.is_asked(1);
    terminal.types(&format!("{}\r", wrong(&stage.code())));
    terminal.is_asked(2);
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0);
    // Nothing else was ever asked over it.
    assert_eq!(
        calls(&stage),
        "1 GetSessionToken, 1 GetSessionToken, 1 AssumeRole"
    );
    assert_eq!((relay.seen().len(), relay.round_trips()), (1, 4));
}

/// Who is between here and AWS may have forgotten a connection by then.
#[test]
fn a_connection_that_is_idle_for_long_is_opened_anew_while_the_question_stands_there() {
    let stage = Stage::new();
    let relay = Relay::before(&stage, &[Manner::Passes]);
    let mut terminal = asked(&stage, &[], |_| {
        relay.sees_that("another connection", |seen| {
            seen.len() == 2 && seen[0].closed
        });
    });
    assert_eq!(terminal.ends(), 0);
    let seen = relay.seen();
    assert_eq!(seen[0].turns, [0, 0]);
    assert_eq!((seen.len(), seen[1].turns), (2, [2, 2]));
}

/// A server that closes a connection between two requests, or before the
/// first one, costs another connection and no error.
#[test]
fn a_connection_that_ended_is_replaced() {
    for (manners, mut ended) in [
        (&[Manner::Closes, Manner::Passes][..], Some(0)),
        (&[Manner::SpeaksFirst(EARLY), Manner::Passes], Some(0)),
        (&[Manner::SpeaksFirst(GARBAGE), Manner::Passes], Some(0)),
        (&[Manner::ClosesAfterAnswer, Manner::Passes], None),
        (&[Manner::SpeaksAfterAnswer(EARLY), Manner::Passes], None),
        (&[Manner::SpeaksAfterAnswer(GARBAGE), Manner::Passes], None),
    ] {
        let stage = Stage::new();
        let relay = Relay::before(&stage, manners);
        let mut terminal = asked(&stage, &[], |_| {
            if let Some(ended) = ended.take() {
                relay.sees_that("the end of the first", |seen| {
                    seen.get(ended).is_some_and(|seen| seen.closed)
                });
            }
        });
        let status = terminal.ends();
        let said = terminal.all();
        assert_eq!(status, 0, "{manners:?}: {said}");
        assert_eq!(relay.uses_of("TokenCode"), 1, "{manners:?}");
    }
}

/// Whatever the other side does to a request with a code, it is sent once.
#[test]
fn a_code_is_sent_once_whatever_becomes_of_the_connection() {
    let mut rows = vec![
        vec![Manner::Closes],
        vec![Manner::SpeaksFirst(EARLY)],
        vec![Manner::SpeaksFirst(GARBAGE)],
        vec![Manner::Stalls],
    ];
    for bytes in [1, 2, 17, 100, 300, 700] {
        rows.push(vec![Manner::ClosesAfter(bytes), Manner::Passes]);
    }
    for bytes in [0, 1, 12, 40, 200, 700] {
        rows.push(vec![Manner::CutsAnswer(bytes), Manner::Passes]);
    }
    std::thread::scope(|scope| {
        for manners in &rows {
            scope.spawn(move || {
                let stage = Stage::new();
                let relay = Relay::before(&stage, manners);
                let mut terminal = asked(&stage, &[], |_| {
                    relay.sees_that("a connection", |seen| !seen.is_empty());
                });
                terminal.end_of_shell();
                let said = terminal.all();
                assert!(!said.contains("panicked"), "{manners:?}: {said}");
                let uses = relay.uses_of("TokenCode");
                assert!(uses <= 1, "{manners:?}: {uses} uses\n{said}");
                assert!(said.contains("error:"), "{manners:?}: {said}");
                terminal.is_as_before();
            });
        }
    });
}
