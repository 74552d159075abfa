//! Programs that a task starts, and what it says when one of them fails.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::ui;
use crate::workspace;

/// The result of a task or of a part of one.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// Why a task ended early: what failed, why, and where known what to type.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure in the words of `message`.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what was being done when something else failed.
pub(crate) trait Context<T> {
    /// Puts `what` before the reason.
    fn context(self, what: impl Display) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl Display) -> Result<T> {
        self.map_err(|why| Failure(format!("{what}: {why}")))
    }
}

/// Runs `command` with our own streams, after showing it.
///
/// # Errors
/// It cannot be started, or ends with anything but 0.
pub(crate) fn run(command: &mut Command) -> Result {
    let line = shown(command);
    ui::say(format!("$ {line}"));
    let status = command.status().context(format!("cannot run {line}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("{line}: {status}")))
    }
}

/// Runs `command` quietly and returns what it printed.
///
/// # Errors
/// It cannot be started, ends with anything but 0 (its stderr is shown), or
/// prints something that is not UTF-8.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .context(format!("cannot run {line}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim_end();
        return Err(Failure(format!("{line}: {}\n{said}", output.status)));
    }
    String::from_utf8(output.stdout).context(format!("{line} printed something that is not text"))
}

/// Whether `command` can be started and ends with 0; it is not heard.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether root runs this.
///
/// # Errors
/// `id` fails.
pub(crate) fn is_root() -> Result<bool> {
    Ok(capture(Command::new("id").arg("-u"))?.trim() == "0")
}

/// The first program of that name on PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The cargo that runs us, in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace::root());
    // `cargo run` describes xtask in these. Build scripts that watch them
    // (ring's does) would run anew whenever cargo is called through xtask.
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if ours {
            command.env_remove(name);
        }
    }
    command
}

/// `command` as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = match program.file_name() {
        // Only the name of cargo: which one it is, is not news.
        Some(name) if name == "cargo" => name,
        _ => program.as_os_str(),
    };
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `word` as a POSIX shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_one_types_them() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command.args(["run", "a b", "it's"]);
        assert_eq!(shown(&command), r"cargo run 'a b' 'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_failing_program_is_a_failure_that_says_what_it_said() {
        let failure =
            capture(Command::new("sh").args(["-c", "echo no such luck >&2; exit 3"])).unwrap_err();
        assert!(failure.to_string().contains("exit status: 3"), "{failure}");
        assert!(failure.to_string().contains("no such luck"), "{failure}");
        assert!(run(&mut Command::new("/no/such/program")).is_err());
        assert!(!succeeds(&mut Command::new("/no/such/program")));
    }

    #[test]
    fn programs_are_found_on_the_path_and_folders_are_not() {
        assert!(which("sh").is_some());
        assert_eq!(which("no-such-program-anywhere"), None);
        assert!(!is_program(Path::new("/")));
    }
}
