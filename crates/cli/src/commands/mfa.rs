//! `mfa …`: the MFA devices of a user, and secrets of theirs that are stored.

mod add;
mod list;
mod of_device;
mod qr;
mod remove;

use assumerole_core::aws::totp::has_secret;
use assumerole_core::{Error, Kind, Result};

pub(crate) use of_device::devices;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "mfa",
    usage: "assumerole mfa [OPTIONS] <COMMAND>",
};

/// Show MFA devices, and store their secrets sealed
#[derive(Debug, clap::Args)]
#[command(
    override_usage = COMMAND.usage,
    disable_help_subcommand = true,
    after_help = "\
A stored secret gives codes in place of a phone. It is sealed in the store of
access keys (assumerole keys --help) and used for the devices to which
~/.assumerole gives the provider: \"mfa_devices\": {\"ARN\": \"totp\"}"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<MfaAction>,
}

#[derive(Debug, clap::Subcommand)]
enum MfaAction {
    /// Store the secret of a virtual MFA device
    Add(add::Args),
    /// Show the MFA devices of your users
    List(list::Args),
    /// Remove the stored secret of a device
    Remove(remove::Args),
}

impl Args {
    /// What of it only a person may do.
    pub(crate) fn only_for_people(&self) -> Option<String> {
        match self.action.as_ref()? {
            MfaAction::List(_) => None,
            MfaAction::Add(_) => Some("mfa add".to_owned()),
            MfaAction::Remove(_) => Some("mfa remove".to_owned()),
        }
    }
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    match &args.action {
        None => Err(COMMAND.incomplete(app, "COMMAND")),
        Some(MfaAction::Add(args)) => add::run(app, args),
        Some(MfaAction::List(args)) => list::run(app, args),
        Some(MfaAction::Remove(args)) => remove::run(app, args),
    }
}

/// The error of a command line that has the secret of a device in it, which it
/// does not repeat.
pub(crate) fn no_secret<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<()> {
    match has_secret(words) {
        false => Ok(()),
        true => Err(
            Error::new(Kind::Usage, "an argument looks like the secret of an MFA device")
                .because("every user of this machine can read the arguments of a program, and the shell keeps them in its history")
                .hint("remove the line from the history of the shell")
                .hint("type the secret when you are asked for it, or give it on standard input: assumerole mfa add DEVICE"),
        ),
    }
}
