//! A format.

use std::fmt;

use super::handover::{Handover, Rendered};
use super::lines::{Script, Shell};
use crate::diagnostic::{Result, Warning};
use crate::environment::{Names, Pairs};

/// The arguments of a shell, given the names that the role sets.
pub type Start = fn(&[&str]) -> Vec<String>;

/// What is odd about a role's name, or wrong.
pub type OddName = fn(&str) -> Result<Option<Warning>>;

/// A way to write variables down.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// The programs whose language it is.
    pub shells: &'static [&'static str],
    /// The variable that names the file that it writes to, if it does.
    pub file: Option<&'static str>,
    /// The arguments with which the shell starts in a role that sets the
    /// variables of these names, if it must be told to hide others.
    pub start: Option<Start>,
    /// Whether what reads it keeps what it is not told of, and can unset nothing:
    /// a role that came before must not be seen through.
    pub adds: bool,
    /// Whether it holds the credentials and nothing else that a role gives.
    pub credentials_only: bool,
    /// Whether a program reads it that asked for it: some take any line on
    /// stderr for a failure.
    pub answers: bool,
    /// What is wrong with a role of this name.
    pub odd_name: Option<OddName>,
    /// What a file of it assigns already.
    pub assigned: Option<fn(&str) -> Pairs>,
    /// How those programs tell names of variables apart.
    pub names: Names,
    /// What it does.
    pub kind: FormatKind,
}

/// What a format does.
pub enum FormatKind {
    /// It changes the shell that evaluates it.
    Shell(&'static dyn Shell),
    /// It describes what the role gives.
    Data(fn(&Handover<'_>) -> Result<Rendered>),
}

impl Format {
    /// The format of a shell.
    pub(super) const fn shell(
        name: &'static str,
        about: &'static str,
        shells: &'static [&'static str],
        shell: &'static dyn Shell,
    ) -> Self {
        Self {
            name,
            about,
            shells,
            file: None,
            start: None,
            adds: false,
            credentials_only: false,
            answers: false,
            odd_name: None,
            assigned: None,
            names: Names::Exact,
            kind: FormatKind::Shell(shell),
        }
    }

    /// A format that no shell evaluates.
    pub(super) const fn data(
        name: &'static str,
        about: &'static str,
        render: fn(&Handover<'_>) -> Result<Rendered>,
    ) -> Self {
        Self {
            name,
            about,
            shells: &[],
            file: None,
            start: None,
            adds: false,
            credentials_only: false,
            answers: false,
            odd_name: None,
            assigned: None,
            names: Names::Exact,
            kind: FormatKind::Data(render),
        }
    }

    /// Renders what the role gives: `script`, where a shell evaluates it, else
    /// `handover`.
    ///
    /// # Errors
    /// The format cannot hold one of the values.
    pub fn render(&self, handover: &Handover<'_>, script: &Script<'_>) -> Result<Rendered> {
        match self.kind {
            FormatKind::Shell(shell) => shell.render(script).map(Rendered::from),
            FormatKind::Data(render) => render(handover),
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}
