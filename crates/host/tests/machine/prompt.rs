//! The question on the controlling terminal while all three streams are
//! captured.

use std::process::Command;

use rustix::process::Signal;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::person::Person;
use crate::probe::PROBE;

/// Every signal that ends a process and that it may catch.
const ENDING: [Signal; 15] = [
    Signal::INT,
    Signal::TERM,
    Signal::HUP,
    Signal::QUIT,
    Signal::ALARM,
    Signal::USR1,
    Signal::USR2,
    Signal::ABORT,
    Signal::XCPU,
    Signal::XFSZ,
    Signal::VTALARM,
    Signal::PROF,
    Signal::BUS,
    Signal::SYS,
    Signal::TRAP,
];

/// Somebody who is asked.
fn asked() -> Person {
    let mut person = Person::new();
    person.start("", "ask 6");
    person.sees("Code: ");
    person.waits_for_silence();
    person
}

#[test]
fn a_code_is_typed_and_not_shown() {
    let mut person = asked();
    person.types("12");
    person.sees("••");
    person.types("9\x7f3456\r");
    let (said, status) = person.ends();
    assert_eq!((said.as_str(), status.success()), ("answer 123456\n", true));
    person.finds_everything_as_before();
    let screen = person.screen();
    assert!(!screen.contains(|c: char| c.is_ascii_digit()), "{screen:?}");
}

#[test]
fn a_code_is_pasted_with_what_an_app_puts_around_it() {
    let mut person = asked();
    person.types("\x1b[200~ 123 456\x1b[201~\r");
    assert_eq!(person.ends().0, "answer 123456\n");
}

#[test]
fn a_terminal_without_utf8_gets_stars() {
    let mut person = Person::new();
    person.start_with("C", "", "ask 6");
    person.sees("Code: ");
    person.types("123");
    person.sees("***");
    person.types("\x15456\n");
    assert_eq!(person.ends().0, "answer 456\n");
}

#[test]
fn ctrl_c_gives_the_terminal_back() {
    let mut person = asked();
    person.types("12\x03");
    assert_eq!(person.ends().0, "interrupted 2\n");
    person.finds_everything_as_before();
}

#[test]
fn ctrl_d_is_an_end_only_where_nothing_is_typed() {
    let mut person = asked();
    person.types("1\x04\x7f\x04");
    assert_eq!(person.ends().0, "closed\n");
    person.finds_everything_as_before();
}

#[test]
fn escape_says_no() {
    let mut person = asked();
    person.types("12\x1b");
    assert_eq!(person.ends().0, "cancelled\n");
    person.finds_everything_as_before();
}

/// The probe is the first of its session: nobody would let it go on.
#[test]
fn ctrl_z_does_nothing_where_nobody_would_wake_us() {
    let mut person = asked();
    person.types("1\x1a2\r");
    assert_eq!(person.ends().0, "answer 12\n");
    person.finds_everything_as_before();
}

#[test]
fn signals_from_outside_give_the_terminal_back() {
    for signal in ENDING {
        let mut person = asked();
        person.types("12");
        person.kills(signal);
        let expected = format!("interrupted {}\n", signal.as_raw());
        assert_eq!(person.ends().0, expected);
        person.finds_everything_as_before();
    }
}

#[test]
fn after_the_answer_signals_do_what_they_did_before() {
    for (signal, name) in [(Signal::TERM, "Terminated"), (Signal::INT, "Interrupt")] {
        let mut person = Person::new();
        person.start("", "ask-and-wait 6");
        person.sees("Code: ");
        person.types("1\r");
        assert_eq!(person.hears(), "answer 1\n");
        person.kills(signal);
        assert_eq!(person.ends().1.signal(), Some(name));
    }
}

/// As `nohup` has it.
#[cfg(target_os = "linux")]
#[test]
fn what_was_ignored_before_is_ignored() {
    let mut person = Person::new();
    person.start("trap '' HUP", "ask-and-wait 6");
    person.sees("Code: ");
    person.waits_for_silence();
    person.kills(Signal::HUP);
    person.types("1\r");
    assert_eq!(person.hears(), "answer 1\n");
    person.kills(Signal::HUP);
    person.kills(Signal::TERM);
    assert_eq!(person.ends().1.signal(), Some("Terminated"));
}

