//! Running a small helper program and reading what it says.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{self, OptionalActions, Termios};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};
use zeroize::Zeroizing;

use super::ending::{GRACE, Reaped, end};
use super::{ExecError, check_env, command};
use crate::env::names;
use crate::signals::{self, Watch};
use crate::tty::{AskError, Tty};

/// A program to run for its output.
#[derive(Debug)]
pub struct Helper<'a> {
    /// Name or path, looked for in the `PATH` of `env`.
    pub program: OsString,
    /// Without the program's name. Other users can see them: no secrets.
    pub args: Vec<OsString>,
    /// The whole environment.
    pub env: &'a [(OsString, OsString)],
    /// Where it reads from.
    pub stdin: Stdin<'a>,
    /// Where it says what is no answer.
    pub stderr: Stderr,
    /// It is killed when it takes longer.
    pub timeout: Duration,
    /// It is killed when it writes more bytes than this to stdout or stderr.
    pub limit: usize,
}

/// Where a helper reads from.
#[derive(Clone, Copy)]
pub enum Stdin<'a> {
    /// Nothing.
    Null,
    /// These bytes, of which a pipe takes so many at once (4096).
    Given(&'a [u8]),
    /// What this process reads from.
    Inherit,
    /// The person: the controlling terminal, whatever this process reads from.
    /// Nothing, where another job has it. It may ask there: it is run when no
    /// other question stands there, of whichever process.
    Terminal(&'a Tty),
}

/// Shows nothing of what is given: it may be a key.
impl std::fmt::Debug for Stdin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Given(_) => "Given",
            Self::Inherit => "Inherit",
            Self::Terminal(_) => "Terminal",
        })
    }
}

/// Where a helper says what is no answer: prompts and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stderr {
    /// Into [`Captured::stderr`].
    Captured,
    /// To the person: the controlling terminal, whatever this process's own is.
    /// Where there is none, to this process's own.
    Terminal,
}

/// What a helper did. Its output is wiped when dropped: it may be a code.
pub struct Captured {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub stdout: Zeroizing<Vec<u8>>,
    /// What it wrote to stderr, if that was [`Stderr::Captured`].
    pub stderr: Zeroizing<Vec<u8>>,
}

/// Shows how much, not what.
impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Captured")
            .field("status", &self.status)
            .field("stdout", &format_args!("{} bytes", self.stdout.len()))
            .field("stderr", &format_args!("{} bytes", self.stderr.len()))
            .finish()
    }
}

/// Why there is no [`Captured`].
#[derive(Debug)]
pub enum RunError {
    /// It did not start.
    Start(ExecError),
    /// It was killed because its time was up.
    TimedOut(OsString, Duration),
    /// It was killed because it wrote too much.
    TooMuch(OsString, usize),
    /// Its output could not be read.
    Io(OsString, io::Error),
    /// It was not started: the terminal was another process's.
    NoTurn(AskError),
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        let (program, why) = match error {
            RunError::Start(error) => return error.into(),
            RunError::NoTurn(error) => return error.into(),
            RunError::TimedOut(program, time) => {
                (program, format!("it took longer than {} s", time.as_secs()))
            }
            RunError::TooMuch(program, limit) => {
                (program, format!("it wrote more than {limit} bytes"))
            }
            RunError::Io(program, error) => (program, crate::error::reason(&error)),
        };
        let message = format!("{} gave no answer", program.display());
        Self::new(Kind::Failed, message)
            .called(Id::ProgramFailed)
            .because(why)
    }
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start(error) => error.fmt(f),
            Self::NoTurn(error) => error.fmt(f),
            Self::TimedOut(program, time) => {
                write!(
                    f,
                    "{} took longer than {} s",
                    program.display(),
                    time.as_secs()
                )
            }
            Self::TooMuch(program, limit) => {
                write!(f, "{} wrote more than {limit} bytes", program.display())
            }
            Self::Io(program, error) => {
                write!(f, "{}: {}", program.display(), crate::error::reason(error))
            }
        }
    }
}

impl std::error::Error for RunError {}

/// How long to wait before asking again whether the helper ended. Matters
/// only when it leaves something behind that keeps its output open.
const TICK: Duration = Duration::from_millis(20);

