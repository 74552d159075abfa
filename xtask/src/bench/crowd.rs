//! Forty processes that want a role at once, while it is not cached: beside one
//! process alone, with an AWS that answers as slowly as the real one.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{ROLE, environment, log_in};
use crate::process::{Context as _, Failure, Result, capture};
use crate::stage::Stage;
use crate::workspace::Programs;

/// As many as a loop over accounts starts.
const MANY: usize = 40;
/// What STS takes for an answer within a continent (an order of magnitude).
const LATENCY: Duration = Duration::from_millis(200);
/// How often each is measured.
const ROUNDS: usize = 15;
/// How much longer forty may take than one.
const TARGET: f64 = 1.5;

/// Measures `program` and says it in a line.
///
/// # Errors
/// A process fails, or more than one request was made.
pub(super) fn measure(programs: &Programs, name: &str, program: &Path) -> Result<String> {
    let stage = Stage::with_latency(programs, LATENCY)?;
    log_in(&stage, program)?;
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(at_once(&stage, program, 1)?);
        many.push(at_once(&stage, program, MANY)?);
    }
    let (one, many) = (median(one), median(many));
    let ratio = many / one;
    let verdict = if ratio <= TARGET { "reached" } else { "missed" };
    Ok(format!(
        "{MANY} at once, cold role, {name}: {many:.0} ms, one alone {one:.0} ms, ratio {ratio:.2} ({TARGET}: {verdict})"
    ))
}

/// How long it takes until so many have run in the role; milliseconds.
fn at_once(stage: &Stage, program: &Path, count: usize) -> Result<f64> {
    let environment = environment(stage);
    let command = |words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).env_clear();
        command.envs(environment.iter().cloned());
        command.stdin(Stdio::null());
        command
    };
    capture(&mut command(&["logout", ROLE]))?;
    let before = stage.sandbox.requests()?.len();
    let started = Instant::now();
    let start = |_| -> Result<Child> {
        let mut command = command(&["--quiet", "exec", ROLE, "--", "/bin/true"]);
        command.spawn().context(program.display())
    };
    let children: Vec<Child> = (0..count).map(start).collect::<Result<_>>()?;
    for mut child in children {
        let status = child.wait().context("a process")?;
        if !status.success() {
            return Err(Failure::new(format!(
                "one of {count} at once ended with {status}"
            )));
        }
    }
    let took = started.elapsed().as_secs_f64() * 1000.0;
    let requests = stage.sandbox.requests()?.len() - before;
    match requests {
        1 => Ok(took),
        _ => Err(Failure::new(format!(
            "{count} at once made {requests} requests"
        ))),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
