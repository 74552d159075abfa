//! The sealed cache of sessions.
//!
//! One file an entry, named by a keyed digest and sealed under a key that does
//! not lie beside it. Anything that cannot be opened is a miss and is removed,
//! never an error. Who misses gets the lock ([`Slot`]) and with it the duty to
//! fill the entry or to say why not; who waited takes the result or shares the
//! refusal.

mod entry;
mod legacy;
mod refusal;
mod seal;
mod spent;
mod token;
mod value;

pub use entry::{About, Entry, EntryKind};
pub use token::{Said, Token, TokenAbout};
pub use value::Value;

use std::collections::HashMap;
use std::marker::PhantomData;
use std::time::Duration;

use assumerole_core::plan::CacheKey;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::env::names;
use assumerole_host::fs::PrivateDir;
use assumerole_host::keystore::{KeyStore, Place, State};
use assumerole_host::lock::{Holder, Lock};
use jiff::{SignedDuration, Timestamp};
use refusal::Refusal;
use seal::Seal;
pub(crate) use spent::Ledger;

use crate::report::Report;

/// How long a process waits for another one's answer: a person has to find a
/// phone and wait for a new code, perhaps three times.
const WAIT: Duration = Duration::from_secs(180);

/// Longer than one request takes: a guard is held for one.
const GUARD_WAIT: Duration = Duration::from_secs(60);

/// The cache's folder in `~/.assumerole.d`.
const FOLDER: &str = "cache";

/// Bytes of an entry or a refusal; a session token has a few thousand.
const LARGEST: usize = 256 * 1024;

/// Entries, locks and refusals that nobody has touched for this long belong to
/// sessions that ended long ago (36 h is the longest that AWS gives).
const STALE: SignedDuration = SignedDuration::from_hours(72);

/// The cache of one person on one machine.
#[derive(Debug)]
pub struct Cache {
    dir: PrivateDir,
    seal: Seal,
    place: Place,
}

/// Entries that were there at one moment.
#[derive(Debug)]
pub struct Snapshot<'a> {
    seal: &'a Seal,
    entries: HashMap<String, Entry>,
}

impl Snapshot<'_> {
    /// The entry for `key`.
    pub fn get(&self, key: &CacheKey) -> Option<&Entry> {
        if self.entries.is_empty() {
            return None;
        }
        self.entries.get(&self.seal.file_name(key))
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

/// The right and the duty to obtain one entry or token. Holds its lock.
#[derive(Debug)]
pub struct Slot<'a, T = Entry> {
    cache: &'a Cache,
    name: String,
    _lock: Lock<'a>,
    _value: PhantomData<T>,
}

impl Cache {
    /// Opens the cache below `state` (`~/.assumerole.d`), with its sealing key
    /// made if there is none. A key file stands beside the cache, not in it.
    ///
    /// # Errors
    /// No place for the entries or for the key can be had.
    pub fn open(state: &PrivateDir, host: &Host, report: &dyn Report) -> Result<Self> {
        let key = key_store(state, host)?.open()?;
        if let Some(warning) = &key.warning {
            report.warn(warning);
        }
        Ok(Self {
            dir: state.create_child(FOLDER)?,
            place: key.place,
            seal: Seal::new(key.key),
        })
    }

    /// The cache as it is, for whoever only looks: neither a folder nor a key
    /// is made. `None` if one of them is missing, and so is every entry.
    ///
    /// # Errors
    /// A folder or the key is there and cannot be used.
    pub fn peek(state: &PrivateDir, host: &Host) -> Result<Option<Self>> {
        let Some(dir) = state.open_child(FOLDER)? else {
            return Ok(None);
        };
        let key = key_store(state, host)?.peek()?;
        Ok(key.map(|key| Self {
            dir,
            place: key.place,
            seal: Seal::new(key.key),
        }))
    }

    /// The name of the entry for `key`, by which others say that they come
    /// from it.
    pub fn entry_name(&self, key: &CacheKey) -> String {
        self.seal.file_name(key)
    }

    /// The entry for `key` whatever is left of its life. Removes nothing.
    pub fn find(&self, key: &CacheKey) -> Option<Entry> {
        self.open_file(&self.seal.file_name(key))
    }

    /// What is known about each place for the sealing key.
    ///
    /// # Errors
    /// The environment names a place that there is not.
    pub fn survey_keys(state: &PrivateDir, host: &Host) -> Result<Vec<(Place, State)>> {
        Ok(key_store(state, host)?.survey())
    }

    /// Where the sealing key lives.
    pub fn key_place(&self) -> Place {
        self.place
    }

    /// The entry for `key`, if it can be handed out at `now`. Removes nothing:
    /// without the lock, what another process has just put there would go.
    pub fn lookup(&self, key: &CacheKey, now: Timestamp) -> Option<Entry> {
        self.lookup_value(key, now)
    }

    /// As [`Self::lookup`], for any value.
    pub fn lookup_value<T: Value>(&self, key: &CacheKey, now: Timestamp) -> Option<T> {
        let value: Option<T> = self.open_file(&self.file_name::<T>(key));
        value.filter(|value| value.is_fresh(now))
    }

