//! A folder that is ours alone.
//!
//! Everything goes through the folder's descriptor, so that what was checked
//! is what is used, whoever renames what meanwhile.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Seek as _, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::read::read_bounded;
use super::temporary;
use crate::error::FileError;

/// An open folder of mode 0700 that belongs to this process's user. A
/// symbolic link or a folder of another user is refused; a folder of ours
/// that is open to others is closed to them (an `umask` of 002 makes such).
#[derive(Debug)]
pub struct PrivateDir {
    pub(super) fd: OwnedFd,
    path: PathBuf,
}

/// A file in a [`PrivateDir`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the folder.
    pub name: OsString,
    /// Bytes.
    pub size: u64,
    /// Last change of its content.
    pub modified: Timestamp,
}

/// Names of unfinished files start with this; no other name may.
const TEMPORARY: &[u8] = b".tmp-";

impl PrivateDir {
    /// Opens the folder at `path`; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be opened, or is refused.
    pub fn open(path: &Path) -> Result<Option<Self>, FileError> {
        open_folder(CWD, path.as_os_str(), path)
    }

    /// As [`PrivateDir::open`]; a missing folder is created, but none above it:
    /// a home that is not there is a mistake in its name.
    ///
    /// # Errors
    /// It cannot be opened or created, or is refused.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        match Self::open(path)? {
            Some(dir) => Ok(dir),
            None => create_folder(CWD, path.as_os_str(), path),
        }
    }

    /// Opens the folder `name` in this one; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be opened, or is refused.
    pub fn open_child(&self, name: &str) -> Result<Option<Self>, FileError> {
        let name = self.checked("open", name.as_ref())?;
        open_folder(&self.fd, name, &self.path.join(name))
    }

    /// As [`PrivateDir::open_child`]; a missing folder is created.
    ///
    /// # Errors
    /// It cannot be opened or created, or is refused.
    pub fn create_child(&self, name: &str) -> Result<Self, FileError> {
        if let Some(child) = self.open_child(name)? {
            return Ok(child);
        }
        create_folder(&self.fd, name.as_ref(), &self.path.join(name))
    }

    /// Where it was when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file `name`; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, has more than `limit` bytes, or is something else
    /// than a regular file of this user.
    pub fn read(
        &self,
        name: impl AsRef<OsStr>,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, FileError> {
        let name = name.as_ref();
        let Some((mut file, found)) = self.open_file(name)? else {
            return Ok(None);
        };
        let size = usize::try_from(found.len()).unwrap_or(0).min(limit);
        // One more than expected, so that reading to the end does not grow it.
        let mut bytes = Vec::with_capacity(size.saturating_add(1));
        read_bounded(&mut file, &mut bytes, limit)
            .map_err(|error| FileError::new("read", self.path.join(name), error))?;
        Ok(Some(bytes))
    }

    /// Opens the file `name` for reading, checks that it is a regular file of
    /// this user, and says what it is.
    pub(crate) fn open_file(&self, name: &OsStr) -> Result<Option<(File, Metadata)>, FileError> {
        let name = self.checked("read", name)?;
        let failed = |error| FileError::new("read", self.path.join(name), error);
        // NONBLOCK: opening a pipe must not wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(self.refused("read", name, "it is a symbolic link")),
            Err(error) => return Err(failed(error.into())),
        };
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return Err(self.refused("read", name, "it is not a regular file"));
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            let why = format!("it belongs to user {}", found.uid());
            return Err(self.refused("read", name, &why));
        }
        Ok(Some((file, found)))
    }

    /// Gives the file `name` the content `bytes` and mode 0600, in one step:
    /// whoever reads it, and whatever kills this process, finds the old
    /// content or the new. An unfinished file may be left behind; a later
    /// write or list removes it.
    ///
    /// # Errors
    /// The folder cannot be written. The old content stays.
    pub fn write(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<(), FileError> {
        self.replace(name.as_ref(), true, &mut |mut file| file.write_all(bytes))
    }

    /// As [`PrivateDir::write`], but that a loss of power may leave an empty or a broken
    /// file: for what is checked when it is read, and of which there is much at once.
    ///
    /// # Errors
    /// As there.
    pub fn write_unsynced(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<(), FileError> {
        self.replace(name.as_ref(), false, &mut |mut file| file.write_all(bytes))
    }

    /// As [`PrivateDir::write`], of all that is in `file`, from its start.
    ///
    /// # Errors
    /// As there, or `file` cannot be read.
    pub fn write_all_of(&self, name: impl AsRef<OsStr>, file: &mut File) -> Result<(), FileError> {
        self.replace(name.as_ref(), true, &mut |mut new| {
            file.rewind()?;
            io::copy(file, &mut new).map(drop)
        })
    }

    /// As [`PrivateDir::write`], of what `fill` writes.
    fn replace(
        &self,
        name: &OsStr,
        sync: bool,
        fill: &mut dyn FnMut(&File) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let name = self.checked("write", name)?;
        self.sweep();
        temporary::replace_in(
            self.fd.as_fd(),
            name,
            &|number| format!(".tmp-{number:016x}").into(),
            fill,
            sync,
            &mut |_| Ok(()),
        )
        .map_err(|error| FileError::new("write", self.path.join(name), error))
    }

    /// Removes the file `name`; returns whether there was one. A link is
    /// removed, not what it leads to.
    ///
    /// # Errors
    /// The folder cannot be written, or `name` is a folder.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> Result<bool, FileError> {
        let name = self.checked("remove", name.as_ref())?;
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(FileError::new("remove", self.path.join(name), error)),
        }
    }

    /// Returns once a loss of power brings back nothing that was removed here.
    /// Where the file system knows no such thing, it is as good as done.
    ///
    /// # Errors
    /// The disk fails.
    pub fn keep_removed(&self) -> Result<(), FileError> {
        match rustix::fs::fsync(&self.fd) {
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::BADF | Errno::ROFS) => Ok(()),
            Err(error) => Err(FileError::new("write", &self.path, error)),
        }
    }

    /// The regular files in the folder, by name. What is unfinished is left
    /// out, and removed when its writer is dead.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, FileError> {
        self.sweep();
        let names = self.names()?;
        let mut entries: Vec<Entry> = names
            .into_iter()
            .filter(|name| !is_temporary(name))
            .filter_map(|name| self.entry(name))
            .collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Opens the file `name` for a lock, and creates it if there is none.
    pub(crate) fn open_lock_file(&self, name: &OsStr) -> Result<File, FileError> {
        let name = self.checked("lock", name)?;
        let (file, _) = self.open_or_create("lock", name, OFlags::RDWR)?;
        Ok(file)
    }

    /// Opens the file `name`, which is made with mode 0600, whatever the
    /// system's mask is, if there is none; says what it is.
    pub(super) fn open_or_create(
        &self,
        doing: &'static str,
        name: &OsStr,
        flags: OFlags,
    ) -> Result<(File, Metadata), FileError> {
        let path = || self.path.join(name);
        let in_the_way = |what| {
            FileError::refused(doing, path(), what)
                .hint("move it away; a new one is created when needed")
        };
        let failed = |error: Errno| match error {
            Errno::LOOP => in_the_way("it is a symbolic link"),
            Errno::ISDIR => in_the_way("it is a folder"),
            // A socket.
            Errno::NXIO => in_the_way("it is not a file"),
            _ => FileError::new(doing, path(), error),
        };
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let ours = Mode::RUSR | Mode::WUSR;
        let mut healed = false;
        let fd = loop {
            match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
                Ok(fd) => break fd,
                Err(Errno::NOENT) => {}
                // Made under a mask that took its owner's rights away.
                Err(Errno::ACCESS) if !healed && self.lacks(name, ours) => {
                    healed = true;
                    rustix::fs::chmodat(&self.fd, name, ours, AtFlags::empty()).map_err(failed)?;
                    continue;
                }
                Err(error) => return Err(failed(error)),
            }
            let create = flags | OFlags::CREATE | OFlags::EXCL;
            match rustix::fs::openat(&self.fd, name, create, ours) {
                Ok(fd) => {
                    rustix::fs::fchmod(&fd, ours).map_err(failed)?;
                    break fd;
                }
                // Another process was faster.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
        };
        let file = File::from(fd);
        let found = file
            .metadata()
            .map_err(|error| FileError::new(doing, path(), error))?;
        Ok((file, found))
    }

    /// Whether `name` is a file of this user that its owner lacks `rights` to.
    fn lacks(&self, name: &OsStr, rights: Mode) -> bool {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|found| {
            FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
                && found.st_uid == rustix::process::geteuid().as_raw()
                && !Mode::from_raw_mode(found.st_mode).contains(rights)
        })
    }

    /// Whether `file` is what stands under `name` now.
    pub(crate) fn is_current(&self, name: &OsStr, file: &File) -> io::Result<bool> {
        let ours = rustix::fs::fstat(file)?;
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(now) => Ok((now.st_dev, now.st_ino) == (ours.st_dev, ours.st_ino)),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn entry(&self, name: OsString) -> Option<Entry> {
        // Whatever vanishes meanwhile is not listed.
        let found = rustix::fs::statat(&self.fd, &name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return None;
        }
        Some(Entry {
            name,
            size: u64::try_from(found.st_size).unwrap_or(0),
            modified: Timestamp::from_second(found.st_mtime).unwrap_or(Timestamp::MIN),
        })
    }

    fn names(&self) -> Result<Vec<OsString>, FileError> {
        let failed = |error: Errno| FileError::new("list", &self.path, error);
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }

    /// Removes unfinished files whose writers are dead.
    fn sweep(&self) {
        let me = rustix::process::geteuid().as_raw();
        temporary::sweep(&self.fd, me, &|name| name.starts_with(TEMPORARY));
    }

    /// `name`, if it can be the name of a file here.
    pub(super) fn checked<'n>(
        &self,
        doing: &'static str,
        name: &'n OsStr,
    ) -> Result<&'n OsStr, FileError> {
        let bytes = name.as_bytes();
        let fits = !bytes.is_empty()
            && bytes.len() <= 255
            && !bytes.starts_with(b"..")
            && bytes != b"."
            && !bytes.iter().any(|b| matches!(b, b'/' | 0))
            && !is_temporary(name);
        if fits {
            Ok(name)
        } else {
            let why = format!("{name:?} is not a name for a file in it");
            let why = io::Error::new(io::ErrorKind::InvalidInput, why);
            Err(FileError::new(doing, &self.path, why))
        }
    }

    fn refused(&self, doing: &'static str, name: &OsStr, why: &str) -> FileError {
        FileError::refused(doing, self.path.join(name), why)
    }
}

