//! Files: reading, replacing, and the folder that is ours alone.

mod append;
mod positioned;
mod private;
mod replace;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::FileError;

pub use positioned::{FileAt, Stamp};
pub use private::{Entry, PrivateDir};
pub use replace::{Replaced, replace, replace_private};

/// The content of the file at `path`, or `None` if there is none. Symbolic
/// links are followed; a pipe (`<(…)` of a shell) is read to its end.
///
/// # Errors
/// The file cannot be read, or has more than `limit` bytes.
pub fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
    let failed = |error| FileError::new("read", path, error);
    let Some(mut file) = opened(path, File::open(path))? else {
        return Ok(None);
    };
    let size = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).min(limit));
    read_bounded(&mut file, &mut bytes, limit).map_err(failed)?;
    Ok(Some(bytes))
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

/// Makes the folder that `path` is in, and those that it is in, as far as they
/// are missing. Others may look into them, as the system's mask has it.
///
/// # Errors
/// One cannot be made.
pub fn create_folder_of(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => {
            std::fs::create_dir_all(folder).map_err(|error| FileError::new("create", folder, error))
        }
        _ => Ok(()),
    }
}

/// Whether something is at `path`, links followed; `false` also where one may
/// not look.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// The permission bits and the owner's uid of what is at `path`, links
/// followed; `None` if nothing is.
///
/// # Errors
/// One may not look.
pub fn mode_and_owner(path: &Path) -> Result<Option<(u32, u32)>, FileError> {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some((found.mode() & 0o7777, found.uid()))),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(FileError::new("look at", path, error)),
    }
}

/// The folder that relative paths start from.
///
/// # Errors
/// It was removed, or one may not look.
pub fn current_dir() -> Result<PathBuf, FileError> {
    std::env::current_dir().map_err(|error| FileError::new("find", ".", error))
}

/// Adds `bytes` at the end of the file at `path`, which belongs to somebody
/// else, in one write. It must exist; symbolic links are followed.
///
/// # Errors
/// There is no such file, or it cannot be written.
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |error| FileError::new("write", path, error);
    let file = File::options().append(true).open(path);
    file.and_then(|mut file| io::Write::write_all(&mut file, bytes))
        .map_err(failed)
}

/// What opening the file at `path` gave; `None` if there is none.
fn opened(path: &Path, file: io::Result<File>) -> Result<Option<File>, FileError> {
    match file {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(FileError::new("read", path, error)),
    }
}

/// No such file, or a part of its path is no folder.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// Reads to the end; more than `limit` bytes are an error.
fn read_bounded(from: &mut impl Read, into: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(into)?;
    if into.len() > limit {
        let why = format!("it has more than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_missing_file_is_none_and_a_folder_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        assert!(read_text(&file, 10).unwrap().is_none());
        fs::write(&file, "x").unwrap();
        assert!(read_text(&file.join("below"), 10).unwrap().is_none());
        assert!(read(dir.path(), 10).is_err());
        assert_eq!(read_text(&file, 10).unwrap().as_deref(), Some("x"));
    }

    #[test]
    fn a_limit_is_kept_to_the_byte() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap().unwrap(), b"12345");
        let error = read(&file, 4).unwrap_err();
        assert!(
            error.to_string().ends_with("it has more than 4 bytes"),
            "{error}"
        );
    }

    #[test]
    fn the_line_that_is_no_text_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs::write(&file, b"a\nb\xff\n").unwrap();
        let error = read_text(&file, 10).unwrap_err();
        assert!(
            error.to_string().ends_with("line 2 is not UTF-8"),
            "{error}"
        );
    }

    #[test]
    fn mode_and_owner_follow_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("f"), dir.path().join("l"));
        fs::write(&file, "x").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("f", &link).unwrap();
        let (mode, uid) = mode_and_owner(&link).unwrap().unwrap();
        assert_eq!((mode, uid), (0o640, rustix::process::geteuid().as_raw()));
        assert!(mode_and_owner(&dir.path().join("none")).unwrap().is_none());
    }
}
