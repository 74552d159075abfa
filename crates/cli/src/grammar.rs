//! The tree of commands, for those that look into it. It is made where all
//! commands are known, and handed down.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{ArgMatches, Command};

/// Makes the tree. The arguments of a command are made only when it is built.
pub(crate) type Grammar = fn() -> Command;

/// What `command` makes of `args`. It is not taken apart again, which takes
/// longer than to make it: the process ends soon.
///
/// # Errors
/// clap's: help and version, too.
pub(crate) fn matches(command: Command, args: &[OsString]) -> Result<ArgMatches, clap::Error> {
    ManuallyDrop::new(command).try_get_matches_from_mut(args)
}

/// The names of the commands that people type.
pub(crate) fn command_names(grammar: Grammar) -> Vec<String> {
    grammar()
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set())
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect()
}
