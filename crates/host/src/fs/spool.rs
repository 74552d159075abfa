//! Files without a name: gone with whoever has them open.

use std::fs::File;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::PrivateDir;
use crate::error::FileError;
use crate::random;

impl PrivateDir {
    /// A file of mode 0600 in the folder that has no name any more.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn spool(&self) -> Result<File, FileError> {
        let failed = |error: std::io::Error| FileError::new("write", self.path(), error);
        let number = random::number().map_err(failed)?;
        // As unfinished files are called: where this process is killed before the
        // name is gone, it is swept.
        let name = format!(".tmp-{number:016x}");
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&self.fd, &name, flags, mode)
            .map_err(|error| failed(error.into()))?;
        match rustix::fs::unlinkat(&self.fd, &name, AtFlags::empty()) {
            // Another process may have swept it.
            Ok(()) | Err(Errno::NOENT) => Ok(File::from(file)),
            Err(error) => Err(failed(error.into())),
        }
    }
}