/// Runs `helper` and waits for it. What it leaves running in the background
/// is not waited for. It shares our terminal, so it can ask there. When a
/// signal ends this process, it ends the helper first, and the terminal is as
/// it was.
///
/// # Errors
/// It did not start, took too long or wrote too much. It is dead by then.
pub fn run_captured(helper: &Helper<'_>) -> Result<Captured, RunError> {
    let name = || helper.program.clone();
    check_env(helper.env).map_err(|error| not_started(&helper.program, error))?;
    let tty = match helper.stdin {
        Stdin::Terminal(tty) if !tty.in_background() => Some(tty),
        _ => None,
    };
    let does = || {
        let name = Path::new(&helper.program).file_name();
        let name = name.unwrap_or(&helper.program).to_string_lossy();
        format!("runs {name}")
    };
    let turn = tty.map(|tty| Turn::begin(tty, &does())).transpose()?;
    let watch = Watch::start().map_err(|error| RunError::Io(name(), error))?;
    let done = run(helper, tty, &watch);
    if let (Some(SIGINT), Some(tty)) = (watch.caught(), tty) {
        // Ctrl-C, which has reached this job, and nobody who ignores it.
        tty.cancel_turn();
    }
    drop(turn);
    if let Some(signal) = watch.finish() {
        // Its default, only later.
        signals::end_by(signal);
    }
    done
}

fn run(helper: &Helper<'_>, tty: Option<&Tty>, watch: &Watch) -> Result<Captured, RunError> {
    let stdin = match (helper.stdin, tty) {
        (Stdin::Inherit, _) => Stdio::inherit(),
        (Stdin::Given(_), _) => Stdio::piped(),
        (Stdin::Terminal(_), Some(_)) => terminal_to_read(),
        (Stdin::Null | Stdin::Terminal(_), _) => Stdio::null(),
    };
    let stderr = match helper.stderr {
        Stderr::Captured => Stdio::piped(),
        Stderr::Terminal => terminal_to_write(),
    };
    // Dropped after the child, which is dead by then.
    let mut modes = Modes::now(tty.is_some());
    let mut command = command(&helper.program, &helper.args, helper.env);
    if let Some(tty) = tty {
        command.env(names::ASSUMEROLE_TURN, tty.mark());
    }
    let child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .map_err(|error| not_started(&helper.program, error))?;
    let mut child = Reaped(child);
    if let (Stdin::Given(bytes), Some(mut pipe)) = (helper.stdin, child.0.stdin.take()) {
        // One that reads nothing says so by its status.
        let _ = pipe.write_all(bytes);
    }
    let mut stdout = Pipe::new(child.0.stdout.take());
    let mut stderr = Pipe::new(child.0.stderr.take());
    let status = follow(&mut child.0, &mut stdout, &mut stderr, helper, watch)?;
    modes.keep();
    Ok(Captured {
        status,
        stdout: stdout.bytes,
        stderr: stderr.bytes,
    })
}

pub(super) fn not_started(program: &OsStr, error: io::Error) -> RunError {
    let name = program.to_owned();
    RunError::Start(if error.kind() == io::ErrorKind::NotFound {
        ExecError::NotFound(name)
    } else {
        ExecError::CannotRun(name, error)
    })
}

/// The terminal, for another program.
pub(super) struct Turn<'a>(&'a Tty);

impl<'a> Turn<'a> {
    /// `does` is told to those who have a question meanwhile.
    pub(super) fn begin(tty: &'a Tty, does: &str) -> Result<Self, RunError> {
        tty.begin_turn(does).map_err(RunError::NoTurn)?;
        Ok(Self(tty))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.end_turn();
    }
}

/// The terminal as stdin. Our own stdin where it is one, because its name
/// tells a program more than that of `/dev/tty`: gpg passes it on to an agent
/// that has another terminal, or none.
pub(super) fn terminal_to_read() -> Stdio {
    let Ok(tty) = File::open("/dev/tty") else {
        return Stdio::null();
    };
    if io::stdin().is_terminal() {
        return Stdio::inherit();
    }
    tty.into()
}

/// The terminal, to write to.
pub(super) fn terminal_to_write() -> Stdio {
    if io::stderr().is_terminal() {
        return Stdio::inherit();
    }
    let tty = OpenOptions::new().write(true).open("/dev/tty");
    tty.map_or_else(|_| Stdio::inherit(), Stdio::from)
}

/// How the terminal was before a helper had it: put back when this is dropped,
/// for one that is killed while it asks for something secret leaves a terminal
/// that shows nothing.
pub(super) struct Modes(Option<(File, Termios)>);

