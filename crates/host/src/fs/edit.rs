//! Changing a file that belongs to a person or to another program.
//!
//! One rule for all of them: a regular file of this user, found through links,
//! gets its new content in one step, and keeps its owner, group, mode, access
//! control list and other attributes. What cannot be kept is a reason to leave
//! the file alone.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::{attributes, is_missing, read, temporary};
use crate::error::FileError;

/// What a file holds once it has been changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// No secret.
    Settings,
    /// A token among a person's settings.
    Token,
    /// Nothing but secrets, so that it has mode 0600 whatever it had before.
    Login,
}

/// What [`Original::replace`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Replaced {
    /// The file was not there.
    Created,
    /// The file has the new content.
    Changed,
    /// The file had this content already and was not touched.
    Unchanged,
    /// Another program changed the file after it was read; what it wrote
    /// stays. Read it again.
    Overtaken,
}

/// A file as it was when it was read, to be changed.
pub struct Original {
    target: Target,
    /// `None` if its folder is not there.
    folder: Option<OwnedFd>,
    /// `None` if the file is not there.
    old: Option<Old>,
}

struct Old {
    file: File,
    found: Metadata,
    /// `None` once it was taken.
    content: Option<Zeroizing<Vec<u8>>>,
}

/// Shows nothing of the content.
impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Original").field(&self.target.path).finish()
    }
}

/// Gives the file at `path` the content `bytes`, by the rules of
/// [`Original::replace`].
///
/// # Errors
/// As there, and if another program changes it at the same time.
pub fn replace(path: &Path, bytes: &[u8], holds: Holds) -> Result<Replaced, FileError> {
    let original = Original::open(path, read::LARGEST)?;
    let replaced = original.replace(bytes, holds)?;
    if replaced == Replaced::Overtaken {
        let why = "another program changed it at the same time";
        let why = io::Error::new(io::ErrorKind::ResourceBusy, why);
        return Err(FileError::new("replace", path, why).hint("run this again"));
    }
    Ok(replaced)
}

/// Removes what killed processes left beside the file at `path`, which they
/// wanted to change.
pub fn sweep(path: &Path) {
    if let Ok(target) = Target::find(path)
        && let Ok(Some(folder)) = open_folder(&target)
    {
        target.sweep(&folder);
    }
}

impl Original {
    /// Reads the file at `path`, symbolic links followed; it need not exist.
    /// What killed processes left beside it is removed.
    ///
    /// # Errors
    /// It cannot be read, is no regular file, or has more than `limit` bytes.
    pub fn open(path: &Path, limit: usize) -> Result<Self, FileError> {
        let target = Target::find(path)?;
        let folder = open_folder(&target)?;
        let old = match &folder {
            None => None,
            Some(folder) => {
                target.sweep(folder);
                Old::read(&target, folder, limit)?
            }
        };
        Ok(Self {
            target,
            folder,
            old,
        })
    }

    /// What it holds; `None` if it is not there.
    pub fn content(&self) -> Option<&[u8]> {
        let content = self.old.as_ref()?.content.as_ref()?;
        Some(content.as_slice())
    }

    /// What it holds, which is not kept here then: a large file is in memory
    /// once. Whether the new content is another one is for the caller to see.
    pub fn take_content(&mut self) -> Option<Vec<u8>> {
        let mut content = self.old.as_mut()?.content.take()?;
        Some(std::mem::take(&mut *content))
    }

    /// The permission bits of the file, if users other than its owner may read
    /// it.
    pub fn open_to_others(&self) -> Option<u32> {
        let mode = self.old.as_ref()?.found.mode() & 0o7777;
        // The group's bits are the mask of an access control list, too.
        (mode & 0o044 != 0).then_some(mode)
    }

