//! A miss: one process obtains what is missing, the others wait for it.

use std::marker::PhantomData;
use std::time::Duration;

use assumerole_core::plan::CacheKey;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::deadline::uncounted;
use assumerole_host::lock::{Lock, LockError, LockHolder};

use super::forgetting::{self, Stamp};
use super::refusal::Refusal;
use super::{Cache, Entry, Lineage, Value, legacy};
use crate::report::Report;

/// Longer than one request takes, which is given up after 38 seconds: a guard
/// is held for one.
const REQUEST: Duration = Duration::from_secs(42);

/// How long a process waits for another one's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It asks services alone, and has its answer or none soon.
    Services,
    /// It may ask a person, who has to find a phone and wait for a new code,
    /// perhaps three times, or run a person's program.
    People,
    /// There is something to fall back on.
    None,
}

/// What whoever misses an entry wants in its place.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long another process is waited for.
    pub patience: Patience,
    /// Whether only what is obtained from now on will do.
    pub fresh: bool,
    /// Who uses it.
    pub consumer: Consumer,
    /// Whether no person sits at a terminal here.
    pub unattended: bool,
}

impl Terms {
    /// Of what may be old, for a shell.
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            fresh: false,
            consumer: Consumer::Shell,
            unattended: false,
        }
    }

    /// Only what is obtained from now on will do, if `fresh`.
    #[must_use]
    pub fn fresh(self, fresh: bool) -> Self {
        Self { fresh, ..self }
    }
}

impl Patience {
    fn longest(self) -> Duration {
        match self {
            Self::Services => REQUEST,
            Self::People => Duration::from_secs(180),
            Self::None => Duration::from_secs(5),
        }
    }
}

/// What came of a miss.
#[derive(Debug)]
pub enum Claim<'a, T = Entry> {
    /// Another process has obtained it meanwhile.
    Filled(Box<T>),
    /// Another process asked meanwhile and was refused: so are we.
    Refused(Error),
    /// It is ours to obtain.
    Mine(Slot<'a, T>),
}

/// The right and the duty to obtain one entry or token. Holds its lock; where
/// that could not be had, nothing is kept of what is obtained.
#[derive(Debug)]
pub struct Slot<'a, T = Entry> {
    cache: &'a Cache,
    name: String,
    /// What was last forgotten when the work began.
    stamp: Stamp,
    lock: Option<Lock<'a>>,
    _value: PhantomData<T>,
}

