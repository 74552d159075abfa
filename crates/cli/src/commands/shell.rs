//! Without a verb: assume a role and start a shell, or `ASSUMEROLE_COMMAND`,
//! in it.

use std::ffi::OsStr;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_session::history::Way;

use super::assume::assume;
use super::choose::{self, Chosen};
use super::previous;
use crate::app::App;
use crate::deliver;
use crate::options::{Obtain, Session};
use crate::outcome::Outcome;

/// The arguments.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The role to assume, - for the previous one; without it, choose one
    pub(crate) role: Option<String>,

    /// The MFA code, six digits; without it, it is asked for if it is needed
    code: Option<String>,

    #[command(flatten)]
    pub(crate) obtain: Obtain,
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let command = command(app)?;
    let typed = args.role.clone();
    if let Some(name) = &mut args.role {
        previous::stand_in(app, name, &mut args.obtain.session)?;
    }
    let session = &args.obtain.session;
    let name = match args.role {
        Some(name) => known_or_chosen(app, name, session, command.is_some())?,
        None if command.is_some() => return Err(no_role_named()),
        None => choose::role(app, "", session)?,
    };
    let name = match name {
        Chosen::Role(name) => name,
        Chosen::Ended(outcome) => return Ok(outcome),
    };
    let way = match command {
        Some(_) => Way::Exec,
        None => Way::Shell,
    };
    let program = command.as_ref().and_then(|words| words.first());
    deliver::can_start(app, &name, program.map(OsStr::new))?;
    let assumed = assume(app, &name, typed.as_deref(), args.code, &args.obtain, way)?;
    match command {
        Some(words) => deliver::command(app, &assumed, &words),
        None => deliver::shell(app, &assumed),
    }
}

fn no_role_named() -> Error {
    Error::new(
        Kind::Usage,
        "ASSUMEROLE_COMMAND is set, but no role is named",
    )
    .hint("name one: ASSUMEROLE_COMMAND='…' assumerole ROLE")
}

/// A name that is not known opens the chooser with what was typed, if there is
/// somebody to choose.
fn known_or_chosen(
    app: &App<'_>,
    name: String,
    session: &Session,
    scripted: bool,
) -> Result<Chosen> {
    if scripted || app.quiet || app.is_known(&name)? || !choose::can(app) {
        return Ok(Chosen::Role(name));
    }
    choose::role(app, &name, session)
}

/// `ASSUMEROLE_COMMAND`, split into words as a shell would.
fn command(app: &App<'_>) -> Result<Option<Vec<String>>> {
    let name = names::ASSUMEROLE_COMMAND;
    let Some(text) = app.env.text_or_error(name)? else {
        return Ok(None);
    };
    let words = shell_words::split(text).map_err(|why| {
        Error::new(
            Kind::Usage,
            format!("{name} cannot be split into words: {text:?}"),
        )
        .because(why)
        .hint("close the quotes")
    })?;
    if words.is_empty() {
        return Err(Error::new(Kind::Usage, format!("{name} holds no command"))
            .hint(format!("unset {name}")));
    }
    Ok(Some(words))
}