    /// Gives the file the content `bytes`, in one step: whoever reads it, and
    /// whatever kills this process, finds the old content or the new.
    ///
    /// A link stays, and so do owner, group, mode, access control list and
    /// other attributes of the file it leads to ([`Holds::Login`]: but the mode,
    /// which is 0600). A new file has mode 0600. For [`Holds::Token`] missing
    /// folders are made, mode 0700.
    ///
    /// # Errors
    /// The file cannot be written; the old content stays. Refused are also:
    /// - a file of another user, who could read what is written;
    /// - a file of several names (hard links), of which one would keep the old
    ///   content, but for [`Holds::Login`];
    /// - for [`Holds::Token`], a file in a folder that other users can write,
    ///   who could put another one in its place;
    /// - a file whose attributes cannot be kept.
    pub fn replace(&self, bytes: &[u8], holds: Holds) -> Result<Replaced, FileError> {
        let path = &self.target.path;
        let failed = |error: io::Error| FileError::new("replace", path, error);
        if let Some(old) = &self.old {
            let is_private = holds != Holds::Login || old.found.mode() & 0o7777 == 0o600;
            let old_content = old.content.as_ref();
            if is_private && old_content.is_some_and(|content| **content == bytes) {
                return Ok(Replaced::Unchanged);
            }
            allowed(path, &old.found, holds)?;
            match rustix::fs::access(path, Access::WRITE_OK) {
                Ok(()) => {}
                Err(Errno::NOENT) => return Ok(Replaced::Overtaken),
                Err(error) => return Err(failed(error.into())),
            }
        }
        let made;
        let folder = match &self.folder {
            Some(folder) => folder,
            None if holds != Holds::Token => return Err(FileError::without_folder(path)),
            None => {
                super::create_folder_of(path)?;
                made = open_folder(&self.target)?
                    .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
                &made
            }
        };
        if holds == Holds::Token {
            self.target.is_safe()?;
        }
        if !self.is_current(folder).map_err(failed)? {
            return Ok(Replaced::Overtaken);
        }
        let old = self.old.as_ref().filter(|_| holds != Holds::Login);
        temporary::replace_in(
            folder.as_fd(),
            &self.target.name,
            &|number| self.target.temporary(number),
            &mut |mut file| {
                file.write_all(bytes)?;
                old.map_or(Ok(()), |old| {
                    attributes::keep_private(file, &old.file, &old.found)
                })
            },
            true,
            &mut |file| {
                old.map_or(Ok(()), |old| {
                    attributes::keep_rights(file, &old.file, &old.found)
                })
            },
        )
        .map_err(failed)?;
        // Some file systems cannot sync a folder; the file is in place by then.
        let _ = rustix::fs::openat(folder, ".", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .and_then(rustix::fs::fsync);
        Ok(match self.old {
            Some(_) => Replaced::Changed,
            None => Replaced::Created,
        })
    }

    /// Whether the file is the one that was read, and as it was read.
    fn is_current(&self, folder: &OwnedFd) -> io::Result<bool> {
        let now = rustix::fs::statat(folder, &self.target.name, AtFlags::SYMLINK_NOFOLLOW);
        match (now, &self.old) {
            (Err(Errno::NOENT), None) => Ok(true),
            (Err(Errno::NOENT), Some(_)) | (Ok(_), None) => Ok(false),
            (Err(error), _) => Err(error.into()),
            (Ok(now), Some(old)) => {
                let read = rustix::fs::fstat(&old.file)?;
                let len = u64::try_from(now.st_size).ok();
                Ok(temporary::is_same(&now, &read)
                    && len == Some(old.found.len())
                    && now.st_mtime == old.found.mtime()
                    && i64::try_from(now.st_mtime_nsec).ok() == Some(old.found.mtime_nsec()))
            }
        }
    }
}

impl Old {
    fn read(target: &Target, folder: &OwnedFd, limit: usize) -> Result<Option<Self>, FileError> {
        let failed = |error| FileError::new("read", &target.path, error);
        // NOFOLLOW: links were followed, and one that is new is not ours.
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(folder, &target.name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NXIO) => {
                let found = std::fs::metadata(&target.path).map_err(failed)?;
                return Err(failed(read::not_a_file(&found)));
            }
            Err(error) => return Err(failed(error.into())),
        };
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return Err(failed(read::not_a_file(&found)));
        }
        let content = read::content(&file, &found, &target.path, limit)?;
        Ok(Some(Self {
            file,
            found,
            content: Some(Zeroizing::new(content)),
        }))
    }
}

/// Whether the rules let this file be replaced.
fn allowed(path: &Path, found: &Metadata, holds: Holds) -> Result<(), FileError> {
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me {
        let why = format!("it belongs to user {}, this is user {me}", found.uid());
        return Err(FileError::refused("replace", path, why).hint(format!(
            "take ownership, if it should be yours: sudo chown {me} {}",
            crate::error::quoted(path)
        )));
    }
    if found.nlink() > 1 && holds != Holds::Login {
        let why = format!(
            "it has {} names (hard links), and the others would keep the old content",
            found.nlink()
        );
        return Err(FileError::refused("replace", path, why).hint(format!(
            "find the others and make them symbolic links: find ~ -xdev -samefile {}",
            crate::error::quoted(path)
        )));
    }
    Ok(())
}

