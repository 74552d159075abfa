//! Waiting for a key.

use std::fs::File;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Waits for a key, for a tenth of a second; whether a read has something to
/// say.
///
/// A read would end by itself too, but not after somebody set the terminal to
/// whole lines while this process was stopped in it.
pub(crate) fn wait_for_key(terminal: &File) -> bool {
    let mut fds = [PollFd::new(terminal, PollFlags::IN)];
    let tenth = Timespec {
        tv_sec: 0,
        tv_nsec: 100_000_000,
    };
    match poll(&mut fds, Some(&tenth)) {
        Ok(0) | Err(Errno::INTR) => false,
        // A failure too: the read says it better.
        _ => true,
    }
}
