//! Locks between processes, released by the kernel when their holder dies.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::error::FileError;
use crate::fs::PrivateDir;

/// A lock that is held: flock(2) on a file in a [`PrivateDir`]. Dropping it
/// releases it and removes the file; a holder that is killed leaves the file
/// behind, unlocked. The descriptor is close-on-exec, so neither children nor
/// what this process becomes keep the lock.
pub struct Lock<'a> {
    file: File,
    dir: &'a PrivateDir,
    name: OsString,
}

/// Who has a lock, as the lock's file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockHolder {
    /// Its process; `None` if it has not said so yet.
    pub pid: Option<u32>,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Why a lock was not had.
#[derive(Debug)]
pub enum LockError {
    /// Somebody had it for the whole time.
    TimedOut {
        /// Who.
        holder: LockHolder,
        /// The lock's file.
        path: PathBuf,
        /// How long was waited.
        waited: Duration,
    },
    /// The lock's file cannot be used.
    Io(FileError),
}

/// Waits between two attempts grow from the first to the last.
const WAITS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

impl<'a> Lock<'a> {
    /// Waits for the lock `name` in `dir`, at most for `deadline` while one
    /// process has it: where many take it one after the other, none of them
    /// hangs. `on_wait` is called once, when waiting begins.
    ///
    /// # Errors
    /// The time of one holder is up, or that of this run
    /// ([`crate::deadline`]), or the lock's file cannot be used.
    pub fn acquire(
        dir: &'a PrivateDir,
        name: impl AsRef<OsStr>,
        clock: &dyn Clock,
        deadline: Duration,
        on_wait: &mut dyn FnMut(LockHolder),
    ) -> Result<Self, LockError> {
        let never = &mut || None::<Infallible>;
        match Self::acquire_unless(dir, name, clock, deadline, on_wait, never)? {
            Ok(lock) => Ok(lock),
            Err(never) => match never {},
        }
    }

    /// As [`Lock::acquire`], unless `done` has something meanwhile, which makes
    /// the lock needless: then that is returned. It is looked at while somebody
    /// else has the lock, so that many who wait for one result need not take
    /// the lock one after the other.
    ///
    /// # Errors
    /// As there.
    pub fn acquire_unless<T>(
        dir: &'a PrivateDir,
        name: impl AsRef<OsStr>,
        clock: &dyn Clock,
        deadline: Duration,
        on_wait: &mut dyn FnMut(LockHolder),
        done: &mut dyn FnMut() -> Option<T>,
    ) -> Result<Result<Self, T>, LockError> {
        let name = name.as_ref();
        let mut since = clock.monotonic();
        let mut wait = WAITS.0;
        let mut last = None;
        loop {
            let holder = match attempt(dir, name, clock)? {
                LockAttempt::Locked(lock) => return Ok(Ok(lock)),
                LockAttempt::Held(holder) => holder,
            };
            if let Some(done) = done() {
                return Ok(Err(done));
            }
            let before = last.replace(holder);
            if before.is_some_and(|before| before != holder) {
                since = clock.monotonic();
            }
            let waited = clock.monotonic().saturating_sub(since);
            let left = clock.left().min(deadline.saturating_sub(waited));
            if left.is_zero() {
                let path = dir.path().join(name);
                return Err(LockError::TimedOut {
                    holder,
                    path,
                    waited,
                });
            }
            if before.is_none() {
                on_wait(holder);
            }
            clock.sleep(wait.min(left));
            wait = (wait * 3 / 2).min(WAITS.1);
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // While the lock is still held: whoever waits on this file sees that
        // it is gone and takes the next one. A file left behind harms nobody.
        let _ = self.dir.remove(&self.name);
        let _ = self.file.unlock();
    }
}

impl fmt::Debug for Lock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lock").field(&self.name).finish()
    }
}

enum LockAttempt<'a> {
    Locked(Lock<'a>),
    Held(LockHolder),
}

fn attempt<'a>(
    dir: &'a PrivateDir,
    name: &OsStr,
    clock: &dyn Clock,
) -> Result<LockAttempt<'a>, FileError> {
    let failed = |error| FileError::new("lock", dir.path().join(name), error);
    loop {
        let file = dir.open_lock_file(name)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(LockAttempt::Held(read_holder(&file))),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Its last holder may have removed it after we opened it.
        if dir.is_current(name, &file).map_err(failed)? {
            // It only tells others whom they wait for.
            let _ = write_holder(&file, clock.now());
            let name = name.to_owned();
            return Ok(LockAttempt::Locked(Lock { file, dir, name }));
        }
    }
}

