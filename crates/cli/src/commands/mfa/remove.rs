//! `mfa remove DEVICE`.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::stored_keys::no_device;

use crate::app::App;
use crate::commands::keys::open;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Forgets the secret. In IAM the device stays as it is.")]
pub(super) struct Args {
    /// Remove it without asking
    #[arg(long)]
    yes: bool,

    /// The ARN or the serial number of the device
    #[arg(value_name = "DEVICE", value_parser = str::parse::<MfaDevice>)]
    stored_device: MfaDevice,
}

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let device = &args.stored_device;
    let store = open::existing(app)?.ok_or_else(|| no_device(device))?;
    store.device(device)?.ok_or_else(|| no_device(device))?;
    if !args.yes {
        let hint = format!(
            "confirm it if you mean it: assumerole mfa remove --yes {}",
            argument(device.as_str())
        );
        let not_done = format!("the secret of {device} is not removed");
        let tty = open::terminal(app, &not_done, &hint)?;
        let mut questions = Questions::new(tty, "asks whether to remove a secret")?;
        questions.say("Without it or another copy, the device gives no codes any more.")?;
        if !questions.yes(&format!("Remove the secret of {device}?"), false)? {
            return Err(Error::new(Kind::Cancelled, "nothing was removed"));
        }
    }
    store.remove_device(&open::desk(app)?, device)?;
    app.printer.note(&format!(
        "the secret of {device} is removed; in IAM the device stays as it is"
    ));
    Ok(Outcome::Done)
}
