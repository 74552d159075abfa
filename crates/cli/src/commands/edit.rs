//! `edit NAME`: a role of `~/.assumerole` is changed, by flags or in an editor.

mod editor;

use std::sync::Arc;

use assumerole_core::config::{
    Config, RoleChange, change_role, check_entry, replace_role, written_role,
};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::Target;
use assumerole_core::plan::request::Request;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};

use super::add::{Flags, draft};
use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;
use crate::role_file;
use crate::ui::questions::Questions;
use editor::Copy;

const COMMAND: Command = Command {
    name: "edit",
    usage: "assumerole edit [OPTIONS] <NAME>",
};

/// Change a role of ~/.assumerole, by flags or in an editor
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = "\
Without flags, opens a copy of the role in $VISUAL or $EDITOR; the copy replaces
the role once it is valid.")]
pub(crate) struct Args {
    #[command(flatten)]
    flags: Flags,

    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// The role, one of ~/.assumerole
    #[arg(value_name = "NAME")]
    own_role: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let Some(name) = &args.own_role else {
        return Err(COMMAND.incomplete(app, "NAME"));
    };
    COMMAND.role(app, name)?;
    match args.flags.are_none() {
        false => by_flags(app, name, &args.flags, args.dry_run),
        true => by_hand(app, name, args.dry_run),
    }
}

fn by_flags(app: &App<'_>, name: &str, flags: &Flags, dry_run: bool) -> Result<Outcome> {
    draft::check_names(app, flags)?;
    let config = app.config_unsaid()?;
    let changes: Vec<RoleChange> =
        flags.changes(config.role(name).ok().flatten().as_ref(), config)?;
    let before = role_file::text(app)?;
    let after = role_file::edit(app, dry_run, |path, text| {
        let after = change_role(path, text, name, &changes)?;
        check_plan(app, path, &after, name)?;
        Ok(after)
    })?;
    done(app, name, &before, &after, dry_run)
}

fn by_hand(app: &App<'_>, name: &str, dry_run: bool) -> Result<Outcome> {
    let shown = app.places.show(&app.places.config);
    let before = role_file::text(app)?;
    let entry = written_role(&shown, &before, name)?;
    let entry = entry.ok_or_else(|| Error::new(Kind::Failed, "the role was removed meanwhile"))?;
    let mut copy = Copy::make(app, name, &entry)?;
    loop {
        let edited = copy.edit(app)?;
        if edited.trim() == entry.trim() {
            app.printer.note("nothing was changed");
            return Ok(Outcome::Done);
        }
        let taken = check_entry(&copy.shown, &edited).and_then(|()| {
            role_file::edit(app, dry_run, |path, text| {
                // What somebody else did to it meanwhile is not undone.
                if written_role(path, text, name)?.as_deref() != Some(entry.as_str()) {
                    return Err(changed_meanwhile(name));
                }
                let after = replace_role(path, text, name, &edited)?;
                check_plan(app, path, &after, name)?;
                Ok(after)
            })
        });
        match taken {
            Ok(after) => return done(app, name, &before, &after, dry_run),
            // It is no fault of what was written.
            Err(error) if error.kind() == Kind::Failed => {
                return Err(error.hint(format!("find what you wrote in {}", copy.keep())));
            }
            Err(error) => again(app, error)?,
        }
    }
}

/// Offers the editor again, to whoever made an `error` in it.
///
/// # Errors
/// The person has had enough; or nobody can be asked: that error.
fn again(app: &App<'_>, error: Error) -> Result<()> {
    let tty = match app.host.tty() {
        Ok(Some(tty)) if !tty.in_background() => tty,
        _ => return Err(error),
    };
    app.printer.error(&error);
    let mut questions = Questions::new(tty, "asks whether to edit a role again")?;
    match questions.yes("Edit it again?", true)? {
        true => Ok(()),
        false => Err(Error::new(Kind::Cancelled, "nothing was written")),
    }
}

fn changed_meanwhile(name: &str) -> Error {
    let message = format!("role {} was changed meanwhile", one_line(name));
    Error::new(Kind::Failed, message)
        .because("nothing was written")
        .hint(format!(
            "edit it as it is now: assumerole edit {}",
            argument(name)
        ))
}

/// Whether the role of `after` leads somewhere, if it did before: a role that
/// is half done may be changed bit by bit.
fn check_plan(app: &App<'_>, path: &str, after: &Arc<String>, name: &str) -> Result<()> {
    let planned = |config: &Config| match config.role(name) {
        Ok(Some(role)) => {
            let target = Target::Role(Box::new(role));
            app.plan_in(config, &target, &Request::default()).map(drop)
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    match planned(&Config::parse(path, Arc::clone(after))?) {
        Err(error) if planned(app.config_unsaid()?).is_ok() => Err(error),
        _ => Ok(()),
    }
}

fn done(
    app: &App<'_>,
    name: &str,
    before: &Arc<String>,
    after: &Arc<String>,
    dry_run: bool,
) -> Result<Outcome> {
    let shown = app.places.show(&app.places.config);
    if dry_run {
        let entry = written_role(&shown, after, name)?.unwrap_or_default();
        let key = serde_json::Value::from(name);
        return app.data(&format!("{key}: {entry}\n"));
    }
    if before == after {
        app.printer.note("nothing was changed");
        return Ok(Outcome::Done);
    }
    let place = Config::parse(&shown, Arc::clone(after))?.place_of_role(name)?;
    let place = place.map(|place| place.place()).unwrap_or_default();
    app.printer
        .note(&format!("role {} is changed, at {place}", one_line(name)));
    Ok(Outcome::Done)
}
