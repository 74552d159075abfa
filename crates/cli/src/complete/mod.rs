//! What may stand at a place of the command line.
//!
//! clap's engine knows the verbs, the flags and their values. Where a role, a
//! region or a profile may stand, it leaves a mark, which is replaced here: by
//! names that are read from the person's files, and nothing else. No network,
//! no lock, no question, and no word of what is wrong there.

mod line;

pub(crate) use line::{Line, quoted};

use std::ffi::{OsStr, OsString};

use assumerole_core::Result;
use assumerole_core::ids::REGIONS;
use assumerole_core::plan::Target;
use assumerole_core::request::Request;
use assumerole_core::sanitize::one_line;
use clap::{Command, CommandFactory as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};

use crate::app::App;
use crate::args::Cli;

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What.
    pub(crate) value: String,
    /// What it means.
    pub(crate) help: Option<String>,
}

/// Of more candidates than these nobody reads what they mean.
const MOST_WITH_HELP: usize = 200;

/// What a value is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Roles,
    Regions,
    Profiles,
}

/// Where in a candidate names have to be put: a character that none has.
const MARK: char = '\u{1}';

impl Names {
    /// By the argument's id.
    fn of(id: &str) -> Option<Self> {
        match id {
            "role" | "roles" | "name" | "names" => Some(Self::Roles),
            "region" => Some(Self::Regions),
            "profile" | "profiles" => Some(Self::Profiles),
            _ => None,
        }
    }

    fn mark(self) -> char {
        match self {
            Self::Roles => 'r',
            Self::Regions => 'g',
            Self::Profiles => 'p',
        }
    }

    fn of_mark(mark: char) -> Option<Self> {
        [Self::Roles, Self::Regions, Self::Profiles]
            .into_iter()
            .find(|names| names.mark() == mark)
    }
}

/// What may stand in the place of the last of `words`, the program's name being
/// the first of them.
pub(crate) fn candidates(app: &App<'_>, words: Vec<OsString>) -> Vec<Candidate> {
    let Some(last) = words.len().checked_sub(1).filter(|last| *last > 0) else {
        return Vec::new();
    };
    let typed = words[last].clone();
    let mut command = Cli::command();
    // The arguments of verbs are made only now.
    command.build();
    let mut command = marked(command);
    let here = assumerole_host::fs::current_dir().ok();
    let found = complete(&mut command, words, last, here.as_deref()).unwrap_or_default();
    let mut candidates = Vec::new();
    for candidate in found.iter().filter(|candidate| !candidate.is_hide_set()) {
        // Nobody can type what is not text.
        let Some(value) = candidate.get_value().to_str() else {
            continue;
        };
        match marked_names(value) {
            Some((before, names, typed)) => {
                let names = names_of(app, names, typed).unwrap_or_default();
                candidates.extend(names.into_iter().map(|found| Candidate {
                    value: format!("{before}{}", found.value),
                    help: found.help,
                }));
            }
            None => candidates.push(Candidate {
                value: value.to_owned(),
                help: candidate.get_help().map(|help| one_line(&help.to_string())),
            }),
        }
    }
    // Flags are many, and nobody has begun one.
    if typed.is_empty() && candidates.iter().any(|found| !is_flag(found)) {
        candidates.retain(|found| !is_flag(found));
    }
    candidates
}

fn is_flag(candidate: &Candidate) -> bool {
    candidate.value.starts_with('-')
}

/// The command line with a mark wherever names may stand.
fn marked(command: Command) -> Command {
    let mark = |arg: clap::Arg| match Names::of(arg.get_id().as_str()) {
        Some(names) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let typed = typed.to_str().unwrap_or_default();
            vec![CompletionCandidate::new(format!(
                "{MARK}{}{typed}",
                names.mark()
            ))]
        })),
        None => arg,
    };
    command.mut_args(mark).mut_subcommands(marked)
}

/// What stands before the mark, whose names, and what is typed of one.
fn marked_names(value: &str) -> Option<(&str, Names, &str)> {
    let (before, rest) = value.split_once(MARK)?;
    let mut rest = rest.chars();
    let names = Names::of_mark(rest.next()?)?;
    Some((before, names, rest.as_str()))
}

/// The names that begin with `typed`.
fn names_of(app: &App<'_>, names: Names, typed: &str) -> Result<Vec<Candidate>> {
    let plain = |value: &str| Candidate {
        value: value.to_owned(),
        help: None,
    };
    Ok(match names {
        Names::Regions => REGIONS
            .iter()
            .filter(|(code, _)| code.starts_with(typed))
            .map(|(code, place)| Candidate {
                value: (*code).to_owned(),
                help: Some((*place).to_owned()),
            })
            .collect(),
        Names::Profiles => {
            let names = app.aws_files()?.profile_names();
            let names = names.iter().filter(|name| name.starts_with(typed));
            names.map(|name| plain(name)).collect()
        }
        Names::Roles => {
            app.config_as_it_is()?;
            let mut found = app.role_names()?;
            found.retain(|name| name.starts_with(typed));
            let with_help = found.len() <= MOST_WITH_HELP;
            let help = |name: &str| with_help.then(|| about(app, name)).flatten();
            found
                .iter()
                .map(|name| Candidate {
                    help: help(name),
                    ..plain(name)
                })
                .collect()
        }
    })
}

/// Account and description; nothing of a role that is wrong.
fn about(app: &App<'_>, name: &str) -> Option<String> {
    let target = Target::find(app.config().ok()?, app.aws_files().ok()?, name).ok()??;
    let account = match target.role() {
        Some(role) => Some(role.aws_account.value.clone()),
        None => app.plan(&target, &Request::default()).ok()?.account(),
    };
    let account = account.map(|account| account.to_string());
    let parts: Vec<String> = [account, target.description().map(one_line)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join("  "))
}
