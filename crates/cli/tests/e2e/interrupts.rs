//! Keys and signals that end or stop a question: the terminal is as it was,
//! and whoever started the program sees what ended it.

use std::fs;

use rustix::process::Signal;

use super::harness::Stage;
use super::terminal::{CTRL_C, ESC, NAMES, QUESTION, Terminal};

const CTRL_Z: &str = "\x1a";

/// A stage where a question of each kind can be had.
fn stage() -> Stage {
    let stage = Stage::new();
    let config = super::harness::CONFIG.replacen(
        "\"plain\": {",
        "\"plain\": {\n      \"confirm\": true,",
        1,
    );
    stage.write(".assumerole", &config);
    stage
}

/// How each question is had, and what is seen of it.
const QUESTIONS: [(&str, &str); 5] = [
    ("assumerole exec read -- true", QUESTION),
    ("assumerole exec plain -- true", "Type plain to assume it:"),
    ("assumerole", "Esc cancel"),
    ("TERM=dumb assumerole", "(Enter to cancel):"),
    ("assumerole add new --profile base", "its ARN:"),
];

fn asked(line: &str, shows: &str) -> (Stage, Terminal) {
    let stage = stage();
    let mut terminal = Terminal::new();
    terminal.has_own_keys();
    terminal.start(&stage, line, &[]);
    terminal.sees_whole(shows);
    terminal.eventually("it listens", || !terminal.echoes());
    (stage, terminal)
}

#[test]
fn every_signal_at_every_question_leaves_the_terminal_as_it_was() {
    for (line, shows) in QUESTIONS {
        for (signal, _) in NAMES {
            let line = match line.strip_prefix("TERM=dumb ") {
                Some(line) => format!("export TERM=dumb; exec {line}"),
                None => format!("exec {line}"),
            };
            let (stage, mut terminal) = asked(&line, shows);
            terminal.types("12");
            terminal.kills(signal);
            terminal.is_ended_by(signal);
            terminal.is_as_before();
            assert!(!terminal.is_on_other_screen());
            assert_eq!(stage.requests(), 0);
        }
    }
}

/// Ctrl-C ends the program and the script that runs it, as it ends what does
/// not read that key; Esc says no to the question.
#[test]
fn ctrl_c_ends_the_script_and_escape_the_question() {
    for (line, shows) in QUESTIONS {
        let script = format!("{line} 2>err; echo status $?");
        let (_stage, mut terminal) = asked(&script, shows);
        terminal.types(CTRL_C);
        assert_eq!(terminal.ends_by_signal(), "Interrupt", "{line}");
        assert!(!terminal.screen().contains("status"), "{line}");
        terminal.is_as_before();

        let (stage, mut terminal) = asked(&script, shows);
        terminal.types(ESC);
        assert_eq!(terminal.ends(), 0, "{line}");
        let screen = terminal.screen();
        assert!(screen.ends_with("status 130"), "{line}: {screen}");
        terminal.is_as_before();
        let said = fs::read_to_string(stage.path("err")).unwrap();
        assert!(
            said.is_empty() || said.starts_with("error: cancelled"),
            "{said}"
        );
        assert_eq!(stage.requests(), 0);
    }
}

/// The loops of people: over accounts, at a prompt and in a script.
#[test]
fn ctrl_c_leaves_a_loop_over_roles() {
    let body = "assumerole exec read -- true; echo next";
    for (shell, line) in [
        (
            "bash --norc -i",
            format!("for at in 1 2 3; do {body}; done\r"),
        ),
        ("zsh -f -i", format!("for at in 1 2 3; do {body}; done\r")),
        (
            "fish --no-config -i",
            format!("for at in 1 2 3; {body}; end\r"),
        ),
        (
            "bash --norc -i",
            "for at in 1 2 3; do eval \"$(assumerole export read)\"; echo next; done\r".to_owned(),
        ),
        (
            "zsh -f -i",
            "for at in 1 2 3; do eval \"$(assumerole export read)\"; echo next; done\r".to_owned(),
        ),
        ("bash --norc -i", "sh loop\r".to_owned()),
        ("bash --norc -i", "bash loop\r".to_owned()),
        (
            "bash --norc -i",
            "for at in 1 2 3; do ASSUMEROLE_COMMAND=true assumerole read; echo next; done\r"
                .to_owned(),
        ),
        (
            "bash --norc -i",
            "seq 3 | xargs -n1 assumerole exec read -- echo next\r".to_owned(),
        ),
    ] {
        let stage = Stage::new();
        stage.write("loop", &format!("for at in 1 2 3; do {body}; done"));
        let mut terminal = Terminal::new();
        let env = [("PS1", "ready> "), ("PROMPT", "ready> ")];
        terminal.start(&stage, &format!("exec {shell}"), &env);
        terminal.types("echo up and run\"ning\"\r");
        terminal.sees("\nup and running");
        terminal.types(&line);
        terminal.is_asked(1);
        terminal.types(CTRL_C);
        terminal.eventually("the shell again", || {
            // A key may be lost while a shell takes its terminal back.
            !terminal.screen().ends_with(QUESTION)
        });
        terminal.types("echo here\"-again\"\r");
        terminal.sees("here-again");
        let all = terminal.all();
        assert_eq!(all.matches(QUESTION).count(), 1, "{shell} {line}: {all}");
        assert!(!all.contains("\nnext"), "{shell} {line}: {all}");
        terminal.types("exit\r");
        terminal.end_of_shell();
    }
}

