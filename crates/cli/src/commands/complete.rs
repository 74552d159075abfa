//! `complete`: what the completion scripts of the shells call.

use std::ffi::OsString;

use assumerole_core::Result;
use clap::ValueEnum;
use serde::Serialize;

use crate::app::App;
use crate::complete::{Candidate, Line, candidates, quoted};
use crate::outcome::Outcome;

/// Print what may stand at a place of the command line
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How to print it
    #[arg(long)]
    shell: Print,

    /// The first word is the function of `init`
    #[arg(long)]
    in_place: bool,

    /// The line up to the cursor, in place of words
    #[arg(long, conflicts_with = "words", allow_hyphen_values = true)]
    line: Option<String>,

    /// The words; the last is the one that is being typed
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

/// How candidates are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Print {
    /// A value a line, quoted.
    Bash,
    /// As bash, with what it means: for a list that is only shown.
    BashList,
    /// `value:meaning`.
    Zsh,
    /// `value`, tab, meaning.
    Tab,
    /// JSON.
    Nu,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let line = args.line.as_deref().map(Line::read);
    let mut words = match &line {
        Some(line) => line.words.iter().map(OsString::from).collect(),
        None => args.words,
    };
    if args.in_place && !words.is_empty() {
        words.splice(0..1, ["assumerole".into(), "export".into()]);
    }
    let typed = words.last().and_then(|word| word.to_str());
    let typed = typed.unwrap_or_default().to_owned();
    let mut found = candidates(app, words);
    if args.in_place {
        found.retain(|candidate| candidate.value != "--format");
    }
    let in_quotes = line.is_some_and(|line| line.in_quotes);
    let text = match args.shell {
        Print::Bash => bash(&found, &typed, in_quotes, false),
        Print::BashList => bash(&found, &typed, in_quotes, true),
        Print::Zsh => lines(
            &found,
            |value| value.replace('\\', "\\\\").replace(':', "\\:"),
            ':',
        ),
        Print::Tab => lines(&found, str::to_owned, '\t'),
        Print::Nu => json(&found),
    };
    app.data(&text)
}

/// bash replaces what stands behind the last of these characters.
const WORD_BREAKS: [char; 3] = ['=', ':', '@'];

fn bash(found: &[Candidate], typed: &str, in_quotes: bool, listed: bool) -> String {
    let kept = match in_quotes {
        true => 0,
        false => typed.rfind(WORD_BREAKS).map_or(0, |at| at + 1),
    };
    let mut text = String::new();
    for candidate in found {
        let value = candidate.value.get(kept..).unwrap_or_default();
        match in_quotes {
            true => text.push_str(value),
            false => text.push_str(&quoted(value)),
        }
        if let Some(help) = candidate
            .help
            .as_ref()
            .filter(|_| listed && found.len() > 1)
        {
            text.push_str(&format!("  ({help})"));
        }
        text.push('\n');
    }
    text
}

fn lines(found: &[Candidate], value: impl Fn(&str) -> String, parting: char) -> String {
    let mut text = String::new();
    for candidate in found {
        text.push_str(&value(&candidate.value));
        if let Some(help) = &candidate.help {
            text.push(parting);
            text.push_str(help);
        }
        text.push('\n');
    }
    text
}

fn json(found: &[Candidate]) -> String {
    #[derive(Serialize)]
    struct Suggestion<'a> {
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./:@%,".contains(c);
    let suggestions: Vec<Suggestion<'_>> = found
        .iter()
        .map(|candidate| Suggestion {
            // nushell inserts it as it is.
            value: match candidate.value.chars().all(plain) {
                true => candidate.value.clone(),
                false => format!("{:?}", candidate.value),
            },
            description: candidate.help.as_deref(),
        })
        .collect();
    serde_json::to_string(&suggestions).unwrap_or_default()
}
