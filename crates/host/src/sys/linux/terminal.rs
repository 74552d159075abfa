//! Waiting for a key, and the device that the terminal is.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::tcgetsid;

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

/// The device of the controlling terminal, opened anew: `/dev/tty` is one
/// device for all terminals, and a lock on it would be one for all of them.
/// `None` where it has no name here (a terminal of another container) or may
/// not be opened (that of another user, after `su`).
pub(crate) fn device() -> Option<File> {
    // Only the terminal that controls this process answers tcgetsid(3).
    let streams = [(0, stdin()), (1, stdout()), (2, stderr())];
    let streams = streams.into_iter().filter(|(_, fd)| tcgetsid(fd).is_ok());
    let streams = streams.map(|(number, _)| PathBuf::from(format!("/proc/self/fd/{number}")));
    streams.chain(named()).find_map(|path| {
        // NONBLOCK: a serial line waits for its other end.
        let flags = OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = flags.bits().cast_signed();
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).custom_flags(flags);
        let file = options.open(path).ok()?;
        tcgetsid(&file).is_ok().then_some(file)
    })
}

/// Where the controlling terminal is, by its number.
fn named() -> Option<PathBuf> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (major, minor) = number(&stat)?;
    // The numbers of Unix98 terminals, which the kernel gives to no others.
    if (136..=143).contains(&major) {
        let index = (major - 136) * 256 + minor;
        return Some(format!("/dev/pts/{index}").into());
    }
    let event = fs::read_to_string(format!("/sys/dev/char/{major}:{minor}/uevent")).ok()?;
    let name = event.lines().find_map(|line| line.strip_prefix("DEVNAME="));
    Some(PathBuf::from("/dev").join(name?))
}

/// The device number in proc_pid_stat(5): the fifth field after the program's
/// name, which stands in parentheses and may hold anything. The minor number
/// is in bits 31 to 20 and 7 to 0, the major one in bits 15 to 8.
fn number(stat: &str) -> Option<(u32, u32)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let number: i32 = rest.split_whitespace().nth(4)?.parse().ok()?;
    let number = number.cast_unsigned();
    let (major, minor) = (
        (number >> 8) & 0xff,
        (number & 0xff) | ((number >> 12) & 0xfff00),
    );
    (number != 0).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_terminal_is_read() {
        for (text, number_is) in [
            ("1 (sh) S 0 1 1 34816 1 4194560", Some((136, 0))),
            ("1 (a) b) c) S 0 1 1 34819 1", Some((136, 3))),
            ("1 (sh) S 0 1 1 1083647 1", Some((136, 511))),
            ("1 (sh) S 0 1 1 1025 1", Some((4, 1))),
            ("1 (sh) S 0 1 1 0 -1", None),
            ("1 (sh) S 0", None),
            ("", None),
        ] {
            assert_eq!(number(text), number_is, "{text}");
        }
    }
}
