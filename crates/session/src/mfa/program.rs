//! Programs that have codes: running one and finding the code in its output.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Env;
use assumerole_host::clock::Clock;
use assumerole_host::process::{
    Captured, ExecError, Helper, RunError, Stderr, Stdin, run_captured,
};
use assumerole_host::tty::Tty;
use secrecy::SecretString;

/// Shorter than other processes wait for us, long enough for a person who
/// looks for a key, or for an app's question, which gives up by itself.
const TIME: Duration = Duration::from_secs(150);

/// Bytes; a code has six.
const LIMIT: usize = 64 * 1024;

/// An MFA code has so many digits.
const DIGITS: usize = 6;

/// What is said of a program that is not there.
pub(super) const NOT_INSTALLED: &str = "is not installed, or not in PATH";

/// What programs are run with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// Their environment.
    pub(super) env: &'a Env,
    /// Where a person can be spoken to: a terminal that is ours.
    pub(super) tty: Option<&'a Tty>,
    /// Says how long they may take.
    pub(super) clock: &'a dyn Clock,
}

/// One call of a program.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) program: &'a str,
    pub(super) args: Vec<&'a str>,
    /// More of the environment, secrets perhaps.
    pub(super) with: Option<(&'a str, &'a str)>,
    /// Whether its prompts reach the person. If not, what it says on stderr is
    /// kept for the reason why there is no code.
    pub(super) speaks: bool,
}

impl<'a> Call<'a> {
    /// `program` with `args`, which may ask the person.
    pub(super) fn new(program: &'a str, args: Vec<&'a str>) -> Self {
        Self {
            program,
            args,
            with: None,
            speaks: true,
        }
    }

    /// Runs it; whatever is not success is the reason for that.
    pub(super) fn run(&self, around: Surroundings<'_>) -> Result<Captured, String> {
        let mut env = around.env.pairs().to_vec();
        if let Some((name, value)) = self.with {
            env.retain(|(have, _)| have != name);
            env.push((name.into(), value.into()));
        }
        let tty = around.tty.filter(|_| self.speaks);
        let helper = Helper {
            program: self.program.into(),
            args: self.args.iter().map(OsString::from).collect(),
            env: &env,
            stdin: tty.map_or(Stdin::Null, Stdin::Terminal),
            stderr: if tty.is_some() {
                Stderr::Terminal
            } else {
                Stderr::Captured
            },
            timeout: TIME.min(around.clock.left()),
            limit: LIMIT,
        };
        let captured = run_captured(&helper).map_err(|error| self.not_run(&error))?;
        if captured.status.success() {
            return Ok(captured);
        }
        // A session of it that it was given, for one.
        let given = self.with.map(|(_, value)| value);
        let sent = given.into_iter().fold(Sent::default(), Sent::with_text);
        let said = sent.masked(&said(&captured.stderr));
        Err(if said.is_empty() {
            self.ended(captured.status)
        } else {
            said
        })
    }

    fn ended(&self, status: ExitStatus) -> String {
        let program = self.program;
        match (status.code(), status.signal()) {
            (Some(code), _) => format!("{program} ended with status {code}"),
            (None, Some(signal)) => format!("{program} was ended by signal {signal}"),
            (None, None) => format!("{program} failed"),
        }
    }

    fn not_run(&self, error: &RunError) -> String {
        match error {
            RunError::Start(ExecError::NotFound(_)) => {
                format!("{} {NOT_INSTALLED}", self.program)
            }
            error => error.to_string(),
        }
    }
}

/// Why `whose` gave no code.
pub(super) fn no_code(whose: &str, why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Mfa, format!("no MFA code from {whose}"))
        .called(Id::ProgramFailed)
        .because(why)
}

/// The one number of six digits in `output`.
pub(super) fn find_code(output: &[u8]) -> Result<SecretString, &'static str> {
    let mut found: Option<&[u8]> = None;
    for run in output.split(|byte| !byte.is_ascii_digit()) {
        if run.len() != DIGITS {
            continue;
        }
        if found.is_some_and(|other| other != run) {
            return Err("it printed more than one number of six digits");
        }
        found = Some(run);
    }
    let text = found.and_then(|run| std::str::from_utf8(run).ok());
    text.map(SecretString::from)
        .ok_or("it printed no number of six digits")
}

