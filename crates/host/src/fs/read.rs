//! The one door through which files of other people and programs are read.
//!
//! Whatever stands at the path, reading it ends: a regular file is read up to
//! a bound, `/dev/null` is empty, a pipe has [`PATIENCE`] to deliver
//! everything, and whatever else is no file is an error.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::is_missing;
use crate::error::FileError;

/// Bytes: no file that the program reads has more. A larger one is refused
/// before it is read.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Bytes of a file of another program's settings that is edited: it is held in
/// memory with the place of everything in it, and with what takes its place.
pub const LARGEST_EDITED: usize = 512 * 1024;

/// How long a pipe may take from its opening to its end. A shell's `<(…)`
/// delivers in milliseconds; a pipe that nobody writes to never does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The content of the file at `path`, or `None` if there is none. Symbolic
/// links are followed; a pipe (`<(…)` of a shell) is read to its end.
///
/// # Errors
/// The file cannot be read, is no file, has more than `limit` bytes, or is a
/// pipe that is still open after two seconds.
pub fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
    match open(path)? {
        None => Ok(None),
        Some(Opened::Regular(file, found)) => content(&file, &found, path, limit).map(Some),
        Some(Opened::Pipe(pipe)) => drain(pipe, limit)
            .map(Some)
            .map_err(|error| pipe_failed(path, error)),
        Some(Opened::Empty) => Ok(Some(Vec::new())),
    }
}

/// As [`read`], of a regular file only: for what is to be changed, which a pipe
/// cannot be.
///
/// # Errors
/// As there, and for a pipe or a device at once.
pub fn read_regular(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
    match open(path)? {
        None => Ok(None),
        Some(Opened::Regular(file, found)) => content(&file, &found, path, limit).map(Some),
        Some(Opened::Pipe(_) | Opened::Empty) => {
            let failed = |error| FileError::new("read", path, error);
            let found = std::fs::metadata(path).map_err(failed)?;
            Err(failed(not_a_file(&found)))
        }
    }
}

/// As [`read`], as text.
///
/// # Errors
/// As [`read`], and if the content is not UTF-8.
pub fn read_text(path: &Path, limit: usize) -> Result<Option<String>, FileError> {
    let Some(bytes) = read(path, limit)? else {
        return Ok(None);
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        let why = format!("line {line} is not UTF-8");
        FileError::new(
            "read",
            path,
            io::Error::new(io::ErrorKind::InvalidData, why),
        )
    })
}

/// What stands at a path and can be read.
pub(super) enum Opened {
    /// A regular file, and what it was when it was opened.
    Regular(File, Metadata),
    /// A pipe, not yet read.
    Pipe(File),
    /// `/dev/null`.
    Empty,
}

/// Opens what is at `path` for reading, links followed; `None` if nothing is.
/// Never waits for the other end of a pipe, and never takes a terminal.
pub(super) fn open(path: &Path) -> Result<Option<Opened>, FileError> {
    let failed = |error| FileError::new("read", path, error);
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if is_missing(&error) => return Ok(None),
        // A socket cannot be opened; the system says "no such device".
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NXIO) => {
            let found = std::fs::metadata(path).map_err(failed)?;
            return Err(failed(not_a_file(&found)));
        }
        Err(error) => return Err(failed(error)),
    };
    let found = file.metadata().map_err(failed)?;
    let kind = found.file_type();
    if kind.is_file() {
        Ok(Some(Opened::Regular(file, found)))
    } else if kind.is_fifo() {
        Ok(Some(Opened::Pipe(file)))
    } else if kind.is_char_device() && is_null(&found) {
        Ok(Some(Opened::Empty))
    } else {
        Err(failed(not_a_file(&found)))
    }
}

fn is_null(found: &Metadata) -> bool {
    std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev())
}

/// The error for what cannot be used as a file: says what it is.
pub(super) fn not_a_file(found: &Metadata) -> io::Error {
    let kind = found.file_type();
    if kind.is_dir() {
        // In the system's own words.
        return Errno::ISDIR.into();
    }
    let what = if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    };
    let why = format!("it is {what}, not a file");
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// The error for a file of `len` bytes of which `limit` are read at most.
pub(super) fn too_large(len: u64, limit: usize) -> io::Error {
    let why = format!("it has {len} bytes; the limit is {}", bytes(limit));
    io::Error::new(io::ErrorKind::FileTooLarge, why)
}

fn bytes(count: usize) -> String {
    const KIB: usize = 1024;
    const MIB: usize = KIB * KIB;
    match count {
        0 => "0 bytes".to_owned(),
        _ if count.is_multiple_of(MIB) => format!("{} MiB", count / MIB),
        _ if count.is_multiple_of(KIB) => format!("{} KiB", count / KIB),
        _ => format!("{count} bytes"),
    }
}

/// The whole of a regular file that has just been opened.
pub(super) fn content(
    mut file: &File,
    found: &Metadata,
    path: &Path,
    limit: usize,
) -> Result<Vec<u8>, FileError> {
    let failed = |error| FileError::new("read", path, error);
    let len = usize::try_from(found.len()).unwrap_or(usize::MAX);
    if len > limit {
        return Err(failed(too_large(found.len(), limit)));
    }
    let mut bytes = Vec::with_capacity(len);
    read_bounded(&mut file, &mut bytes, limit).map_err(failed)?;
    Ok(bytes)
}

/// Reads to the end; more than `limit` bytes are an error.
pub(super) fn read_bounded(
    from: &mut impl Read,
    into: &mut Vec<u8>,
    limit: usize,
) -> io::Result<()> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(into)?;
    if into.len() > limit {
        let why = format!("it has more than {}", bytes(limit));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(())
}

/// Reads a pipe, which was opened without waiting, until every writer has
/// closed it.
pub(super) fn drain(mut pipe: File, limit: usize) -> io::Result<Vec<u8>> {
    let end = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    let mut piece = [0; 8 * 1024];
    loop {
        wait_for_input(&pipe, end)?;
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
        if bytes.len() > limit {
            let why = format!("it has more than {}", self::bytes(limit));
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
    }
}

fn wait_for_input(pipe: &File, end: Instant) -> io::Result<()> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut fds = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut fds, Some(&left)) {
            Ok(0) => {
                let why = format!(
                    "it is a pipe that was not closed within {} s",
                    PATIENCE.as_secs()
                );
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// `error`, met while reading the pipe at `path`.
pub(super) fn pipe_failed(path: &Path, error: io::Error) -> FileError {
    let late = error.kind() == io::ErrorKind::TimedOut;
    let failed = FileError::new("read", path, error);
    if late {
        failed.hint("write the content to a file first, and name that")
    } else {
        failed
    }
}

#[cfg(test)]
mod tests;
