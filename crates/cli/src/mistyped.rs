//! A command line that means another one: a command that is meant by another
//! name, a command to run in a role without `exec`.

use std::cell::LazyCell;
use std::ffi::OsString;

use assumerole_core::diagnostic::sanitize::one_line;
use clap::CommandFactory as _;

use crate::args::Cli;

/// Words of a command line, without the program's name.
pub(crate) struct Words {
    words: Vec<String>,
    /// The number of the first one that is no option.
    first: Option<usize>,
}

impl Words {
    /// Those of `args`; what is no text is replaced.
    pub(crate) fn of(args: &[OsString]) -> Self {
        let words: Vec<String> = args
            .iter()
            .skip(1)
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let first = first(&words);
        Self { words, first }
    }

    /// The first one that is no option: a command or a role.
    pub(crate) fn first(&self) -> Option<&str> {
        self.words.get(self.first?).map(String::as_str)
    }

    /// The first one that is no option, if nothing follows it.
    pub(crate) fn alone(&self) -> Option<&str> {
        let is_last = self.first? + 1 == self.words.len();
        self.first().filter(|_| is_last)
    }

    /// The command line with what stands from `option` on before the `--` that
    /// stands before it; `None` if there is none.
    pub(crate) fn with_dashes_last(&self, option: &str) -> Option<String> {
        let dashes = self.words.iter().position(|word| word == "--")?;
        let (before, behind) = self.words.split_at(dashes);
        let at = behind
            .iter()
            .position(|word| word.split('=').next() == Some(option))?;
        let (behind, options) = behind.split_at(at);
        Some(line(&[before, options, behind].concat()))
    }

    /// How the role `command` is assumed, if the command line is `COMMAND CODE` and such
    /// a role is there: `assumerole ROLE CODE` has always been a call of the role.
    pub(crate) fn role_hint(
        &self,
        subcommand: &str,
        is_role: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let [_, code] = self.words.as_slice() else {
            return None;
        };
        let meant = self.before_a_code() == Some(subcommand) && is_role(subcommand);
        meant.then(|| format!("assume the role {subcommand}: assumerole -- {subcommand} {code}"))
    }

    /// The first word, if there are two and the other one is a code.
    pub(crate) fn before_a_code(&self) -> Option<&str> {
        let [first, code] = self.words.as_slice() else {
            return None;
        };
        let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then_some(first)
    }

    /// The command line with `command` in the place of the first word.
    pub(crate) fn with(&self, subcommand: &str) -> String {
        let mut words = self.words.clone();
        if let Some(word) = self.first.and_then(|first| words.get_mut(first)) {
            subcommand.clone_into(word);
        }
        line(&words)
    }

    /// The command line that runs what stands behind the role in it; `None`
    /// where that is nothing, or a code.
    pub(crate) fn with_exec(&self) -> Option<String> {
        let first = self.first?;
        let (before, from) = self.words.split_at_checked(first)?;
        let (role, rest) = from.split_first()?;
        let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
        let command = rest.first()?;
        let is_code = command.bytes().all(|byte| byte.is_ascii_digit());
        if command.starts_with('-') || is_code {
            return None;
        }
        let mut words = vec!["exec".to_owned()];
        words.extend_from_slice(before);
        words.extend([role.clone(), "--".to_owned()]);
        words.extend_from_slice(rest);
        Some(line(&words))
    }
}

fn line(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./:@%,".contains(c);
    let quoted = |word: &String| match word.chars().all(plain) && !word.is_empty() {
        true => word.clone(),
        false => shell_words::quote(word).into_owned(),
    };
    let words: Vec<String> = words.iter().map(quoted).collect();
    one_line(&format!("assumerole {}", words.join(" ")))
}

/// The number of the first of `words` that is no option and no option's value.
fn first(words: &[String]) -> Option<usize> {
    // Most lines begin with a word, and each call passes here: all commands are made
    // only where an option comes first.
    let command = LazyCell::new(Cli::command);
    let takes_value = |word: &str| {
        word.starts_with("--")
            && command.get_arguments().any(|arg| {
                let long = arg
                    .get_long()
                    .is_some_and(|long| word == format!("--{long}"));
                long && arg.get_action().takes_values() && !arg.is_require_equals_set()
            })
    };
    let mut is_value = false;
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            _ if is_value => is_value = false,
            "--" => return (at + 1 < words.len()).then_some(at + 1),
            option if option.starts_with('-') && option != "-" => is_value = takes_value(option),
            _ => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<OsString> {
        let words = shell_words::split(line).unwrap();
        let program = std::iter::once("assumerole".to_owned());
        program.chain(words).map(OsString::from).collect()
    }

    #[test]
    fn options_behind_the_dashes_are_put_before_them() {
        for (line, option, meant) in [
            ("add -- -x --role r", "--role", Some("add --role r -- -x")),
            (
                "add -- -x y --role=r",
                "--role",
                Some("add --role=r -- -x y"),
            ),
            ("add -x --role r", "--role", None),
            ("add --role r -- -x", "--role", None),
        ] {
            let meant = meant.map(|meant| format!("assumerole {meant}"));
            let found = Words::of(&args(line)).with_dashes_last(option);
            assert_eq!(found, meant, "{line}");
        }
    }

    #[test]
    fn a_command_is_alone_if_nothing_follows_it() {
        for (line, alone) in [
            ("list", Some("list")),
            ("-q list", Some("list")),
            ("--config f list", Some("list")),
            ("--config list", None),
            ("list -q", None),
            ("list list", None),
            ("-q list list", None),
            ("-q", None),
            ("", None),
        ] {
            assert_eq!(Words::of(&args(line)).alone(), alone, "{line}");
        }
    }

    #[test]
    fn the_line_that_was_meant_is_written_out() {
        for (line, first, with, exec) in [
            (
                "exce R -- ls",
                Some("exce"),
                "exec R -- ls",
                Some("exec exce -- R -- ls"),
            ),
            (
                "R -- aws s3 ls",
                Some("R"),
                "exec -- aws s3 ls",
                Some("exec R -- aws s3 ls"),
            ),
            (
                "R ls 'a b'",
                Some("R"),
                "exec ls 'a b'",
                Some("exec R -- ls 'a b'"),
            ),
            (
                "--config f R ls",
                Some("R"),
                "--config f exec ls",
                Some("exec --config f R -- ls"),
            ),
            (
                "--config=f -q R ls",
                Some("R"),
                "--config=f -q exec ls",
                Some("exec --config=f -q R -- ls"),
            ),
            (
                "--yes R ls",
                Some("R"),
                "--yes exec ls",
                Some("exec --yes R -- ls"),
            ),
            ("R 123456 x", Some("R"), "exec 123456 x", None),
            ("R", Some("R"), "exec", None),
            ("R --fresh", Some("R"), "exec --fresh", None),
            ("-- R ls", Some("R"), "-- exec ls", Some("exec -- R -- ls")),
            ("- ls", Some("-"), "exec ls", Some("exec - -- ls")),
            ("-q", None, "-q", None),
        ] {
            let words = Words::of(&args(line));
            assert_eq!(words.first(), first, "{line}");
            assert_eq!(words.with("exec"), format!("assumerole {with}"), "{line}");
            let exec = exec.map(|exec| format!("assumerole {exec}"));
            assert_eq!(words.with_exec(), exec, "{line}");
        }
    }
}
