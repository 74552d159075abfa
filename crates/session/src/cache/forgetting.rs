//! What is under way while everything, or something, is forgotten: its answer
//! comes afterwards, and is not kept.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::aws::ids::RoleRef;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use assumerole_host::lock::{Lock, LockError};
use assumerole_host::{Clock, Host, random};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::seal::Seal;
use super::{Cache, FOLDER, LARGEST, Lineage};

/// When something was last forgotten: nanoseconds since 1970, a blank and a
/// random number, which tells two of the same time apart.
pub(super) const STAMP: &str = "forgotten";

/// What the names of the files end with that say what was meant; before it stands
/// the random number of a stamp. Without one it was everything, or what cannot be
/// told.
pub(super) const MEANT: &str = ".meant";

/// Held while an entry is written, and while entries are forgotten.
const LOCK: &str = "forgotten.lock";

/// Longer than writing an entry or forgetting thousands takes.
const WAIT: Duration = Duration::from_secs(30);

/// A stamp has some forty bytes.
const LARGEST_STAMP: usize = 256;

/// Of so many times it is looked what was meant; beyond, it may have been anything.
const TIMES: usize = 64;

/// What the stamp was at some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stamp(Vec<u8>);

impl Stamp {
    pub(super) fn read(dir: &PrivateDir) -> Self {
        let bytes = dir.read(STAMP, LARGEST_STAMP).ok().flatten();
        Self(bytes.unwrap_or_default())
    }

    fn parts(&self) -> Option<(&str, &str)> {
        std::str::from_utf8(&self.0).ok()?.split_once(' ')
    }

    fn time(&self) -> Option<Timestamp> {
        Timestamp::from_nanosecond(self.parts()?.0.parse().ok()?).ok()
    }

    /// Whether what was begun at `begun`, when the stamp was `self`, was none of
    /// what was forgotten up to `now`, when it is `present`; `spares` tells for one
    /// time. A stamp from the future is of a clock that was set back since, and says
    /// nothing of what was begun before it.
    fn is_spared(
        &self,
        present: Self,
        (begun, now): (Timestamp, Timestamp),
        spares: impl Fn(&Meant<Forgotten>) -> bool,
        meant: impl Fn(&Self) -> Option<Meant<Forgotten>>,
    ) -> bool {
        let later = |time: Timestamp| begun < time && time <= now;
        let mut stamp = present;
        let mut is_known = false;
        for _ in 0..TIMES {
            is_known |= stamp == *self;
            if is_known && !stamp.time().is_some_and(later) {
                return true;
            }
            match meant(&stamp).filter(&spares) {
                Some(meant) => stamp = Self(meant.before.into_bytes()),
                None => return false,
            }
        }
        false
    }
}

/// What shall be forgotten.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Forgotten {
    /// A role or a profile as the files call it, an ARN or an MFA device.
    pub name: String,
    /// The role, or the session of one, that the name is the ARN of.
    #[serde(skip)]
    pub role: Option<RoleRef>,
    /// More names, each for whatever was obtained as, from or by way of it:
    /// those, and names of results in the cache.
    pub all: HashSet<String>,
    /// Roles whose tokens go: those of an earlier build do not say what they
    /// come from.
    pub tokens: HashSet<String>,
}

impl Forgotten {
    /// Whether what comes from `lineage`, and is in `file` or would be, is surely
    /// none of it.
    pub(super) fn spares(&self, file: &str, lineage: &Lineage) -> bool {
        let is_role = |role| lineage.is_of_role(role, None);
        let is_it = |name: &String| self.is(name) || self.tokens.contains(name);
        !lineage.is_empty()
            && !self.all.contains(file)
            && !lineage.has_any(is_it)
            && !self.role.as_ref().is_some_and(is_role)
    }

    /// Whether that is one of its names.
    pub(super) fn is(&self, name: &String) -> bool {
        *name == self.name || self.all.contains(name)
    }
}

/// What was meant when something was forgotten.
#[derive(Debug, Serialize, Deserialize)]
struct Meant<W> {
    /// The stamp before.
    before: String,
    what: W,
}

impl Meant<&Forgotten> {
    /// Seals it for the file `name`, if it can be told from other things.
    fn sealed(&self, seal: &Seal, name: &str) -> Option<Vec<u8>> {
        // Of a name that nothing here has, nothing tells what it stood for.
        if self.what.all.is_empty() {
            return None;
        }
        let plain = serde_json::to_vec(self).ok()?;
        let mut nonce = [0; 24];
        random::fill(&mut nonce).ok()?;
        let sealed = seal.seal(name, nonce, &plain)?;
        (sealed.len() <= LARGEST).then_some(sealed)
    }
}

