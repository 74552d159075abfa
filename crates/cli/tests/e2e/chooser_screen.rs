//! The chooser's screen: what is drawn on it, at which size, and that nothing
//! of it is left.

use rustix::process::Signal;

use super::harness::Stage;
use super::terminal::{ESC, Terminal};

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const CTRL_L: &str = "\x0c";
const CTRL_U: &str = "\x15";
const CTRL_W: &str = "\x17";

/// Roles as a company has them; a shell says which role it is in, and ends.
fn stage() -> Stage {
    const TEAMS: [&str; 9] = [
        "acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "søren",
    ];
    const LEVELS: [&str; 5] = ["sandbox", "dev", "test", "staging", "prod"];
    const REGIONS: [&str; 3] = ["eu-central-1", "us-east-1", "ap-northeast-1"];
    let role = |at: usize| {
        let (team, level, region) = (TEAMS[at % 9], LEVELS[at / 9], REGIONS[at % 3]);
        let description = match at % 4 {
            0 => format!(r#", "description": "{team}'s {level}, read only""#),
            _ => String::new(),
        };
        format!(
            r#""{team}-{level}-read": {{ "aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "aws_region": "{region}", "tags": {{ "env": "{level}" }}{description} }}"#
        )
    };
    let roles: Vec<String> = (0..45).map(role).collect();
    let stage = Stage::of_roles(&roles.join(",\n"));
    stage.script("shell", "#!/bin/sh\necho in $AWS_ACCOUNT\n");
    stage
}

/// Lets a person choose on `stage`, after `lines` lines were printed.
fn start(stage: &Stage, terminal: &mut Terminal, lines: u16, env: &[(&str, &str)]) {
    terminal.has_own_keys();
    let shell = stage.path("shell");
    let mut all = vec![("SHELL", shell.to_str().unwrap())];
    all.extend(env);
    let script = format!("seq -f 'line %g' {lines}; assumerole --quiet; echo status $?");
    terminal.start(stage, &script, &all);
}

fn choosing(stage: &Stage, columns: u16, rows: u16, lines: u16) -> Terminal {
    let mut terminal = Terminal::of_size(columns, rows);
    start(stage, &mut terminal, lines, &[]);
    terminal.sees_whole("Role:");
    terminal
}

/// Leaves without a choice: the screen is `before` and what the shell says.
#[track_caller]
fn leave(mut terminal: Terminal, before: &str) {
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), format!("{before}status 130"));
    terminal.is_as_before();
}

#[test]
fn at_the_bottom_it_scrolls_and_nothing_is_lost() {
    let stage = stage();
    let terminal = choosing(&stage, 80, 24, 40);
    let screen = terminal.screen();
    // 16 lines below the cursor were needed, none was there.
    assert!(screen.starts_with("line 34\n"), "{screen}");
    assert!(screen.contains("line 40\nRole: "), "{screen}");
    let lines: String = (34..=40).map(|line| format!("line {line}\n")).collect();
    leave(terminal, &lines);
}

#[test]
fn it_fits_the_usual_widths() {
    let stage = stage();
    for columns in [20, 60, 80, 120] {
        let terminal = choosing(&stage, columns, 24, 3);
        insta::assert_snapshot!(format!("chooser_at_{columns}"), terminal.screen());
        leave(terminal, "line 1\nline 2\nline 3\n");
    }
}

#[test]
fn where_there_is_no_room_for_a_preview_there_is_none() {
    let stage = stage();
    let mut terminal = choosing(&stage, 80, 24, 3);
    terminal.sees_whole("arn:aws:iam::123456789012:role/plain");
    terminal.types("zzz");
    terminal.sees_whole("no match");
    assert!(!terminal.screen().contains("arn:"));
    terminal.types(CTRL_U);
    terminal.sees_whole("arn:aws:iam::123456789012:role/plain");
    terminal.resizes(80, 15);
    terminal.eventually("no preview", || {
        let screen = terminal.screen();
        screen.contains("Esc cancel") && !screen.contains("arn:")
    });
    leave(terminal, "line 1\nline 2\nline 3\n");
}

#[test]
fn ctrl_l_draws_all_anew() {
    let stage = stage();
    let mut terminal = choosing(&stage, 80, 24, 0);
    // Another program writes there.
    terminal.shows("\x1b[J\x1b[A\r");
    assert!(!terminal.screen().contains("globex"));
    terminal.types(CTRL_L);
    terminal.sees_whole("globex-sandbox-read");
    leave(terminal, "");
}