/// Where a file really is.
struct Target {
    path: PathBuf,
    name: OsString,
    /// The folders of the links on the way, and its own.
    folders: Vec<PathBuf>,
}

impl Target {
    /// The file that `path` stands for when every symbolic link is followed; it
    /// need not exist.
    fn find(path: &Path) -> Result<Self, FileError> {
        // As many as Linux follows.
        const MOST_LINKS: usize = 40;
        let mut target = path.to_owned();
        let mut folders = Vec::new();
        for _ in 0..MOST_LINKS {
            let folder = folder_of(&target).to_owned();
            match std::fs::read_link(&target) {
                Ok(link) => {
                    // `join` takes an absolute link as it is.
                    target = folder.join(link);
                    folders.push(folder);
                }
                // Not a link (EINVAL), or nothing: either way, this is it.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput || is_missing(&error) => {
                    folders.push(folder);
                    return Self::new(target, folders);
                }
                Err(error) => return Err(FileError::new("replace", path, error)),
            }
        }
        let why = "its symbolic links form a loop";
        Err(FileError::refused("replace", path, why))
    }

    fn new(path: PathBuf, folders: Vec<PathBuf>) -> Result<Self, FileError> {
        match path.file_name() {
            Some(name) => Ok(Self {
                name: name.to_owned(),
                path,
                folders,
            }),
            None => Err(FileError::new("replace", path, Errno::ISDIR)),
        }
    }

    /// The name of its unfinished replacement.
    fn temporary(&self, number: u64) -> OsString {
        format!("{}{number:016x}.tmp", self.prefix()).into()
    }

    fn prefix(&self) -> String {
        // Names have at most 255 bytes.
        let name = self.name.to_string_lossy();
        let name: String = name.chars().take(32).collect();
        format!(".{name}.")
    }

    /// Whether `name` is one that [`Self::temporary`] makes.
    fn is_temporary(&self, name: &[u8]) -> bool {
        let number = name
            .strip_prefix(self.prefix().as_bytes())
            .and_then(|rest| rest.strip_suffix(b".tmp"));
        number.is_some_and(|number| {
            number.len() == 16
                && number
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
        })
    }

    fn sweep(&self, folder: &OwnedFd) {
        let me = rustix::process::geteuid().as_raw();
        temporary::sweep(folder, me, &|name| self.is_temporary(name));
    }

    /// That nobody else can put something else in its place.
    fn is_safe(&self) -> Result<(), FileError> {
        for folder in &self.folders {
            let failed = |error| FileError::new("look at", folder, error);
            let found = std::fs::metadata(folder).map_err(failed)?;
            let Some(why) = unsafe_folder(folder, &found) else {
                continue;
            };
            let why = format!("{why} {}", folder.display());
            return Err(FileError::refused("replace", &self.path, why).hint(format!(
                "keep others out: chmod go-w {}",
                crate::error::quoted(folder)
            )));
        }
        Ok(())
    }
}

/// Who else could change what is in `folder`, up to its name.
fn unsafe_folder(folder: &Path, found: &Metadata) -> Option<String> {
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me && found.uid() != 0 {
        return Some(format!("user {} owns the folder", found.uid()));
    }
    let mode = found.mode() & 0o7777;
    // As in /tmp: others may add files, not replace ours.
    let is_sticky = mode & 0o1000 != 0;
    let by_others = mode & 0o002 != 0;
    let by_group = mode & 0o020 != 0 && !is_own_group(folder, found);
    (!is_sticky && (by_others || by_group))
        .then(|| format!("other users can write (mode {mode:04o}) to the folder"))
}

/// Whether the group of `folder` has no member but this user: one of the same
/// number, as systems make them whose mask is 002 (pam_umask(8): "usergroups").
fn is_own_group(folder: &Path, found: &Metadata) -> bool {
    let me = rustix::process::geteuid().as_raw();
    let plain = || File::open(folder).is_ok_and(|folder| !attributes::has_acl(&folder));
    me != 0 && found.gid() == me && plain()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The folder of `target`; `None` if there is none.
fn open_folder(target: &Target) -> Result<Option<OwnedFd>, FileError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::openat(CWD, folder_of(&target.path), flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(error) => Err(FileError::new("read", &target.path, error)),
    }
}

#[cfg(test)]
mod tests;
