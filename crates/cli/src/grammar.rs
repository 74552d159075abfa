//! The tree of commands, for those that look into it. It is made where all
//! commands are known, and handed down.

use clap::Command;

/// Makes the tree. The arguments of a command are made only when it is built.
pub(crate) type Grammar = fn() -> Command;

/// The names of the commands that people type.
pub(crate) fn verb_names(grammar: Grammar) -> Vec<String> {
    grammar()
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(|verb| verb.get_name().to_owned())
        .collect()
}