#[test]
fn another_size_is_drawn_anew() {
    let stage = stage();
    let terminal = choosing(&stage, 80, 24, 3);
    terminal.resizes(40, 24);
    terminal.sees("acme-sandbox-read      123456789012\n");
    terminal.resizes(120, 24);
    terminal.sees_whole("acme's sandbox, read only");
    // What the terminal made of the lines there goes with the other screen.
    assert!(terminal.is_on_other_screen());
    leave(terminal, "line 1\nline 2\nline 3\n");
}

#[test]
fn a_signal_leaves_the_other_screen() {
    let stage = stage();
    let mut terminal = Terminal::of_size(80, 24);
    terminal.has_own_keys();
    terminal.start(&stage, "echo before; exec assumerole", &[]);
    terminal.sees_whole("Esc cancel");
    assert!(!terminal.is_on_other_screen());
    terminal.resizes(70, 20);
    terminal.eventually("the other screen", || terminal.is_on_other_screen());
    terminal.kills(Signal::TERM);
    terminal.is_ended_by(Signal::TERM);
    assert!(!terminal.is_on_other_screen());
    assert_eq!(terminal.screen(), "before");
    terminal.is_as_before();
}

/// tmux keeps all that is on the screen in the scroll-back when a program
/// erases everything from the first row on.
#[test]
fn what_was_drawn_is_never_kept_in_the_scroll_back() {
    let stage = stage();
    let mut terminal = choosing(&stage, 80, 10, 20);
    assert!(terminal.screen().starts_with("Role: "));
    terminal.types(CTRL_L);
    terminal.types("x");
    terminal.sees_whole("Role: x");
    terminal.resizes(60, 10);
    terminal.eventually("the other screen", || terminal.is_on_other_screen());
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert!(!erased_from_the_first_row(&terminal.all(), 80, 10));
}

/// Whether everything was ever erased from the first row on, of a terminal of
/// that size to which `written` came.
fn erased_from_the_first_row(written: &str, columns: u16, rows: u16) -> bool {
    let mut parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
    written.split_inclusive("\x1b[J").any(|piece| {
        let before = piece.strip_suffix("\x1b[J");
        parser.process(before.unwrap_or(piece).as_bytes());
        let is_first = before.is_some() && parser.screen().cursor_position() == (0, 0);
        parser.process(&piece.as_bytes()[before.unwrap_or(piece).len()..]);
        is_first
    })
}

#[test]
fn a_tiny_terminal_is_enough() {
    let stage = stage();
    let mut terminal = choosing(&stage, 32, 3, 0);
    terminal.sees_whole("▌ acme-sandbox-read");
    terminal.types(DOWN);
    terminal.types(DOWN);
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "in initech-sandbox-read\nstatus 0");
    terminal.is_as_before();
}

#[test]
fn what_follows_the_choice_is_left_for_the_next_reader() {
    let stage = stage();
    stage.script(
        "shell",
        "#!/bin/sh\nread line\necho in $AWS_ACCOUNT: $line\n",
    );
    let mut terminal = choosing(&stage, 80, 24, 0);
    terminal.types("hooli prod\r123456\n");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.ends_with("in hooli-prod-read: 123456\nstatus 0"),
        "{screen}"
    );
}

#[test]
fn a_line_break_that_is_pasted_takes_nothing() {
    let stage = stage();
    let mut terminal = choosing(&stage, 80, 24, 0);
    assert!(terminal.marks_what_is_pasted());
    terminal.types("\x1b[200~hooli\rprod\r\x1b[201~");
    terminal.sees_whole("Role: hooli prod");
    terminal.types(CTRL_W);
    terminal.types("test");
    terminal.sees_whole("Role: hooli test");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "in hooli-test-read\nstatus 0");
    terminal.is_as_before();
    assert!(!terminal.marks_what_is_pasted());
}

#[test]
fn what_was_typed_too_early_filters_and_takes_nothing() {
    let stage = stage();
    let mut terminal = Terminal::of_size(80, 24);
    terminal.types("\rhooli prod\r");
    terminal.sees("hooli prod");
    start(&stage, &mut terminal, 0, &[]);
    terminal.sees_whole("Role: hooli prod");
    terminal.sees_whole("▌ hooli-prod-read");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert!(terminal.screen().ends_with("in hooli-prod-read\nstatus 0"));
}

#[test]
fn without_colour_and_utf_8_it_is_plain() {
    let stage = stage();
    let mut terminal = Terminal::of_size(80, 24);
    let plain = [("NO_COLOR", "1"), ("LC_ALL", "C")];
    start(&stage, &mut terminal, 0, &plain);
    terminal.sees_whole("> acme-sandbox-read");
    terminal.sees_whole("Up/Down move");
    let written = terminal.all();
    assert!(!written.contains("\x1b[1m") && !written.contains("\x1b[3"));
    leave(terminal, "");
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    let stage = stage();
    assert_eq!(Terminal::hang_up(&stage, "exec assumerole"), "Hangup");
}
