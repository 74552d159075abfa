//! Running a program whose output is gathered in files that have no name: it may
//! write as much as it likes, and nothing of it is in memory.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::captured::not_started;
use super::{RunError, check_env, command};
use crate::fs::PrivateDir;

/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait before looking again, at the beginning and later.
const FIRST_TICK: Duration = Duration::from_millis(1);
const LAST_TICK: Duration = Duration::from_millis(20);

/// What programs that run are told, all at once.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<AtomicU8>);

impl Halt {
    /// They are asked to end; the second time they are killed.
    pub fn more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often they were told.
    pub fn times(&self) -> u8 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What a program left.
#[derive(Debug)]
pub struct Gathered {
    /// How it ended.
    pub status: ExitStatus,
    /// Whether its time was up.
    pub timed_out: bool,
    /// What it wrote, from the start.
    pub stdout: File,
    /// What it wrote to stderr.
    pub stderr: File,
}

/// Runs `program` with `args` and the whole environment `env`, in a process group
/// of its own, with nothing to read, until it ends, `timeout` is over or `halt`
/// says so. What it writes is kept in `dir`, under no name.
///
/// # Errors
/// It did not start, or there is no place for what it writes.
pub fn run_gathered(
    program: &OsStr,
    args: &[OsString],
    env: &[(OsString, OsString)],
    dir: &PrivateDir,
    timeout: Option<Duration>,
    halt: &Halt,
) -> Result<Gathered, RunError> {
    check_env(env).map_err(|error| not_started(program, error))?;
    let io = |error: io::Error| RunError::Io(program.to_owned(), error);
    let spool = || {
        dir.spool()
            .map_err(|error| io(io::Error::other(error.to_string())))
    };
    let (stdout, stderr) = (spool()?, spool()?);
    let mut child = command(program, args, env)
        .stdin(Stdio::null())
        .stdout(Stdio::from(stdout.try_clone().map_err(io)?))
        .stderr(Stdio::from(stderr.try_clone().map_err(io)?))
        .process_group(0)
        .spawn()
        .map_err(|error| not_started(program, error))?;
    let (status, timed_out) = wait(&mut child, timeout, halt).map_err(io)?;
    Ok(Gathered {
        status,
        timed_out,
        stdout,
        stderr,
    })
}

fn wait(
    child: &mut Child,
    timeout: Option<Duration>,
    halt: &Halt,
) -> io::Result<(ExitStatus, bool)> {
    let group = Pid::from_child(child);
    let start = Instant::now();
    let (mut tick, mut told, mut timed_out) = (FIRST_TICK, None, false);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, timed_out));
        }
        let late = timeout.is_some_and(|timeout| start.elapsed() >= timeout);
        if told.is_none() && (late || halt.times() > 0) {
            timed_out = late;
            told = Some(Instant::now());
            let _ = kill_process_group(group, if late { Signal::TERM } else { Signal::INT });
            // One that is stopped hears nothing else.
            let _ = kill_process_group(group, Signal::CONT);
        }
        if told.is_some_and(|at: Instant| halt.times() > 1 || late && at.elapsed() >= GRACE) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        std::thread::sleep(tick);
        tick = (tick * 2).min(LAST_TICK);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    fn run(script: &str, timeout: Option<Duration>, halt: &Halt) -> (Gathered, String) {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("d")).unwrap();
        let env = [("PATH".into(), "/usr/bin:/bin".into())];
        let args = ["-c".into(), script.into()];
        let mut gathered =
            run_gathered(OsStr::new("sh"), &args, &env, &dir, timeout, halt).unwrap();
        assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
        let mut text = String::new();
        gathered.stdout.rewind().unwrap();
        gathered.stdout.read_to_string(&mut text).unwrap();
        (gathered, text)
    }

    #[test]
    fn what_is_written_is_kept_and_nothing_is_read() {
        let (gathered, text) = run(
            "cat; echo out; echo err >&2; exit 3",
            None,
            &Halt::default(),
        );
        assert_eq!((gathered.status.code(), text.as_str()), (Some(3), "out\n"));
        assert!(!gathered.timed_out);
    }

    #[test]
    fn a_program_ends_when_its_time_is_up_or_it_is_told() {
        use std::os::unix::process::ExitStatusExt as _;
        let soon = Some(Duration::from_millis(50));
        let (gathered, _) = run("sleep 1000", soon, &Halt::default());
        assert_eq!(
            (gathered.timed_out, gathered.status.signal()),
            (true, Some(15))
        );
        let (gathered, _) = run(
            "trap '' TERM; sleep 1000 & wait; wait",
            soon,
            &Halt::default(),
        );
        assert!(gathered.timed_out);
        let halt = Halt::default();
        halt.more();
        let (gathered, _) = run("sleep 1000", None, &halt);
        assert_eq!(gathered.status.signal(), Some(2));
        halt.more();
        let (gathered, _) = run("trap '' INT; sleep 1000", None, &halt);
        assert!(gathered.status.signal().is_some());
    }
}
