//! Other programs: becoming one, running one, finding one.

mod captured;
mod ending;
mod foreground;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assumerole_core::{Error, Kind};
use rustix::fs::Access;
use rustix::io::Errno;

use crate::env::names;
use crate::error::reason;

pub use captured::{Captured, Helper, RunError, Stderr, Stdin, run_captured};
pub use foreground::{Foreground, run_foreground};

/// Why a program did not start. `Display` and the conversion into
/// [`Error`] name the program.
#[derive(Debug)]
pub enum ExecError {
    /// There is no such program.
    NotFound(OsString),
    /// There is one, and the system does not run it.
    CannotRun(OsString, io::Error),
}

impl std::fmt::Display for ExecError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound(program) => write!(f, "{}: command not found", program.display()),
            Self::CannotRun(program, error) => {
                write!(f, "cannot run {}: {}", program.display(), reason(error))
            }
        }
    }
}

impl std::error::Error for ExecError {}

impl From<ExecError> for Error {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::NotFound(program) => {
                let what = Path::new(&program).display();
                let error = Error::new(Kind::NotFound, format!("{what}: command not found"));
                if is_path(&program) {
                    error
                } else {
                    error.hint("see where commands are looked for: echo $PATH")
                }
            }
            ExecError::CannotRun(program, why) => {
                let what = Path::new(&program).display();
                Error::new(Kind::CannotRun, format!("cannot run {what}")).because(reason(&why))
            }
        }
    }
}

/// Becomes `program`: this process goes on as it, with the same pid, streams
/// and terminal. `args` are without the program's name, `env` is the whole
/// new environment. Returns only if that fails.
///
/// A name without a slash is looked for in the `PATH` of the *new*
/// environment: the standard library puts it in place before it calls
/// execvp(3). A script without `#!` is run by `/bin/sh`, as shells do and
/// every execvp(3) but musl's. The standard library also sets `SIGPIPE`,
/// which Rust ignores, back to its default and clears the signal mask; caught
/// signals are reset by the kernel. No descriptor but the streams is passed
/// on: all of ours are close-on-exec. Buffered output is the caller's to
/// flush.
pub fn exec(program: &OsStr, args: &[OsString], env: &[(OsString, OsString)]) -> ExecError {
    let cannot = |error| ExecError::CannotRun(program.to_owned(), error);
    if let Err(error) = check_env(env) {
        return cannot(error);
    }
    crate::harden::before_exec();
    let mut error = command(program, args, env).exec();
    let path = env.iter().find(|(name, _)| name == names::PATH);
    let found = || find_in_path(program, path.map(|(_, value)| value.as_os_str()));
    if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error())
        && let Some(script) = found()
    {
        error = as_script(&script, args, env).exec();
    }
    match error.kind() {
        io::ErrorKind::NotFound if found().is_none() => ExecError::NotFound(program.to_owned()),
        // It is there, so what is missing is what its first line names.
        io::ErrorKind::NotFound => cannot(io::Error::new(
            io::ErrorKind::NotFound,
            "the interpreter that it names does not exist",
        )),
        _ => cannot(error),
    }
}

fn command(program: &OsStr, args: &[OsString], env: &[(OsString, OsString)]) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value)));
    command
}

fn as_script(script: &Path, args: &[OsString], env: &[(OsString, OsString)]) -> Command {
    let mut with_script = vec![script.as_os_str().to_owned()];
    with_script.extend_from_slice(args);
    command(OsStr::new("/bin/sh"), &with_script, env)
}

/// A name with `=` would become another variable, and an empty one nothing.
fn check_env(env: &[(OsString, OsString)]) -> io::Result<()> {
    let bad = |name: &OsStr| name.is_empty() || name.as_encoded_bytes().contains(&b'=');
    match env.iter().find(|(name, _)| bad(name)) {
        Some((name, _)) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name:?} is not a name for an environment variable"),
        )),
        None => Ok(()),
    }
}

/// The file that `name` means: itself if it has a slash, else the first one
/// of that name in the folders of `path` (the value of `PATH`; `None`: the
/// system's usual folders) that is a file this user may run.
pub fn find_in_path(name: &OsStr, path: Option<&OsStr>) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    if is_path(name) {
        return Some(PathBuf::from(name)).filter(|file| file.is_file());
    }
    let path = path.unwrap_or(OsStr::new("/usr/local/bin:/bin:/usr/bin"));
    std::env::split_paths(path)
        // An empty part means the current folder.
        .map(|folder| {
            if folder == Path::new("") {
                PathBuf::from(".")
            } else {
                folder
            }
        })
        .map(|folder| folder.join(name))
        .find(|file| file.is_file() && rustix::fs::access(file, Access::EXEC_OK).is_ok())
}

fn is_path(program: &OsStr) -> bool {
    program.as_encoded_bytes().contains(&b'/')
}

/// Another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The name of the program that it runs, where that can be told.
    pub name: Option<String>,
}

/// The process that started this one; `None` if it is outside of this
/// container. Slow on macOS, where it runs `ps`.
pub fn parent() -> Option<Process> {
    let pid = rustix::process::getppid()?.as_raw_nonzero().get();
    Some(Process {
        pid: u32::try_from(pid).ok()?,
        name: crate::sys::proc::program_name(pid),
    })
}

/// The name of the program that started this one, where it costs no process
/// to tell: `None` on macOS.
pub fn parent_name() -> Option<String> {
    if !crate::sys::proc::NAMES_ARE_CHEAP {
        return None;
    }
    parent()?.name
}

/// The number of this process.
pub fn own_pid() -> u32 {
    std::process::id()
}

#[cfg(test)]
mod tests;
