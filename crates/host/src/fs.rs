//! Files: reading, replacing, and the folder that is ours alone.

mod append;
mod attributes;
mod edit;
mod private;
mod read;
mod socket;
mod spool;
mod temporary;

use std::fs::File;
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::env::{Env, names};
use crate::error::FileError;

pub use edit::{Holds, Original, Replaced, replace, sweep};
pub use private::{Entry, PrivateDir};
pub use read::{LARGEST, LARGEST_EDITED, read, read_regular, read_text};
pub use socket::{listen_at, remove};

/// The folder for what this program keeps, in the home folder.
pub const STATE: &str = ".assumerole.d";

/// Makes the folder that `path` is in, and those that it is in, as far as they
/// are missing. Nobody else may look into them, and their owner may, whatever
/// the system's mask is.
///
/// # Errors
/// One cannot be made.
pub fn create_folder_of(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => create_folder(folder),
        _ => Ok(()),
    }
}

fn create_folder(path: &Path) -> Result<(), FileError> {
    let failed = |error| FileError::new("create", path, error);
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = std::fs::metadata(path).map_err(failed)?;
            return match found.is_dir() {
                true => Ok(()),
                false => Err(failed(error)),
            };
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder_of(path)?;
            // By another process meanwhile, or now.
            return match std::fs::DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
                _ => open_to_owner(path).map_err(failed),
            };
        }
        Err(error) => return Err(failed(error)),
    }
    open_to_owner(path).map_err(failed)
}

/// Gives back to the owner of the folder at `path`, just made, what the
/// system's mask took.
fn open_to_owner(path: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(path)?;
    if found.is_dir() && found.permissions().mode() & 0o700 != 0o700 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
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

/// What tells one state of a file or folder from another, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 5]);

/// The state of what is at `path`, links followed; `None` if nothing is, or one
/// may not look.
pub fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some(Stamp([
        found.ino().cast_signed(),
        found.size().cast_signed(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime_nsec(),
    ]))
}

/// The folder of ours in that of the person who is logged in, which is gone when
/// they log out; `None` where the system has none.
pub fn runtime_path(env: &Env) -> Option<PathBuf> {
    let runtime = env.path(names::XDG_RUNTIME_DIR);
    let runtime = runtime.filter(|path| path.is_absolute());
    runtime.map(|path| path.join("assumerole"))
}

/// Where the link at `path` leads, as it says; `None` if `path` is no link.
pub fn link_target(path: &Path) -> Option<PathBuf> {
    std::fs::read_link(path).ok()
}

/// The file or folder that `path` stands for when every symbolic link is
/// followed; `None` if there is none.
pub fn real_path(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

/// The regular files in `folder` and in its folders, `most` at most; links are
/// not followed.
pub fn files_in(folder: &Path, most: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_file() && found.len() < most => found.push(entry.path()),
                Ok(kind) if kind.is_dir() && depth < 2 => folders.push((entry.path(), depth + 1)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The folder that relative paths start from.
///
/// # Errors
/// It was removed, or one may not look.
pub fn current_dir() -> Result<PathBuf, FileError> {
    std::env::current_dir().map_err(|error| FileError::new("find", ".", error))
}

/// Adds the lines `bytes` at the end of the file at `path`, which belongs to
/// somebody else, in one write; all of them or none. It must exist; symbolic
/// links are followed. Returns the file's permission bits.
///
/// # Errors
/// There is no such file, it cannot be written, or it is no file.
pub fn append(path: &Path, bytes: &[u8]) -> Result<u32, FileError> {
    let failed = |error| FileError::new("write", path, error);
    // NONBLOCK: opening a pipe must not wait for whoever reads it.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let mut options = File::options();
    let options = options.read(true).append(true).custom_flags(flags);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) => {
            // A directory or a socket, said so.
            return Err(failed(match std::fs::metadata(path) {
                Ok(found) if !found.is_file() => read::not_a_file(&found),
                _ => error,
            }));
        }
    };
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(failed(read::not_a_file(&found)));
    }
    let len = found.len();
    let mut last = [b'\n'];
    if len > 0 {
        file.read_exact_at(&mut last, len - 1).map_err(failed)?;
    }
    // A last line without its end would swallow the first of ours.
    let mut lines = zeroize::Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
    if last != *b"\n" {
        lines.push(b'\n');
    }
    lines.extend_from_slice(bytes);
    if let Err(error) = io::Write::write_all(&mut file, &lines) {
        // Half a line would be worse than none.
        let _ = file.set_len(len);
        return Err(failed(error));
    }
    Ok(found.permissions().mode() & 0o7777)
}

/// No such file, or a part of its path is no folder.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::reason;

    #[test]
    fn lines_are_added_whole() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        assert!(append(&file, b"A=1\n").is_err());
        for (before, after) in [
            ("", "A=1\n"),
            ("B=2\n", "B=2\nA=1\n"),
            ("B=2", "B=2\nA=1\n"),
        ] {
            fs::write(&file, before).unwrap();
            append(&file, b"A=1\n").unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), after);
        }
    }

    #[test]
    fn lines_are_added_to_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        let cases = [
            (pipe.as_path(), "it is a pipe, not a file"),
            (dir.path(), "Is a directory"),
            (Path::new("/dev/null"), "it is a device, not a file"),
        ];
        for (path, why) in cases {
            let error = append(path, b"A=1\n").unwrap_err();
            assert!(reason(&error.source) == why, "{error}");
        }
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
