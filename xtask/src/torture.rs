//! `cargo xtask torture`: the program killed in the middle of every kind of
//! edit, far more often than the tests do it.

use crate::debian::{self, Need};
use crate::process::{Failure, Result, cargo, run};
use crate::ui;

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
        [option] if option == "--rounds" => Err(Failure::new("--rounds wants a value")),
        [other, ..] => Err(Failure::new(format!("torture has no option {other:?}"))),
    }
}

/// Kills each edit `rounds` times, and prints what came of it.
///
/// # Errors
/// A file was torn or lost, or something is left after the next run.
pub(crate) fn torture(rounds: u32) -> Result {
    debian::ensure(Need::Tests)?;
    ui::heading(format!("{rounds} kills of each edit"));
    run(cargo()
        .args(["test", "--package", "assumerole", "--test", "e2e", "--"])
        .args(["torture::", "--nocapture"])
        .env(VARIABLE, rounds.to_string()))
}