fn is_temporary(name: &OsStr) -> bool {
    name.as_bytes().starts_with(TEMPORARY)
}

fn create_folder(at: impl AsFd, name: &OsStr, path: &Path) -> Result<PrivateDir, FileError> {
    match rustix::fs::mkdirat(&at, name, Mode::RWXU) {
        // Another process may have been faster.
        Ok(()) | Err(Errno::EXIST) => {}
        Err(Errno::NOENT) => {
            return Err(FileError::new("create", path, Errno::NOENT)
                .hint("set HOME to a folder that exists"));
        }
        Err(error) => return Err(FileError::new("create", path, error)),
    }
    let gone = || FileError::new("create", path, io::Error::from(io::ErrorKind::NotFound));
    open_folder(at, name, path)?.ok_or_else(gone)
}

fn open_folder(at: impl AsFd, name: &OsStr, path: &Path) -> Result<Option<PrivateDir>, FileError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut opened = rustix::fs::openat(&at, name, flags, Mode::empty());
    if matches!(opened, Err(Errno::ACCESS)) && is_shut(&at, name) {
        opened = rustix::fs::chmodat(&at, name, Mode::RWXU, AtFlags::empty())
            .and_then(|()| rustix::fs::openat(&at, name, flags, Mode::empty()));
    }
    let fd = match opened {
        Ok(fd) => fd,
        // Not looked at again: another process may just have made it.
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::NOTDIR) => {
            return match rustix::fs::statat(&at, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => Err(not_a_folder(path, FileType::from_raw_mode(found.st_mode))),
                Err(_) => Ok(None),
            };
        }
        Err(Errno::LOOP) => return Err(not_a_folder(path, FileType::Symlink)),
        Err(error) => return Err(FileError::new("use", path, error)),
    };
    let folder = File::from(fd);
    close_to_others(&folder, path)?;
    Ok(Some(PrivateDir {
        fd: folder.into(),
        path: path.to_owned(),
    }))
}

