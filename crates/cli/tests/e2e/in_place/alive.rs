//! Before each prompt: credentials are renewed, or a line says how long they
//! last.

use super::super::harness::Stage;
use super::super::terminal::eventually;
use super::{Person, SHELLS, Sh, Time};

/// Lets a shell whose time is its own believe that a look is due.
fn due(person: &mut Person<'_>) {
    if !person.sh.believes {
        let line = person.sh.due.unwrap();
        person.says(line);
    }
}

#[test]
fn credentials_that_need_no_question_are_renewed_in_place() {
    for sh in SHELLS.iter().filter(|sh| sh.due.is_some()) {
        let stage = Stage::new();
        let time = Time::new(&stage);
        let mut person = Person::at(&stage, sh, &time.environment());
        let before = person.environment();
        person.goes("assume plain --region us-east-2 --read-only", "plain");
        let first = person.environment();
        // Ten minutes before the end there is nothing to do, nor to say.
        for (seconds, requests) in [(0, 1), (3010, 1), (3310, 2), (3320, 2), (6700, 3)] {
            time.is(seconds);
            due(&mut person);
            // Nothing of it shows: the environment is what there is to wait for.
            let mut now = person.environment();
            if requests > 1 {
                let what = format!("{} at {seconds}: {requests} requests", sh.name);
                eventually(&what, || {
                    now = person.environment();
                    stage.requests() >= requests
                });
                assert_eq!(stage.requests(), requests, "{what}");
                now = person.environment();
                assert_ne!(
                    now["AWS_ACCESS_KEY_ID"], first["AWS_ACCESS_KEY_ID"],
                    "{}",
                    sh.name
                );
                assert_ne!(now["ASSUMEROLE_EXPIRES"], first["ASSUMEROLE_EXPIRES"]);
            }
            assert_eq!(stage.requests(), requests, "{}: {seconds}", sh.name);
            // As it was asked for: a session that only reads stays one.
            assert_eq!(now["AWS_REGION"], "us-east-2", "{}", sh.name);
            let policy = stage.parameter("PolicyArns.member.1.arn");
            assert_eq!(policy.unwrap(), "arn:aws:iam::aws:policy/ReadOnlyAccess");
        }
        assert!(
            !person.terminal.all().contains("the credentials"),
            "{}",
            sh.name
        );
        person.goes("assume --off", "none");
        assert_eq!(person.environment(), before, "{}", sh.name);
    }
}

