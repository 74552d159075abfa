//! What the words before the one that is being typed say about it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::grammar::{Grammar, matches};

/// A command line as far as it is typed; the program's name comes first.
#[derive(Debug)]
pub(crate) struct Typed {
    words: Vec<OsString>,
    /// What is before the last word, as far as it can be understood.
    before: Option<ArgMatches>,
}

impl Typed {
    pub(crate) fn new(words: Vec<OsString>, grammar: Grammar) -> Self {
        let before = words.split_last().map(|(_, before)| before);
        let parser = grammar().ignore_errors(true);
        Self {
            before: before.and_then(|before| matches(parser, before).ok()),
            words,
        }
    }

    pub(crate) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// The word that is being typed.
    pub(crate) fn last(&self) -> &OsStr {
        self.words
            .last()
            .map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// The file that `--config` names.
    pub(crate) fn config(&self) -> Option<PathBuf> {
        self.before.as_ref()?.get_one("config").cloned()
    }

    /// The number of the word with which another program's command line
    /// begins, if it stands before the last one.
    pub(super) fn command(&self) -> Option<usize> {
        let (_, exec) = self
            .before
            .as_ref()?
            .subcommand()
            .filter(|(subcommand, _)| *subcommand == "exec")?;
        let words = exec.get_raw("command")?.len();
        let last = self.words.len() - 1;
        (words > 0).then(|| last - words)
    }

    /// Whether the last word may be a command: nothing but what every command
    /// understands stands before it.
    pub(super) fn command_may_follow(&self, grammar: Grammar) -> bool {
        let Some(before) = &self.before else {
            return true;
        };
        if before.subcommand().is_some() {
            return true;
        }
        let given = |id: &str| before.value_source(id) == Some(ValueSource::CommandLine);
        let command = grammar();
        let mut of_roles = command.get_arguments().filter(|arg| !arg.is_global_set());
        !self.words.iter().rev().skip(1).any(|word| word == "--")
            && !of_roles.any(|arg| given(arg.get_id().as_str()))
    }

    /// The command that is typed already.
    pub(super) fn subcommand(&self) -> Option<&str> {
        self.before.as_ref()?.subcommand_name()
    }
}
