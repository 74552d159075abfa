//! One question at a time at a terminal, whichever processes ask.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use aws_sandbox::{Options, Role, User};
use rustix::process::Signal;

use super::harness::{ACCOUNT, BASE_ACCOUNT, Stage, world};
use super::support::{Checks, base_keys};
use super::terminal::{CTRL_C, ESC, Terminal, eventually, kill};

/// The people whose devices are asked for.
const PEOPLE: [&str; 3] = ["ann", "bob", "cyd"];

fn account(person: &str) -> String {
    let at = PEOPLE.iter().position(|one| *one == person).unwrap();
    format!("{:012}", 111_111_111_111_u64 * (at as u64 + 1))
}

fn device(person: &str) -> String {
    format!("arn:aws:iam::{}:mfa/{person}", account(person))
}

fn question(person: &str) -> String {
    format!("MFA code of {}:", device(person))
}

/// A stage with a role for each of [`PEOPLE`], with keys and a device of their
/// own; none needs a code for `plain`, and `guarded` is to be confirmed.
fn stage() -> Stage {
    let secret = |person: &str| format!("{person:w<40}").to_uppercase();
    let key = |person: &str| format!("AKIA{:X<16}", person.to_uppercase());
    let mut world = world();
    let mut roles = String::new();
    let mut keys = base_keys();
    let mut config = String::new();
    for person in PEOPLE {
        let seed = format!("{}A2345672", "JBSWY3DPEHPK3PXPJBSWY3DP").replace("JB", "K2");
        let seed = seed.replacen('S', &person[..1].to_uppercase(), 1);
        world = world
            .user(
                User::new(person, account(person))
                    .key(key(person), secret(person))
                    .mfa(device(person), seed),
            )
            .role(
                Role::new(format!("arn:aws:iam::{ACCOUNT}:role/of-{person}"))
                    .trusting(account(person))
                    .with_mfa(),
            );
        roles.push_str(&format!(
            r#""{person}": {{"aws_profile": "{person}", "aws_account": "{ACCOUNT}", "aws_role": "of-{person}", "aws_mfa_arn": "{}"}},"#,
            device(person)
        ));
        keys.push_str(&format!(
            "[{person}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key(person),
            secret(person)
        ));
        config.push_str(&format!("[profile {person}]\nendpoint_url = STS\n"));
    }
    let free = Role::new(format!("arn:aws:iam::{ACCOUNT}:role/free"));
    let careful = Role::new(format!("arn:aws:iam::{ACCOUNT}:role/careful"));
    let world = world
        .role(free.trusting(BASE_ACCOUNT))
        .role(careful.trusting(account("ann")).with_mfa());
    let stage = Stage::with(world, Options::default());
    let plain =
        format!(r#""aws_profile": "base", "aws_account": "{ACCOUNT}", "aws_role": "plain""#);
    stage.roles(&format!(
        r#"{roles} "plain": {{{plain}}}, "guarded": {{{plain}, "confirm": true}},
        "careful": {{"aws_profile": "ann", "aws_account": "{ACCOUNT}", "aws_role": "careful", "aws_mfa_arn": "{}", "confirm": true}}"#,
        device("ann")
    ));
    let config = format!("[profile base]\nendpoint_url = STS\n{config}");
    stage.write(
        ".aws/config",
        &config.replace("STS", &stage.sandbox.endpoint()),
    );
    stage.write(".aws/credentials", &keys);
    stage
}

/// Who is asked: the question that the cursor stands behind, and that nothing
/// was typed at yet.
fn asked(terminal: &Terminal) -> Option<&'static str> {
    let screen = terminal.screen();
    let last = screen.lines().last()?;
    PEOPLE.into_iter().find(|person| last == question(person))
}

/// Waits until it is `person` who is asked, and types the code.
fn answers(stage: &Stage, terminal: &mut Terminal, person: &str) {
    terminal.eventually(person, || asked(terminal) == Some(person));
    answer(stage, terminal);
}

