//! The start-up files of shells: which lines set, in every shell, a variable
//! that a role owns.
//!
//! A shell reads them when it has its environment from `assumerole` already, so
//! such a line wins over the role. Only lines that are run in any case are
//! taken: what stands in a function, in a condition or behind one is left
//! alone, because nobody can tell whether it is run.

mod line;

use std::collections::HashSet;

/// The language of a start-up file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// sh, bash, zsh, ksh.
    Posix,
    /// fish.
    Fish,
    /// csh, tcsh.
    Csh,
    /// nushell.
    Nu,
    /// elvish.
    Elvish,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It sets a variable.
    Set {
        /// The variable.
        name: String,
        /// The value as it is written, without its quotes.
        value: String,
        /// Whether the line itself exports it.
        exported: bool,
    },
    /// It reads another file, named as it is written.
    Source(String),
}

/// An act, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupLine {
    /// The line, from 1.
    pub line: usize,
    /// What it does.
    pub act: Act,
}

impl Language {
    /// The language of the shell that is called `name`, and its start-up files,
    /// in the order in which it reads them when it is started interactively
    /// and not as a login shell. `$NAME/` at the beginning stands for a folder
    /// that the environment names, `~` for the home folder.
    pub fn of_shell(name: &str) -> Option<(Self, &'static [&'static str])> {
        Some(match name {
            "bash" => (Self::Posix, &["/etc/bash.bashrc", "~/.bashrc"]),
            "zsh" => (
                Self::Posix,
                &[
                    "/etc/zsh/zshenv",
                    "$ZDOTDIR/.zshenv",
                    "/etc/zsh/zshrc",
                    "$ZDOTDIR/.zshrc",
                ],
            ),
            "sh" => (Self::Posix, &["$ENV"]),
            "fish" => (
                Self::Fish,
                &["/etc/fish/config.fish", "$XDG_CONFIG_HOME/fish/config.fish"],
            ),
            "tcsh" => (Self::Csh, &["/etc/csh.cshrc", "~/.tcshrc", "~/.cshrc"]),
            "nu" => (
                Self::Nu,
                &[
                    "$XDG_CONFIG_HOME/nushell/env.nu",
                    "$XDG_CONFIG_HOME/nushell/config.nu",
                ],
            ),
            "elvish" => (Self::Elvish, &["$XDG_CONFIG_HOME/elvish/rc.elv"]),
            _ => return None,
        })
    }

    /// What to write in place of a line that sets `name`, so that a role keeps
    /// its own.
    pub fn kept(self, name: &str) -> String {
        match self {
            Self::Posix => format!("[ -n \"$AWS_ACCOUNT\" ] || export {name}=…"),
            Self::Fish => format!("set -q AWS_ACCOUNT; or set -gx {name} …"),
            Self::Csh => format!("if ( ! $?AWS_ACCOUNT ) setenv {name} …"),
            Self::Nu => format!("if \"AWS_ACCOUNT\" not-in $env {{ $env.{name} = … }}"),
            Self::Elvish => format!("if (not (has-env AWS_ACCOUNT)) {{ set-env {name} … }}"),
        }
    }

    /// What the lines of `text` do that are run in any case.
    pub fn acts(self, text: &str) -> Vec<StartupLine> {
        let mut found = Vec::new();
        let mut depth = 0_usize;
        let mut here: Option<String> = None;
        let mut continued = false;
        for (at, line) in text.lines().enumerate() {
            if let Some(end) = &here {
                if line.trim_start_matches('\t') == end {
                    here = None;
                }
                continue;
            }
            let is_new = !continued;
            continued = line.ends_with('\\');
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || !is_new {
                continue;
            }
            here = line::here_document(self, line);
            let (before, after) = line::depth(self, line);
            depth = depth.saturating_sub(before);
            if depth == 0 && after == 0 && before == 0 && !continued {
                let acts = line::acts(self, line);
                found.extend(
                    acts.into_iter()
                        .map(|act| StartupLine { line: at + 1, act }),
                );
            }
            depth += after;
        }
        // The last line that sets a variable is the one that wins.
        let mut seen = HashSet::new();
        let last: HashSet<usize> = (0..found.len())
            .rev()
            .filter(|at| match &found[*at].act {
                Act::Set { name, .. } => seen.insert(name.clone()),
                Act::Source(_) => true,
            })
            .collect();
        let mut at = 0;
        found.retain(|_| {
            at += 1;
            last.contains(&(at - 1))
        });
        found
    }
}

#[cfg(test)]
mod tests;
