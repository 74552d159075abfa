//! Unfinished files: made, given their name in one step, and swept when
//! whoever made them has died.
//!
//! An unfinished file is locked by its writer from its creation to its end. So
//! one that nobody has locked was left by a process that was killed, however
//! young it is, and the next one removes it.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// Where a file system has no locks, an unfinished file older than this was
/// left by a process that died.
const ABANDONED: Duration = Duration::from_secs(60);

/// How often a sweeping process may be faster than we are.
const ATTEMPTS: usize = 16;

/// Replaces the file `name` in `folder` in one step: `fill` writes the new
/// file, which has mode 0600 whatever the system's mask; then it is synced, unless
/// `sync` says otherwise;
/// `finish` gives it what it shall have under its name, rights of others
/// included, right before the name becomes its own. `temporary` makes a name
/// for it meanwhile, out of a random number.
pub(super) fn replace_in(
    folder: BorrowedFd<'_>,
    name: &OsStr,
    temporary: &dyn Fn(u64) -> OsString,
    fill: &mut dyn FnMut(&File) -> io::Result<()>,
    sync: bool,
    finish: &mut dyn FnMut(&File) -> io::Result<()>,
) -> io::Result<()> {
    let mut unnamed = cfg!(target_os = "linux");
    loop {
        let mut new = Temporary::create(folder, temporary, unnamed)?;
        fill(&new.file)?;
        // Before the rename: after a power cut the name must not stand for an
        // empty file.
        if sync {
            rustix::fs::fsync(&new.file)?;
        }
        if unnamed && new.take_name(temporary).is_err() {
            // It has no name that could be left behind.
            unnamed = false;
            continue;
        }
        finish(&new.file)?;
        return new.rename(name);
    }
}

/// A file that is removed unless it was renamed.
struct Temporary<'f> {
    folder: BorrowedFd<'f>,
    file: File,
    /// `None` as long as it has none: then nothing is left if we are killed.
    name: Option<OsString>,
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Nothing can be done about a failure, and the first one counts.
            let _ = rustix::fs::unlinkat(self.folder, name, AtFlags::empty());
        }
    }
}

impl<'f> Temporary<'f> {
    fn create(
        folder: BorrowedFd<'f>,
        temporary: &dyn Fn(u64) -> OsString,
        unnamed: bool,
    ) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if unnamed && let Some(file) = without_name(folder)? {
            return Ok(Self {
                folder,
                file,
                name: None,
            });
        }
        let _ = unnamed;
        for _ in 0..ATTEMPTS {
            let name = temporary(crate::random::number()?);
            let flags =
                OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = match rustix::fs::openat(folder, &name, flags, Mode::RUSR | Mode::WUSR) {
                Ok(fd) => fd,
                Err(Errno::EXIST) => continue,
                Err(error) => return Err(error.into()),
            };
            let file = File::from(fd);
            let new = Self {
                folder,
                file,
                name: Some(name),
            };
            // The system's mask may have taken our own rights away.
            rustix::fs::fchmod(&new.file, Mode::RUSR | Mode::WUSR)?;
            match new.file.try_lock() {
                // Swept between its creation and its lock.
                Ok(()) if rustix::fs::fstat(&new.file)?.st_nlink == 0 => {}
                Err(TryLockError::WouldBlock) => {}
                // Where there are no locks, age alone decides for `sweep`.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(new),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Gives a name to one that has none.
    fn take_name(&mut self, temporary: &dyn Fn(u64) -> OsString) -> io::Result<()> {
        if self.name.is_some() {
            return Ok(());
        }
        let name = temporary(crate::random::number()?);
        // The way that open(2) shows: linking by the descriptor itself takes
        // a capability.
        let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        rustix::fs::linkat(
            rustix::fs::CWD,
            path,
            self.folder,
            &name,
            AtFlags::SYMLINK_FOLLOW,
        )?;
        self.name = Some(name);
        Ok(())
    }

    fn rename(mut self, to: &OsStr) -> io::Result<()> {
        let Some(name) = &self.name else {
            return Err(io::ErrorKind::NotFound.into());
        };
        rustix::fs::renameat(self.folder, name, self.folder, to)?;
        self.name = None;
        Ok(())
    }
}

/// A file that no folder names; `None` where the file system has none.
#[cfg(target_os = "linux")]
fn without_name(folder: BorrowedFd<'_>) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    let Ok(fd) = rustix::fs::openat(folder, c".", flags, Mode::RUSR | Mode::WUSR) else {
        // Whatever the reason is, the one with a name meets it too.
        return Ok(None);
    };
    let file = File::from(fd);
    rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?;
    // Nobody can have it locked; without locks, age alone decides.
    let _ = file.try_lock();
    Ok(Some(file))
}

/// Removes the unfinished files in `folder` whose writers are dead: regular
/// files of `owner` with a name that `is_temporary` knows. It only tidies up,
/// so no failure matters.
pub(super) fn sweep(folder: impl AsFd, owner: u32, is_temporary: &dyn Fn(&[u8]) -> bool) {
    let folder = folder.as_fd();
    let Ok(entries) = Dir::read_from(folder) else {
        return;
    };
    for entry in entries.map_while(Result::ok) {
        let name = entry.file_name().to_bytes();
        if is_temporary(name) {
            let _ = sweep_one(folder, owner, OsStr::from_bytes(name));
        }
    }
}

fn sweep_one(folder: BorrowedFd<'_>, owner: u32, name: &OsStr) -> io::Result<()> {
    let remove = || rustix::fs::unlinkat(folder, name, AtFlags::empty());
    let found = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    if !is_file || found.st_uid != owner {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        // The system's mask took our own rights away when it was made.
        Err(Errno::ACCESS) if is_old(&found) => return Ok(remove()?),
        Err(error) => return Err(error.into()),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(_)) if is_old(&found) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // The file that we have locked, and no other that took its name.
    let locked = rustix::fs::fstat(&file)?;
    let now = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if is_same(&locked, &now) {
        remove()?;
    }
    Ok(())
}

pub(super) fn is_same(a: &Stat, b: &Stat) -> bool {
    (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
}

fn is_old(found: &Stat) -> bool {
    let since = u64::try_from(found.st_mtime).unwrap_or_default();
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(since);
    let age = SystemTime::now().duration_since(modified);
    age.is_ok_and(|age| age > ABANDONED)
}

#[cfg(test)]
mod tests;