impl Modes {
    pub(super) fn now(has_terminal: bool) -> Self {
        Self(has_terminal.then(terminal_modes).flatten())
    }

    /// Leaves the terminal as it is: the helper ended by itself.
    pub(super) fn keep(&mut self) {
        self.0 = None;
    }
}

fn terminal_modes() -> Option<(File, Termios)> {
    let tty = File::open("/dev/tty").ok()?;
    let modes = termios::tcgetattr(&tty).ok()?;
    Some((tty, modes))
}

impl Drop for Modes {
    fn drop(&mut self) {
        if let Some((tty, modes)) = &self.0 {
            let _ = termios::tcsetattr(tty, OptionalActions::Now, modes);
        }
    }
}

/// One of the helper's outputs; `from` is `None` once it is closed.
struct Pipe<R> {
    from: Option<R>,
    bytes: Zeroizing<Vec<u8>>,
}

impl<R: Read + AsFd> Pipe<R> {
    fn new(from: Option<R>) -> Self {
        let bytes = Zeroizing::default();
        Self { from, bytes }
    }

    /// Reads once, after poll(2) said that this does not wait.
    fn read_once(&mut self) -> io::Result<()> {
        let mut buffer = Zeroizing::new([0; 4096]);
        let Some(from) = &mut self.from else {
            return Ok(());
        };
        match from.read(&mut *buffer) {
            Ok(0) => self.from = None,
            Ok(count) => push(&mut self.bytes, &buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Appends without leaving a copy behind when the memory has to grow.
fn push(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    if bytes.capacity() - bytes.len() < more.len() {
        let mut grown = Vec::with_capacity((bytes.len() + more.len()) * 2);
        grown.extend_from_slice(bytes);
        // The old one is wiped as it is dropped.
        *bytes = Zeroizing::new(grown);
    }
    bytes.extend_from_slice(more);
}

fn follow<O: Read + AsFd, E: Read + AsFd>(
    child: &mut Child,
    stdout: &mut Pipe<O>,
    stderr: &mut Pipe<E>,
    helper: &Helper<'_>,
    watch: &Watch,
) -> Result<ExitStatus, RunError> {
    let io = |error: io::Error| RunError::Io(helper.program.clone(), error);
    let start = Instant::now();
    loop {
        if let Some(signal) = watch.caught() {
            // Ctrl-C and the like reach it as well: it may be busy with that.
            let heard = matches!(signal, SIGINT | SIGQUIT | SIGHUP);
            end(child, if heard { GRACE } else { Duration::ZERO });
            return Err(io(io::ErrorKind::Interrupted.into()));
        }
        let ended = child.try_wait().map_err(io)?;
        // After its end only what it left in the pipes is of interest.
        let wait = if ended.is_some() {
            Duration::ZERO
        } else {
            TICK
        };
        let read = read_ready(stdout, stderr, wait).map_err(io)?;
        if stdout.bytes.len().max(stderr.bytes.len()) > helper.limit {
            return Err(RunError::TooMuch(helper.program.clone(), helper.limit));
        }
        if let (Some(status), false) = (ended, read) {
            return Ok(status);
        }
        if start.elapsed() > helper.timeout {
            return Err(RunError::TimedOut(helper.program.clone(), helper.timeout));
        }
    }
}

/// Reads from whichever output has something; returns whether one had.
fn read_ready<O: Read + AsFd, E: Read + AsFd>(
    stdout: &mut Pipe<O>,
    stderr: &mut Pipe<E>,
    wait: Duration,
) -> io::Result<bool> {
    let mut fds = Vec::with_capacity(2);
    let out = stdout.from.as_ref().map(AsFd::as_fd);
    let err = stderr.from.as_ref().map(AsFd::as_fd);
    let out_at = out.map(|fd| {
        fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
        fds.len() - 1
    });
    let err_at = err.map(|fd| {
        fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
        fds.len() - 1
    });
    let wait = Timespec {
        tv_sec: 0,
        tv_nsec: wait.subsec_nanos().into(),
    };
    match poll(&mut fds, Some(&wait)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = |at: Option<usize>| at.is_some_and(|at| !fds[at].revents().is_empty());
    let (out_ready, err_ready) = (ready(out_at), ready(err_at));
    if out_ready {
        stdout.read_once()?;
    }
    if err_ready {
        stderr.read_once()?;
    }
    Ok(out_ready || err_ready)
}
