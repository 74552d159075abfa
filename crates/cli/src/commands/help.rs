//! `help [COMMAND]`: as `COMMAND --help`.

use std::iter;

use assumerole_core::diagnostic::Id;
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
    /// The command, or the name of an error that -v shows
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
    if let (Some(id), []) = (Id::parse(subcommand), args.below.as_slice()) {
        app.data(&topic(id))?;
        return Ok(Outcome::Done);
    }
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

/// The page whose headings are the names of the errors.
const ERRORS: &str = include_str!("../../../../docs/errors.md");
/// Columns of a page that is printed.
const COLUMNS: usize = 80;

/// What the page says of `id`: without the marks of Markdown, in lines for a terminal.
fn topic(id: Id) -> String {
    let paragraphs = paragraphs_of(id).unwrap_or_default();
    let paragraphs = paragraphs
        .iter()
        .map(|paragraph| filled(&unlinked(paragraph)));
    let text: Vec<String> = iter::once(id.to_string()).chain(paragraphs).collect();
    text.join("\n\n") + "\n"
}

/// The paragraphs below the heading of `id`.
fn paragraphs_of(id: Id) -> Option<Vec<&'static str>> {
    let mut parts = ERRORS.split("\n## ").skip(1);
    let text = parts.find_map(|part| part.strip_prefix(id.as_str())?.strip_prefix("\n\n"))?;
    Some(text.trim_end().split("\n\n").collect())
}

/// `[text](address)` as `text`.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, (shown, after))) = rest.split_once('[').and_then(|(before, link)| {
        let (shown, link) = link.split_once("](")?;
        Some((before, (shown, link.split_once(')')?.1)))
    }) {
        plain.push_str(before);
        plain.push_str(shown);
        rest = after;
    }
    plain + rest
}

/// `text` in lines of at most [`COLUMNS`], but for words that are longer.
fn filled(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = |line: &String| !line.is_empty() && line.len() + 1 + word.len() > COLUMNS;
        if lines.last().is_some_and(full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
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
    let words = iter::once("assumerole").chain(words.iter().copied());
    let Err(help) = help::command(app.grammar()).try_get_matches_from(words) else {
        return Ok(Outcome::Done);
    };
    match app.printer.help(&help.render()) {
        Err(error) if !error.reader_gone() => Err(error.into()),
        _ => Ok(Outcome::Done),
    }
}

#[cfg(test)]
mod tests {
    use assumerole_core::diagnostic::Id;

    use super::{ERRORS, filled, paragraphs_of, topic, unlinked};

    #[test]
    fn every_error_has_its_part_of_the_page_and_every_part_its_error() {
        let headings: Vec<&str> = ERRORS
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        let ids: Vec<&str> = Id::ALL.iter().map(|id| id.as_str()).collect();
        assert_eq!(headings, ids);
        for id in Id::ALL {
            let paragraphs = paragraphs_of(*id).unwrap();
            assert!(
                paragraphs[0].starts_with("Exit status "),
                "{id}: {}",
                paragraphs[0]
            );
        }
    }

    #[test]
    fn a_part_is_plain_text() {
        for id in Id::ALL {
            let text = topic(*id);
            assert!(!text.contains("]("), "{text}");
            assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        }
        assert_eq!(unlinked("see [a b](x.md#y), [c](d) [e]"), "see a b, c [e]");
        assert_eq!(filled("a\nb  c"), "a b c");
    }
}