/// Whether `name` is a folder of this user that its owner may not use: the
/// system's mask took the rights away when it was made.
fn is_shut(at: impl AsFd, name: &OsStr) -> bool {
    rustix::fs::statat(&at, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|found| {
        FileType::from_raw_mode(found.st_mode) == FileType::Directory
            && found.st_uid == rustix::process::geteuid().as_raw()
            && !Mode::from_raw_mode(found.st_mode).contains(Mode::RWXU)
    })
}

fn not_a_folder(path: &Path, found: FileType) -> FileError {
    let why = match found {
        FileType::Symlink => "it is a symbolic link, which others could point elsewhere",
        _ => "it is not a folder",
    };
    FileError::refused("use", path, why).hint("move it away; a new folder is created when needed")
}

fn close_to_others(folder: &File, path: &Path) -> Result<(), FileError> {
    let failed = |error| FileError::new("use", path, error);
    let found = folder.metadata().map_err(failed)?;
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me {
        let why = format!("it belongs to user {}, this is user {me}", found.uid());
        return Err(FileError::refused("use", path, why)
            .hint("run this as the user whose home it is in, or set HOME to your own"));
    }
    if found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    rustix::fs::fchmod(folder, Mode::RWXU).map_err(|error| failed(error.into()))?;
    // Some file systems say yes and do nothing.
    let mode = folder.metadata().map_err(failed)?.mode() & 0o777;
    if mode & 0o022 != 0 {
        let why = format!("others may write to it (mode {mode:04o}), and that cannot be changed");
        return Err(FileError::refused("use", path, why)
            .hint("keep it on a file system that has owners and modes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
