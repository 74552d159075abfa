//! What is under way while everything, or something, is forgotten: its answer
//! comes afterwards, and is not kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::fs::PrivateDir;
use assumerole_host::lock::Lock;
use assumerole_host::random;
use jiff::Timestamp;

/// When something was last forgotten: nanoseconds since 1970, a blank and a
/// random number, which tells two of the same time apart.
pub(super) const STAMP: &str = "forgotten";

/// Held while an entry is written, and while entries are forgotten.
const LOCK: &str = "forgotten.lock";

/// Longer than writing an entry or forgetting thousands takes.
const WAIT: Duration = Duration::from_secs(30);

/// A stamp has some forty bytes.
const LARGEST: usize = 256;

/// What the stamp was at some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stamp(Vec<u8>);

impl Stamp {
    pub(super) fn read(dir: &PrivateDir) -> Self {
        Self(dir.read(STAMP, LARGEST).ok().flatten().unwrap_or_default())
    }

    fn time(&self) -> Option<Timestamp> {
        let text = std::str::from_utf8(&self.0).ok()?;
        Timestamp::from_nanosecond(text.split(' ').next()?.parse().ok()?).ok()
    }

    /// Whether what was begun at `begun`, when the stamp was `self`, may be kept
    /// in `dir` at `now`. A stamp from the future is of a clock that was set
    /// back since, and says nothing of what was begun before it.
    pub(super) fn allows(&self, dir: &PrivateDir, begun: Timestamp, now: Timestamp) -> bool {
        self.is_last(&Self::read(dir), begun, now)
    }

    fn is_last(&self, present: &Self, begun: Timestamp, now: Timestamp) -> bool {
        let later = |time: Timestamp| begun < time && time <= now;
        present == self && !present.time().is_some_and(later)
    }
}

/// When something was last forgotten, if that is known. `state` is
/// `~/.assumerole.d`.
pub fn last_forgotten(state: &Path) -> Option<Timestamp> {
    Since::stamp(&state.join(super::FOLDER)).time()
}

/// Some moment, and what had been forgotten until then: for whoever has
/// credentials that are not in the cache, where a look would tell.
#[derive(Clone, Debug)]
pub struct Since {
    /// The cache's folder, which may come later.
    folder: PathBuf,
    begun: Timestamp,
    stamp: Stamp,
}

impl Since {
    /// The moment `begun`, before now. `state` is `~/.assumerole.d`.
    pub fn begun(state: &Path, begun: Timestamp) -> Self {
        let folder = state.join(super::FOLDER);
        Self {
            stamp: Self::stamp(&folder),
            folder,
            begun,
        }
    }

    /// Whether anything was forgotten from then to `now`.
    pub fn is_anything_forgotten(&self, now: Timestamp) -> bool {
        !self
            .stamp
            .is_last(&Self::stamp(&self.folder), self.begun, now)
    }

    fn stamp(folder: &Path) -> Stamp {
        let dir = PrivateDir::open(folder).ok().flatten();
        dir.map(|dir| Stamp::read(&dir)).unwrap_or_default()
    }
}

/// The lock under which entries are written and forgotten.
///
/// # Errors
/// It cannot be had.
pub(super) fn lock<'a>(dir: &'a PrivateDir, host: &Host) -> Result<Lock<'a>> {
    Ok(Lock::acquire(
        dir,
        LOCK,
        host.clock.as_ref(),
        WAIT,
        &mut |_| {},
    )?)
}

/// Has nothing kept from now on that was begun before. For whoever has the
/// lock.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn begin(dir: &PrivateDir, host: &Host) -> Result<()> {
    let mut number = [0; 16];
    random::fill(&mut number)
        .map_err(|error| Error::new(Kind::Failed, "cannot get random numbers").because(error))?;
    let (now, number) = (host.clock.now(), u128::from_le_bytes(number));
    let stamp = format!("{} {number:032x}", now.as_nanosecond());
    Ok(dir.write(STAMP, stamp.as_bytes())?)
}

/// Does [`begin`] again if that is what `first` failed at: on a full disk there
/// is room for a stamp once the entries are gone, and they must go though there
/// was none. For whoever has the lock, after removing them.
///
/// # Errors
/// The folder cannot be written even so.
pub(super) fn begun(first: Result<()>, dir: &PrivateDir, host: &Host) -> Result<()> {
    first.or_else(|_| begin(dir, host))
}
