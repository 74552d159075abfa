//! `cargo xtask torture`: what the tests do now and then, far more often. The
//! program is killed in the middle of every kind of edit, and random files of
//! `~/.aws` are read by it and by the AWS CLI's own library.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::debian::{self, Need};
use crate::process::{Failure, Result, cargo, run};
use crate::workspace::EVERY_PROGRAM;
use crate::{python, ui, workspace};

/// How often in each edit when nobody says.
const ROUNDS: u32 = 2000;

/// What the tests of `crates/cli/tests/e2e/torture.rs` read.
const VARIABLE: &str = "ASSUMEROLE_TORTURE_ROUNDS";

/// Reads `--rounds N`.
///
/// # Errors
/// Anything else, or a value that makes no sense.
pub(crate) fn rounds(args: &[String]) -> Result<u32> {
    match args {
        [] => Ok(ROUNDS),
        [option, value] if option == "--rounds" => {
            let rounds = value.parse().ok().filter(|rounds| *rounds > 0);
            rounds.ok_or_else(|| Failure::new(format!("--rounds {value:?}: a number?")))
        }
        [option] if option == "--rounds" => Err(Failure::new("--rounds needs a value")),
        [other, ..] => Err(Failure::new(format!("torture has no option {other:?}"))),
    }
}

/// Kills each edit `rounds` times, has so many random texts and half as many
/// random graphs of profiles read, and prints what came of it.
///
/// # Errors
/// A file was torn or lost, or something is left after the next run; or a file
/// is read otherwise than by the AWS CLI.
pub(crate) fn torture(rounds: u32) -> Result {
    debian::ensure(Need::Tests)?;
    compare(rounds)?;
    ui::heading(format!("{rounds} kills of each edit"));
    run(cargo()
        .args(["test", "--workspace", "--test", "e2e", "--"])
        .args(["torture::", "--nocapture"])
        .env(VARIABLE, rounds.to_string()))
}

/// Has random files read by both, others each time; the seed is printed.
fn compare(rounds: u32) -> Result {
    let venv = python::for_tests()?;
    let programs = workspace::build(&EVERY_PROGRAM)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = now.map_or(1, |now| now.as_secs());
    let (texts, graphs) = (rounds, rounds.div_ceil(2));
    ui::heading(format!("{texts} texts and {graphs} graphs of profiles"));
    let mut check = Command::new(venv.program("python"));
    check.arg(workspace::root().join("tests/interop/random/check.py"));
    for (option, number) in [
        ("--texts", u64::from(texts)),
        ("--graphs", graphs.into()),
        ("--seed", seed),
    ] {
        check.args([option, &number.to_string()]);
    }
    run(check.envs(programs.environment()?))
}
