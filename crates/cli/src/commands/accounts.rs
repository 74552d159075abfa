//! `accounts sync|list`: the accounts of AWS Organizations by their names.

mod file;
mod list;
mod sync;

use assumerole_core::Result;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "accounts",
    usage: "assumerole accounts [OPTIONS] <COMMAND>",
};

/// Learn the accounts of AWS Organizations, write roles
#[derive(Debug, clap::Args)]
#[command(
    override_usage = COMMAND.usage,
    disable_help_subcommand = true,
    after_help = "\
What `accounts sync` learns is kept sealed for 30 days: `list` and the chooser
show it, and the pattern ou:PATH picks roles by it."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<AccountsAction>,
}

#[derive(Debug, clap::Subcommand)]
enum AccountsAction {
    /// Ask AWS Organizations for all accounts, and write a role for each
    Sync(sync::Args),
    /// Show the accounts that are known
    List(list::Args),
}

pub(crate) fn run(app: &mut App<'_>, args: Args) -> Result<Outcome> {
    match args.action {
        None => Err(COMMAND.incomplete(app, "COMMAND")),
        Some(AccountsAction::Sync(args)) => sync::run(app, &args),
        Some(AccountsAction::List(args)) => list::run(app, &args),
    }
}