/// What a program said, on one line, without the time that some put before
/// it. Numbers that could be a code are left out.
fn said(stderr: &[u8]) -> String {
    const MOST: usize = 300;
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(|line| without_stamp(line.trim()))
        .filter(|line| !line.is_empty())
        .collect();
    let mut shown: String = one_line(&masked(&lines.join("; ")))
        .chars()
        .take(MOST)
        .collect();
    // A sentence within a sentence.
    if shown.ends_with('.') {
        shown.pop();
    }
    shown
}

/// `line` without `[ERROR] 2026/11/23 10:00:00 `, which `op` begins with, and
/// `ERROR: `, which `ykman` does.
fn without_stamp(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("[ERROR] ") else {
        return line.strip_prefix("ERROR: ").unwrap_or(line);
    };
    let stamp = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_digit() || b"/:".contains(&b))
    };
    let mut parts = rest.splitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(date), Some(time), Some(said)) if stamp(date) && stamp(time) => said,
        _ => rest,
    }
}

/// `text` with stars for runs of six digits and more.
fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if digits.len() >= DIGITS {
            digits = "*".repeat(digits.len());
        }
        shown.push_str(&digits);
        digits.clear();
        shown.push(c);
    }
    shown.pop();
    shown
}

#[cfg(test)]
mod tests {
    use assumerole_host::clock::SteppedClock;
    use assumerole_host::deadline::uncounted;
    use jiff::Timestamp;
    use secrecy::ExposeSecret;

    use super::*;

    /// Once a program that asks us has no time left, no program of a person is
    /// waited for, whether it is spoken to or not.
    #[test]
    fn a_program_has_what_is_left_of_the_time() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        clock.deadline().for_program();
        clock.sleep(Duration::from_secs(45));
        let env = Env::from_pairs([("PATH", "/usr/bin:/bin")]);
        let around = Surroundings {
            env: &env,
            tty: None,
            clock: &clock,
        };
        for speaks in [true, false] {
            let call = Call {
                speaks,
                ..Call::new("sleep", vec!["600"])
            };
            let why = uncounted(&clock, || call.run(around)).err().unwrap();
            assert!(why.contains("0 s"), "{why}");
        }
    }

    #[test]
    fn six_digits_are_found_wherever_they_stand() {
        for output in [
            "123456",
            "123456\n",
            "AWS:jdoe  123456\r\n",
            "account 210987654321: 123456 (123456)",
            "\u{1b}[1m123456\u{1b}[0m",
            "in 30 s\u{a0}123456é",
        ] {
            let code = find_code(output.as_bytes()).unwrap();
            assert_eq!(code.expose_secret(), "123456", "{output:?}");
        }
        assert!(find_code(b"\xff123456\xfe").is_ok());
        for output in ["", "12345", "1234567", "123 456", "１２３４５６", "x"] {
            let why = find_code(output.as_bytes()).unwrap_err();
            assert_eq!(why, "it printed no number of six digits", "{output:?}");
        }
        assert_eq!(
            find_code(b"123456 654321").unwrap_err(),
            "it printed more than one number of six digits"
        );
    }

    #[test]
    fn what_was_said_is_one_line_without_stamp_and_code() {
        for (stderr, shown) in [
            ("", ""),
            (
                "[ERROR] 2026/11/23 10:00:00 authorization prompt dismissed, please try again\n",
                "authorization prompt dismissed, please try again",
            ),
            ("[ERROR] no stamp here", "no stamp here"),
            ("ERROR: No YubiKey detected!\n", "No YubiKey detected!"),
            ("a\n\n  b\u{1b}[31m\u{7}.\n", "a; b\u{fffd}[31m\u{fffd}"),
            (
                "the code 123456 is old, 12345 is not",
                "the code ****** is old, 12345 is not",
            ),
            ("1234567", "*******"),
        ] {
            let is = said(stderr.as_bytes());
            assert!(!is.contains("123456") && !is.contains('\n'), "{is}");
            if !stderr.contains('\u{1b}') {
                assert_eq!(is, shown);
            }
        }
        assert!(said("é".repeat(1000).as_bytes()).chars().count() <= 300);
    }
}
