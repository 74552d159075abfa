//! Runs commands in turns by way of `bench/runner.c`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{Context as _, Failure, Result};

/// A command that is measured.
#[derive(Clone, Debug)]
pub(super) struct Contender {
    /// Its row in the table.
    pub(super) name: String,
    /// Program and arguments; the program with its whole path.
    pub(super) words: Vec<String>,
    /// What its environment has besides everyone's.
    pub(super) env: Vec<(String, String)>,
    /// Run in each so-many-th round: more than 1 for the slow.
    pub(super) every: u32,
    /// The row it is held against, and how many milliseconds over that are
    /// aimed at.
    pub(super) target: Option<(String, f64)>,
}

impl Contender {
    /// One that is run in every round.
    pub(super) fn new(name: &str, words: impl IntoIterator<Item: AsRef<Path>>) -> Self {
        let words = words.into_iter();
        Self {
            name: name.to_owned(),
            words: words.map(|w| w.as_ref().display().to_string()).collect(),
            env: Vec::new(),
            every: 1,
            target: None,
        }
    }

    /// The command, to be run outside the measuring.
    pub(super) fn command(&self, environment: &[(String, String)]) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env_clear();
        command.envs(environment.iter().chain(&self.env).cloned());
        command
    }

    /// The command in the runner's words.
    fn describe(&self, environment: &[(String, String)]) -> String {
        let mut text = format!("every {}\n", self.every);
        for (name, value) in environment.iter().chain(&self.env) {
            text.push_str(&format!("env {name}={value}\n"));
        }
        for word in &self.words {
            text.push_str(&format!("arg {word}\n"));
        }
        text + "end\n"
    }
}

/// What was measured of one command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measures {
    /// From the spawn to the end, each run.
    pub(super) milliseconds: Vec<f64>,
    /// The most memory of any run.
    pub(super) kib: u64,
    /// The least page faults of any run: that the spawn itself takes included.
    pub(super) faults: u64,
}

impl Measures {
    /// The shortest time, milliseconds: the run that the machine's other work
    /// disturbed least. Infinite: nothing was measured.
    pub(super) fn least(&self) -> f64 {
        self.milliseconds
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min)
    }

    /// The median time, milliseconds. `None`: nothing was measured.
    pub(super) fn median(&self) -> Option<f64> {
        let mut sorted = self.milliseconds.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            *sorted.get(upper)?
        } else {
            f64::midpoint(*sorted.get(upper.checked_sub(1)?)?, *sorted.get(upper)?)
        };
        Some(median)
    }
}

/// Measures every contender, in turns: (warm-up, counted) `rounds`.
///
/// # Errors
/// A command does not end with 0.
pub(super) fn all(
    runner: &Path,
    contenders: &[Contender],
    environment: &[(String, String)],
    rounds: (u32, u32),
) -> Result<Vec<Measures>> {
    let mut child = Command::new(runner)
        .args([rounds.0.to_string(), rounds.1.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run the runner")?;
    let commands: String = contenders.iter().map(|c| c.describe(environment)).collect();
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(commands.as_bytes()).context("the runner")?;
    }
    let output = child.wait_with_output().context("the runner")?;
    if !output.status.success() {
        return Err(Failure::new(format!("the runner: {}", output.status)));
    }
    read(&String::from_utf8_lossy(&output.stdout), contenders.len())
}

/// What the runner printed, by contender.
fn read(text: &str, contenders: usize) -> Result<Vec<Measures>> {
    let mut all = vec![Measures::default(); contenders];
    for line in text.lines() {
        let numbers: Vec<u64> = line.split(' ').filter_map(|n| n.parse().ok()).collect();
        let measured = match numbers.as_slice() {
            &[index, ns, kib, faults] => usize::try_from(index)
                .ok()
                .and_then(|index| all.get_mut(index))
                .map(|measures| (measures, ns, kib, faults)),
            _ => None,
        };
        let (measures, ns, kib, faults) =
            measured.ok_or_else(|| Failure::new(format!("the runner printed {line:?}")))?;
        measures.faults = match measures.milliseconds.as_slice() {
            [] => faults,
            _ => measures.faults.min(faults),
        };
        measures.milliseconds.push(ns as f64 / 1e6);
        measures.kib = measures.kib.max(kib);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_read_and_their_median_is_in_the_middle() {
        let all = read("0 3000000 100 7\n1 9000000 50 8\n0 1000000 300 6\n", 2).unwrap();
        assert_eq!(all[0].milliseconds, [3.0, 1.0]);
        assert_eq!((all[0].median(), all[0].kib), (Some(2.0), 300));
        assert_eq!((all[0].faults, all[1].faults), (6, 8));
        assert_eq!(all[0].least(), 1.0);
        assert_eq!(all[1].median(), Some(9.0));
        assert_eq!(Measures::default().median(), None);
        for wrong in ["2 1 1 1\n", "0 1 1\n", "0 1 x 1\n", "nonsense\n"] {
            assert!(read(wrong, 2).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_contender_is_described_line_by_line() {
        let mut contender = Contender::new("c", ["/bin/echo", "two words"]);
        contender.every = 10;
        contender.env.push(("B".to_owned(), "2".to_owned()));
        assert_eq!(
            contender.describe(&[("A".to_owned(), "1".to_owned())]),
            "every 10\nenv A=1\nenv B=2\narg /bin/echo\narg two words\nend\n"
        );
    }
}