/// Types the code of whoever is asked.
fn answer(stage: &Stage, terminal: &mut Terminal) -> &'static str {
    let mut person = None;
    terminal.eventually("a question", || {
        person = asked(terminal).filter(|_| !terminal.echoes());
        person.is_some()
    });
    let person = person.unwrap();
    let code = stage.sandbox.code(&device(person));
    terminal.types(&format!("{code}\r"));
    terminal.eventually("another question, or none", || {
        asked(terminal) != Some(person)
    });
    person
}

/// Runs all of PEOPLE at once, as a script does.
const ALL: &str = "for who in ann bob cyd; do
    assumerole exec $who -- sh -c \"echo $who has its role >>~/said\" & done; wait";

#[test]
fn each_code_reaches_its_own_device() {
    // Whoever is first is so by chance.
    for round in 0..4 {
        let stage = stage();
        let mut terminal = Terminal::running(&stage, ALL);
        let mut order = vec![
            answer(&stage, &mut terminal),
            answer(&stage, &mut terminal),
            answer(&stage, &mut terminal),
        ];
        assert_eq!(terminal.ends(), 0, "round {round}");
        order.sort_unstable();
        assert_eq!(order, PEOPLE);
        let screen = terminal.all();
        // Not on the screen, where it would come between the questions.
        let said = fs::read_to_string(stage.path("said")).unwrap();
        for person in PEOPLE {
            assert!(said.contains(&format!("{person} has its role")), "{said}");
        }
        // Each code was right at once.
        assert_eq!(stage.sandbox.count("GetSessionToken"), 3, "{screen}");
        terminal.is_as_before();
        assert_eq!(leftovers(&stage), [""; 0]);
    }
}

fn leftovers(stage: &Stage) -> Vec<String> {
    let mut names = stage.list(".assumerole.d");
    names.retain(|name| name.starts_with("terminal-"));
    names
}

/// `first` asks, then `second` waits: both in front of one terminal.
fn one_asks_and_one_waits(stage: &Stage, first: &str, second: &str) -> Terminal {
    let script = format!(
        "trap : INT
        ({first}; echo first ends with $? >>ends) & echo $! >first
        until test -e go; do sleep 0.01; done
        ({second}; echo second ends with $? >>ends) & echo $! >second
        wait; wait; wait; true"
    );
    let terminal = Terminal::running(stage, &script);
    terminal.sees(&question("ann"));
    terminal.eventually("it asks", || !terminal.echoes());
    stage.write("go", "");
    terminal
}

fn ends(stage: &Stage) -> String {
    let text = fs::read_to_string(stage.path("ends")).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join(", ")
}

const ANN: &str = "exec assumerole exec ann -- true";
const BOB: &str = "exec assumerole exec bob -- true";

#[test]
fn who_waits_says_for_whom_and_the_question_stands_there_again() {
    let stage = stage();
    let mut terminal = one_asks_and_one_waits(&stage, ANN, BOB);
    terminal.sees("waiting for process");
    terminal.eventually("the question again", || asked(&terminal) == Some("ann"));
    let screen = terminal.screen();
    let said: Vec<&str> = screen.lines().collect();
    let asks = format!(
        "which asks \"{}\" at this terminal",
        question("ann").trim_end_matches(':')
    );
    let talk = said[1..said.len() - 1].join("");
    assert!(
        talk.starts_with("waiting for process ") && talk.ends_with(&asks),
        "{screen}"
    );
    assert_eq!(
        (said[0], *said.last().unwrap()),
        (question("ann").as_str(), question("ann").as_str())
    );
    // Meant for the question that stands there, and for no other one.
    terminal.types(&format!("{}\r000000\r", stage.sandbox.code(&device("ann"))));
    answers(&stage, &mut terminal, "bob");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(ends(&stage), "");
    assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
    terminal.is_as_before();
}

