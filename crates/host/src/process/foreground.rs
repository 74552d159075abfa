//! Running a program that talks to the person itself: an editor.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGQUIT};

use super::captured::{Modes, RunError, Turn, not_started, terminal_to_read, terminal_to_write};
use super::ending::{Reaped, end};
use super::{check_env, command};
use crate::env::names;
use crate::signals::Watch;
use crate::tty::Tty;

/// How long to wait before looking again whether it ended.
const TICK: Duration = Duration::from_millis(20);

/// How it went.
#[derive(Debug)]
pub struct Foreground {
    /// How the program ended.
    pub status: ExitStatus,
    /// A signal that came meanwhile and is to end this process as well, when
    /// it has put things in order ([`crate::signals::end_by`]).
    pub signal: Option<i32>,
}

/// Runs `program` with `args` and the whole environment `env` until it ends,
/// at the terminal `tty`, if there is one: nobody else asks there meanwhile.
/// It may write to the person, not to our stdout. Ctrl-C is its own to deal
/// with: where it goes on, so do we.
///
/// # Errors
/// It did not start.
pub fn run_foreground(
    program: &OsStr,
    args: &[OsString],
    env: &[(OsString, OsString)],
    tty: Option<&Tty>,
) -> Result<Foreground, RunError> {
    check_env(env).map_err(|error| not_started(program, error))?;
    let name = Path::new(program).file_name().unwrap_or(program);
    let does = format!("runs {}", name.to_string_lossy());
    let turn = tty.map(|tty| Turn::begin(tty, &does)).transpose()?;
    let io = |error: io::Error| RunError::Io(program.to_owned(), error);
    let watch = Watch::start().map_err(io)?;
    let mut modes = Modes::now(tty.is_some());
    let mut command = command(program, args, env);
    if let Some(tty) = tty {
        command.env(names::ASSUMEROLE_TURN, tty.mark());
    }
    let child = command
        .stdin(match tty {
            Some(_) => terminal_to_read(),
            None => Stdio::null(),
        })
        .stdout(terminal_to_write())
        .stderr(terminal_to_write())
        .spawn()
        .map_err(|error| not_started(program, error))?;
    let mut child = Reaped(child);
    let status = loop {
        if let Some(status) = child.0.try_wait().map_err(io)? {
            break status;
        }
        // The terminal has sent those to it as well.
        if watch.caught().is_some_and(|signal| !is_of_keys(signal)) {
            end(&mut child.0, Duration::ZERO);
            continue;
        }
        std::thread::sleep(TICK);
    };
    if status.success() {
        modes.keep();
    }
    drop(modes);
    drop(turn);
    let signal = watch.finish();
    // It has dealt with the key.
    let signal = signal.filter(|signal| !(is_of_keys(*signal) && status.code().is_some()));
    Ok(Foreground { status, signal })
}

/// Whether a terminal sends `signal` at a key.
fn is_of_keys(signal: i32) -> bool {
    matches!(signal, SIGINT | SIGQUIT)
}
