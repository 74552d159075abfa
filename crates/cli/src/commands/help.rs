//! `help [COMMAND]`: as `COMMAND --help`.

use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::{Error, Kind, Result};

use super::own::Command;
use crate::app::App;
use crate::help;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "help",
    usage: "assumerole --help",
};

/// Show the help of the program, or of a command
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The command
    #[arg(id = "subcommand", value_name = "COMMAND")]
    command: Option<String>,

    /// What is below it
    #[arg(hide = true, value_name = "COMMAND")]
    below: Vec<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let Some(subcommand) = &args.command else {
        // A role of that name may be meant; the command has arguments, too.
        if COMMAND.is_role(app) {
            return Err(COMMAND.incomplete(app, "COMMAND"));
        }
        return show(app, &["--help"]);
    };
    let subcommands = app.commands();
    if !subcommands.contains(subcommand) {
        return Err(unknown(&[], subcommand, &subcommands));
    }
    let mut top = (app.grammar())();
    // What is below a command is made when that is asked for.
    top.build();
    let mut command = top.find_subcommand(subcommand);
    let mut words = vec![subcommand.as_str()];
    for word in &args.below {
        let all: Vec<String> = command
            .into_iter()
            .flat_map(clap::Command::get_subcommands)
            .map(|command| command.get_name().to_owned())
            .filter(|name| name != "help")
            .collect();
        if !all.contains(word) {
            return Err(unknown(&words, word, &all));
        }
        command = command.and_then(|command| command.find_subcommand(word));
        words.push(word);
    }
    words.push("--help");
    show(app, &words)
}

/// There is no command `word` below the command of `words`, which has `all`.
fn unknown(words: &[&str], word: &str, all: &[String]) -> Error {
    let whole = [words, &[word]].concat().join(" ");
    let near = nearest(word, all.iter().map(String::as_str), 2);
    let error = Error::new(Kind::Usage, format!("there is no command {whole:?}")).suggest(&near);
    if words.is_empty() {
        return error.hint("see all commands: assumerole --help");
    }
    error.hint(format!("see: assumerole {} --help", words.join(" ")))
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
