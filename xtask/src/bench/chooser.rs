//! The chooser with a large configuration file, by way of `bench/chooser.c`.

use std::path::Path;
use std::process::Command;

use super::measure::Measures;
use crate::process::{Context as _, Failure, Result, capture};

/// Rounds: each takes a second, for it waits until nothing is drawn any more.
const ROUNDS: u32 = 20;

/// What a person at the chooser waits for, of one build.
#[derive(Debug, PartialEq)]
pub(super) struct Waits {
    /// From the start to the first frame.
    first: Measures,
    /// For the frame after a key that is typed at once, while most roles were
    /// not looked at yet.
    at_once: Measures,
    /// For the frame after a key that is typed later.
    later: Measures,
}

/// Measures the chooser of `program`.
///
/// # Errors
/// It draws nothing.
pub(super) fn measure(
    runner: &Path,
    program: &Path,
    environment: &[(String, String)],
) -> Result<Waits> {
    let mut command = Command::new(runner);
    command.arg(ROUNDS.to_string()).arg(program).env_clear();
    command.envs(environment.iter().cloned());
    // Whatever the terminal of whoever measures is.
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    read(&capture(&mut command)?).context("the chooser")
}

fn read(text: &str) -> Result<Waits> {
    let mut columns = [const { Vec::new() }; 3];
    for line in text.lines() {
        let numbers: Vec<u64> = line.split(' ').filter_map(|n| n.parse().ok()).collect();
        if numbers.len() != columns.len() {
            return Err(Failure::new(format!("it printed {line:?}")));
        }
        for (column, ns) in columns.iter_mut().zip(numbers) {
            column.push(ns as f64 / 1e6);
        }
    }
    let [first, at_once, later] = columns.map(|milliseconds| Measures {
        milliseconds,
        ..Measures::default()
    });
    Ok(Waits {
        first,
        at_once,
        later,
    })
}

/// A line about the build `name`.
pub(super) fn line(name: &str, waits: &Waits) -> String {
    let median = |measures: &Measures| measures.median().unwrap_or(f64::INFINITY);
    format!(
        "chooser, {name}: first frame {:.1} ms; a key typed at once {:.1} ms, later {:.1} ms",
        median(&waits.first),
        median(&waits.at_once),
        median(&waits.later),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_and_told_by_their_medians() {
        let waits = read("1000000 30000000 500000\n3000000 10000000 500000\n").unwrap();
        assert_eq!(
            line("static, 10,000 roles", &waits),
            "chooser, static, 10,000 roles: first frame 2.0 ms; a key typed at once 20.0 ms, later 0.5 ms"
        );
        for wrong in ["1 2\n", "1 2 x\n", "nonsense\n"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