/// A program is told before it gives up, however long the other one thinks.
/// (Time passes twenty times as fast for it.)
#[test]
fn whoever_waits_for_a_program_gives_up_in_time() {
    let stage = stage();
    let second = format!(
        "LD_PRELOAD='{}' FAKETIME='+0 x20' assumerole credential-process bob >out 2>err",
        super::in_place::fake_time_library()
    );
    let mut terminal = one_asks_and_one_waits(&stage, ANN, &second);
    terminal.eventually("its end", || ends(&stage) == "second ends with 5");
    let said = fs::read_to_string(stage.path("err")).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    let (_, rest) = said.split_once("waited ").unwrap();
    let seconds: u32 = rest.split(' ').next().unwrap().parse().unwrap();
    // Of its 50 seconds, five are kept for AWS.
    assert!((20..=45).contains(&seconds), "{said}");
    assert!(said.ends_with("assumerole login bob\n"), "{said}");
    assert_eq!(fs::read_to_string(stage.path("out")).unwrap(), "");
    // The other one is still asked.
    answers(&stage, &mut terminal, "ann");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
}

/// What follows the answer to a question does not answer the next one, of this
/// process or of another.
#[test]
fn a_question_is_answered_when_it_stands_there() {
    for typed in ["careful\r000000\r", "careful\r\x1b", "careful\r\x03"] {
        let stage = stage();
        let script = "exec assumerole exec careful -- true";
        let mut terminal = Terminal::running(&stage, script);
        terminal.sees("Type careful to assume it:");
        terminal.eventually("it asks", || !terminal.echoes());
        terminal.types(typed);
        answers(&stage, &mut terminal, "ann");
        assert_eq!(terminal.ends(), 0, "{typed:?}");
        assert_eq!(stage.sandbox.count("GetSessionToken"), 1, "{typed:?}");
    }
}

/// Nor does it answer a program that has the terminal next.
#[test]
fn what_is_typed_at_a_question_is_no_answer_to_a_program() {
    let stage = stage();
    let program = stage.script(
        "asks",
        "#!/bin/sh\nprintf 'a program asks: ' >/dev/tty\nread -r line </dev/tty\necho \"$line\"\n",
    );
    let roles = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let more = format!("\"careful\": {{\"mfa_process\": {program:?}, ");
    stage.write(".assumerole", &roles.replacen("\"careful\": {", &more, 1));
    let mut terminal = Terminal::running(&stage, "exec assumerole exec careful -- true");
    terminal.sees("Type careful to assume it:");
    terminal.eventually("it asks", || !terminal.echoes());
    terminal.types("careful\r000000\r");
    terminal.sees("a program asks:");
    terminal.types(&format!("{}\r", stage.sandbox.code(&device("ann"))));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
}