/// What is typed to the shell meanwhile is no code, and no consent.
#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_asks_again() {
    for (shell, line) in [
        ("bash --norc -i", "assumerole exec read -- echo in the role"),
        ("zsh -f -i", "assumerole exec read -- echo in the role"),
        (
            "fish --no-config -i",
            "assumerole exec read -- echo in the role",
        ),
        ("bash --norc -i", "sh script"),
        (
            "bash --norc -i",
            "assumerole exec read -- echo in the role | cat",
        ),
    ] {
        let stage = Stage::new();
        stage.write("script", "assumerole exec read -- echo in the role");
        let mut terminal = Terminal::new();
        let env = [("PS1", "ready> "), ("PROMPT", "ready> ")];
        terminal.start(&stage, &format!("exec {shell}"), &env);
        terminal.types("echo up and run\"ning\"\r");
        terminal.sees("\nup and running");
        terminal.types(&format!("{line}\r"));
        terminal.is_asked(1);
        terminal.types("111");
        terminal.types(CTRL_Z);
        // No shell is asked before it has the terminal again.
        terminal.eventually("it is stopped", || {
            let screen = terminal.screen().to_ascii_lowercase();
            screen.contains("stopped") || screen.contains("suspended")
        });
        terminal.types("echo in the she\"ll\"\r");
        terminal.sees("\nin the shell");
        terminal.types("fg\r");
        terminal.is_asked(2);
        let code = stage.code();
        terminal.types(&format!("{code}\r"));
        terminal.sees("\nin the role");
        terminal.types("exit\r");
        terminal.end_of_shell();
        assert_eq!(stage.sandbox.count("GetSessionToken"), 1, "{shell} {line}");
    }
}

/// Nobody would let it go on: the key does nothing.
#[test]
fn ctrl_z_does_nothing_to_what_is_no_job() {
    for line in [
        "exec assumerole exec read -- echo in",
        "out=$(assumerole exec read -- echo in); echo $out",
    ] {
        let stage = Stage::new();
        let mut terminal = Terminal::running(&stage, line);
        terminal.is_asked(1);
        terminal.types(CTRL_Z);
        let code = stage.code();
        terminal.types(&format!("{code}\r"));
        assert_eq!(terminal.ends(), 0);
        assert!(terminal.screen().ends_with("\nin"), "{}", terminal.screen());
        terminal.is_as_before();
    }
    for shell in ["bash --norc -i", "zsh -f -i"] {
        let stage = Stage::new();
        let mut terminal = Terminal::new();
        terminal.start(&stage, &format!("exec {shell}"), &[("PS1", "ready> ")]);
        terminal.types("out=$(assumerole exec read -- echo in); echo its $out\r");
        terminal.is_asked(1);
        terminal.types(CTRL_Z);
        let code = stage.code();
        terminal.types(&format!("{code}\r"));
        terminal.sees("\nits in");
        terminal.types("exit\r");
        terminal.end_of_shell();
    }
}

/// A program that is run for its output ends with us, and so does what it has
/// started; the terminal is as it was.
#[test]
fn what_we_wait_for_ends_with_us() {
    let hidden = "#!/bin/sh\necho $$ >>\"$HOME/pids\"\nstty -echo </dev/tty\n\
        sleep 600 & echo $! >>\"$HOME/pids\"\ntouch \"$HOME/there\"\nwait\n";
    let stubborn = format!("#!/bin/sh\ntrap '' TERM INT HUP\n{}", &hidden[10..]);
    for (signal, _) in NAMES {
        let script = match signal {
            Signal::TERM | Signal::INT => &stubborn,
            _ => hidden,
        };
        let stage = Stage::new();
        let program = stage.script("program", script);
        let config = super::harness::CONFIG.replacen(
            "\"aws_role\": \"read\",",
            &format!("\"aws_role\": \"read\", \"mfa_process\": \"'{program}'\","),
            1,
        );
        stage.write(".assumerole", &config);
        let mut terminal = Terminal::new();
        terminal.has_own_keys();
        terminal.start(&stage, "exec assumerole exec read -- true", &[]);
        terminal.eventually("it runs", || stage.path("there").exists());
        assert!(!terminal.echoes());
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        terminal.is_as_before();
        let pids = fs::read_to_string(stage.path("pids")).unwrap();
        assert_eq!(pids.lines().count(), 2);
        for pid in pids.lines() {
            let path = format!("/proc/{pid}");
            terminal.eventually(&path, || !runs(pid));
        }
    }
}

/// Whether it does more than wait to be buried.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    !matches!(state, None | Some("Z" | "X"))
}