/// It was meant for something else: a name for a code, a code for another
/// device, a stray Enter.
#[test]
fn what_was_typed_too_early_is_no_answer() {
    for (probe, question, answer) in [
        ("ask-for-a-line", "Name: ", "yes"),
        ("ask 6", "Code: ", "654321"),
    ] {
        for (early, echo) in [
            ("12", "12"),
            ("123456\r", "123456\r\n"),
            ("prod\r", "prod\r\n"),
            ("prod", "prod"),
            ("\r\r", "\r\n\r\n"),
            ("\x03", "^C"),
            ("x\x04", "x"),
            ("\x1b", "^["),
        ] {
            let mut person = Person::new();
            person.types(early);
            person.sees(echo);
            person.start("", probe);
            person.sees(question);
            person.waits_for_silence();
            person.types(&format!("{answer}\r"));
            let said = person.ends().0;
            assert_eq!(said, format!("answer {answer}\n"), "{probe}: {early:?}");
        }
    }
}

#[test]
fn what_follows_the_answer_is_left_for_the_next_reader() {
    let mut person = Person::new();
    person.start("", "ask-and-read-on 6");
    person.sees("Code: ");
    person.waits_for_silence();
    person.types("1234\nls -l\n");
    assert_eq!(person.ends().0, "answer 1234\nthen ls -l\n");
}

#[test]
fn a_panic_without_unwinding_leaves_the_terminal_in_order() {
    let mut person = Person::new();
    person.start("", "panic-on-screen");
    person.sees("Role: ");
    assert_eq!(person.ends().1.signal(), Some("Aborted"));
    person.finds_everything_as_before();
    let written = person.screen();
    let (_, after) = written.rsplit_once("Role: ").unwrap();
    // Back on the first screen, with its cursor, without marks of pasting.
    for end in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"] {
        assert!(after.contains(end), "{end:?} is not in {after:?}");
    }
}

/// A shell that gets the terminal meanwhile sets it to its own liking.
#[test]
fn after_a_stop_the_terminal_is_silent_again() {
    let mut person = asked();
    person.types("12");
    person.sees("••");
    person.kills(Signal::STOP);
    let mut modes = tcgetattr(&person.terminal).unwrap();
    modes.local_modes |= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
    tcsetattr(&person.terminal, OptionalActions::Now, &modes).unwrap();
    person.kills(Signal::CONT);
    person.waits_for_silence();
    person.sees_times("Code: ", 2);
    person.types("3\r");
    // What was typed before is forgotten, and so is what was typed meanwhile.
    assert_eq!(person.ends().0, "answer 3\n");
    person.finds_everything_as_before();
}

#[test]
fn a_terminal_that_goes_away_is_no_endless_wait() {
    for (script, expected) in [("", "interrupted 1\n"), ("trap '' HUP", "closed\n")] {
        if cfg!(target_os = "macos") && !script.is_empty() {
            continue;
        }
        let mut person = Person::blind();
        person.start(script, "ask 6");
        person.waits_for_silence();
        person.unplugs();
        assert_eq!(person.ends().0, expected, "{script:?}");
    }
}

/// One question at a time stands at a terminal; who waits for it does not do
/// so for ever, and says for whom.
#[test]
fn who_waits_gives_up_when_the_time_is_up() {
    let asks = format!(
        "'{PROBE}' ask 6 >/dev/null 2>&1 & \
         until stty -a </dev/tty | grep -q -e ' -echo '; do sleep 0.01; done"
    );
    for (make, does) in [
        ("", "asks something"),
        ("mkdir -m 700 ~/.assumerole.d;", "asks \"Code\""),
    ] {
        let mut person = Person::new();
        person.start(&format!("{make}{asks}"), "ask-impatiently");
        let (said, _) = person.ends();
        let words: Vec<&str> = said.trim_end().splitn(7, ' ').collect();
        assert_eq!(
            words[..6],
            ["timed", "out:", "waited", "180", "s", "for"],
            "{said}"
        );
        let whom = words[6].strip_prefix("process ").unwrap();
        let (pid, rest) = whom.split_once(", ").unwrap();
        assert!(pid.parse::<u32>().is_ok(), "{said}");
        assert_eq!(rest, format!("which {does} at this terminal"));
        // A question that stands there is left alone, and stands there again.
        person.sees(&format!("\r\nwaiting for {}\r\n", words[6]));
        assert!(!person.screen().contains("Name: "), "{}", person.screen());
    }
}

#[test]
fn a_background_job_is_told_at_once() {
    let mut person = Person::new();
    // With job control, a job in the background is a process group that does
    // not have the terminal.
    let script = format!("set -m; '{PROBE}' ask 6 </dev/null & wait; exit");
    person.start(&script, "");
    person.sees("background");
    assert!(person.modes().contains(LocalModes::ECHO));
}

#[test]
fn without_a_terminal_there_is_none() {
    let output = Command::new(PROBE)
        .args(["ask-detached", "6"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "no terminal\n");
}
