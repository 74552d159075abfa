//! Sockets that have a place among the files.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::error::FileError;

/// Listens at `path`, for this user alone. A socket that a dead process left
/// there is replaced; anything else stays.
///
/// # Errors
/// Something is there, or the folder cannot be written.
pub fn listen_at(path: &Path) -> Result<UnixListener, FileError> {
    let failed = |error| FileError::new("listen at", path, error);
    if is_left_over(path) {
        fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    // Until then, the server itself asks the kernel who is there.
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

fn is_left_over(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let refused = |path| {
        let asked = UnixStream::connect(path);
        asked.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    };
    is_socket && refused(path)
}

/// Removes the file or socket `path`; returns whether there was one.
///
/// # Errors
/// The folder cannot be written.
pub fn remove(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::new("remove", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let first = listen_at(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert!(listen_at(&path).is_err(), "somebody listens");
        drop(first);
        listen_at(&path).unwrap();
        assert!(remove(&path).unwrap() && !remove(&path).unwrap());
        fs::write(&path, "mine").unwrap();
        assert!(listen_at(&path).is_err(), "a file");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
