//! What the chooser says of each role: in its row, and in the preview of the
//! one picked out. And how it is searched.

use std::fmt::Write as _;

use super::harness::{DEVICE, Stage};
use super::mfa_stage;
use super::terminal::{CTRL_C, ESC, Terminal};

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const CTRL_U: &str = "\x15";

/// Roles as they come: accents, wide characters, one that is wrong, and one
/// whose profile does not exist.
const ODD: &str = r#"{
  "assume_roles": {
    "münchen-read": {
      "aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
      "description": "Zahlungen\u001b[2J der Börse", "tags": { "env": "prod", "team": "web" }
    },
    "munich-read": { "aws_profile": "base", "aws_account": "210987654321", "aws_role": "plain", "tags": ["spare"] },
    "東京-本番": { "aws_profile": "base", "aws_account": "333333333333", "aws_role": "plain" },
    "wrong": { "aws_profile": "base", "aws_account": "12345", "aws_role": "plain" },
    "lost": { "aws_profile": "nowhere", "aws_account": "123456789012", "aws_role": "plain" }
  }
}
"#;

fn odd() -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole", ODD);
    stage.script("shell", "#!/bin/sh\necho in ${AWS_ACCOUNT-no role}\n");
    stage
}

/// A person who chooses at `terminal`.
fn choosing(stage: &Stage, mut terminal: Terminal, env: &[(&str, &str)]) -> Terminal {
    let shell = stage.path("shell");
    let mut all = vec![("SHELL", shell.to_str().unwrap())];
    all.extend(env);
    terminal.start(stage, "assumerole --quiet; echo status $?", &all);
    terminal
}

fn at_usual(stage: &Stage) -> Terminal {
    let terminal = choosing(stage, Terminal::new(), &[]);
    terminal.sees("Esc cancel");
    terminal
}

/// The lines of the screen below the list and above the keys.
fn preview(terminal: &Terminal) -> Vec<String> {
    let screen = terminal.screen();
    let below = screen.lines().skip_while(|line| !line.contains("──"));
    let lines = below
        .skip(1)
        .take_while(|line| !line.contains("Esc cancel"));
    let lines = lines.map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn accents_do_not_matter_and_descriptions_and_tags_are_searched() {
    let stage = odd();
    let mut terminal = at_usual(&stage);
    for (typed, fitting, best) in [
        ("munchen", "1/5", "▌ münchen-read"),
        ("mu\u{308}nchn", "1/5", "▌ münchen-read"),
        ("münic", "1/5", "▌ munich-read"),
        ("borse", "1/5", "▌ münchen-read"),
        ("env=prod", "1/5", "▌ münchen-read"),
        ("spare", "1/5", "▌ munich-read"),
        ("2109", "1/5", "▌ munich-read"),
        ("本番", "1/5", "▌ 東京-本番"),
    ] {
        terminal.types(CTRL_U);
        terminal.sees("5/5");
        terminal.types(typed);
        terminal.sees(fitting);
        terminal.sees(best);
    }
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(!screen.contains("Role: "), "{screen}");
}

#[test]
fn the_preview_says_what_taking_the_role_would_do() {
    let stage = Stage::new();
    stage.warm("deploy");
    stage.script("shell", "#!/bin/sh\n");
    let mut terminal = at_usual(&stage);
    // The one used last comes first.
    let cached = preview(&terminal);
    assert_eq!(
        cached[..4],
        [
            "role     arn:aws:iam::123456789012:role/team/deploy",
            "from     keys of profile base",
            "region   none",
            &format!("MFA      {DEVICE}, no code needed"),
        ]
    );
    assert!(
        cached[4].starts_with("session  2h 00m, cached until "),
        "{cached:?}"
    );
    terminal.types(DOWN);
    terminal.sees("role     arn:aws:iam::123456789012:role/read");
    assert_eq!(
        preview(&terminal),
        [
            "role     arn:aws:iam::123456789012:role/read",
            "from     keys of profile base",
            "region   eu-central-1",
            &format!("MFA      {DEVICE}, prompts for a code"),
            "session  1h 00m, not cached",
        ]
    );
    terminal.types(DOWN);
    terminal.sees("MFA      none");
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "status 130");
    // What was cached before was one request.
    assert_eq!(stage.sandbox.journal().len(), 1);
}