#[test]
fn questions_of_every_kind_wait_for_each_other() {
    let credentials = "[profile helped]\ncredential_process = PROGRAM\n";
    for (case, second, shows, keys) in [
        (
            "confirm",
            "assumerole exec guarded -- true",
            "Type guarded to assume it:",
            "guarded\r",
        ),
        ("chooser", "assumerole", "Esc cancel", ESC),
        ("list", "TERM=dumb assumerole", "(Enter to cancel):", "\r"),
        (
            "add",
            "assumerole add new",
            "The profile whose credentials",
            ESC,
        ),
        (
            "program",
            "assumerole exec asking -- true",
            "a program asks",
            "x\r",
        ),
        (
            "ssh",
            "assumerole exec keyed -- true",
            "Enter passphrase",
            "\r",
        ),
        (
            "mfa program",
            "assumerole exec helper -- true",
            "a program asks",
            "123456\r",
        ),
    ] {
        let stage = stage();
        let program = stage.script(
            "asks",
            "#!/bin/sh\nprintf 'a program asks: ' >/dev/tty\nread -r line </dev/tty\nexit 3\n",
        );
        let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
        let credentials = credentials.replace("PROGRAM", &program);
        stage.write(".aws/config", &format!("{config}{credentials}"));
        let roles = fs::read_to_string(stage.path(".assumerole")).unwrap();
        let plain = format!(r#""aws_account": "{ACCOUNT}", "aws_role": "free""#);
        let more = format!(
            r#""assume_roles": {{ "helper": {{"mfa_process": {program:?}, "aws_profile": "bob", "aws_account": "{ACCOUNT}", "aws_role": "of-bob", "aws_mfa_arn": "{}"}}, "asking": {{"aws_profile": "helped", {plain}}}, "keyed": {{"aws_profile": "base", {plain}, "sshkey": "~/.ssh/acme"}},"#,
            device("bob")
        );
        stage.write(
            ".assumerole",
            &roles.replacen("\"assume_roles\": {", &more, 1),
        );
        super::ssh::make_key(&stage, "acme", &["-t", "ed25519", "-N", "open sesame"]);
        let agent = super::ssh::Agent::start(&stage);
        let second = format!("export SSH_AUTH_SOCK='{}'; {second}", agent.socket);
        let first = "assumerole exec ann -- true";
        let mut terminal = one_asks_and_one_waits(&stage, first, &second);
        terminal.sees_times("waiting for process", 1);
        assert!(
            !terminal.screen().contains(shows),
            "{case}: {}",
            terminal.screen()
        );
        terminal.types(&format!("{}\r", stage.sandbox.code(&device("ann"))));
        terminal.sees_whole(shows);
        terminal.eventually("it listens", || {
            fs::read_to_string(stage.path("ends")).is_ok()
        });
        terminal.types(keys);
        // Whatever asks for a code next is left.
        terminal.eventually(case, || {
            asked(&terminal).is_some() || ends(&stage).contains("second")
        });
        if asked(&terminal).is_some() {
            terminal.types(ESC);
        }
        terminal.eventually(case, || ends(&stage).contains("second"));
        terminal.end_of_shell();
        assert!(
            ends(&stage).starts_with("first ends with 0, second"),
            "{case}"
        );
        terminal.is_as_before();
        assert_eq!(leftovers(&stage), [""; 0], "{case}");
    }
}

#[test]
fn ctrl_c_ends_all_that_wait_for_the_question() {
    let stage = stage();
    let mut terminal = one_asks_and_one_waits(&stage, ANN, BOB);
    terminal.sees("waiting for process");
    terminal.types(CTRL_C);
    terminal.end_of_shell();
    terminal.is_as_before();
    assert_eq!(stage.requests(), 0);
    assert_eq!(terminal.all().matches(&question("bob")).count(), 0);
    // The next question is a new one.
    let mut terminal = Terminal::running(&stage, BOB);
    answers(&stage, &mut terminal, "bob");
    assert_eq!(terminal.ends(), 0);
}

/// Only the one that was asked.
#[test]
fn escape_lets_the_next_one_ask() {
    let stage = stage();
    let mut terminal = one_asks_and_one_waits(&stage, ANN, BOB);
    terminal.sees("waiting for process");
    terminal.types(ESC);
    // What is said of it stands before the next question.
    terminal.eventually("bob", || asked(&terminal) == Some("bob"));
    let screen = terminal.screen();
    let said = format!("error: cancelled\n{}", question("bob"));
    assert!(screen.ends_with(&said), "{screen}");
    answers(&stage, &mut terminal, "bob");
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_before();
}

#[test]
fn whoever_asks_and_is_ended_lets_the_next_one_ask() {
    for signal in [Signal::KILL, Signal::TERM] {
        let stage = stage();
        let first = format!("{ANN} 2>err");
        let mut terminal = one_asks_and_one_waits(&stage, &first, BOB);
        terminal.sees("waiting for process");
        let first = fs::read_to_string(stage.path("first")).unwrap();
        kill(first.trim().parse().unwrap(), signal);
        answers(&stage, &mut terminal, "bob");
        assert_eq!(terminal.ends(), 0);
        assert_eq!(stage.sandbox.count("GetSessionToken"), 1);
    }
}

/// A terminal is one, whatever the home folder is and whether it can be
/// written.
#[test]
fn another_home_is_the_same_terminal() {
    for (mode, other) in [(0o700, "other"), (0o500, "other"), (0o700, ".")] {
        let stage = stage();
        for name in [".assumerole", ".aws/config", ".aws/credentials"] {
            let text = fs::read_to_string(stage.path(name)).unwrap();
            stage.write(&format!("other/{name}"), &text);
        }
        if other == "." {
            // A file in the place of the folder.
            stage.write(".assumerole.d", "");
        }
        let set = |mode| {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(stage.path("other"), mode).unwrap();
        };
        set(mode);
        let second = format!("HOME=\"$HOME/{other}\" exec assumerole exec bob -- true");
        let mut terminal = one_asks_and_one_waits(&stage, ANN, &second);
        terminal.sees("waiting for process");
        terminal.types(&format!("{}\r", stage.sandbox.code(&device("ann"))));
        answers(&stage, &mut terminal, "bob");
        assert_eq!(terminal.ends(), 0);
        assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
        set(0o700);
    }
}

/// What somebody has put in the place of the file says nothing and stops
/// nobody, and no link is followed.
#[test]
fn what_lies_in_the_way_does_not_matter() {
    let mut checks = Checks::default();
    for case in ["link", "folder", "stale", "cancelled", "closed"] {
        let stage = stage();
        let script = format!("until test -e go; do sleep 0.01; done; {ANN}");
        let mut terminal = Terminal::running(&stage, &script);
        let name = format!(".assumerole.d/terminal-{}-0.lock", terminal.pid());
        stage.write(".assumerole.d/x", "");
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(stage.path(".assumerole.d"), mode).unwrap();
        stage.write("target", "untouched");
        match case {
            "link" => symlink(stage.path("target"), stage.path(&name)).unwrap(),
            "folder" => fs::create_dir(stage.path(&name)).unwrap(),
            "cancelled" => stage.write(&name, "cancelled 1 2"),
            "closed" => {
                stage.write(&name, "1 device question\nMFA code of x: ");
                let mode = fs::Permissions::from_mode(0o000);
                fs::set_permissions(stage.path(&name), mode).unwrap();
            }
            _ => stage.write(&name, "1 device question\nMFA code of x: "),
        }
        stage.write("go", "");
        assert_eq!(answer(&stage, &mut terminal), "ann");
        checks.number(case, terminal.ends() as usize, 0);
        let target = fs::read_to_string(stage.path("target")).unwrap();
        checks.same(case, &target, "untouched");
    }
}

/// What a program that has the terminal runs for its own purposes asks in its
/// place.
#[test]
fn a_program_that_asks_through_us_does_not_wait_for_itself() {
    let stage = stage();
    let program = super::harness::program();
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let line = format!("'{program}' export bob --format credential-process");
    stage.write(
        ".aws/config",
        &format!(
            "{config}[profile through]\ncredential_process = {line}\nendpoint_url = {}\n",
            stage.sandbox.endpoint()
        ),
    );
    let mut terminal = Terminal::running(&stage, "exec assumerole exec through -- echo in");
    answers(&stage, &mut terminal, "bob");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.ends_with("\nin") && !screen.contains("waiting"),
        "{screen}"
    );
    terminal.is_as_before();
}

/// The terminal is closed under one that asks and one that waits.
#[test]
fn a_terminal_that_goes_away_ends_all_of_it() {
    let stage = stage();
    let terminal = one_asks_and_one_waits(&stage, ANN, BOB);
    terminal.sees("waiting for process");
    let pids = ["first", "second"].map(|name| fs::read_to_string(stage.path(name)).unwrap());
    drop(terminal);
    for pid in pids {
        let path = format!("/proc/{}", pid.trim());
        eventually("its end", || !fs::exists(&path).unwrap());
    }
}

/// With job control, what is in the background cannot ask.
#[test]
fn a_job_in_the_background_does_not_wait() {
    let stage = stage();
    let script = format!(
        "set -m; {ANN} & first=$!; {BOB} & wait $!; echo second $?; kill $first; exit 0",
        ANN = "assumerole exec ann -- true",
        BOB = "assumerole exec bob -- true"
    );
    let mut terminal = Terminal::running(&stage, &script);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.contains("role bob needs an MFA code, and this runs in the background"),
        "{screen}"
    );
    assert!(screen.contains("second 125"), "{screen}");
}
