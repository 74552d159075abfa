//! Ending a program that was started for its output.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How long a helper may take to end when it is asked to, or when the person
/// has asked it: to put the terminal in order, say. Then it is killed.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// How long to wait before looking again whether it has.
const TICK: Duration = Duration::from_millis(10);

/// A child that is dead and buried at the end, whichever end that is.
pub(super) struct Reaped(pub(super) Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        end(&mut self.0, Duration::ZERO);
    }
}

/// Ends `child` and what it has started itself, unless it was waited for.
/// First it is given `time` to end by itself, then it is asked, then killed.
pub(super) fn end(child: &mut Child, time: Duration) {
    let mut is_over = || !matches!(child.try_wait(), Ok(None));
    if within(time, &mut is_over) {
        return;
    }
    let pid = Pid::from_child(child);
    let below = crate::sys::proc::descendants(pid);
    for pid in below.iter().chain([&pid]) {
        let _ = kill_process(*pid, Signal::TERM);
        // One that is stopped hears nothing else.
        let _ = kill_process(*pid, Signal::CONT);
    }
    let is_gone = |pid: &Pid| test_kill_process(*pid).is_err();
    within(GRACE, &mut || {
        !matches!(child.try_wait(), Ok(None)) && below.iter().all(is_gone)
    });
    for pid in below.iter().filter(|pid| !is_gone(pid)) {
        let _ = kill_process(*pid, Signal::KILL);
    }
    // No-ops for one that has ended.
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits until `is_so`, for `time` at most; whether it is.
fn within(time: Duration, is_so: &mut dyn FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= time {
            return false;
        }
        std::thread::sleep(TICK);
    }
    true
}
