//! Replacing a file that belongs to a person.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, OFlags};

use super::is_missing;
use crate::error::FileError;

/// What [`replace`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// The file was not there.
    Created,
    /// The file has the new content.
    Changed,
    /// The file had this content already and was not touched.
    Unchanged,
}

/// Gives the file at `path` the content `bytes`, in one step: whoever reads
/// it, and whatever kills this process, finds the old content or the new.
///
/// Symbolic links are followed to the real file, which keeps its mode and,
/// where the system lets us, its owner; a new file gets mode 0600. The file's
/// folder must exist. Other hard links to it keep the old content. A file
/// that this user may not write is refused, although its folder would let us
/// replace it.
///
/// # Errors
/// The file or its folder cannot be written. The old content stays.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<Replaced, FileError> {
    replaced(path, bytes, true)
}

/// As [`replace`], for a file that holds secrets: whatever its mode was, it has
/// 0600 afterwards.
///
/// # Errors
/// As there.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<Replaced, FileError> {
    replaced(path, bytes, false)
}

fn replaced(path: &Path, bytes: &[u8], keep_mode: bool) -> Result<Replaced, FileError> {
    let target = real_target(path)?;
    let failed = |error| FileError::new("replace", &target, error);
    let old = match fs::metadata(&target) {
        Ok(old) if !old.is_file() => {
            return Err(FileError::refused(
                "replace",
                &target,
                "it is not a regular file",
            ));
        }
        Ok(old) => Some(old),
        Err(error) if is_missing(&error) => None,
        Err(error) => return Err(failed(error)),
    };
    if let Some(old) = &old {
        if keep_mode && has_content(&target, old, bytes).map_err(failed)? {
            return Ok(Replaced::Unchanged);
        }
        rustix::fs::access(&target, Access::WRITE_OK).map_err(|e| failed(e.into()))?;
    }
    let like = old.as_ref().filter(|_| keep_mode);
    write_beside(&target, like, bytes).map_err(failed)?;
    Ok(if old.is_some() {
        Replaced::Changed
    } else {
        Replaced::Created
    })
}

/// The file that `path` stands for when every symbolic link is followed; it
/// need not exist.
fn real_target(path: &Path) -> Result<PathBuf, FileError> {
    // As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&target) {
            // `join` takes an absolute link as it is.
            Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
            // Not a link (EINVAL), or nothing: either way, this is it.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput || is_missing(&error) => {
                return Ok(target);
            }
            Err(error) => return Err(FileError::new("replace", path, error)),
        }
    }
    Err(FileError::refused(
        "replace",
        path,
        "its symbolic links go in a circle",
    ))
}

fn has_content(target: &Path, old: &Metadata, bytes: &[u8]) -> io::Result<bool> {
    if old.len() != bytes.len() as u64 {
        return Ok(false);
    }
    match fs::read(target) {
        Ok(content) => Ok(content == bytes),
        // It can be replaced without being readable.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file that is removed unless it was renamed.
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing can be done about a failure, and the first one counts.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn write_beside(target: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let (mut file, mut temporary) = create_beside(folder, target)?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        keep_owner_and_mode(&file, old)?;
    }
    // Before the rename: after a power cut the name must not stand for an
    // empty file.
    file.sync_all()?;
    fs::rename(&temporary.path, target)?;
    temporary.renamed = true;
    // Some file systems cannot sync a folder; the file is in place by then.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn create_beside(folder: &Path, target: &Path) -> io::Result<(File, Temporary)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    // Names have at most 255 bytes.
    let name: String = name.chars().take(32).collect();
    let path = folder.join(format!(".{name}.{:016x}.tmp", crate::random::number()?));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(&path)?;
    let renamed = false;
    Ok((file, Temporary { path, renamed }))
}

fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let mut mode = old.mode() & 0o777;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let kept = fchown(file, Some(old.uid()), Some(old.gid()));
        if kept.is_err() && fchown(file, None, Some(old.gid())).is_err() {
            // The group's rights were not meant for the group it now has.
            mode &= 0o707;
        }
    }
    if new.mode() & 0o777 != mode {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "replace_tests.rs"]
mod tests;