/// With `ssh_lifetime` the key that was loaded for the session stays for the
/// renewed one, or comes again; one that somebody has taken out does not.
#[test]
fn a_renewed_session_has_its_ssh_key() {
    use super::super::ssh;
    for (case, encrypted) in [
        ("held", false),
        ("gone", false),
        ("taken out", false),
        ("held", true),
    ] {
        let stage = ssh::stage(r#""sshkey": "~/.ssh/acme", "ssh_lifetime": true"#);
        let passphrase = if encrypted { "open sesame" } else { "" };
        ssh::make_key(&stage, "acme", &["-t", "ed25519", "-N", passphrase]);
        let agent = ssh::Agent::start(&stage);
        let time = Time::new(&stage);
        let sh = Sh::named("bash");
        let path = ssh::path(&stage);
        let mut env = time.environment().to_vec();
        env.extend([("SSH_AUTH_SOCK", agent.socket.as_str()), ("PATH", &path)]);
        let mut person = Person::at(&stage, sh, &env);
        match encrypted {
            false => person.goes("assume plain", "plain"),
            true => {
                person.terminal.types("assume plain\r");
                person.terminal.sees("Enter passphrase for ");
                eventually("it listens", || !person.terminal.echoes());
                person.terminal.types("open sesame\r");
                person.goes("true", "plain");
            }
        }
        let first = person.environment();
        let calls = || std::fs::read_to_string(stage.path("calls")).unwrap();
        assert_eq!(calls().lines().count(), 1);
        if case != "held" {
            person.says("command ssh-add -q -D");
        }
        // Before the end of the first session, or after it.
        time.is(if case == "gone" { 3700 } else { 3310 });
        due(&mut person);
        if case == "gone" {
            person.goes("assume plain", "plain");
        }
        eventually("it is renewed", || {
            person.environment()["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
        });
        let loads = calls().matches(" -t ").count();
        let again = !encrypted && case != "taken out";
        assert_eq!(loads, if again { 2 } else { 1 }, "{case}: {}", calls());
        let kept = usize::from(case != "taken out");
        assert_eq!(agent.holds(&stage), kept, "{case}");
        if encrypted {
            person
                .terminal
                .sees("the ssh key ~/.ssh/acme is in the agent until ");
            let line = "only: to type its passphrase, assume plain again";
            person.terminal.eventually(line, || {
                person.terminal.screen().replace('\n', "").contains(line)
            });
        }
    }
}

#[test]
fn what_a_person_has_changed_since_is_not_renewed() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let sh = Sh::named("bash");
    let mut person = Person::at(&stage, sh, &time.environment());
    person.says("AWS_DEFAULT_REGION=mine");
    person.goes("assume plain --region us-east-2", "plain");
    let first = person.environment();
    person.says("export AWS_REGION=us-west-1 AWS_PROFILE=x");
    time.is(3310);
    eventually("it is renewed", || {
        person.environment()["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
    });
    let now = person.environment();
    assert_eq!(
        (now["AWS_REGION"].as_str(), now["AWS_PROFILE"].as_str()),
        ("us-west-1", "x")
    );
    // What the shell keeps is still there.
    person.goes("assume --off", "none");
    person.says("echo \"it is $AWS_DEFAULT_REGION\"");
    person.terminal.sees("it is mine");
}

#[test]
fn where_a_question_is_needed_a_line_says_so_at_ten_and_two_minutes_and_after_the_end() {
    for sh in SHELLS.iter().filter(|sh| sh.due.is_some()) {
        let stage = Stage::direct();
        let time = Time::new(&stage);
        let mut person = Person::at(&stage, sh, &time.environment());
        let code = stage.code();
        person.goes(&format!("assume read {code}"), "read");
        let read = person.environment();
        for (seconds, line) in [
            (2900, None),
            (
                3005,
                Some("read: the credentials expire in 10 min; renew them: assume read"),
            ),
            (3200, None),
            (
                3485,
                Some("read: the credentials expire in 2 min; renew them: assume read"),
            ),
            (3550, None),
            (
                3720,
                Some("read: the credentials expired 2 min ago; renew them: assume read"),
            ),
            (9000, None),
        ] {
            time.is(seconds);
            if line.is_some() {
                due(&mut person);
            }
            let now = person.environment();
            assert_eq!(now["AWS_ACCESS_KEY_ID"], read["AWS_ACCESS_KEY_ID"]);
            if let Some(line) = line {
                person.terminal.sees(line);
            }
        }
        // Each once.
        let all = person.terminal.all();
        assert_eq!(
            all.matches("read: the credentials").count(),
            3,
            "{}:\n{all}",
            sh.name
        );
        assert_eq!(stage.requests(), 1);
        // And nobody was asked.
        assert!(!all.contains("MFA code"));
        let code = stage.code();
        person.says(&format!("assume read {code}"));
        eventually("renewed", || {
            person.environment()["AWS_ACCESS_KEY_ID"] != read["AWS_ACCESS_KEY_ID"]
        });
    }
}

/// Another shell of the same role has renewed them.
#[test]
fn what_another_shell_renewed_is_taken() {
    let stage = Stage::direct();
    let time = Time::new(&stage);
    let sh = Sh::named("bash");
    let mut person = Person::at(&stage, sh, &time.environment());
    let code = stage.code();
    person.goes(&format!("assume read {code}"), "read");
    let read = person.environment();
    person.is_in("read");
    time.is(3400);
    let code = stage.code();
    let mut other = stage.command(&[
        "exec",
        "read",
        "--mfa-code",
        &code,
        "--",
        "printenv",
        "AWS_ACCESS_KEY_ID",
    ]);
    let other = stage.ran(other.envs(time.environment()));
    assert_eq!((other.stderr.as_str(), other.status), ("", 0));
    eventually("it is taken", || {
        person.environment()["AWS_ACCESS_KEY_ID"] == other.stdout.trim()
    });
    assert_ne!(
        person.environment()["AWS_ACCESS_KEY_ID"],
        read["AWS_ACCESS_KEY_ID"]
    );
    assert_eq!(stage.requests(), 2);
    assert!(!person.terminal.all().contains("the credentials"));
}

#[test]
fn an_aws_that_is_out_of_reach_is_told_in_a_line_and_stops_nobody() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let sh = Sh::named("zsh");
    let env = [time.environment().as_slice(), &[("AWS_MAX_ATTEMPTS", "1")]].concat();
    let mut person = Person::at(&stage, sh, &env);
    person.goes("assume plain", "plain");
    let plain = person.environment();
    stage
        .sandbox
        .inject(aws_sandbox::Fault::error("ServiceUnavailable", "Down.", 503).always());
    time.is(3350);
    // The status of what was run before is still the one that is seen.
    person.says("false");
    person.says("echo status-$?");
    person.terminal.sees("status-1");
    person
        .terminal
        .sees("plain: the credentials expire in 5 min and could not be renewed: An error occurred");
    assert_eq!(
        person.environment()["AWS_ACCESS_KEY_ID"],
        plain["AWS_ACCESS_KEY_ID"]
    );
}

/// Whoever waits for a prompt does not wait for three attempts.
#[test]
fn an_aws_that_does_not_answer_is_asked_once() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let sh = Sh::named("bash");
    let mut person = Person::at(&stage, sh, &time.environment());
    person.goes("assume plain", "plain");
    let hour = std::time::Duration::from_secs(3600);
    stage
        .sandbox
        .inject(aws_sandbox::Fault::hang(hour).always());
    time.is(3310);
    person.says("false");
    person.terminal.sees(
        "plain: the credentials expire in 5 min and could not be renewed: AWS STS could not be",
    );
    person.is_in("plain");
    assert_eq!(stage.requests(), 2);
}