    fn file_name<T: Value>(&self, key: &CacheKey) -> String {
        self.seal.file_name(key) + T::ENDING
    }

    /// The value in the file `name`, which our key gave that name: what cannot
    /// be opened there is damaged, and is removed. For whoever has its lock.
    fn read<T: Value>(&self, name: &str) -> Option<T> {
        let opened = self.open_file(name);
        if opened.is_none() {
            // If it cannot be removed it is a miss all the same.
            let _ = self.dir.remove(name);
        }
        opened
    }

    /// As [`Self::read`], but leaves alone what cannot be opened: it may be
    /// sealed with the key of a container that shares this home.
    fn open_file<T: Value>(&self, name: &str) -> Option<T> {
        let bytes = self.dir.read(name, LARGEST).ok()??;
        T::decode(&self.seal.open(name, &bytes)?)
    }

    /// The lock of `key`, waited for; whoever had it before may have left an
    /// entry or a refusal. With `fresh`, only what was obtained after this call
    /// began counts.
    ///
    /// # Errors
    /// The holder takes longer than three minutes.
    pub fn claim(
        &self,
        key: &CacheKey,
        host: &Host,
        report: &dyn Report,
        fresh: bool,
    ) -> Result<Claim<'_>> {
        self.claim_value(key, host, report, fresh)
    }

    /// As [`Self::claim`], for any value.
    ///
    /// # Errors
    /// As there.
    pub fn claim_value<T: Value>(
        &self,
        key: &CacheKey,
        host: &Host,
        report: &dyn Report,
        fresh: bool,
    ) -> Result<Claim<'_, T>> {
        let name = self.file_name::<T>(key);
        let begun = host.clock.now();
        let before = Refusal::read(&self.dir, &self.seal, &name);
        // What came of another process's turn, if it is an answer to us.
        let answer = |value: Option<T>| {
            let now = host.clock.now();
            let counts = |value: &T| value.is_fresh(now) && (!fresh || value.obtained() >= begun);
            if let Some(value) = value.filter(counts) {
                return Some(Claim::Filled(Box::new(value)));
            }
            let refusal = Refusal::read(&self.dir, &self.seal, &name);
            let refusal = refusal.filter(|new| Some(new) != before.as_ref())?;
            Some(Claim::Refused(refusal.error))
        };
        let mut meanwhile = || answer(self.open_file(&name));
        let lock = match self.lock(&name, host, report, &mut meanwhile)? {
            Ok(lock) => lock,
            Err(claim) => return Ok(claim),
        };
        let value: Option<T> = self.read(&name);
        let over = |value: &T| value.left(host.clock.now()).is_negative();
        let is_over = value.as_ref().is_some_and(over);
        if let Some(claim) = answer(value) {
            return Ok(claim);
        }
        if is_over {
            let _ = self.dir.remove(&name);
        }
        legacy::sweep(&self.dir, report);
        Ok(Claim::Mine(Slot {
            cache: self,
            name,
            _lock: lock,
            _value: PhantomData,
        }))
    }

    /// The lock of an entry, unless `meanwhile` has the answer first.
    fn lock<'a, T>(
        &'a self,
        name: &str,
        host: &Host,
        report: &dyn Report,
        meanwhile: &mut dyn FnMut() -> Option<Claim<'a, T>>,
    ) -> Result<Result<Lock<'a>, Claim<'a, T>>> {
        let mut say = |holder: Holder| {
            let who = match holder.pid {
                Some(pid) => format!("process {pid}"),
                None => "another process".to_owned(),
            };
            report.note(&format!(
                "waiting for {who}, which is obtaining the same credentials"
            ));
        };
        let (clock, name) = (host.clock.as_ref(), format!("{name}.lock"));
        let lock = Lock::acquire_unless(&self.dir, name, clock, WAIT, &mut say, meanwhile)?;
        Ok(lock)
    }

    /// The lock of something that lies elsewhere and that one process alone
    /// shall renew at a time; `what` names it. None where it cannot be had.
    pub(crate) fn guard(&self, what: &str, host: &Host) -> Option<Lock<'_>> {
        let name = self.seal.keyed(b"assumerole guard 1", what.as_bytes());
        let name = format!("{name}.lock");
        let clock = host.clock.as_ref();
        Lock::acquire(&self.dir, name, clock, GUARD_WAIT, &mut |_| {}).ok()
    }

    /// All entries that can be handed out at `now`, opened at once: for whoever
    /// asks for many.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot<'_> {
        let mut entries = self.opened();
        entries.retain(|(_, entry)| entry.is_fresh(now));
        Snapshot {
            seal: &self.seal,
            entries: entries.into_iter().collect(),
        }
    }

    /// Every entry that can be opened with its name, ended ones too, in no
    /// order.
    pub fn entries(&self) -> Vec<(String, Entry)> {
        self.opened()
    }

    /// Every entry that can be opened, with the name of its file.
    fn opened(&self) -> Vec<(String, Entry)> {
        let files = self.dir.list().unwrap_or_default();
        files
            .iter()
            .filter_map(|file| file.name.to_str())
            .filter(|name| is_entry(name))
            .filter_map(|name| Some((name.to_owned(), self.open_file(name)?)))
            .collect()
    }

    /// Removes the entry for `key`; whether there was one.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(&self, key: &CacheKey) -> Result<bool> {
        self.remove_file(&self.seal.file_name(key))
    }

    fn remove_file(&self, name: &str) -> Result<bool> {
        let _ = self.dir.remove(format!("{name}.refused"));
        self.dir.remove(name).map_err(|error| {
            Error::new(Kind::Failed, "a cached entry cannot be removed").because(error)
        })
    }

    /// Removes every entry that `which` picks, and what was obtained with it;
    /// what there was.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn remove_where(&self, which: impl Fn(&str, &Entry) -> bool) -> Result<Vec<About>> {
        let mut left = self.opened();
        let mut removed = Vec::new();
        let mut gone: Vec<String> = Vec::new();
        loop {
            let goes = |(name, entry): &(String, Entry)| {
                let parent = entry.about.parent.as_ref();
                which(name, entry) || parent.is_some_and(|parent| gone.contains(parent))
            };
            let (now, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(goes);
            if now.is_empty() {
                return Ok(removed);
            }
            for (name, entry) in now {
                if self.remove_file(&name)? {
                    removed.push(entry.about);
                }
                gone.push(name);
            }
            left = rest;
        }
    }

    /// Removes every token that `which` picks.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn remove_tokens(&self, which: impl Fn(&TokenAbout) -> bool) -> Result<()> {
        for file in self.dir.list().unwrap_or_default() {
            let name = file.name.to_string_lossy();
            let token = name.ends_with(Token::ENDING).then(|| self.open_file(&name));
            let token: Option<Token> = token.flatten();
            if token.is_some_and(|token| which(&token.about)) {
                self.remove_file(&name)?;
            }
        }
        Ok(())
    }

    /// Removes all entries, readable or not, what the script left, and the
    /// sealing key; how many entries there were.
    ///
    /// # Errors
    /// Something is there and cannot be removed.
    pub fn remove_all(state: &PrivateDir, host: &Host, report: &dyn Report) -> Result<usize> {
        let dir = state.create_child(FOLDER)?;
        legacy::sweep(&dir, report);
        let mut removed = 0;
        for file in dir.list()? {
            let name = file.name.to_string_lossy();
            // Locks stay: a process may hold one.
            let ours = [".refused", ".index", ".spent", Token::ENDING]
                .iter()
                .any(|end| name.ends_with(end));
            if (is_entry(&name) || ours) && dir.remove(&file.name)? {
                removed += usize::from(is_entry(&name));
            }
        }
        key_store(state, host)?.destroy()?;
        Ok(removed)
    }

    /// Removes the files of sessions that ended long ago.
    fn sweep(&self, now: Timestamp) {
        for file in self.dir.list().unwrap_or_default() {
            let name = file.name.to_string_lossy();
            let stem = name.split('.').next().unwrap_or_default();
            if now.duration_since(file.modified) > STALE && is_entry(stem) {
                let _ = self.dir.remove(&file.name);
            }
        }
    }
}

