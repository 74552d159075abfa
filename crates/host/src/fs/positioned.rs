//! Reading parts of a file, so that a big one need not be read whole.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::opened;
use crate::error::FileError;

/// An open regular file, read at positions.
#[derive(Debug)]
pub struct FileAt {
    file: File,
    path: PathBuf,
    stamp: Stamp,
}

/// What changes whenever a file is replaced, and nearly always when it is
/// written to: enough to distrust something kept about it, not enough to
/// trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The file system.
    pub device: u64,
    /// The file's number on it.
    pub inode: u64,
    /// Bytes.
    pub len: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub modified: i128,
    /// Last change of content, mode, owner or name, nanoseconds since 1970.
    pub changed: i128,
}

/// What [`FileAt::chunks`] reads at a time.
const CHUNK: usize = 64 * 1024;

impl FileAt {
    /// Opens the file at `path`, links followed; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no regular file: a pipe has no positions.
    pub fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let failed = |error| FileError::new("read", path, error);
        // NONBLOCK: opening a pipe must not wait for its other end.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = File::options().read(true).custom_flags(flags).open(path);
        let Some(file) = opened(path, file)? else {
            return Ok(None);
        };
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            let why = "it is not a regular file";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, why)));
        }
        let nanos =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        let stamp = Stamp {
            device: found.dev(),
            inode: found.ino(),
            len: found.len(),
            modified: nanos(found.mtime(), found.mtime_nsec()),
            changed: nanos(found.ctime(), found.ctime_nsec()),
        };
        let path = path.to_owned();
        Ok(Some(Self { file, path, stamp }))
    }

    /// Bytes, when it was opened.
    pub fn len(&self) -> u64 {
        self.stamp.len
    }

    /// Whether it was empty when it was opened.
    pub fn is_empty(&self) -> bool {
        self.stamp.len == 0
    }

    /// The file's state when it was opened.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The bytes of `range`.
    ///
    /// # Errors
    /// They cannot be read, or the file ends before them.
    pub fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        let failed = |error| FileError::new("read", &self.path, error);
        let len = range.end.saturating_sub(range.start);
        // Checked before the memory is asked for: `range` may come from a
        // file that is not ours to trust.
        if range.end > self.len().max(self.file.metadata().map_err(failed)?.len()) {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        let len = usize::try_from(len).map_err(|_| failed(io::ErrorKind::OutOfMemory.into()))?;
        let mut bytes = vec![0; len];
        self.file
            .read_exact_at(&mut bytes, range.start)
            .map_err(failed)?;
        Ok(bytes)
    }

    /// Hands the whole file to `each`, piece by piece in order, through one
    /// buffer of 64 KiB; returns how many bytes that were.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn chunks(&self, mut each: impl FnMut(&[u8])) -> Result<u64, FileError> {
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        loop {
            match self.file.read_at(&mut buffer, at) {
                Ok(0) => return Ok(at),
                Ok(count) => {
                    each(&buffer[..count]);
                    at += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(FileError::new("read", &self.path, error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn parts_are_read_and_the_end_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "0123456789").unwrap();
        let file = FileAt::open(&path).unwrap().unwrap();
        assert_eq!((file.len(), file.is_empty()), (10, false));
        assert_eq!(file.read_at(3..6).unwrap(), b"345");
        assert_eq!(file.read_at(10..10).unwrap(), b"");
        assert!(file.read_at(8..11).is_err());
        assert!(file.read_at(0..u64::MAX).is_err());
    }

    #[test]
    fn chunks_are_the_whole_file_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&path, &content).unwrap();
        let file = FileAt::open(&path).unwrap().unwrap();
        let (mut seen, mut most) = (Vec::new(), 0);
        let count = file.chunks(|piece| {
            most = most.max(piece.len());
            seen.extend_from_slice(piece);
        });
        assert_eq!(count.unwrap(), content.len() as u64);
        assert!(seen == content && most <= CHUNK);
    }

    #[test]
    fn a_replaced_file_has_another_stamp() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "same").unwrap();
        let before = FileAt::open(&path).unwrap().unwrap().stamp();
        assert_eq!(before, FileAt::open(&path).unwrap().unwrap().stamp());
        fs::write(dir.path().join("g"), "same").unwrap();
        fs::rename(dir.path().join("g"), &path).unwrap();
        assert_ne!(before, FileAt::open(&path).unwrap().unwrap().stamp());
    }

    #[test]
    fn none_and_not_a_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(FileAt::open(&dir.path().join("f")).unwrap().is_none());
        assert!(FileAt::open(dir.path()).is_err());
    }
}