#[test]
fn who_does_not_want_it_has_none_of_it() {
    for sh in SHELLS.iter().filter(|sh| sh.due.is_some()) {
        let stage = Stage::new();
        let time = Time::new(&stage);
        let env = [
            time.environment().as_slice(),
            &[("ASSUMEROLE_REFRESH", "0")],
        ]
        .concat();
        let mut person = Person::at(&stage, sh, &env);
        person.goes("assume plain", "plain");
        let plain = person.environment();
        time.is(3700);
        due(&mut person);
        person.environment();
        let now = person.environment();
        assert_eq!(
            now["AWS_ACCESS_KEY_ID"], plain["AWS_ACCESS_KEY_ID"],
            "{}",
            sh.name
        );
        assert_eq!(stage.requests(), 1);
    }
}

/// One that `assumerole ROLE` started, with `init` in its start-up file.
#[test]
fn a_subshell_is_kept_alive_too() {
    for sh in SHELLS.iter().filter(|sh| sh.due.is_some()) {
        let Some(path) = sh.path else { continue };
        let stage = Stage::new();
        let time = Time::new(&stage);
        let env = [time.environment().as_slice(), &[("SHELL", path)]].concat();
        let mut person = Person::at(&stage, sh, &env);
        person.goes("assumerole --quiet --region eu-west-3 plain", "plain");
        let first = person.environment();
        time.is(3400);
        due(&mut person);
        eventually("it is renewed", || {
            let now = person.environment();
            now["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
                && now["AWS_REGION"] == "eu-west-3"
        });
        assert_eq!(stage.requests(), 2, "{}", sh.name);
    }
}

#[test]
fn a_variable_that_is_no_number_is_passed_over() {
    for (sh, nonsense) in [
        ("bash", "a[$(touch ~/ran)]"),
        ("zsh", "a[$(touch ~/ran)]"),
        ("fish", "(touch ~/ran)"),
        ("elvish", "(touch ~/ran)"),
        ("nu", "(touch ~/ran)"),
        ("bash", "-1"),
        ("zsh", ""),
    ] {
        let sh = Sh::named(sh);
        let stage = Stage::new();
        let mut person = Person::at(&stage, sh, &[("ASSUMEROLE_CHECK_AT", nonsense)]);
        person.environment();
        let now = person.environment();
        assert_eq!(now["ASSUMEROLE_CHECK_AT"], nonsense);
        assert!(!stage.path("ran").exists(), "{}", sh.name);
    }
}
