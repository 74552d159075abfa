//! The command that a name may have been meant for: one with a slip in it, or
//! what other programs call what ours does.

use assumerole_core::diagnostic::suggest::slip;

/// What other programs call what our commands do.
const SYNONYMS: [(&str, &str); 27] = [
    ("change", "edit"),
    ("clear", "logout"),
    ("configure", "add"),
    ("create", "add"),
    ("del", "remove"),
    ("delete", "remove"),
    ("env", "export"),
    ("execute", "exec"),
    ("explain", "plan"),
    ("forget", "logout"),
    ("lint", "check"),
    ("list-roles", "list"),
    ("log", "history"),
    ("logoff", "logout"),
    ("ls", "list"),
    ("move", "rename"),
    ("mv", "rename"),
    ("new", "add"),
    ("rm", "remove"),
    ("roles", "list"),
    ("run", "exec"),
    ("sessions", "status"),
    ("set", "edit"),
    ("signin", "login"),
    ("signout", "logout"),
    ("validate", "check"),
    ("whoami", "info"),
];

/// The command that `name` may have been meant for.
pub(crate) fn command(name: &str, commands: &[String]) -> Option<String> {
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name);
    let found = match synonym {
        Some((_, command)) => Some(*command),
        None => slip(name, commands.iter().map(String::as_str)),
    };
    match name {
        "version" => Some("--version".to_owned()),
        _ => found.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;
    use crate::grammar::command_names;

    #[test]
    fn commands_are_found_by_slips_and_by_other_names() {
        let commands = command_names(Cli::command);
        for (name, meant) in [
            ("exce", Some("exec")),
            ("exect", Some("exec")),
            ("lst", Some("list")),
            ("stauts", Some("status")),
            ("renmae", Some("rename")),
            ("rm", Some("remove")),
            ("run", Some("exec")),
            ("ls", Some("list")),
            ("version", Some("--version")),
            ("prod", None),
            ("a", None),
            ("acme-read", None),
        ] {
            assert_eq!(command(name, &commands).as_deref(), meant, "{name}");
        }
        for (other, command) in SYNONYMS {
            assert!(commands.iter().any(|name| name == command), "{command}");
            assert!(!commands.iter().any(|name| name == other), "{other}");
        }
    }
}
