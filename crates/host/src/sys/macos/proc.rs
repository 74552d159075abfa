//! What can be asked about processes without unsafe code.

use std::os::fd::OwnedFd;

use rustix::process::{Pid, getpgrp, getpid};

use crate::signals::Signals;

/// Whether [`program_name`] is had without another process.
pub(crate) const NAMES_ARE_CHEAP: bool = false;

/// The name of the program that process `pid` runs. Asks ps(1): the system
/// calls for it have no safe binding.
pub(crate) fn program_name(pid: i32) -> Option<String> {
    let output = std::process::Command::new("/bin/ps")
        .args(["-o", "comm=", "-p", &pid.to_string()])
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    let path = String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned();
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    (!name.is_empty()).then_some(name)
}

/// Always none: sigaction(2) has no safe binding to ask with.
pub(crate) fn ignored() -> Signals {
    Signals::default()
}

/// Whether this process is the first of its job; more cannot be asked.
pub(crate) fn is_job() -> bool {
    getpid() == getpgrp()
}

/// Always none: whether a process has ended is asked again and again.
pub(crate) fn handle(_pid: Pid) -> Option<OwnedFd> {
    None
}

/// Always none: the system calls for it have no safe binding.
pub(crate) fn descendants(_pid: Pid) -> Vec<Pid> {
    Vec::new()
}
