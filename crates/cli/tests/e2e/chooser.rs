//! Choosing a role at a terminal.

use rustix::process::Signal;

use super::harness::Stage;
use super::terminal::{CTRL_C, CTRL_D, ESC, NAMES, QUESTION, Terminal};

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";

/// A stage whose shell says which role it is in, and ends.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.script("shell", "#!/bin/sh\necho in ${AWS_ACCOUNT-no role}\n");
    stage
}

/// A person who chooses after something else was printed.
fn choosing(stage: &Stage, command: &str) -> Terminal {
    let mut terminal = Terminal::new();
    terminal.has_own_keys();
    let shell = stage.path("shell");
    let script = format!("echo before; {command}; echo status $?");
    terminal.start(stage, &script, &[("SHELL", shell.to_str().unwrap())]);
    terminal.sees("Esc cancel");
    terminal
}

/// The names of the roles on the screen, from the top.
fn names(terminal: &Terminal) -> Vec<String> {
    let screen = terminal.screen();
    let rows = screen
        .lines()
        .take_while(|line| !line.contains("──"))
        .filter(|line| line.contains("123456789012"));
    let name = |row: &str| {
        let words = row.trim_start_matches(['▌', ' ']);
        words.split(' ').next().unwrap().to_owned()
    };
    rows.map(name).collect()
}

#[test]
fn typing_filters_and_enter_picks() {
    let stage = stage();
    stage.warm("deploy");
    let mut terminal = choosing(&stage, "assumerole --quiet");
    terminal.sees("3/3");
    terminal.types("dpl");
    terminal.sees("1/3");
    assert_eq!(names(&terminal), ["deploy"]);
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nin deploy\nstatus 0");
    terminal.is_as_before();
}

#[test]
fn what_fits_nothing_picks_nothing() {
    let stage = stage();
    let mut terminal = choosing(&stage, "assumerole --quiet");
    terminal.types("xyz");
    terminal.sees("0/3");
    terminal.types(ENTER);
    terminal.types("\x15pla");
    terminal.sees("1/3");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nin plain\nstatus 0");
}

#[test]
fn account_and_time_left_stand_beside_the_name() {
    let stage = stage();
    stage.warm("deploy");
    let mut terminal = choosing(&stage, "assumerole");
    let row = |name: &str| {
        let screen = terminal.screen();
        let row = screen.lines().find(|line| line.contains(name)).unwrap();
        row.trim_start_matches(['▌', ' ']).to_owned()
    };
    let words = |name: &str| row(name).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words("read"), "read 123456789012 eu-central-1");
    assert_eq!(words("plain"), "plain 123456789012");
    let deploy = words("deploy");
    assert!(
        ["1h 59m", "2h 00m", "2h"]
            .iter()
            .any(|left| deploy == format!("deploy 123456789012 {left}")),
        "{deploy}"
    );
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_a_role_is_for_stands_beside_it() {
    let stage = stage();
    let config = super::harness::CONFIG.replacen(
        "\"aws_role\": \"plain\"",
        "\"aws_role\": \"plain\", \"description\": \"Reads\\n\\u001b[31mlogs\"",
        1,
    );
    stage.write(".assumerole", &config);
    let mut terminal = choosing(&stage, "assumerole");
    let screen = terminal.screen();
    let row = screen.lines().find(|line| line.contains("plain")).unwrap();
    assert!(row.contains("Reads") && row.contains("logs"), "{screen}");
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn the_most_used_come_first() {
    let stage = stage();
    stage.warm("deploy");
    for role in ["plain", "deploy", "deploy"] {
        assert_eq!(stage.run(&["exec", role, "--", "true"]).status, 0);
    }
    let mut terminal = choosing(&stage, "assumerole --quiet");
    assert_eq!(names(&terminal), ["deploy", "plain", "read"]);
    terminal.types(DOWN);
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nin plain\nstatus 0");
}

#[test]
fn the_one_chosen_may_need_a_code() {
    let stage = stage();
    let mut terminal = choosing(&stage, "assumerole --quiet");
    assert_eq!(names(&terminal), ["read", "plain", "deploy"]);
    terminal.types(ENTER);
    terminal.is_asked(1);
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!("before\n{QUESTION} ••••••\nin read\nstatus 0")
    );
    terminal.is_as_before();
}

#[test]
fn what_gives_up_leaves_everything_as_it_was() {
    for key in [ESC, "\x07", CTRL_D] {
        let stage = stage();
        let mut terminal = choosing(&stage, "assumerole >out");
        terminal.types(DOWN);
        terminal.types(key);
        assert_eq!(terminal.ends(), 0);
        assert_eq!(
            (key, terminal.screen().as_str()),
            (key, "before\nstatus 130")
        );
        terminal.is_as_before();
        assert_eq!(std::fs::read(stage.path("out")).unwrap(), b"");
        assert_eq!(stage.sandbox.journal().len(), 0);
    }
}

/// As it ends what does not read that key: the script as well.
#[test]
fn ctrl_c_ends_by_its_signal_and_leaves_everything_as_it_was() {
    for line in [
        "assumerole >out",
        "exec assumerole >out",
        "echo $(assumerole)",
    ] {
        let stage = stage();
        let mut terminal = choosing(&stage, line);
        terminal.types(DOWN);
        terminal.types(CTRL_C);
        assert_eq!(terminal.ends_by_signal(), "Interrupt");
        assert_eq!((line, terminal.screen().as_str()), (line, "before"));
        terminal.is_as_before();
        assert_eq!(stage.sandbox.journal().len(), 0);
    }
}

