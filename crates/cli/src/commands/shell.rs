//! Without a command: assume a role and start a shell, or `ASSUMEROLE_COMMAND`,
//! in it.

use std::ffi::OsStr;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::quoted;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_session::history::Way;

use super::assume::assume;
use super::choose::{self, Chosen};
use super::{previous, serve};
use crate::app::App;
use crate::deliver;
use crate::options::{Obtain, Session};
use crate::outcome::Outcome;
use crate::synonym;

/// The arguments.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The role to assume; - for the previous one [default: choose one]
    pub(crate) role: Option<String>,

    /// The MFA code, six digits [default: prompt when needed]
    code: Option<String>,

    /// Renew them by a server while the shell runs
    #[arg(long)]
    pub(crate) serve: bool,

    #[command(flatten)]
    pub(crate) obtain: Obtain,
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    if args.serve {
        app.settings.consumer = Consumer::Program;
    }
    let command = command(app)?;
    let typed = args.role.clone();
    if let Some(name) = &mut args.role {
        previous::stand_in(app, name, &mut args.obtain.session)?;
    }
    let session = &args.obtain.session;
    let name = match args.role {
        Some(name) => known_or_chosen(app, name, &mut args.code, session, command.is_some())?,
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
    let mut assumed = assume(app, &name, typed.as_deref(), args.code, &args.obtain, way)?;
    if args.serve {
        assumed.served = Some(serve::beside(app, &assumed)?);
    }
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
/// somebody to choose; with the word behind it, too, where that is no `code`.
fn known_or_chosen(
    app: &App<'_>,
    name: String,
    code: &mut Option<String>,
    session: &Session,
    scripted: bool,
) -> Result<Chosen> {
    let word = code.as_ref().filter(|code| !looks_like_code(code));
    if word.is_none() && (scripted || app.quiet) {
        return Ok(Chosen::Role(name));
    }
    let is_known = app.is_known(&name)?;
    if let Some(word) = word.filter(|_| is_known) {
        return Err(no_code(&name, word));
    }
    if let Some(word) = word
        && let Some(subcommand) = synonym::command(&name, &app.commands())
    {
        let words = [subcommand.as_str(), word]
            .map(shell_words::quote)
            .join(" ");
        let message = format!("there is no command or role {:?}", one_line(&name));
        return Err(Error::new(Kind::Usage, message)
            .hint(format!("did you mean: assumerole {}?", one_line(&words)))
            .hint("see: assumerole --help"));
    }
    if scripted || app.quiet || is_known || !choose::can(app) {
        return match word {
            // No code is spoken of where there is no role.
            Some(_) => Err(app.no_such_role(app.config_unsaid()?, &name)),
            None => Ok(Chosen::Role(name)),
        };
    }
    let typed = match code.take_if(|code| !looks_like_code(code)) {
        Some(word) => format!("{name} {word}"),
        None => name,
    };
    choose::role(app, &typed, session)
}

/// Whether somebody who typed `text` may have meant a code, perhaps with a slip.
fn looks_like_code(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) || text.is_empty()
}

/// The error of a `word` behind the role `name` that is no code.
fn no_code(name: &str, word: &str) -> Error {
    let dashes = match name.starts_with('-') {
        true => format!("-- {}", quoted(name)),
        false => format!("{} --", quoted(name)),
    };
    Error::new(
        Kind::Usage,
        format!(
            "{:?} after the role is not an MFA code, which has six digits",
            one_line(word)
        ),
    )
    .hint(format!(
        "run a command in the role: assumerole exec {} {}",
        one_line(&dashes),
        one_line(&quoted(word))
    ))
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
