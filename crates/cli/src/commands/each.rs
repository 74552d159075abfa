//! `each PATTERN… -- COMMAND`: one command in many roles.

mod asked;
mod bar;
mod folder;
mod output;
mod questions;
mod select;
mod tally;
mod work;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::process::find_in_path;
use assumerole_session::Report as _;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;

pub(crate) use asked::Args;
use output::Printout;
use tally::Tally;

const COMMAND: Command = Command {
    name: "each",
    usage: "assumerole each [OPTIONS] <PATTERN>... -- <COMMAND> [ARGS]...",
};

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    if args.patterns.is_empty() || args.command.is_empty() {
        let missing = match args.patterns.is_empty() {
            true => "PATTERN",
            false => "COMMAND",
        };
        return Err(COMMAND.incomplete(app, missing));
    }
    app.credentials_only = true;
    let program = is_there(app, args)?;
    let tasks = select::tasks(app, args)?;
    if args.dry_run {
        return output::dry_run(app, args, &tasks);
    }
    // All questions come before the first command.
    let ready = questions::ask(app, args, tasks)?;
    let mut printout = Printout::new(app, args);
    let mut tally = Tally::default();
    let signal = work::run(app, args, &program, &ready, &mut |done| {
        tally.add(&done);
        printout.add(done)
    })?;
    if let Some(cache) = app.existing_cache()
        && let Err(error) = cache.sync()
    {
        app.not_cached(&error);
    }
    if !args.json {
        tally.say(app);
    }
    Ok(tally.outcome(signal))
}

/// The program, looked for once.
///
/// # Errors
/// There is none, or a shell is meant.
fn is_there(app: &App<'_>, args: &Args) -> Result<std::path::PathBuf> {
    let Some(word) = args.command.first() else {
        return Err(Error::new(Kind::Usage, "there is no command"));
    };
    let path = app.env.get(names::PATH);
    if let Some(found) = find_in_path(word, path) {
        return Ok(found);
    }
    let text = word.to_string_lossy();
    let is_line = args.command.len() == 1
        && text.contains(|c: char| c.is_whitespace() || "|&;<>$`*?(){}".contains(c));
    if is_line {
        let message = format!("{text:?} is one word, and no shell takes it apart");
        return Err(Error::new(Kind::Usage, message).hint(format!(
            "run it in a shell: assumerole each … -- sh -c {}",
            shell_words::quote(&text)
        )));
    }
    Err(
        Error::new(Kind::NotFound, format!("{text}: command not found"))
            .hint("see where commands are looked for: echo $PATH"),
    )
}
