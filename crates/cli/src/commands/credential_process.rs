//! `credential-process ROLE`: what an SDK asks for by `credential_process` of
//! `~/.aws/config`.
//!
//! One JSON object on stdout, or nothing; nothing on stderr, or one line. Some
//! SDKs read both streams as one, some print all of stdout where it is no JSON,
//! some show nothing but the exit status.

use std::ffi::OsString;

use assumerole_core::render::{self, Format};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_session::history::Way;

use super::assume::{assume, assume_session};
use super::login;
use super::own::Command;
use crate::app::App;
use crate::deliver;
use crate::options::{Global, Obtain, is_option};
use crate::outcome::Outcome;

/// The name of the command, and of the format of `export` that is the same.
const NAME: &str = "credential-process";

const COMMAND: Command = Command {
    name: NAME,
    usage: "assumerole credential-process [OPTIONS] <ROLE>",
};

/// Print a role's credentials for the AWS SDK that asks
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    obtain: Obtain,

    /// Print the MFA session of a profile, not a role
    #[arg(long)]
    session: bool,

    /// The role, or with --session the profile
    role: Option<String>,
}

const AFTER_HELP: &str = "\
In ~/.aws/config:
  [profile acme-read]
  credential_process = assumerole credential-process acme-read

Prints one JSON object, or one line on stderr and a status other than 0. What it
prints lasts 16 minutes or longer, if it can be renewed without a question: SDKs
ask again before the end. To answer a question beforehand: assumerole login ROLE
--session is for a key that is stored by `assumerole keys`.";

impl Args {
    /// What stands behind `credential-process` in a line that this program
    /// writes into `~/.aws/config`.
    pub(crate) fn plain(words: &[OsString]) -> Option<(Global, Self)> {
        let mut global = Global::default();
        let mut session = false;
        let mut words = words.iter();
        let role = loop {
            let word = words.next()?;
            match word.to_str()? {
                "--config" if global.config.is_none() => {
                    let path = words.next()?;
                    if path.is_empty() || is_option(path) {
                        return None;
                    }
                    global.config = Some(path.into());
                }
                "--no-prompt" if !global.no_prompt => global.no_prompt = true,
                "--session" if !session => session = true,
                "--" => break words.next()?,
                _ if is_option(word) => return None,
                _ => break word,
            }
        };
        let args = Self {
            obtain: Obtain::default(),
            session,
            role: Some(role.to_str()?.to_owned()),
        };
        words.next().is_none().then_some((global, args))
    }
}

pub(crate) fn run(app: &mut App<'_>, args: Args) -> Result<Outcome> {
    let Some(role) = args.role else {
        return Err(COMMAND.incomplete(app, "ROLE"));
    };
    let format = format()?;
    for_program(app, format);
    if args.session {
        let plan = login::session_of_profile(app, &role, &args.obtain.session.request()?)?;
        let assumed = assume_session(app, &role, plan, &args.obtain)?;
        return deliver::export(app, &assumed, format);
    }
    answer(app, (&role, Some(&role)), None, &args.obtain, format)
}

fn format() -> Result<&'static Format> {
    render::named(NAME).ok_or_else(|| Error::new(Kind::Failed, "there is no such format"))
}

/// From here on `app` works for a program that reads `format`.
pub(super) fn for_program(app: &mut App<'_>, format: &Format) {
    app.credentials_only = format.credentials_only;
    app.silent = format.answers && !app.is_verbose();
    if format.answers {
        app.settings.consumer = Consumer::Program;
        app.is_typed = false;
        app.host.clock.deadline().for_program();
    }
}

/// From here on `app` works for a program that gets a token of the credentials.
pub(super) fn for_token(app: &mut App<'_>) {
    app.credentials_only = true;
    app.silent = !app.is_verbose();
    app.settings.consumer = Consumer::Program;
    app.host.clock.deadline().for_program();
}

/// Prints the credentials of `role`, which somebody `typed`, for the program
/// that asks; also what `export` does with that format.
///
/// # Errors
/// There are none.
pub(super) fn answer(
    app: &App<'_>,
    (role, typed): (&str, Option<&str>),
    code: Option<String>,
    obtain: &Obtain,
    format: &Format,
) -> Result<Outcome> {
    let assumed = assume(app, role, typed, code, obtain, Way::Process)?;
    deliver::export(app, &assumed, format)
}
