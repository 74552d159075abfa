//! Going on in the background: this program, started anew, in a session of its
//! own.
//!
//! What is to be done is handed to it by its standard input, and what came of it
//! it says by its standard output, which it closes then: neither stands in
//! arguments, and nobody waits for longer than that.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use rustix::stdio::{dup2_stdin, dup2_stdout};
use zeroize::Zeroizing;

use super::{check_env, command};

/// Bytes of what it says.
const LARGEST: u64 = 1024 * 1024;

/// Starts this program anew with `args`, hands it `told`, and waits for its
/// word. It may write to stderr where that is `heard`.
///
/// # Errors
/// It did not start.
pub fn start(
    args: &[OsString],
    env: &[(OsString, OsString)],
    told: &[u8],
    heard: bool,
) -> io::Result<Zeroizing<Vec<u8>>> {
    check_env(env)?;
    let mut child = anew(args, env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(match heard {
            true => Stdio::inherit(),
            false => Stdio::null(),
        })
        .spawn()?;
    let said = talk(&mut child, told);
    // It has left another one behind, whose parent it was.
    child.wait()?;
    said
}

fn talk(child: &mut Child, told: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    if let Some(mut stdin) = child.stdin.take() {
        // It may have ended by then: its word tells.
        let _ = stdin.write_all(told);
    }
    let mut said = Zeroizing::new(Vec::with_capacity(4096));
    if let Some(stdout) = child.stdout.take() {
        stdout.take(LARGEST).read_to_end(&mut said)?;
    }
    Ok(said)
}

/// In the program that was started: leaves the session of whoever started it,
/// and starts it once more with `args`, so that its parent has no child that
/// it knows nothing of. There is nothing more to be done here then.
///
/// # Errors
/// The system refuses.
pub fn leave_family(args: &[OsString], env: &[(OsString, OsString)]) -> io::Result<()> {
    rustix::process::setsid()?;
    anew(args, env).spawn()?;
    Ok(())
}

fn anew(args: &[OsString], env: &[(OsString, OsString)]) -> Command {
    let program = std::env::current_exe().ok().filter(|path| path.exists());
    // It may have been replaced by a newer one meanwhile.
    let program = program.unwrap_or_else(|| PathBuf::from("/proc/self/exe"));
    let mut command = command(program.as_os_str(), args, env);
    command.arg0("assumerole");
    command
}

/// Reads what this process was handed.
///
/// # Errors
/// It cannot be read.
pub fn handed_over() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut told = Zeroizing::new(Vec::with_capacity(64 * 1024));
    io::stdin().lock().take(LARGEST).read_to_end(&mut told)?;
    let _ = nothing().map(dup2_stdin);
    Ok(told)
}

/// Gives `word` to whoever has started this, who goes on then.
///
/// # Errors
/// Nobody listens any more.
pub fn answer(word: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(word)?;
    stdout.flush()?;
    dup2_stdout(nothing()?)?;
    Ok(())
}

fn nothing() -> io::Result<OwnedFd> {
    let file = OpenOptions::new().read(true).write(true).open("/dev/null");
    file.map(OwnedFd::from)
}

/// Asks the process `pid` to end.
pub fn end(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Another process, whose end is waited for.
#[derive(Debug)]
pub struct Other {
    pid: Pid,
    /// Says when it has ended, whatever has its number by then.
    handle: Option<OwnedFd>,
}

impl Other {
    /// The process `pid`; none if there is none.
    pub fn of(pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        test_kill_process(pid).ok()?;
        let handle = crate::sys::proc::handle(pid);
        Some(Self { pid, handle })
    }

    /// Whether it has ended, or does within `time`.
    pub fn ends_within(&self, time: Duration) -> bool {
        let Some(handle) = &self.handle else {
            std::thread::sleep(time);
            return test_kill_process(self.pid).is_err();
        };
        let wait = Timespec::try_from(time).ok();
        let mut fds = [PollFd::new(handle, PollFlags::IN)];
        match poll(&mut fds, wait.as_ref()) {
            Ok(count) => count > 0,
            Err(Errno::INTR) => false,
            Err(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn the_end_of_another_is_seen() {
        let mut child = command(OsStr::new("sleep"), &["100".into()], &[])
            .env("PATH", "/usr/bin:/bin")
            .spawn()
            .unwrap();
        let other = Other::of(child.id()).unwrap();
        assert!(!other.ends_within(Duration::ZERO));
        child.kill().unwrap();
        // A dead one is not buried yet.
        assert!(other.ends_within(Duration::from_secs(60)) || other.handle.is_none());
        child.wait().unwrap();
        assert!(other.ends_within(Duration::from_secs(60)));
        assert!(Other::of(0).is_none());
    }
}
