//! `assumerole codeartifact`: the token and the tools, without a shell.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use assumerole_host::clock::SteppedClock;
use assumerole_host::{Env, Host, Streams};
use jiff::SignedDuration;

use super::codeartifact::{DOMAIN, SETTINGS, XML, asked, settings, stage, token};
use super::harness::Stage;
use super::support::check;

#[test]
fn the_verb_does_just_this_part() {
    let stage = stage(DOMAIN);
    let first = stage.run(&["codeartifact", "plain"]);
    assert_eq!((first.stdout.as_str(), first.status), ("", 0));
    assert!(
        first.stderr.starts_with("token for my-artifacts until ")
            && first.stderr.ends_with("; now in ~/.m2/settings.xml\n"),
        "{}",
        first.stderr
    );
    let token = token(&stage);
    assert_eq!(settings(&stage), XML.replace("old", &token));
    let again = stage.run(&["codeartifact", "plain", "--print"]);
    check(&again, &format!("{token}\n"), "", 0);
    let again = stage.run(&["codeartifact", "plain"]);
    assert!(
        again.stderr.ends_with("; no file had to be changed\n"),
        "{}",
        again.stderr
    );
    assert_eq!(asked(&stage), 1);

    let fresh = stage.run(&["codeartifact", "plain", "--fresh", "--print"]);
    assert_ne!(fresh.stdout.trim(), token);
    assert_eq!(settings(&stage), XML.replace("old", fresh.stdout.trim()));
    assert_eq!(asked(&stage), 2);

    // It is for IDEs and scripts: with no settings.xml there is still a token.
    fs::remove_file(stage.path(SETTINGS)).unwrap();
    check(
        &stage.run(&["codeartifact", "plain", "--print"]),
        &fresh.stdout,
        "",
        0,
    );
    // And asked for by name, it is not switched off.
    let skip = [("ASSUMEROLE_SKIP_CODEARTIFACT", "1")];
    check(
        &stage.run_in(&["codeartifact", "plain", "--print"], &skip),
        &fresh.stdout,
        "",
        0,
    );
    assert_eq!(asked(&stage), 2);
}

#[test]
fn the_verb_says_what_is_missing() {
    let stage = stage("null");
    check(
        &stage.run(&["codeartifact", "plain"]),
        "",
        "error: no CodeArtifact domain is configured for plain\n  \
         hint: add to ~/.assumerole: \"codeartifact\": {\"domain\": \"NAME\", \"domain_owner\": \"ACCOUNT\"}\n",
        3,
    );
    assert_eq!(stage.run(&["codeartifact", "nobody"]).status, 4);
    assert_eq!(stage.run(&["codeartifact"]).status, 2);
    assert_eq!(stage.requests(), 0);
}

/// Runs the program in this process, at the time of `clock`.
fn at(stage: &Stage, clock: &Arc<SteppedClock>, args: &[&str]) -> u8 {
    let host = Host {
        env: Env::from_pairs([
            ("HOME", stage.home().to_str().unwrap()),
            ("USER", "tester"),
            ("ASSUMEROLE_KEY_STORE", "file"),
            ("ASSUMEROLE_QUIET", "1"),
        ]),
        clock: clock.clone(),
        streams: Streams::system(),
    };
    let args = ["assumerole"].iter().chain(args).map(Into::into);
    assumerole::run(args, &host).status()
}

#[test]
fn the_verb_renews_a_token_that_a_new_one_would_outlive() {
    let stage = stage(DOMAIN);
    let clock = Arc::new(SteppedClock::new(stage.sandbox.now()));
    let later = |time: Duration| {
        clock.advance(time);
        stage
            .sandbox
            .advance(SignedDuration::try_from(time).unwrap());
    };
    assert_eq!(at(&stage, &clock, &["codeartifact", "plain"]), 0);
    let first = settings(&stage);
    // One that ends with its session is no older than that; a new session, which
    // there is five minutes before the end of an hour, has a new one.
    for (minutes, requests) in [(50, 1), (6, 2), (40, 2), (16, 3)] {
        later(Duration::from_secs(60 * minutes));
        assert_eq!(at(&stage, &clock, &["codeartifact", "plain"]), 0);
        assert_eq!(asked(&stage), requests, "{minutes}");
    }
    assert_ne!(settings(&stage), first);
}