fn write_holder(file: &File, now: Timestamp) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all_at(format!("{} {now}\n", std::process::id()).as_bytes(), 0)
}

fn read_holder(file: &File) -> LockHolder {
    let mut bytes = [0; 64];
    let count = file.read_at(&mut bytes, 0).unwrap_or(0);
    let text = String::from_utf8_lossy(&bytes[..count]);
    let mut words = text.split_whitespace();
    LockHolder {
        pid: words.next().and_then(|word| word.parse().ok()),
        since: words.next().and_then(|word| word.parse().ok()),
    }
}

impl From<FileError> for LockError {
    fn from(error: FileError) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut {
                holder,
                path,
                waited,
            } => {
                write!(f, "waited {} s for ", waited.as_secs())?;
                match holder.pid {
                    Some(pid) => write!(f, "process {pid}, which holds {}", path.display()),
                    None => write!(f, "the process that holds {}", path.display()),
                }
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LockError {}

impl From<LockError> for Error {
    fn from(error: LockError) -> Self {
        let message = error.to_string();
        match error {
            LockError::TimedOut { holder, .. } => {
                let error = Self::new(Kind::Failed, message).called(Id::FileFailed);
                match holder.pid {
                    Some(pid) => error.hint(format!(
                        "see what it is doing: ps -fp {pid}; if it is stuck: kill {pid}"
                    )),
                    None => error.hint("try again"),
                }
            }
            LockError::Io(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tempfile::TempDir;

    use super::*;
    use crate::clock::{SteppedClock, SystemClock};

    fn private() -> (TempDir, PrivateDir) {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("cache")).unwrap();
        (home, dir)
    }

    fn stepped() -> SteppedClock {
        SteppedClock::new(Timestamp::from_second(1_800_000_000).unwrap())
    }

    /// The lock, or who has it.
    fn now<'a>(
        dir: &'a PrivateDir,
        name: &str,
        clock: &dyn Clock,
    ) -> Result<Result<Lock<'a>, LockHolder>, LockError> {
        match Lock::acquire(dir, name, clock, Duration::ZERO, &mut |_| {}) {
            Ok(lock) => Ok(Ok(lock)),
            Err(LockError::TimedOut { holder, .. }) => Ok(Err(holder)),
            Err(error) => Err(error),
        }
    }

    #[test]
    fn one_holds_it_and_the_other_hears_who() {
        let (_home, dir) = private();
        let clock = stepped();
        let lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let expected = LockHolder {
            pid: Some(std::process::id()),
            since: Some(clock.now()),
        };
        assert_eq!(now(&dir, "x.lock", &clock).unwrap().unwrap_err(), expected);
        assert!(now(&dir, "y.lock", &clock).unwrap().is_ok());
        drop(lock);
        assert!(dir.list().unwrap().is_empty());
        assert!(now(&dir, "x.lock", &clock).unwrap().is_ok());
    }

    #[test]
    fn the_waits_of_one_run_do_not_add_up() {
        let (_home, dir) = private();
        let clock = stepped();
        let _lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let wait = || {
            let before = clock.monotonic();
            let deadline = Duration::from_secs(30);
            let result = Lock::acquire(&dir, "x.lock", &clock, deadline, &mut |_| {});
            assert!(matches!(result, Err(LockError::TimedOut { .. })));
            (clock.monotonic() - before).as_secs()
        };
        assert_eq!((wait(), wait(), wait()), (30, 13, 0));
        // Whoever waits for a person waits as long as that takes.
        assert_eq!(crate::deadline::uncounted(&clock, wait), 30);
        clock.deadline().begin(clock.monotonic());
        assert_eq!(wait(), 30);
    }

    /// Whoever holds the lock may ask a person, or not.
    #[test]
    fn a_program_is_not_kept_waiting() {
        let (_home, dir) = private();
        let clock = stepped();
        let _lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let wait = || {
            let before = clock.monotonic();
            let deadline = Duration::from_secs(180);
            let result = Lock::acquire(&dir, "x.lock", &clock, deadline, &mut |_| {});
            assert!(matches!(result, Err(LockError::TimedOut { .. })));
            (clock.monotonic() - before).as_secs()
        };
        clock.deadline().for_program();
        assert_eq!(wait(), 20);
        // The time for a person includes what was waited before.
        assert_eq!(crate::deadline::uncounted(&clock, wait), 25);
        assert_eq!(wait(), 5);
    }

    #[test]
    fn the_deadline_is_kept_and_the_holder_named() {
        let (_home, dir) = private();
        let clock = stepped();
        let _lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let mut calls = 0;
        let deadline = Duration::from_secs(3);
        let result = Lock::acquire(&dir, "x.lock", &clock, deadline, &mut |holder| {
            assert_eq!(holder.pid, Some(std::process::id()));
            calls += 1;
        });
        let error = result.unwrap_err();
        assert!(matches!(&error, LockError::TimedOut { waited, .. } if *waited == deadline));
        assert_eq!((calls, clock.monotonic()), (1, deadline));
        let error = Error::from(error);
        let pid = std::process::id().to_string();
        assert!(
            error
                .message()
                .starts_with(&format!("waited 3 s for process {pid}")),
            "{error}"
        );
        assert!(error.hints()[0].contains(&pid));
    }

    /// Forty that start together take their turns, and none is given up for
    /// the time that all of them take.
    #[test]
    fn each_holder_has_the_whole_time() {
        let (_home, dir) = private();
        let clock = stepped();
        let lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let deadline = Duration::from_secs(3);
        let (mut looks, mut calls) = (0, 0);
        // Another one has it after each second, five times.
        let mut next = || {
            looks += 1;
            let turn = clock.monotonic().as_secs().min(5);
            let since = clock.now();
            if turn > 0 && read_holder(&lock.file).pid != Some(turn as u32) {
                let text = format!("{turn} {since}\n");
                lock.file.set_len(0).unwrap();
                lock.file.write_all_at(text.as_bytes(), 0).unwrap();
            }
            None::<Infallible>
        };
        let result = Lock::acquire_unless(
            &dir,
            "x.lock",
            &clock,
            deadline,
            &mut |_| calls += 1,
            &mut next,
        );
        let error = result.map(drop).unwrap_err();
        assert!(
            matches!(&error, LockError::TimedOut { waited, holder, .. }
                if *waited == deadline && holder.pid == Some(5)),
            "{error}"
        );
        let all = clock.monotonic();
        assert!(all >= Duration::from_secs(8) && all < Duration::from_secs(9));
        assert!(looks > 8 && calls == 1);
    }

    #[test]
    fn what_makes_the_lock_needless_ends_the_wait() {
        let (_home, dir) = private();
        let clock = stepped();
        let _lock = now(&dir, "x.lock", &clock).unwrap().unwrap();
        let (mut asked, deadline) = (0, Duration::from_secs(3));
        let mut done = || {
            asked += 1;
            (asked == 4).then_some("there")
        };
        let waited = Lock::acquire_unless(&dir, "x.lock", &clock, deadline, &mut |_| {}, &mut done);
        assert_eq!(waited.unwrap().unwrap_err(), "there");
        assert!(clock.monotonic() < deadline);
        // A free lock is had without a question.
        let never = &mut || -> Option<()> { panic!("nobody holds it") };
        let lock = Lock::acquire_unless(&dir, "y.lock", &clock, deadline, &mut |_| {}, never);
        assert!(lock.unwrap().is_ok());
    }

    #[test]
    fn a_free_lock_is_had_without_waiting() {
        let (_home, dir) = private();
        let clock = stepped();
        let never = &mut |_| panic!("nobody holds it");
        let lock = Lock::acquire(&dir, "x.lock", &clock, Duration::ZERO, never);
        assert!(lock.is_ok() && clock.monotonic() == Duration::ZERO);
    }

    #[test]
    fn a_file_left_behind_is_no_lock() {
        let (_home, dir) = private();
        dir.write("x.lock", b"4194304 garbage").unwrap();
        let clock = stepped();
        assert!(now(&dir, "x.lock", &clock).unwrap().is_ok());
    }

    /// The file is removed and made anew all the time: at no time may two
    /// threads believe that they hold the lock.
    #[test]
    fn there_is_never_more_than_one_holder() {
        let (_home, dir) = private();
        let clock = SystemClock::new();
        let (inside, total) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let deadline = Duration::from_secs(120);
                        let lock =
                            Lock::acquire(&dir, "x.lock", &clock, deadline, &mut |_| {}).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        total.fetch_add(1, Ordering::SeqCst);
                        std::thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(total.into_inner(), 400);
    }

    #[test]
    fn a_lock_that_is_a_link_is_refused() {
        let (home, dir) = private();
        std::os::unix::fs::symlink(home.path().join("f"), dir.path().join("x.lock")).unwrap();
        let result = now(&dir, "x.lock", &stepped());
        assert!(result.is_err() && !home.path().join("f").exists());
    }
}
