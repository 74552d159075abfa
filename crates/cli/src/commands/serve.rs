//! The credentials server: `serve`, which is one, that which `exec --serve`
//! starts beside a command, and `server-process`, the hidden command that is the
//! process of the latter.
//!
//! Beside a command, the server is a process of its own, in a session of its own, and ends with
//! the command: so that takes this program's place, as without a server, and
//! whatever a terminal, a shell or a supervisor does to it is between them.

mod check;
mod command;
mod control;
mod detached;
mod door;
mod janitor;
mod kept;
mod launch;
mod lines;
mod papers;
mod renewal;
mod running;
mod sentry;
mod spec;
mod survey;
mod talk;
mod token_file;

use assumerole_core::Result;

pub(crate) use command::{Args, run};
pub(super) use launch::beside;
pub(super) use survey::{elsewhere, survey};

use crate::app::App;
use crate::outcome::Outcome;

/// Be the credentials server of the command that starts this
#[derive(Debug, clap::Args)]
pub(crate) struct ProcessArgs {
    /// What is to be done comes from whoever has started this.
    #[arg(long, value_parser = ["near", "apart"])]
    handed_over: String,
}

pub(crate) fn process(app: &mut App<'_>, args: &ProcessArgs) -> Result<Outcome> {
    match args.handed_over.as_str() {
        "apart" => running::apart(app),
        _ => running::near(app),
    }
}
