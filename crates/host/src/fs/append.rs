//! Adding a line to a private file without rewriting it.

use std::ffi::OsStr;
use std::io::Write;

use rustix::fs::{Mode, OFlags};

use super::PrivateDir;
use crate::error::FileError;

impl PrivateDir {
    /// Adds `bytes` at the end of the file `name` in one write, so that lines
    /// of several processes do not mix; the file is made with mode 0600 if
    /// there is none. Not synced: for what may be lost. Returns how long the
    /// file is now, in bytes.
    ///
    /// # Errors
    /// It cannot be written, or is something else than a regular file.
    pub fn append(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<u64, FileError> {
        let name = self.checked("write", name.as_ref())?;
        let path = self.path().join(name);
        let failed = |error| FileError::new("write", &path, error);
        let flags = OFlags::WRONLY
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| failed(error.into()))?;
        let mut file = std::fs::File::from(fd);
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            let why = "it is not a regular file";
            return Err(failed(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                why,
            )));
        }
        file.write_all(bytes).map_err(failed)?;
        Ok(found.len() + bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let private = PrivateDir::create(&dir.path().join("p")).unwrap();
        assert_eq!(private.append("f", b"a\n").unwrap(), 2);
        assert_eq!(private.append("f", b"b\n").unwrap(), 4);
        assert_eq!(private.read("f", 100).unwrap().unwrap(), b"a\nb\n");
        std::os::unix::fs::symlink("/dev/null", private.path().join("l")).unwrap();
        assert!(private.append("l", b"x").is_err());
    }
}
