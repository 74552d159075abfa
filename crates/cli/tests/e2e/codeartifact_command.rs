//! `assumerole codeartifact`: the token and the tools, without a shell.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use assumerole_host::clock::SteppedClock;
use assumerole_host::{Env, Host, Streams};
use jiff::SignedDuration;

use super::codeartifact::{DOMAIN, SETTINGS, XML, asked, settings, stage, token};
use super::harness::Stage;
use super::support::{check, environment};

#[test]
fn the_command_does_just_this_part() {
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
fn the_command_says_what_is_missing() {
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
        by_agent: false,
        prompts: true,
    };
    let args = ["assumerole"].iter().chain(args).map(Into::into);
    assumerole::run(args, &host).status()
}

#[test]
fn the_command_renews_a_token_that_a_new_one_would_outlive() {
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

/// The environment of what runs in a role that is assumed so, as `env -0` has
/// it.
fn inside(stage: &Stage, args: &[&str]) -> BTreeMap<String, String> {
    let args = [&["exec"], args, &["--", "env", "-0"]].concat();
    let output = stage.command(&args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    environment(&String::from_utf8(output.stdout).unwrap())
}

/// The name of the session that the latest token was asked for with.
fn asker(stage: &Stage) -> String {
    let mut journal = stage.sandbox.journal();
    journal.retain(|entry| entry.action == "GetAuthorizationToken");
    let caller = journal.pop().unwrap().caller.unwrap();
    caller.rsplit('/').next().unwrap().to_owned()
}

/// The policy of the session of that name, as it was asked for.
fn policy(stage: &Stage, name: &str) -> Option<String> {
    let journal = stage.sandbox.journal();
    let of_name = |entry: &&aws_sandbox::Entry| {
        let session = entry.parameters.get("RoleSessionName");
        session.is_some_and(|session| session == name)
    };
    let entry = journal.iter().find(of_name).unwrap();
    entry.parameters.get("PolicyArns.member.1.arn").cloned()
}

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const NARROW: [&str; 4] = ["--read-only", "--session-name", "narrow", "plain"];

fn subcommand(args: &[&'static str]) -> Vec<&'static str> {
    [&["codeartifact", "--print"], args].concat()
}

#[test]
fn each_session_has_a_token_of_its_own() {
    let stage = stage(DOMAIN);
    let whole = stage.run(&subcommand(&["plain"]));
    assert_eq!(asker(&stage), "tester");
    let narrow = stage.run(&subcommand(&NARROW));
    assert_eq!(asker(&stage), "narrow");
    assert_eq!(policy(&stage, "tester"), None);
    assert_eq!(policy(&stage, "narrow").as_deref(), Some(READ_ONLY));
    assert_ne!(whole.stdout, narrow.stdout);
    // From the cache, each its own, whatever was last.
    for (args, first) in [
        (&["plain"][..], &whole),
        (&NARROW, &narrow),
        (&["plain"], &whole),
    ] {
        check(&stage.run(&subcommand(args)), &first.stdout, "", 0);
    }
    assert_eq!((stage.requests(), asked(&stage)), (4, 2));
}

#[test]
fn a_token_never_outlives_its_session() {
    for (config, flags, duration) in [
        ("", &[][..], "0"),
        ("", &["--duration", "15m"], "0"),
        (r#", "duration_seconds": 0"#, &[], "0"),
        (r#", "duration_seconds": 900"#, &[], "900"),
        (r#", "duration_seconds": 3599"#, &["--duration", "15m"], "0"),
        (r#", "duration_seconds": 43200"#, &[], "0"),
    ] {
        let stage = stage(&DOMAIN.replace('}', &format!("{config}}}")));
        let ran = stage.run(&[&["codeartifact", "plain"], flags].concat());
        assert_eq!(ran.status, 0, "{ran:?}");
        let request = stage.sandbox.journal().pop().unwrap();
        assert_eq!(
            request.parameters["duration"], duration,
            "{config} {flags:?}"
        );
    }
}

#[test]
fn in_a_role_s_shell_no_token_comes_of_a_wider_session() {
    let stage = stage(DOMAIN);
    let role = |name: &str| {
        format!(
            r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "session_name": "{name}"}}"#
        )
    };
    let file = |roles: &str| {
        let text = format!(r#"{{"codeartifact": {DOMAIN}, "assume_roles": {{{roles}}}}}"#);
        stage.write(".assumerole", &text);
    };
    file(&format!("{}, {}", role("plain"), role("other")));
    let env = inside(&stage, &NARROW);
    let run = |args: &[&'static str], more: &[(&str, &str)]| {
        let mut command = stage.command(&subcommand(args));
        stage.ran(command.envs(&env).envs(more.iter().copied()))
    };
    let own = "plain as this shell: --session-name narrow --read-only\n";
    let token = run(&["plain"], &[]);
    assert_eq!((token.stderr.as_str(), token.status), (own, 0));
    assert_eq!((asker(&stage).as_str(), stage.requests()), ("narrow", 2));
    // Whatever an .envrc says.
    for (name, value) in [("AWS_ACCOUNT", "other"), ("ASSUMEROLE_FLAGS", "")] {
        check(&run(&["plain"], &[(name, value)]), &token.stdout, own, 0);
    }
    let other = run(&["other"], &[]);
    assert_eq!(other.stderr, "other as this shell: --read-only\n");
    assert_eq!(asker(&stage), "other");
    assert_eq!(policy(&stage, "other").as_deref(), Some(READ_ONLY));
    let requests = stage.requests();

    let refused = |case: &str, args: &[&'static str], more: &[(&str, &str)], begins: &str| {
        let ran = run(args, more);
        assert_eq!(
            (ran.stdout.as_str(), ran.status),
            ("", 2),
            "{case}: {ran:?}"
        );
        assert!(ran.stderr.starts_with(begins), "{case}: {}", ran.stderr);
        assert_eq!(stage.requests(), requests, "{case}");
    };
    refused(
        "another policy",
        &[
            "plain",
            "--policy-arn",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ],
        &[],
        "error: --policy-arn would take the place of what narrows that session already\n",
    );
    let nothing =
        "error: no token is requested for plain: nothing says which session this shell is in";
    refused(
        "no note",
        &["plain"],
        &[("ASSUMEROLE_SESSION", "")],
        nothing,
    );
    refused(
        "garbage",
        &["plain"],
        &[("ASSUMEROLE_SESSION", "x")],
        nothing,
    );
    file(&role("plain").replace('}', r#", "external_id": "0815"}"#));
    let another = "error: plain is now a different role than the one this shell is in\n";
    refused("another session", &["plain"], &[], another);
    file(&role("plain"));
    refused(
        "other keys",
        &["plain"],
        &[("AWS_ACCESS_KEY_ID", "AKIAOWN")],
        "error: no token is requested for plain: this shell now has other credentials",
    );
}

/// No token comes of a longer session than that of the shell, nor of the role
/// where the shell has other keys.
#[test]
fn a_shell_is_no_way_to_a_wider_token() {
    let stage = stage(DOMAIN);
    let inside = |flags: &[&str]| {
        let mut args = vec!["exec", "plain"];
        args.extend(flags);
        args.extend(["--", "env", "-0"]);
        environment(
            &stage
                .run(&args)
                .stdout
                .replace("$HOME", stage.home().to_str().unwrap()),
        )
    };
    let short = inside(&["--duration", "15m"]);
    let run = |env: &BTreeMap<String, String>, flags: &[&str]| {
        let mut args = vec!["codeartifact", "plain"];
        args.extend(flags);
        stage.ran(stage.command(&args).envs(env))
    };
    check(
        &run(&short, &["--duration", "12h"]),
        "",
        "\
error: --duration 43200 would make a longer session of plain than this shell has
  because: this shell's session was requested for 900 s
  hint: leave out the flag, or run this outside of any role
",
        2,
    );
    // Nobody named a duration there: an hour it is.
    check(
        &run(&inside(&["--read-only"]), &["--duration", "2h"]),
        "",
        "\
error: --duration 7200 would make a longer session of plain than this shell has
  because: this shell's session was requested for 3600 s
  hint: leave out the flag, or run this outside of any role
",
        2,
    );
    let before = stage.requests();
    let mut other = short.clone();
    other.insert("AWS_ACCESS_KEY_ID".to_owned(), "AKIAMINE".to_owned());
    let mut gone = short.clone();
    gone.remove("AWS_ACCESS_KEY_ID");
    for (env, why) in [
        (
            &other,
            "this shell now has other credentials than the role's",
        ),
        (
            &gone,
            "the credentials of the role were taken out of this shell",
        ),
    ] {
        check(
            &run(env, &[]),
            "",
            &format!(
                "\
error: no token is requested for plain: {why}
  because: it could come from a wider session than this shell's
  hint: assume it again: assume plain
  hint: leave the role of this shell: assume --off
"
            ),
            2,
        );
    }
    assert_eq!(stage.requests(), before);
    // What is said is what is done.
    let long = inside(&["--duration", "30m", "--region", "us-east-2"]);
    let ran = run(&long, &["--duration", "20m"]);
    let said = "plain as this shell: --region us-east-2\n";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    let journal = stage.sandbox.journal();
    let mut seconds = journal.iter().rev();
    let seconds = seconds.find_map(|request| request.parameters.get("DurationSeconds"));
    assert_eq!(seconds.unwrap(), "1200");
    let ran = run(&long, &[]);
    let said = "plain as this shell: --duration 1800 --region us-east-2\n";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
}