#[test]
fn ctrl_z_stops_it_in_good_order_and_fg_brings_it_back() {
    let stage = stage();
    stage.warm("deploy");
    let job = "set -m; assumerole --quiet; echo stopped; fg >/dev/null";
    let mut terminal = choosing(&stage, job);
    terminal.types("dep");
    terminal.sees("1/3");
    terminal.types("\x1a");
    // What was typed is there again.
    terminal.sees("stopped\nRole: dep ");
    let screen = terminal.screen();
    assert!(screen.starts_with("before\n"), "{screen}");
    assert_eq!(screen.matches("Esc cancel").count(), 1, "{screen}");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(screen.ends_with("stopped\nin deploy\nstatus 0"), "{screen}");
    assert!(!screen.contains("Role: "), "{screen}");
    terminal.is_as_before();
}

/// With another size it is on a screen of its own, which the shell must not
/// find itself on.
#[test]
fn stopped_after_a_new_size_it_gives_the_first_screen_back() {
    let stage = stage();
    let job = "set -m; assumerole --quiet; echo stopped; read line; fg >/dev/null";
    let mut terminal = choosing(&stage, job);
    terminal.resizes(90, 20);
    terminal.eventually("the other screen", || terminal.is_on_other_screen());
    terminal.sees_whole("Esc cancel");
    terminal.types("\x1a");
    terminal.eventually("the first screen", || !terminal.is_on_other_screen());
    terminal.sees("before\nstopped");
    terminal.types(ENTER);
    terminal.sees_whole("Esc cancel");
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert!(terminal.screen().ends_with("status 130"));
    terminal.is_as_before();
}

/// A shell gives the terminal its own modes when a job is stopped, and does not
/// take them back when it goes on.
#[test]
fn stopped_from_outside_it_goes_on_in_good_order() {
    for signal in [Signal::STOP, Signal::TSTP] {
        let stage = stage();
        stage.warm("deploy");
        let job = "set -m; modes=$(stty -g); assumerole --quiet; \
            stty \"$modes\"; clear; echo stopped; fg >/dev/null";
        let mut terminal = choosing(&stage, job);
        terminal.types("dep");
        terminal.sees_whole("1/3");
        terminal.kills_job(signal);
        terminal.sees_whole("stopped\nRole: dep ");
        terminal.types(ENTER);
        assert_eq!(terminal.ends(), 0);
        assert_eq!(terminal.screen(), "stopped\nin deploy\nstatus 0");
        terminal.is_as_before();
    }
}

/// Nobody could let it go on: the shell itself waits for it.
#[test]
fn ctrl_z_does_nothing_to_what_is_no_job() {
    let stage = stage();
    let mut terminal = choosing(&stage, "out=$(assumerole --quiet)");
    terminal.types("\x1adep");
    terminal.sees("Role: dep ");
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nstatus 130");
    terminal.is_as_before();
}

#[test]
fn a_signal_from_outside_ends_it_in_good_order() {
    for (signal, _) in NAMES {
        let stage = stage();
        let mut terminal = Terminal::new();
        terminal.has_own_keys();
        terminal.start(&stage, "echo before; exec assumerole", &[]);
        terminal.sees_whole("Esc cancel");
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        assert_eq!(terminal.screen(), "before");
        terminal.is_as_before();
    }
}

#[test]
fn a_name_that_is_not_known_is_what_is_typed_already() {
    let stage = stage();
    let mut terminal = choosing(&stage, "assumerole pl");
    terminal.sees("Role: pl ");
    terminal.sees("2/3");
    terminal.types("\x7f");
    terminal.sees("Role: p ");
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nstatus 130");
}

#[test]
fn a_name_that_fits_no_role_is_an_error_and_no_empty_list() {
    let stage = stage();
    let mut terminal = Terminal::running(&stage, "assumerole plian; echo status $?");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        "error: there is no role \"plian\" in ~/.assumerole or ~/.aws\n  hint: did you mean plain?\n  hint: see all roles: assumerole list\nstatus 125"
    );
}

#[test]
fn all_three_streams_may_be_captured() {
    let stage = stage();
    let command = "out=$(assumerole 2>err </dev/null); echo \"$out\" | tail -1; test $? = 0";
    let mut terminal = choosing(&stage, command);
    terminal.types("plain");
    terminal.sees("1/3");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "before\nin plain\nstatus 0");
    terminal.is_as_before();
    let talk = std::fs::read_to_string(stage.path("err")).unwrap();
    assert!(
        talk.starts_with("plain: plain of account 123456789012"),
        "{talk}"
    );
}

#[test]
fn info_lets_choose_too() {
    let stage = stage();
    let mut terminal = choosing(&stage, "assumerole info");
    terminal.types("dep");
    terminal.sees("1/3");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        "before\naccount name: deploy\naccount ID:   123456789012\nrole:         team/deploy\nstatus 0"
    );
}

/// No terminal, and one in the background.
#[test]
fn without_a_terminal_to_choose_at_it_says_how_to_name_a_role() {
    let error = "\
error: no role is named, and there is no terminal to choose one on
  hint: name it: assumerole ROLE
  hint: see all roles: assumerole list
";
    let stage = stage();
    let ran = stage.run(&[]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("", error, 125)
    );

    let job = "set -m; assumerole & wait $!; echo status $?";
    let mut terminal = Terminal::running(&stage, job);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.contains("hint: ") && screen.ends_with("\nstatus 125"),
        "{screen}"
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}

#[test]
fn without_a_terminal_a_name_that_is_not_known_is_an_error() {
    let stage = stage();
    let ran = stage.run(&["plian"]);
    assert_eq!(ran.status, 125);
    assert!(ran.stderr.contains("did you mean plain?"), "{}", ran.stderr);
}
