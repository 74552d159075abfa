//! `help [COMMAND]`: as `COMMAND --help`.

use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::{Error, Kind, Result};

use super::own::Command;
use crate::app::App;
use crate::help;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    verb: "help",
    usage: "assumerole --help",
};

/// Show the help of the program, or of a command
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The command
    #[arg(value_name = "COMMAND")]
    verb: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let Some(verb) = &args.verb else {
        // A role of that name may be meant; the command has arguments, too.
        if COMMAND.is_role(app) {
            return Err(COMMAND.incomplete(app, "COMMAND"));
        }
        return show(app, &["--help"]);
    };
    let verbs = app.verbs();
    if verbs.contains(verb) {
        return show(app, &[verb, "--help"]);
    }
    let error = Error::new(Kind::Usage, format!("there is no command {verb:?}"));
    let near = nearest(verb, verbs.iter().map(String::as_str), 2);
    let error = error.suggest(&near);
    Err(error.hint("see all commands: assumerole --help"))
}

fn show(app: &App<'_>, words: &[&str]) -> Result<Outcome> {
    let words = std::iter::once("assumerole").chain(words.iter().copied());
    let Err(help) = help::command(app.grammar()).try_get_matches_from(words) else {
        return Ok(Outcome::Done);
    };
    match app.printer.help(&help.render()) {
        Err(error) if !error.reader_gone() => Err(error.into()),
        _ => Ok(Outcome::Done),
    }
}
