//! `complete`: what the completion scripts of the shells call.

use std::cell::OnceCell;
use std::ffi::OsString;

use assumerole_core::Result;
use clap::ValueEnum;
use serde::Serialize;

use crate::app::App;
use crate::complete::{Candidate, Completion, Typed, TypedLine, found, quoted};
use crate::grammar::Grammar;
use crate::options::Global;
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

    /// `COMP_WORDBREAKS` of bash
    #[arg(long, default_value = BREAKS, allow_hyphen_values = true)]
    breaks: String,

    /// The words; the last is the one that is being typed
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,

    /// What is typed, and the line if it is one: understood once.
    #[arg(skip)]
    typed: OnceCell<(Typed, Option<TypedLine>)>,
}

/// `COMP_WORDBREAKS`, where nobody says it.
const BREAKS: &str = "=:";

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

impl Args {
    /// What stands behind `complete`, where it is what the scripts of bash, zsh
    /// and fish write.
    pub(crate) fn plain(words: &[OsString]) -> Option<Self> {
        let [flag, shell, words @ ..] = words else {
            return None;
        };
        if flag != "--shell" {
            return None;
        }
        let (in_place, words) = match words {
            [flag, words @ ..] if flag == "--in-place" => (true, words),
            words => (false, words),
        };
        let (breaks, words) = match words {
            [flag, breaks, words @ ..] if flag == "--breaks" => (breaks.to_str()?, words),
            words => (BREAKS, words),
        };
        let (line, words) = match words {
            [flag, line] if flag == "--line" => (Some(line.to_str()?), &[][..]),
            [dashes, words @ ..] if dashes == "--" => (None, words),
            _ => return None,
        };
        // Whether these are values is for clap to say.
        if breaks == "--" || line == Some("--") {
            return None;
        }
        Some(Self {
            shell: Print::from_str(shell.to_str()?, false).ok()?,
            in_place,
            line: line.map(str::to_owned),
            breaks: breaks.to_owned(),
            words: words.to_vec(),
            typed: OnceCell::new(),
        })
    }

    /// Puts the file that the line names in the place of `~/.assumerole`.
    pub(crate) fn adopt(&self, global: &mut Global, grammar: Grammar) {
        global.config = self.typed(grammar).0.config().or(global.config.take());
    }

    fn typed(&self, grammar: Grammar) -> &(Typed, Option<TypedLine>) {
        self.typed.get_or_init(|| self.understood(grammar))
    }

    fn understood(&self, grammar: Grammar) -> (Typed, Option<TypedLine>) {
        let line = self.line.as_deref().map(TypedLine::read);
        let mut words = match &line {
            Some(line) => line.words.iter().map(OsString::from).collect(),
            // Those of nushell are as they are typed.
            None if self.shell == Print::Nu => self.words.iter().map(unquoted).collect(),
            None => self.words.clone(),
        };
        if self.in_place && !words.is_empty() {
            words.splice(0..1, ["assumerole".into(), "export".into()]);
        }
        (Typed::new(words, grammar), line)
    }
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let (typed, line) = args.typed(app.grammar());
    let mut found = match found(app, typed) {
        Completion::Candidates(candidates) => candidates,
        Completion::Files => return app.data(&args.shell.left_to_it("files")),
        Completion::Command(word) => {
            // bash splits the line anew, and elsewhere.
            let at = match line {
                Some(line) => line.ends[word - 1],
                None => word,
            };
            return app.data(&args.shell.left_to_it(&at.to_string()));
        }
    };
    if args.in_place {
        found.retain(|candidate| candidate.value != "--format");
    }
    let in_quotes = line.as_ref().is_some_and(|line| line.in_quotes);
    let kept = match (in_quotes, typed.last().to_str()) {
        (false, Some(typed)) => kept(typed, &args.breaks),
        _ => 0,
    };
    let text = match args.shell {
        Print::Bash => bash(&found, kept, in_quotes, false),
        Print::BashList => bash(&found, kept, in_quotes, true),
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

/// A word without its quotes; the last one need not be there.
fn unquoted(word: &OsString) -> OsString {
    let text = word.to_str().unwrap_or_default();
    match text.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => text[1..].trim_end_matches(quote).into(),
        _ => word.clone(),
    }
}

impl Print {
    /// What is for the shell to complete: a candidate without a value, whose
    /// meaning is `what`.
    fn left_to_it(self, what: &str) -> String {
        match self {
            Self::Bash | Self::BashList | Self::Tab => format!("\t{what}\n"),
            Self::Zsh => format!(":{what}\n"),
            // It completes files then, and has no more to offer.
            Self::Nu => "null".to_owned(),
        }
    }
}

/// How much of `typed` bash keeps: it replaces what stands behind the last of
/// its word breaks, an `@` included, which begins the name of a host. Others
/// are quoted where they are part of a word.
fn kept(typed: &str, breaks: &str) -> usize {
    let breaks = |c: char| ['=', ':', '@'].contains(&c) && breaks.contains(c);
    match typed.rfind(breaks) {
        Some(at) if typed[at..].starts_with('@') => at,
        Some(at) => at + 1,
        None => 0,
    }
}

fn bash(found: &[Candidate], kept: usize, in_quotes: bool, listed: bool) -> String {
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