impl Cache {
    /// What was meant at `stamp`, if that was noted, and sealed with our key.
    fn meant(&self, stamp: &Stamp) -> Option<Meant<Forgotten>> {
        let name = format!("{}{MEANT}", stamp.parts()?.1);
        let bytes = self.dir.read(&name, LARGEST).ok()??;
        let mut meant: Meant<Forgotten> =
            serde_json::from_slice(&self.seal.open(&name, &bytes)?).ok()?;
        meant.what.role = meant.what.name.parse().ok();
        Some(meant)
    }

    /// Whether what comes from `lineage`, and would be in `file`, may be kept at
    /// `now`: nothing that was forgotten since `stamp` is it.
    pub(super) fn allows(
        &self,
        stamp: &Stamp,
        file: &str,
        lineage: &Lineage,
        now: Timestamp,
    ) -> bool {
        let spares = |meant: &Meant<Forgotten>| meant.what.spares(file, lineage);
        let present = Stamp::read(&self.dir);
        stamp.is_spared(present, (self.begun, now), spares, |at| self.meant(at))
    }
}

/// The file below `state` that is written anew whenever something is forgotten.
pub fn forgotten_file(state: &Path) -> PathBuf {
    state.join(FOLDER).join(STAMP)
}

/// When something was last forgotten, if that is known. `state` is
/// `~/.assumerole.d`.
pub fn last_forgotten(state: &Path) -> Option<Timestamp> {
    Since::stamp(&state.join(FOLDER)).time()
}

/// Some moment, and what had been forgotten until then: for whoever has
/// credentials that are not in the cache, where a look would tell.
#[derive(Clone, Debug)]
pub struct Since {
    /// The folder of this program.
    state: PathBuf,
    /// Whether that was there.
    was_there: bool,
    begun: Timestamp,
    stamp: Stamp,
}

impl Since {
    /// The moment `begun`, before now. `state` is `~/.assumerole.d`.
    pub fn begun(state: &Path, begun: Timestamp) -> Self {
        Self {
            stamp: Self::stamp(&state.join(FOLDER)),
            was_there: state.is_dir(),
            state: state.to_owned(),
            begun,
        }
    }

    /// Whether from then to `now` something was forgotten that what comes from
    /// `lineage` may belong to; `cache` tells what was meant. Who removes the
    /// folder has forgotten everything.
    pub fn is_forgotten(&self, lineage: &Lineage, cache: Option<&Cache>, now: Timestamp) -> bool {
        let is_gone = self.was_there && !self.state.is_dir();
        let spares = |meant: &Meant<Forgotten>| meant.what.spares("", lineage);
        let meant = |at: &Stamp| cache?.meant(at);
        let present = Self::stamp(&self.state.join(FOLDER));
        let times = (self.begun, now);
        is_gone || !self.stamp.is_spared(present, times, spares, meant)
    }

    fn stamp(folder: &Path) -> Stamp {
        let dir = PrivateDir::open(folder).ok().flatten();
        dir.map(|dir| Stamp::read(&dir)).unwrap_or_default()
    }
}

/// Whether somebody is forgetting something now, and may not be through with it.
/// `state` is `~/.assumerole.d`.
pub fn is_under_way(state: &Path, clock: &dyn Clock) -> bool {
    let Ok(Some(dir)) = PrivateDir::open(&state.join(FOLDER)) else {
        return false;
    };
    let lock = Lock::acquire(&dir, LOCK, clock, Duration::ZERO, &mut |_| {});
    matches!(lock, Err(LockError::TimedOut { .. }))
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

/// Has nothing of `what` kept from now on that was begun before, and of whatever
/// there is without that. For whoever has the lock.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn begin(
    dir: &PrivateDir,
    host: &Host,
    what: Option<(&Forgotten, &Seal)>,
) -> Result<()> {
    let mut number = [0; 16];
    random::fill(&mut number)
        .map_err(|error| Error::new(Kind::Failed, "cannot get random numbers").because(error))?;
    let number = format!("{:032x}", u128::from_le_bytes(number));
    let mut note = None;
    if let Some((what, seal)) = what {
        let name = format!("{number}{MEANT}");
        let before = String::from_utf8(Stamp::read(dir).0).unwrap_or_default();
        // Without it, it was everything.
        if let Some(sealed) = (Meant { before, what }).sealed(seal, &name) {
            let _ = dir.write(&name, &sealed);
            note = Some(name);
        }
    }
    let stamp = format!("{} {number}", host.clock.now().as_nanosecond());
    let written = dir.write(STAMP, stamp.as_bytes());
    // A disk that is almost full may have had room for the note alone.
    if written.is_err() && note.is_some_and(|note| dir.remove(note).is_ok()) {
        return Ok(dir.write(STAMP, stamp.as_bytes())?);
    }
    Ok(written?)
}
