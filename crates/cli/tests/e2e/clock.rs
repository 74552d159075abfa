//! A clock that is wrong: corrected with one more request, and told.

use std::sync::Arc;

use assumerole_host::clock::SteppedClock;
use assumerole_host::{Env, Host};
use aws_sandbox::Fault;
use jiff::{SignedDuration, Timestamp};

use super::harness::Stage;
use super::support::{Checks, check};

/// Half a minute more, so that the seconds in between do not count.
fn off_by(stage: &Stage, minutes: i64) {
    let half = 30 * minutes.signum();
    stage
        .sandbox
        .set_clock_offset(SignedDuration::from_secs(60 * minutes + half));
}

#[test]
fn a_wrong_clock_costs_one_more_request_and_a_word() {
    let mut checks = Checks::default();
    for (minutes, requests, stderr) in [
        (3, 1, ""),
        (-3, 1, ""),
        (
            60,
            2,
            "warning: this machine's clock is 1 h 0 min behind AWS's: set it (timedatectl set-ntp true)\n",
        ),
        (
            -60,
            2,
            "warning: this machine's clock is 1 h 0 min ahead of AWS's: set it (timedatectl set-ntp true)\n",
        ),
        (
            60 * 24 * 400,
            2,
            "warning: this machine's clock is 400 days 0 h behind AWS's: set it (timedatectl set-ntp true)\n",
        ),
    ] {
        let case = minutes.to_string();
        let stage = Stage::direct();
        off_by(&stage, minutes);
        checks.ran(
            &case,
            &stage.run(&["exec", "plain", "echo", "works"]),
            "works\n",
            stderr,
            0,
        );
        checks.number(&case, stage.requests(), requests);

        // A code is not spent by the request that the clock spoilt.
        let code = stage.code();
        let ran = stage.run(&["exec", "read", "--mfa-code", &code, "echo", "works"]);
        checks.ran(&case, &ran, "works\n", stderr, 0);
        checks.number(&case, stage.requests(), 2 * requests);
    }
}

#[test]
fn a_clock_that_is_behind_does_not_lengthen_a_session() {
    let stage = Stage::new();
    off_by(&stage, 60);
    assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
    // AWS ends it in an hour, which by this clock is two hours from now.
    let ran = stage.run(&["status", "--json"]);
    let left = ran.stdout.split("\"seconds_left\": ").nth(1).unwrap();
    let left: u32 = left.split(',').next().unwrap().parse().unwrap();
    // AWS tells its time in whole seconds.
    assert!((3500..=3602).contains(&left), "{left}");
    check(
        &stage.run(&["exec", "plain", "echo", "cached"]),
        "cached\n",
        "",
        0,
    );
    assert_eq!(stage.requests(), 2);
}

#[test]
fn a_clock_that_is_ahead_sees_every_session_as_ended() {
    let stage = Stage::new();
    off_by(&stage, -60);
    for requests in [2, 4] {
        assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
        assert_eq!(stage.requests(), requests);
    }
    let ran = stage.run(&["status"]);
    check(
        &ran,
        "",
        "nothing is cached; assume a role: assumerole ROLE\n",
        0,
    );
}

#[test]
fn aws_may_call_the_clock_wrong_when_it_is_right() {
    let stage = Stage::new();
    stage
        .sandbox
        .inject(Fault::error("RequestExpired", "Request has expired.", 400).always());
    let ran = stage.run_in(&["exec", "plain", "true"], &[("AWS_MAX_ATTEMPTS", "1")]);
    check(&ran, "", "\
error: An error occurred (RequestExpired) when calling the AssumeRole operation: Request has expired.
  hint: check the proxy (HTTPS_PROXY): this machine's clock agrees with AWS's, so something in between delays requests
", 125);
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_clock_that_stays_wrong_ends_it() {
    let stage = Stage::new();
    off_by(&stage, 60);
    stage
        .sandbox
        .inject(Fault::error("SignatureDoesNotMatch", "Signature expired.", 403).always());
    let ran = stage.run_in(&["exec", "plain", "true"], &[("AWS_MAX_ATTEMPTS", "1")]);
    check(&ran, "", "\
error: An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: Signature expired.
  hint: set this machine's clock, which is 1 h 0 min behind AWS's: timedatectl set-ntp true
", 125);
    assert_eq!(stage.requests(), 2);
}

/// A machine's clock may show anything from 1970 to the last second that there
/// is a name for.
#[test]
fn a_clock_at_the_end_of_time_breaks_nothing() {
    let stage = Stage::new();
    stage.warm("plain");
    let pairs = [
        ("HOME", stage.home().to_str().unwrap()),
        ("PATH", "/usr/bin:/bin"),
        ("ASSUMEROLE_KEY_STORE", "file"),
    ];
    let mut checks = Checks::default();
    for now in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        for args in [
            "export plain --format json",
            "list",
            "status --json",
            "plan plain --json",
            "info plain",
            "history",
            "check",
            "logout plain",
        ] {
            let mut host = Host::system();
            host.env = Env::from_pairs(pairs);
            host.clock = Arc::new(SteppedClock::new(now));
            let words = std::iter::once("assumerole").chain(args.split(' '));
            let outcome = assumerole::run(words.map(Into::into), &host);
            checks.number(&format!("{now} {args}"), outcome.status().into(), 0);
        }
    }
}