fn key_store<'a>(state: &'a PrivateDir, host: &'a Host) -> Result<KeyStore<'a>> {
    let preference = host.env.text_or_error(names::ASSUMEROLE_KEY_STORE)?;
    let preference = preference.map(str::parse).transpose()?;
    Ok(KeyStore::new(preference, state, host.clock.as_ref()))
}

/// Whether a file's name is one that [`Seal::file_name`] makes.
fn is_entry(name: &str) -> bool {
    name.len() == 32
        && name
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl<T: Value> Slot<'_, T> {
    /// Stores what was obtained and lets the next one in.
    ///
    /// # Errors
    /// It cannot be stored; the credentials are good all the same.
    pub fn fill(self, value: &T) -> Result<()> {
        let fail = || Error::new(Kind::Failed, "the credentials could not be cached");
        let mut nonce = [0; 24];
        assumerole_host::random::fill(&mut nonce).map_err(|error| fail().because(error))?;
        let plain = value.encode().ok_or_else(fail)?;
        let sealed = self
            .cache
            .seal
            .seal(&self.name, nonce, &plain)
            .ok_or_else(fail)?;
        self.cache.dir.write(&self.name, &sealed).map_err(|error| {
            let (why, error) = (error.to_string(), Error::from(error));
            error
                .hints()
                .iter()
                .cloned()
                .fold(fail().because(why), Error::hint)
        })?;
        let _ = self.cache.dir.remove(format!("{}.refused", self.name));
        self.cache.sweep(value.obtained());
        Ok(())
    }

    /// Leaves word for those who wait that there will be nothing.
    pub fn refuse(self, error: &Error) {
        Refusal::leave(&self.cache.dir, &self.cache.seal, &self.name, error);
    }
}

#[cfg(test)]
mod tests;
