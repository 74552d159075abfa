//! Other programs: becoming one, running one, finding one.

pub mod background;
mod captured;
mod ending;
mod foreground;
mod gathered;

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assumerole_core::{Error, Kind};
use nix::sys::signal::SigSet;
use nix::unistd::execve;
use rustix::fs::Access;
use rustix::io::Errno;

use crate::env::names;
use crate::error::reason;

pub use captured::{Captured, Helper, RunError, Stderr, Stdin, run_captured};
pub use foreground::{Foreground, run_foreground};
pub use gathered::{Gathered, Halt, run_gathered};

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
/// environment, as execvp(3) looks for it, and a script without `#!` is run by
/// `/bin/sh`, as shells do and every execvp(3) but musl's. `SIGPIPE`, which
/// Rust ignores, is set back to its default and the signal mask is cleared;
/// caught signals are reset by the kernel. No descriptor but the streams is
/// passed on: all of ours are close-on-exec. Buffered output is the caller's
/// to flush.
///
/// It is what the standard library's `Command` does, which sorts the
/// environment into a map twice for it: a sixth of all that a call from the
/// cache does.
pub fn exec(program: &OsStr, args: &[OsString], env: &[(OsString, OsString)]) -> ExecError {
    let cannot = |error| ExecError::CannotRun(program.to_owned(), error);
    if let Err(error) = check_env(env) {
        return cannot(error);
    }
    let words = [program]
        .into_iter()
        .chain(args.iter().map(OsString::as_os_str));
    let words: io::Result<Vec<CString>> = words.map(|word| c_string(&[word.as_bytes()])).collect();
    let variables = env.iter().map(|(name, value)| {
        let (name, value) = (name.as_bytes(), value.as_bytes());
        c_string(&[name, b"=", value])
    });
    let variables: io::Result<Vec<CString>> = variables.collect();
    let (words, variables) = match (words, variables) {
        (Ok(words), Ok(variables)) => (words, variables),
        (Err(error), _) | (_, Err(error)) => return cannot(error),
    };
    crate::harden::before_exec();
    sigpipe::reset();
    // No signal is left out, so this cannot fail.
    let _ = SigSet::empty().thread_set_mask();
    let path = env.iter().find(|(name, _)| name == names::PATH);
    let path = path.map(|(_, value)| value.as_os_str());
    let error = first_that_runs(program, path, &words, &variables);
    match error.kind() {
        io::ErrorKind::NotFound if find_in_path(program, path).is_none() => {
            ExecError::NotFound(program.to_owned())
        }
        // It is there, so what is missing is what its first line names.
        io::ErrorKind::NotFound => cannot(io::Error::new(
            io::ErrorKind::NotFound,
            "the interpreter that it names does not exist",
        )),
        _ => cannot(error),
    }
}

/// Becomes the first file that `program` means and that the system runs.
/// Returns why there is none, with the reasons of execvp(3).
fn first_that_runs(
    program: &OsStr,
    path: Option<&OsStr>,
    words: &[CString],
    variables: &[CString],
) -> io::Error {
    if is_path(program) || program.is_empty() {
        return become_file(program, words, variables);
    }
    let path = path.unwrap_or(OsStr::new(USUAL_PATH)).as_bytes();
    let mut denied = None;
    for folder in path.split(|byte| *byte == b':') {
        // An empty part means the current folder.
        let folder = if folder.is_empty() { b"." } else { folder };
        let file = [folder, b"/", program.as_bytes()].concat();
        let error = become_file(OsStr::from_bytes(&file), words, variables);
        match Errno::from_io_error(&error) {
            Some(Errno::ACCESS) => denied = Some(error),
            // A folder that is not there, also because its server is not.
            Some(Errno::NOENT | Errno::NOTDIR | Errno::STALE | Errno::NODEV | Errno::TIMEDOUT) => {}
            _ => return error,
        }
    }
    denied.unwrap_or_else(|| Errno::NOENT.into())
}

/// Becomes `file`, if need be as a script of `/bin/sh`. Returns why not.
fn become_file(file: &OsStr, words: &[CString], variables: &[CString]) -> io::Error {
    let failed = |file: &CStr, words: &[&CStr]| match execve(file, words, variables) {
        Ok(never) => match never {},
        Err(error) => io::Error::from(error),
    };
    let file = match c_string(&[file.as_bytes()]) {
        Ok(file) => file,
        Err(error) => return error,
    };
    let error = failed(
        &file,
        &words.iter().map(CString::as_c_str).collect::<Vec<_>>(),
    );
    if Errno::from_io_error(&error) != Some(Errno::NOEXEC) {
        return error;
    }
    let args = words.iter().skip(1).map(CString::as_c_str);
    let words: Vec<&CStr> = [c"/bin/sh", &file].into_iter().chain(args).collect();
    failed(c"/bin/sh", &words)
}

/// The bytes of `parts`, one after the other, for the system.
///
/// # Errors
/// A zero byte is among them.
fn c_string(parts: &[&[u8]]) -> io::Result<CString> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum::<usize>() + 1);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    CString::new(bytes).map_err(|_| {
        let why = "a zero byte is in an argument or a variable";
        io::Error::new(io::ErrorKind::InvalidInput, why)
    })
}

pub(crate) fn command(program: &OsStr, args: &[OsString], env: &[(OsString, OsString)]) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value)));
    command
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
    let path = path.unwrap_or(OsStr::new(USUAL_PATH));
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

/// Where programs are looked for without `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/bin:/usr/bin";

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
