//! Adding a line to a private file without rewriting it.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::Write;
use std::os::unix::fs::MetadataExt;

use rustix::fs::OFlags;

use super::PrivateDir;
use super::read::not_a_file;
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
        let flags = OFlags::WRONLY | OFlags::APPEND;
        let (mut file, mut found) = self.open_or_create("write", name, flags)?;
        if found.is_file() && !is_ours(&found) {
            // Put there while others could write to the folder.
            self.remove(name)?;
            (file, found) = self.open_or_create("write", name, flags)?;
        }
        if !found.is_file() {
            return Err(failed(not_a_file(&found)));
        }
        file.write_all(bytes).map_err(failed)?;
        Ok(found.len() + bytes.len() as u64)
    }
}

/// A file of this user under one name only.
fn is_ours(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw() && found.nlink() <= 1
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

    #[test]
    fn what_others_could_have_put_there_is_not_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let private = PrivateDir::create(&dir.path().join("p")).unwrap();
        let planted = dir.path().join("elsewhere");
        std::fs::write(&planted, "theirs").unwrap();
        std::fs::hard_link(&planted, private.path().join("f")).unwrap();
        assert_eq!(private.append("f", b"a\n").unwrap(), 2);
        assert_eq!(private.read("f", 100).unwrap().unwrap(), b"a\n");
        assert_eq!(std::fs::read(&planted).unwrap(), b"theirs");
    }
}
