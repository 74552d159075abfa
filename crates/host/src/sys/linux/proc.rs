//! What proc(5) tells about processes.

use std::fs;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, Signal, getpid};

use crate::signals::Signals;

/// Whether [`program_name`] is had without another process.
pub(crate) const NAMES_ARE_CHEAP: bool = true;

/// What says when process `pid` has ended: pidfd_open(2), of Linux 5.3.
pub(crate) fn handle(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// The name of the program that process `pid` runs, at most 15 bytes of it.
pub(crate) fn program_name(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&bytes).trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

/// The signals that this process ignores, as `nohup` and shells that put
/// something into the background set it up. Unknown counts as none.
pub(crate) fn ignored() -> Signals {
    mask(&status("self"), "SigIgn:").unwrap_or_default()
}

/// Whether this process, and all above it in its job, stop by SIGTSTP, and
/// what started them is of the same session and no part of the job: a shell
/// with job control.
pub(crate) fn is_job() -> bool {
    let Some(us) = ProcessPlace::of(getpid().as_raw_nonzero().get()) else {
        return false;
    };
    let mut above = us.parent;
    // As many as a system has processes, at the most.
    while let Some(place) = ProcessPlace::of(above) {
        if place.group != us.group {
            return place.session == us.session;
        }
        if !stops(above) {
            return false;
        }
        above = place.parent;
    }
    false
}

/// Where a process stands among the others.
struct ProcessPlace {
    parent: i32,
    group: i32,
    session: i32,
}

impl ProcessPlace {
    fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // proc_pid_stat(5): after the program's name, which stands in
        // parentheses and may hold anything, and the state.
        let (_, rest) = stat.rsplit_once(')')?;
        let mut numbers = rest.split_whitespace().skip(1).map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            parent: next()?,
            group: next()?,
            session: next()?,
        })
    }
}

/// Whether SIGTSTP stops process `pid`: it neither ignores nor catches it.
fn stops(pid: i32) -> bool {
    let status = status(&pid.to_string());
    let has = |name| mask(&status, name).is_some_and(|some| some.has(Signal::TSTP.as_raw()));
    !has("SigIgn:") && !has("SigCgt:")
}

/// The processes that `pid` has started and that still run, and those that
/// they have, the nearest first. What cannot be read is left out.
pub(crate) fn descendants(pid: Pid) -> Vec<Pid> {
    let mut found = children(pid);
    let mut at = 0;
    while at < found.len() {
        for child in children(found[at]) {
            if !found.contains(&child) {
                found.push(child);
            }
        }
        at += 1;
    }
    found
}

fn children(pid: Pid) -> Vec<Pid> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|text| {
            let numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
            numbers.filter_map(Pid::from_raw).collect::<Vec<_>>()
        })
        .collect()
}

fn status(pid: &str) -> String {
    fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default()
}

fn mask(status: &str, name: &str) -> Option<Signals> {
    let mask = status.lines().find_map(|line| line.strip_prefix(name))?;
    u64::from_str_radix(mask.trim(), 16).ok().map(Signals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_is_found_and_read() {
        let read = |text: &str| mask(text, "SigIgn:").map(|mask| mask.0);
        assert_eq!(read("Name:\tx\nSigIgn:\t0000000000001001\n"), Some(0x1001));
        assert_eq!(read("Name:\tx\n"), None);
    }

    /// Asked of another process: a failed exec in another test takes back
    /// what Rust ignores from the start.
    #[test]
    fn what_a_process_ignores_is_read() {
        let output = std::process::Command::new("sh")
            .args(["-c", "trap '' PIPE; cat /proc/self/status"])
            .output()
            .unwrap();
        let status = String::from_utf8_lossy(&output.stdout);
        assert!(mask(&status, "SigIgn:").is_some_and(|mask| mask.has(Signal::PIPE.as_raw())));
        assert!(!ignored().has(Signal::TERM.as_raw()));
        assert!(stops(getpid().as_raw_nonzero().get()));
    }

    #[test]
    fn what_a_process_has_started_is_found() {
        let script = "sleep 100 & sleep 100 & echo there; wait";
        let mut child = std::process::Command::new("sh")
            .args(["-c", script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let below = descendants(getpid());
        let shell = Pid::from_child(&child);
        let sleepers = descendants(shell);
        for pid in &sleepers {
            let _ = rustix::process::kill_process(*pid, Signal::KILL);
        }
        child.wait().unwrap();
        assert_eq!(sleepers.len(), 2);
        assert!(below.contains(&shell) && sleepers.iter().all(|pid| below.contains(pid)));
    }

    #[test]
    fn this_process_has_a_name() {
        let me = program_name(getpid().as_raw_nonzero().get());
        assert!(me.is_some());
        assert_eq!(program_name(i32::MAX), None);
    }
}