impl Cache {
    /// The lock of `key`, waited for; whoever had it before may have left an
    /// entry or a refusal. Where its file cannot be used, that is said, and the
    /// entry is ours to obtain and not to keep.
    ///
    /// # Errors
    /// One holder takes longer than `terms` allow.
    pub fn claim(
        &self,
        key: &CacheKey,
        host: &Host,
        report: &dyn Report,
        terms: Terms,
    ) -> Result<Claim<'_>> {
        self.claim_value(key, host, report, terms)
    }

    /// As [`Self::claim`], for any value.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn claim_value<T: Value>(
        &self,
        key: &CacheKey,
        host: &Host,
        report: &dyn Report,
        terms: Terms,
    ) -> Result<Claim<'_, T>> {
        let Terms {
            patience,
            fresh,
            consumer,
            unattended,
        } = terms;
        let name = self.file_name::<T>(key);
        let begun = host.clock.now();
        let before = Refusal::read(&self.dir, &self.seal, &name);
        // What came of another process's turn, if it is an answer to us.
        let answer = |value: Option<T>| {
            let now = host.clock.now();
            let counts = |value: &T| {
                value.is_fresh_for(consumer, now) && (!fresh || value.obtained() >= begun)
            };
            if let Some(value) = value.filter(counts) {
                return Some(Claim::Filled(Box::new(value)));
            }
            let refusal = Refusal::read(&self.dir, &self.seal, &name);
            let refusal = refusal.filter(|new| Some(new) != before.as_ref())?;
            if !refusal.counts(unattended) {
                return None;
            }
            Some(Claim::Refused(refusal.error))
        };
        let mut meanwhile = || answer(self.open_file(&name));
        let lock = match self.lock(&name, host, report, patience, &mut meanwhile)? {
            Ok(lock) => lock,
            Err(claim) => return Ok(claim),
        };
        let value: Option<T> = match lock {
            Some(_) => self.read(&name),
            None => self.open_file(&name),
        };
        let over = |value: &T| value.left(host.clock.now()).is_negative();
        let is_over = value.as_ref().is_some_and(over);
        if let Some(claim) = answer(value) {
            return Ok(claim);
        }
        if lock.is_some() {
            if is_over {
                let _ = self.dir.remove(&name);
            }
            legacy::sweep(&self.dir, report);
            legacy::sweep_above(self.dir.path());
        }
        Ok(Claim::Mine(Slot {
            cache: self,
            name,
            stamp: Stamp::read(&self.dir),
            lock,
            _value: PhantomData,
        }))
    }

    /// The lock of an entry, unless `meanwhile` has the answer first; `None`
    /// where its file cannot be used, which is said.
    fn lock<'a, T>(
        &'a self,
        name: &str,
        host: &Host,
        report: &dyn Report,
        patience: Patience,
        meanwhile: &mut dyn FnMut() -> Option<Claim<'a, T>>,
    ) -> Result<Result<Option<Lock<'a>>, Claim<'a, T>>> {
        let mut say = |holder: LockHolder| {
            let who = match holder.pid {
                Some(pid) => format!("process {pid}"),
                None => "another process".to_owned(),
            };
            report.note(&format!(
                "waiting for {who}, which is obtaining the same credentials"
            ));
        };
        let (clock, name) = (host.clock.as_ref(), format!("{name}.lock"));
        let longest = patience.longest();
        let wait = || Lock::acquire_unless(&self.dir, name, clock, longest, &mut say, meanwhile);
        let lock = match patience {
            Patience::None | Patience::Services => wait(),
            Patience::People => uncounted(clock, wait),
        };
        match lock {
            Ok(lock) => Ok(lock.map(Some)),
            Err(LockError::Io(error)) => {
                report.not_cached(&error.into());
                Ok(Ok(None))
            }
            Err(error @ LockError::TimedOut { .. }) => Err(error.into()),
        }
    }

    /// The lock of a person's login whose file is `place`, waited for as `longest`
    /// says, unless `meanwhile` has the answer first.
    ///
    /// # Errors
    /// As [`Lock::acquire_unless`].
    pub(crate) fn login_lock<T>(
        &self,
        place: &str,
        host: &Host,
        longest: Duration,
        say: &mut dyn FnMut(LockHolder),
        meanwhile: &mut dyn FnMut() -> Option<T>,
    ) -> Result<Result<Lock<'_>, T>, LockError> {
        let name = self.seal.keyed(b"assumerole login 1", place.as_bytes());
        let (clock, name) = (host.clock.as_ref(), format!("{name}.lock"));
        let wait = || Lock::acquire_unless(&self.dir, name, clock, longest, say, meanwhile);
        uncounted(clock, wait)
    }

    /// The lock of something that lies elsewhere and that one process alone
    /// shall renew at a time; `what` names it. None where it cannot be had: in
    /// the time of a request, or in no time where it is not `needed`.
    pub(crate) fn guard(&self, what: &str, needed: bool, host: &Host) -> Option<Lock<'_>> {
        let name = self.seal.keyed(b"assumerole guard 1", what.as_bytes());
        let name = format!("{name}.lock");
        let clock = host.clock.as_ref();
        let longest = match needed {
            true => REQUEST,
            false => Duration::ZERO,
        };
        Lock::acquire(&self.dir, name, clock, longest, &mut |_| {}).ok()
    }
}

impl<T: Value> Slot<'_, T> {
    /// Stores what was obtained, with what it comes from, and lets the next one
    /// in. What was begun before it was forgotten, as far as that can be told, is
    /// not stored. Returns whether it was stored.
    ///
    /// # Errors
    /// It cannot be stored; the credentials are good all the same.
    pub fn fill(self, value: &T, lineage: &Lineage, host: &Host) -> Result<bool> {
        if self.lock.is_none() {
            return Ok(false);
        }
        let fail = || Error::new(Kind::Failed, "the credentials cannot be sealed");
        let mut nonce = [0; 24];
        assumerole_host::random::fill(&mut nonce).map_err(|error| fail().because(error))?;
        let plain = value.encode().and_then(|plain| lineage.add_to(&plain));
        let sealed = self
            .cache
            .seal
            .seal(&self.name, nonce, &plain.ok_or_else(fail)?)
            .ok_or_else(fail)?;
        if sealed.len() > T::LARGEST {
            return Err(too_large(sealed.len(), T::LARGEST));
        }
        let dir = &self.cache.dir;
        {
            let _forgetting = forgetting::lock(dir, host)?;
            let now = host.clock.now();
            if !self.cache.allows(&self.stamp, &self.name, lineage, now) {
                return Ok(false);
            }
            match self.cache.syncs_later {
                true => dir.write_unsynced(&self.name, &sealed)?,
                false => dir.write(&self.name, &sealed)?,
            }
        }
        let _ = dir.remove(format!("{}.refused", self.name));
        self.cache.note_folder(host);
        self.cache.sweep(value.obtained());
        Ok(true)
    }

    /// Leaves word for those who wait that there will be nothing.
    /// `asked`: whether a person, or a program of theirs, was.
    pub fn refuse(self, error: &Error, host: &Host, asked: bool) {
        if self.lock.is_some() {
            let now = host.clock.now();
            Refusal::leave(
                &self.cache.dir,
                &self.cache.seal,
                &self.name,
                error,
                now,
                asked,
            );
        }
    }
}

/// What is larger than what is read back is not written either.
fn too_large(len: usize, most: usize) -> Error {
    let most = most / 1024;
    Error::new(
        Kind::Failed,
        format!("an entry of {len} bytes is not kept; the limit is {most} KiB"),
    )
}
