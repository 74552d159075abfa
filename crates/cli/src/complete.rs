//! What may stand at a place of the command line.
//!
//! clap's engine knows the commands, the flags and their values. Where a name may
//! stand, it leaves a mark, which is replaced here: by names that are read from
//! the person's files, and nothing else. No network, no lock, no question, and
//! no word of what is wrong there.

mod line;
mod names;
mod typed;

pub(crate) use line::{TypedLine, quoted};
pub(crate) use typed::Typed;

use std::mem::ManuallyDrop;

use assumerole_core::diagnostic::sanitize::one_line;
use clap_complete::engine::complete;

use crate::app::App;
use names::{Names, marked, marked_names};

/// What may stand in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// One of these.
    Candidates(Vec<Candidate>),
    /// A file: shells know best how people write their names.
    Files,
    /// A word of another program's command line, which begins with the word of
    /// this number, the first being 0. For the shell to say, too.
    Command(usize),
}

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What.
    pub(crate) value: String,
    /// What it means.
    pub(crate) help: Option<String>,
}

/// What may stand in the place of the last word of `typed`.
pub(crate) fn found(app: &App<'_>, typed: &Typed) -> Completion {
    if let Some(at) = typed.command() {
        return Completion::Command(at);
    }
    let last = match typed.words().len().checked_sub(1) {
        Some(last @ 1..) => last,
        _ => return Completion::Candidates(Vec::new()),
    };
    let mut command = app.grammar()();
    // The arguments of commands are made only now, and of the others none are needed.
    if let Some(subcommand) = typed.subcommand() {
        command = command.mut_subcommands(|other| match other.get_name() == subcommand {
            true => other,
            false => other.defer(|other| other),
        });
    }
    command.build();
    // Not taken apart again: the process ends soon.
    let mut command = ManuallyDrop::new(marked(command));
    let words = typed.words().to_vec();
    let from_clap = complete(&mut command, words, last, None).unwrap_or_default();
    let subcommands = typed.command_may_follow(app.grammar());
    let mut candidates = Vec::new();
    for candidate in from_clap.iter().filter(|found| !found.is_hide_set()) {
        // Nobody can type what is not text.
        let Some(value) = candidate.get_value().to_str() else {
            continue;
        };
        match marked_names(value) {
            // A flag is being typed.
            Some(("", Names::Files | Names::Command, typed)) if typed.starts_with('-') => {}
            Some((_, Names::Files, _)) => return Completion::Files,
            Some((_, Names::Command, _)) => return Completion::Command(last),
            Some((before, names, typed)) => {
                let names = names.beginning_with(app, typed).unwrap_or_default();
                candidates.extend(names.into_iter().map(|found| Candidate {
                    value: format!("{before}{}", found.value),
                    help: found.help,
                }));
            }
            None if !subcommands && !value.starts_with('-') => {}
            None => candidates.push(Candidate {
                value: value.to_owned(),
                help: candidate.get_help().map(|help| one_line(&help.to_string())),
            }),
        }
    }
    // Flags are many, and nobody has begun one.
    if typed.last().is_empty() && candidates.iter().any(|found| !is_flag(found)) {
        candidates.retain(|found| !is_flag(found));
    }
    Completion::Candidates(candidates)
}

fn is_flag(candidate: &Candidate) -> bool {
    candidate.value.starts_with('-')
}
