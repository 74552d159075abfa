//! The scripts of `init`: what a person's own shell evaluates when it starts.
//!
//! They are templates beside this file. `{{cmd}}` is the name of the function
//! that changes the role. A shell is a few files and one entry in [`SHELLS`].

/// A shell that `init` knows.
#[derive(Debug)]
pub(crate) struct Shell {
    /// Its name on the command line, and that of its format.
    pub(crate) name: &'static str,
    /// Defines the function, and looks before prompts.
    script: &'static str,
    /// Completes the program's command line, and that of the function.
    completion: Option<(&'static str, &'static str)>,
}

/// What the shell that is started in a role reads first, so that its prompt
/// shows the role: in place of `~/.bashrc`, as zsh's `.zshenv`, before fish's
/// first prompt.
pub(crate) const ROLE_BASH: &str = include_str!("role.bash");
/// As [`ROLE_BASH`].
pub(crate) const ROLE_ZSH: &str = include_str!("role.zsh");
/// As [`ROLE_BASH`].
pub(crate) const ROLE_FISH: &str = include_str!("role.fish");

/// Every shell.
pub(crate) const SHELLS: &[Shell] = &[
    Shell {
        name: "bash",
        script: include_str!("bash.bash"),
        completion: Some((
            include_str!("complete.bash"),
            include_str!("complete-cmd.bash"),
        )),
    },
    Shell {
        name: "zsh",
        script: include_str!("zsh.zsh"),
        completion: Some((
            include_str!("complete.zsh"),
            include_str!("complete-cmd.zsh"),
        )),
    },
    Shell {
        name: "fish",
        script: include_str!("fish.fish"),
        completion: Some((
            include_str!("complete.fish"),
            include_str!("complete-cmd.fish"),
        )),
    },
    Shell {
        name: "nu",
        script: include_str!("nu.nu"),
        // That of the function is in its definition.
        completion: Some((include_str!("complete.nu"), "")),
    },
    Shell {
        name: "powershell",
        script: include_str!("powershell.ps1"),
        completion: Some((
            include_str!("complete.ps1"),
            include_str!("complete-cmd.ps1"),
        )),
    },
    Shell {
        name: "elvish",
        script: include_str!("elvish.elv"),
        completion: Some((
            include_str!("complete.elv"),
            include_str!("complete-cmd.elv"),
        )),
    },
    Shell {
        name: "sh",
        script: include_str!("sh.sh"),
        completion: None,
    },
];

impl Shell {
    /// The shell of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SHELLS.iter().find(|shell| shell.name == name)
    }

    /// Everything that `init` prints, with `cmd` for the name of the function.
    pub(crate) fn init(&self, cmd: &str) -> String {
        let (program, function) = self.completion.unwrap_or_default();
        let parts = [self.script, program, function];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n").replace("{{cmd}}", cmd)
    }

    /// The completion of the program alone.
    pub(crate) fn completion(&self) -> Option<&'static str> {
        self.completion.map(|(program, _)| program)
    }
}

#[cfg(test)]
mod tests {
    use assumerole_core::render::named;

    use super::*;

    #[test]
    fn every_script_takes_the_name_and_evaluates_its_own_format() {
        for shell in SHELLS {
            let script = shell.init("swap");
            assert!(
                script.contains("swap") && !script.contains("{{"),
                "{}",
                shell.name
            );
            let format = named(shell.name).unwrap();
            let flag = format!("export --in-place --format {}", format.name);
            assert!(script.contains(&flag), "{}", shell.name);
        }
    }
}
