//! The scripts of `init`: what a person's own shell evaluates when it starts.
//!
//! They are templates beside this file. `{{cmd}}` is the name of the function
//! that changes the role. A shell is one file and one line in [`SHELLS`].

/// A shell that `init` knows.
#[derive(Debug)]
pub(crate) struct Shell {
    /// Its name on the command line, and that of its format.
    pub(crate) name: &'static str,
    script: &'static str,
}

const fn shell(name: &'static str, script: &'static str) -> Shell {
    Shell { name, script }
}

/// Every shell.
pub(crate) const SHELLS: &[Shell] = &[
    shell("bash", include_str!("bash.bash")),
    shell("zsh", include_str!("zsh.zsh")),
    shell("fish", include_str!("fish.fish")),
    shell("nu", include_str!("nu.nu")),
    shell("powershell", include_str!("powershell.ps1")),
    shell("elvish", include_str!("elvish.elv")),
    shell("sh", include_str!("sh.sh")),
];

impl Shell {
    /// The shell of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SHELLS.iter().find(|shell| shell.name == name)
    }

    /// Its script, with `cmd` for the name of the function.
    pub(crate) fn script(&self, cmd: &str) -> String {
        self.script.replace("{{cmd}}", cmd)
    }
}

#[cfg(test)]
mod tests {
    use assumerole_core::render::named;

    use super::*;

    #[test]
    fn every_script_takes_the_name_and_evaluates_its_own_format() {
        for shell in SHELLS {
            let script = shell.script("swap");
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
