//! Waiting for a key, and the device that the terminal is.

use std::fs::{File, OpenOptions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::{tcgetsid, ttyname};

/// Always yes: poll(2) knows no terminals here, and the read that follows
/// waits for a tenth of a second.
pub(crate) fn wait_for_key(_terminal: &File) -> bool {
    true
}

/// The device of the controlling terminal, opened anew: `/dev/tty` is one
/// device for all terminals. `None` where none of the streams is the terminal,
/// which then has no name that could be asked for, or where it may not be
/// opened.
pub(crate) fn device() -> Option<File> {
    [stdin(), stdout(), stderr()]
        .into_iter()
        .find_map(|stream| {
            tcgetsid(stream).ok()?;
            let name = ttyname(stream, Vec::new()).ok()?;
            let flags = (OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
            let mut options = OpenOptions::new();
            let options = options
                .read(true)
                .write(true)
                .custom_flags(flags.cast_signed());
            let path = std::ffi::OsStr::from_bytes(name.as_bytes());
            let file = options.open(path).ok()?;
            tcgetsid(&file).is_ok().then_some(file)
        })
}
