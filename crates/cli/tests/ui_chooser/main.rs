//! The chooser on a pseudo-terminal, with all three streams captured, as a
//! person and a shell see it. Drives the example `ui_chooser`.
#![cfg(unix)]

mod terminal;

use rustix::process::Signal;
use terminal::{Program, Size, Terminal};

const USUAL: Size = Size {
    rows: 24,
    columns: 80,
};

/// A terminal with some lines on it, where the chooser is open.
fn open(size: Size, lines: u16, args: &[&str]) -> (Terminal, Program, String) {
    let terminal = Terminal::new(size);
    for line in 0..lines {
        terminal.print(&format!("line {line}\r\n"));
    }
    let before = terminal.screen();
    let program = terminal.start(args, &[]);
    terminal.wait_for("Role: ");
    (terminal, program, before)
}

#[test]
fn what_is_typed_is_found_and_taken_and_the_screen_is_as_before() {
    let (mut terminal, program, before) = open(USUAL, 3, &["45"]);
    terminal.wait_for("▌ acme-sandbox-read      100000000000     59m  eu-central-1");
    terminal.wait_for("45/45");
    terminal.wait_until("raw mode", |terminal| !terminal.is_cooked());
    terminal.type_text("pro gl");
    terminal.wait_for("▌ globex-prod-read");
    terminal.wait_for("1/45");
    terminal.type_text("\r");
    let ended = program.wait();
    assert_eq!(
        (ended.status, ended.out.as_str()),
        (0, "globex-prod-read\n")
    );
    assert_eq!(ended.err, "");
    terminal.assert_is_as_before(&before);
}

#[test]
fn leaving_takes_nothing_and_leaves_no_trace() {
    for key in ["\u{1b}", "\u{3}", "\u{7}"] {
        let (mut terminal, program, before) = open(USUAL, 3, &["45"]);
        terminal.type_text("x");
        terminal.wait_for("Role: x");
        terminal.type_text(key);
        let ended = program.wait();
        assert_eq!((ended.status, ended.out.as_str()), (130, ""), "{key:?}");
        terminal.assert_is_as_before(&before);
    }
}

#[test]
fn a_signal_from_outside_finds_the_terminal_in_order() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let (terminal, program, before) = open(USUAL, 3, &["45"]);
        program.send(signal);
        assert_eq!(program.wait().status, status);
        terminal.assert_is_as_before(&before);
    }
}

#[test]
fn a_panic_without_unwinding_finds_the_terminal_in_order() {
    let terminal = Terminal::new(USUAL);
    terminal.print("line\r\n");
    let before = terminal.screen();
    let program = terminal.start(&["45"], &[("UI_CHOOSER_PANIC", "1")]);
    terminal.wait_for("Role: ");
    // SIGABRT, which a shell and portable-pty tell in their own ways.
    assert_ne!(program.wait().status, 0);
    terminal.assert_is_as_before(&before);
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    assert_eq!(terminal::hang_up(), 129);
}

#[test]
fn at_the_bottom_the_screen_scrolls_and_nothing_is_lost() {
    let (mut terminal, program, _) = open(USUAL, 40, &["45"]);
    terminal.wait_for("Esc cancel");
    let shown = terminal.screen();
    // 16 lines below the cursor were needed, 0 were there.
    assert!(shown.starts_with("line 33\n"), "{shown}");
    assert!(shown.contains("line 39\nRole: "), "{shown}");
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    let lines: Vec<String> = (33..40).map(|line| format!("line {line}")).collect();
    terminal.assert_is_as_before(&lines.join("\n"));
}

#[test]
fn the_screen_at_the_usual_widths() {
    for columns in [20, 60, 80, 120] {
        let size = Size { rows: 24, columns };
        let (mut terminal, program, before) = open(size, 3, &["200"]);
        // The last line that is drawn.
        terminal.wait_for("↑↓ move");
        insta::assert_snapshot!(format!("at_{columns}"), terminal.screen());
        terminal.type_text("\u{1b}");
        assert_eq!(program.wait().status, 130);
        terminal.assert_is_as_before(&before);
    }
}

#[test]
fn the_preview_is_that_of_the_role_picked_out() {
    let (mut terminal, program, before) = open(USUAL, 3, &["45"]);
    terminal.wait_for("role     arn:aws:iam::100000000000:role/acme-sandbox-read");
    terminal.wait_for("about    acme's sandbox, read only  env=sandbox");
    terminal.type_text("\u{1b}[B");
    terminal.wait_for("role     arn:aws:iam::100000007919:role/globex-sandbox-read");
    terminal.type_text("zzz");
    terminal.wait_for("no match");
    assert!(!terminal.screen().contains("arn:"));
    // Where there is no room for it, there is none.
    terminal.type_text("\u{15}");
    terminal.wait_for_whole("45/45");
    terminal.resize(Size {
        rows: 15,
        columns: 80,
    });
    terminal.wait_until("no preview", |terminal| {
        let screen = terminal.screen();
        screen.contains("Esc cancel") && !screen.contains("arn:")
    });
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    terminal.assert_is_as_before(&before);
}

#[test]
fn ctrl_l_draws_all_anew() {
    let (mut terminal, program, before) = open(USUAL, 0, &["45"]);
    terminal.wait_for("Esc cancel");
    // Somebody else writes there.
    terminal.print("\r\n\u{1b}[J\u{1b}[A");
    terminal.type_text("\u{c}");
    terminal.wait_for("Esc cancel");
    terminal.wait_for("globex-sandbox-read");
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    terminal.assert_is_as_before(&before);
}