#[test]
fn the_preview_says_that_a_program_has_the_code() {
    let stage = odd();
    mfa_stage::with(&stage, r#""mfa_process": "cat code""#);
    let mut terminal = at_usual(&stage);
    let mfa = format!("MFA      {DEVICE}, a program provides the code");
    assert_eq!(preview(&terminal)[3], mfa);
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_role_that_is_wrong_says_so_and_stands_in_no_ones_way() {
    let stage = odd();
    let mut terminal = at_usual(&stage);
    terminal.sees("wrong                       role \"wrong\": aws_account");
    terminal.types("^lost");
    terminal.sees("1/5");
    let lost = preview(&terminal);
    assert!(lost[0].starts_with("wrong  "), "{lost:?}");
    assert!(lost[0].contains("nowhere"), "{lost:?}");
    // Who takes it is told where.
    terminal.types(CTRL_U);
    terminal.types("^wrong");
    terminal.sees("1/5");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.starts_with("error: role \"wrong\": aws_account")
            && screen.contains("~/.assumerole:9:")
            && screen.ends_with("status 125"),
        "{screen}"
    );
}

#[test]
fn columns_are_aligned_whatever_stands_in_them() {
    let stage = odd();
    for columns in [20, 60, 80, 120] {
        let mut terminal = choosing(&stage, Terminal::of_columns(columns), &[]);
        // The last line that is drawn.
        terminal.sees("↑↓ move");
        insta::assert_snapshot!(format!("chooser_at_{columns}"), terminal.screen());
        terminal.types(ESC);
        assert_eq!(terminal.ends(), 0);
        assert_eq!(terminal.screen(), "status 130");
        terminal.is_as_before();
    }
}

#[test]
fn where_a_role_is_from_is_said_if_there_are_several_files() {
    let stage = odd();
    let mut terminal = at_usual(&stage);
    assert!(!terminal.screen().contains("~/.assumerole"));
    terminal.types(ESC);
    assert_eq!(terminal.ends(), 0);
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {endpoint}\n[profile etl]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\nendpoint_url = {endpoint}\n"
        ),
    );
    let mut terminal = at_usual(&stage);
    terminal.sees("munich-read   210987654321  ~/.assumerole  spare");
    terminal.sees("etl           123456789012  ~/.aws/config");
    terminal.types("etl\r");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "in etl\nstatus 0");
}

#[test]
fn of_ten_thousand_roles_each_is_found() {
    let stage = Stage::new();
    let mut roles = String::new();
    for number in 0..10_000 {
        let account = 100_000_000_000_u64 + number * 7;
        let _ = write!(
            roles,
            r#""team-{number}": {{"aws_profile": "base", "aws_account": "{account}", "aws_role": "plain"}},"#
        );
    }
    let last =
        r#""wanted": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#;
    stage.write(
        ".assumerole",
        &format!("{{\"assume_roles\": {{{roles}{last}}}}}"),
    );
    stage.script("shell", "#!/bin/sh\necho in $AWS_ACCOUNT\n");
    let mut terminal = at_usual(&stage);
    terminal.sees("10001/10001");
    terminal.sees("▌ team-0 ");
    terminal.types("\x1b[F");
    terminal.sees("▌ wanted");
    terminal.types("100000069440");
    terminal.sees("▌ team-9920  100000069440");
    terminal.types(CTRL_U);
    terminal.types("wanted");
    terminal.sees(" 1/10001");
    terminal.types(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "in wanted\nstatus 0");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_a_numbered_list() {
    let stage = odd();
    let question = "Number or part of a name (Enter to cancel):";
    for term in ["dumb", ""] {
        let mut terminal = choosing(&stage, Terminal::new(), &[("TERM", term)]);
        terminal.sees(question);
        let screen = terminal.screen();
        assert!(
            screen.starts_with("  1  münchen-read  123456789012"),
            "{screen}"
        );
        assert!(
            screen.contains("\n  3  東京-本番     333333333333"),
            "{screen}"
        );
        terminal.types("zzz\r");
        terminal.sees("No role matches.");
        terminal.sees_times(question, 2);
        terminal.types("read\r");
        terminal.sees_times("  1  münchen-read  123456789012", 2);
        terminal.sees_times(question, 3);
        terminal.types("1\r");
        assert_eq!(terminal.ends(), 0);
        let screen = terminal.screen();
        assert!(screen.ends_with("in münchen-read\nstatus 0"), "{screen}");
        // Erasing what was typed needs no more than a backspace.
        let all = terminal.all().replace("\x1b]9;", "");
        assert!(!all.contains('\x1b'), "{all:?}");
        terminal.is_as_before();
    }
}

#[test]
fn the_numbered_list_can_be_left() {
    let stage = odd();
    for keys in ["\r", ESC, "\x04"] {
        let mut terminal = choosing(&stage, Terminal::new(), &[("TERM", "dumb")]);
        terminal.sees("(Enter to cancel):");
        terminal.types(keys);
        assert_eq!(terminal.ends(), 0);
        let screen = terminal.screen();
        assert!(screen.ends_with("status 130"), "{screen}");
        terminal.is_as_before();
    }
    let mut terminal = choosing(&stage, Terminal::new(), &[("TERM", "dumb")]);
    terminal.sees("(Enter to cancel):");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}
