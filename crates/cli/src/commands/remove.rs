//! `remove NAME`: a role leaves `~/.assumerole`, and its sessions the cache.

use std::sync::Arc;

use assumerole_core::config::remove_role;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};

use super::logout;
use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;
use crate::role_file;
use crate::ui::questions::Questions;

const COMMAND: Command = Command {
    name: "remove",
    usage: "assumerole remove [OPTIONS] <NAME>",
};

/// Take a role out of ~/.assumerole, and forget its sessions
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage)]
pub(crate) struct Args {
    /// Remove it without asking
    #[arg(long)]
    yes: bool,

    /// The role, one of ~/.assumerole
    #[arg(value_name = "NAME")]
    own_role: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let Some(name) = &args.own_role else {
        return Err(COMMAND.incomplete(app, "NAME"));
    };
    COMMAND.role(app, name)?;
    // Whoever is asked is asked for something that can be done.
    let without = |path: &str, text: &Arc<String>| remove_role(path, text, name);
    role_file::edit(app, true, without)?;
    let place = app.config_unsaid()?.place_of_role(name)?;
    let place = place.map(|place| place.place()).unwrap_or_default();
    let shown = one_line(name);
    if !args.yes {
        let mut questions = Questions::new(terminal(app, name)?, "asks whether to remove a role")?;
        if !questions.yes(&format!("Remove role {shown} ({place})?"), false)? {
            return Err(Error::new(Kind::Cancelled, "nothing was removed"));
        }
    }
    // What the file as it was says of its sessions is needed afterwards.
    let forgotten = logout::CachedSessions::of(app, name);
    role_file::edit(app, false, without)?;
    app.printer
        .note(&format!("role {shown} is removed; it was at {place}"));
    match forgotten.forget(app)? {
        0 => {}
        some => app.printer.note(&logout::told(some)),
    }
    if let Some(profile) = app.aws_files()?.profile(name)
        && let Some(section) = profile.sections().next()
    {
        app.printer.note(&format!(
            "{shown} is the profile at {} from now on",
            section.snippet().place()
        ));
    }
    Ok(Outcome::Done)
}

fn terminal(app: &App<'_>, name: &str) -> Result<assumerole_host::tty::Tty> {
    let nobody = |why: &str| {
        let message = format!("role {} is not removed: {why}", one_line(name));
        Error::new(Kind::CannotAsk, message).hint(format!(
            "confirm it if you mean it: assumerole remove --yes {}",
            argument(name)
        ))
    };
    match app.host.tty() {
        Ok(Some(tty)) if tty.in_background() => Err(nobody("this runs in the background")),
        Ok(Some(tty)) => Ok(tty),
        Ok(None) => Err(nobody("there is no terminal to ask at")),
        Err(error) => Err(nobody("cannot prompt on the terminal").because(error)),
    }
}
