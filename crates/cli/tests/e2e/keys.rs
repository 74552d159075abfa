//! Access keys that are stored sealed: added, imported, used, locked.

#[cfg(target_os = "linux")]
mod closed;
mod import;
mod other;
pub(crate) mod rotate;
mod store;
mod unlock;

use std::path::Path;
use std::process::Command;

use super::harness::{KEY, Ran, SECRET, Stage, program};

/// A place for the key of the store that `command` reads: a file.
const GET: &str = "/bin/cat store-key";
/// What writes it.
const PUT: &str = "/bin/sh -c 'cat > store-key'";

/// What makes a store that a program opens.
pub(crate) const BY_COMMAND: [&str; 6] = ["--store", "command", "--get", GET, "--put", PUT];

impl Stage {
    /// The program in PATH, as people have it.
    pub(crate) fn in_path(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        let folder = Path::new(program()).parent().unwrap();
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        command
    }

    /// Runs it.
    pub(crate) fn keys(&self, args: &[&str]) -> Ran {
        self.ran(&mut self.in_path(&[&["keys"], args].concat()))
    }

    /// Imports the key of profile `base` into a store that nobody has to unlock.
    pub(super) fn import_base(&self) {
        let ran = self.keys(&[&["import", "--yes", "base"][..], &BY_COMMAND].concat());
        assert_eq!(ran.status, 0, "{ran:?}");
    }

    /// Where below the home folder the secret key stands in clear.
    pub(super) fn secret_at(&self) -> Vec<String> {
        let ran = Command::new("grep")
            .args(["-rlF", SECRET, "."])
            .current_dir(self.home())
            .output()
            .unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// Both halves on standard input.
pub(super) fn pair() -> String {
    format!("{KEY}\n{SECRET}\n")
}
