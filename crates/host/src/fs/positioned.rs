//! Reading parts of a file, so that a big one need not be read whole.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::read::{self, LARGEST, Opened};
use crate::error::FileError;

/// An open file, read at positions. Of what has none (a pipe, `/dev/null`)
/// the content is kept.
#[derive(Debug)]
pub struct FileAt {
    content: Content,
    path: PathBuf,
    len: u64,
}

#[derive(Debug)]
enum Content {
    File(File),
    /// Not shown: it may hold secrets.
    Kept(Kept),
}

struct Kept(Vec<u8>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// What [`FileAt::chunks`] reads at a time.
const CHUNK: usize = 64 * 1024;

impl FileAt {
    /// Opens the file at `path`, links followed; `None` if there is none. A
    /// pipe is read to its end at once.
    ///
    /// # Errors
    /// It cannot be read, is no file, has more than [`LARGEST`] bytes, or is a
    /// pipe that is still open after two seconds.
    pub fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let (content, len) = match read::open(path)? {
            None => return Ok(None),
            Some(Opened::Regular(file, found)) => {
                if found.len() > LARGEST as u64 {
                    let why = read::too_large(found.len(), LARGEST);
                    return Err(FileError::new("read", path, why));
                }
                (Content::File(file), found.len())
            }
            Some(Opened::Pipe(pipe)) => {
                let bytes = read::drain(pipe, LARGEST);
                let bytes = bytes.map_err(|error| read::pipe_failed(path, error))?;
                let len = bytes.len() as u64;
                (Content::Kept(Kept(bytes)), len)
            }
            Some(Opened::Empty) => (Content::Kept(Kept(Vec::new())), 0),
        };
        let path = path.to_owned();
        Ok(Some(Self { content, path, len }))
    }

    /// Bytes, when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it was empty when it was opened.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it can be read again by its path: it is a regular file.
    pub fn is_regular(&self) -> bool {
        matches!(self.content, Content::File(_))
    }

    /// The bytes of `range`.
    ///
    /// # Errors
    /// They cannot be read, or the file ends before them.
    pub fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        let failed = |error| FileError::new("read", &self.path, error);
        let ended = || failed(io::ErrorKind::UnexpectedEof.into());
        let file = match &self.content {
            Content::File(file) => file,
            Content::Kept(Kept(bytes)) => {
                let index = |at| usize::try_from(at).map_err(|_| ended());
                let range = index(range.start)?..index(range.end)?;
                return bytes.get(range).map(<[u8]>::to_vec).ok_or_else(ended);
            }
        };
        let len = range.end.saturating_sub(range.start);
        // Checked before the memory is asked for: `range` may come from a
        // file that is not ours to trust.
        if range.end > self.len && range.end > file.metadata().map_err(failed)?.len() {
            return Err(ended());
        }
        let len = usize::try_from(len).map_err(|_| failed(io::ErrorKind::OutOfMemory.into()))?;
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, range.start)
            .map_err(failed)?;
        Ok(bytes)
    }

    /// Hands the whole file to `each`, piece by piece in order, through one
    /// buffer of 64 KiB; returns how many bytes that were.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn chunks(&self, mut each: impl FnMut(&[u8])) -> Result<u64, FileError> {
        let file = match &self.content {
            Content::File(file) => file,
            Content::Kept(Kept(bytes)) => {
                each(bytes);
                return Ok(self.len);
            }
        };
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        loop {
            match file.read_at(&mut buffer, at) {
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
    fn none_and_not_a_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(FileAt::open(&dir.path().join("f")).unwrap().is_none());
        assert!(FileAt::open(dir.path()).is_err());
    }

    #[test]
    fn what_has_no_positions_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&path, "0123456789").unwrap());
            let file = FileAt::open(&path).unwrap().unwrap();
            assert_eq!((file.len(), file.is_regular()), (10, false));
            assert_eq!(file.read_at(3..6).unwrap(), b"345");
            assert!(file.read_at(8..11).is_err());
            let mut seen = Vec::new();
            file.chunks(|piece| seen.extend_from_slice(piece)).unwrap();
            assert_eq!(seen, b"0123456789");
        });
        let null = FileAt::open(Path::new("/dev/null")).unwrap().unwrap();
        assert_eq!(
            (null.is_empty(), null.read_at(0..0).unwrap()),
            (true, vec![])
        );
    }
}
