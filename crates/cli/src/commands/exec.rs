//! `exec ROLE -- COMMAND`: the command takes this process's place.

use std::ffi::OsString;

use assumerole_core::Result;
use assumerole_session::history::Way;

use super::assume::assume;
use super::previous;
use crate::app::App;
use crate::deliver;
use crate::options::Obtain;
use crate::outcome::Outcome;

/// Run a command in a role
#[derive(Debug, clap::Args)]
#[command(override_usage = "assumerole exec [OPTIONS] <ROLE> [--] <COMMAND> [ARGS]...")]
pub(crate) struct Args {
    /// The MFA code, six digits; without it, it is asked for if it is needed
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    #[command(flatten)]
    obtain: Obtain,

    /// The role to run the command in; - for the previous one
    role: String,

    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let name = previous::or_named(app, args.role)?;
    let assumed = assume(app, &name, args.mfa_code, &args.obtain, Way::Exec)?;
    deliver::command(app, &assumed, &args.command)
}