#[test]
fn another_size_is_drawn_anew() {
    let (mut terminal, program, before) = open(USUAL, 3, &["45"]);
    terminal.wait_for_whole("Esc cancel");
    terminal.resize(Size {
        rows: 24,
        columns: 40,
    });
    terminal.wait_for("acme-sandbox-read      100000000000\n");
    terminal.resize(Size {
        rows: 24,
        columns: 120,
    });
    terminal.wait_for("acme's sandbox, read only");
    // On the other screen: what the terminal made of the lines there goes
    // with it.
    assert!(terminal.is_on_other_screen());
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    terminal.assert_is_as_before(&before);
}

#[test]
fn a_signal_leaves_the_other_screen() {
    let (terminal, program, before) = open(USUAL, 3, &["45"]);
    terminal.wait_for_whole("Esc cancel");
    assert!(!terminal.is_on_other_screen());
    terminal.resize(Size {
        rows: 20,
        columns: 70,
    });
    terminal.wait_until("other screen", Terminal::is_on_other_screen);
    program.send(Signal::TERM);
    assert_eq!(program.wait().status, 143);
    terminal.assert_is_as_before(&before);
    assert!(!terminal.is_on_other_screen());
}

/// tmux moves all that is on the screen to the scroll-back, to be kept, when a
/// program erases everything from the first row on.
#[test]
fn what_was_drawn_is_never_kept_in_the_scroll_back() {
    let size = Size {
        rows: 10,
        columns: 80,
    };
    let (mut terminal, program, _) = open(size, 20, &["45"]);
    terminal.wait_for("Esc cancel");
    assert!(terminal.screen().starts_with("Role: "));
    terminal.type_text("\u{c}x");
    terminal.wait_for_whole("Role: x");
    terminal.resize(Size {
        columns: 60,
        ..size
    });
    terminal.wait_until("other screen", Terminal::is_on_other_screen);
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    assert!(!terminal.was_erased_from_the_first_row(size, 20));
}

#[test]
fn a_tiny_terminal_is_enough() {
    let tiny = Size {
        rows: 3,
        columns: 20,
    };
    let (mut terminal, program, _) = open(tiny, 0, &["45"]);
    terminal.wait_for("▌ acme-sandbox-read");
    terminal.type_text("\u{1b}[B\u{1b}[B\r");
    assert_eq!(program.wait().out, "initech-sandbox-read\n");
    terminal.assert_is_as_before("");
}

#[test]
fn what_follows_the_choice_is_left_for_the_next_reader() {
    let (mut terminal, program, _) = open(USUAL, 0, &["45"]);
    terminal.wait_until("raw mode", |terminal| !terminal.is_cooked());
    terminal.type_text("hooli prod\r123456\n");
    assert_eq!(program.wait().out, "hooli-prod-read\n");
    assert_eq!(terminal.read_line(), "123456");
}

#[test]
fn a_line_break_that_is_pasted_takes_nothing() {
    let (mut terminal, program, before) = open(USUAL, 0, &["45"]);
    terminal.wait_until("marks asked for", Terminal::marks_what_is_pasted);
    terminal.type_text("\u{1b}[200~hooli\rprod\r\u{1b}[201~");
    terminal.wait_for("Role: hooli prod");
    terminal.type_text("\r");
    assert_eq!(program.wait().out, "hooli-prod-read\n");
    terminal.assert_is_as_before(&before);
    assert!(!terminal.marks_what_is_pasted());
}

#[test]
fn what_was_typed_too_early_filters_and_takes_nothing() {
    let mut terminal = Terminal::new(USUAL);
    terminal.type_text("\rhooli prod\r");
    let program = terminal.start(&["45"], &[]);
    terminal.wait_for("Role: hooli prod");
    terminal.wait_for("▌ hooli-prod-read");
    terminal.type_text("\r");
    assert_eq!(program.wait().out, "hooli-prod-read\n");
}

#[test]
fn the_filter_of_the_caller_is_in_the_line() {
    let (mut terminal, program, _) = open(USUAL, 0, &["45", "stark prod"]);
    terminal.wait_for("Role: stark prod");
    terminal.wait_for("▌ stark-prod-read");
    terminal.type_text("\u{17}\u{17}tyrell-dev\r");
    assert_eq!(program.wait().out, "tyrell-dev-read\n");
}

#[test]
fn without_colour_and_utf_8_it_is_plain() {
    let mut terminal = Terminal::new(USUAL);
    let plain = [("NO_COLOR", "1"), ("LC_ALL", "C")];
    let program = terminal.start(&["10"], &plain);
    terminal.wait_for("> acme-sandbox-read");
    terminal.wait_for("Up/Down move");
    terminal.type_text("\u{1b}");
    assert_eq!(program.wait().status, 130);
    let written = terminal.written();
    assert!(!written.contains("\u{1b}[1m") && !written.contains("\u{1b}[3"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_terminal_it_says_so() {
    let ended = terminal::run_without();
    assert_eq!((ended.status, ended.out.as_str()), (1, ""));
    assert_eq!(ended.err, "error: there is no terminal to choose on\n");
}
