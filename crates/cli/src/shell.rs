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
pub(crate) const ROLE_BASH: &str = include_str!("shell/role.bash");
/// As [`ROLE_BASH`].
pub(crate) const ROLE_ZSH: &str = include_str!("shell/role.zsh");
/// As [`ROLE_BASH`].
pub(crate) const ROLE_FISH: &str = include_str!("shell/role.fish");

/// Every shell.
pub(crate) const SHELLS: &[Shell] = &[
    Shell {
        name: "bash",
        script: include_str!("shell/bash.bash"),
        completion: Some((
            include_str!("shell/complete.bash"),
            include_str!("shell/complete-cmd.bash"),
        )),
    },
    Shell {
        name: "zsh",
        script: include_str!("shell/zsh.zsh"),
        completion: Some((
            include_str!("shell/complete.zsh"),
            include_str!("shell/complete-cmd.zsh"),
        )),
    },
    Shell {
        name: "fish",
        script: include_str!("shell/fish.fish"),
        completion: Some((
            include_str!("shell/complete.fish"),
            include_str!("shell/complete-cmd.fish"),
        )),
    },
    Shell {
        name: "nu",
        script: include_str!("shell/nu.nu"),
        // That of the function is in its definition.
        completion: Some((include_str!("shell/complete.nu"), "")),
    },
    Shell {
        name: "powershell",
        script: include_str!("shell/powershell.ps1"),
        completion: Some((
            include_str!("shell/complete.ps1"),
            include_str!("shell/complete-cmd.ps1"),
        )),
    },
    Shell {
        name: "elvish",
        script: include_str!("shell/elvish.elv"),
        completion: Some((
            include_str!("shell/complete.elv"),
            include_str!("shell/complete-cmd.elv"),
        )),
    },
    Shell {
        name: "sh",
        script: include_str!("shell/sh.sh"),
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
