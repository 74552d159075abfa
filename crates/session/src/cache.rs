//! The sealed cache of sessions.
//!
//! One file an entry, named by a keyed digest and sealed under a key that does
//! not lie beside it. Anything that cannot be opened is a miss and is removed,
//! never an error. Who misses gets the lock ([`Slot`]) and with it the duty to
//! fill the entry or to say why not; who waited takes the result or shares the
//! refusal.

mod claim;
mod entry;
mod forgetting;
mod legacy;
mod lineage;
mod pace;
mod printed;
mod refusal;
mod removal;
mod renewed;
pub(crate) mod seal;
mod spent;
mod token;
mod value;

pub use claim::{Claim, Patience, Slot, Terms};
pub use entry::{About, Entry, EntryKind};
pub use forgetting::{Forgotten, Since, forgotten_file, is_under_way, last_forgotten};
pub use lineage::Lineage;
pub(crate) use pace::Pace;
pub(crate) use printed::LastPrinted;
pub(crate) use token::CachedToken;
pub use token::{Said, TokenAbout};
pub use value::Value;

use std::collections::HashMap;

use assumerole_core::Result;
use assumerole_core::plan::{CacheKey, Marks};
use assumerole_host::Host;
use assumerole_host::env::names;
use assumerole_host::fs::PrivateDir;
use assumerole_host::keystore::{KeyStore, Place, StoreState};
use jiff::Timestamp;
use seal::Seal;
pub(crate) use spent::Ledger;

use crate::report::Report;

/// The cache's folder in `~/.assumerole.d`.
const FOLDER: &str = "cache";

/// Bytes of an entry or a refusal; a session token has a few thousand.
const LARGEST: usize = 256 * 1024;

/// The cache of one person on one machine.
#[derive(Debug)]
pub struct Cache {
    dir: PrivateDir,
    seal: Seal,
    place: Place,
    /// What was begun before something was forgotten is not kept.
    begun: Timestamp,
    /// Whether new entries are on the disk only once [`Cache::sync`] has returned.
    syncs_later: bool,
}

/// Entries that were there at one moment.
#[derive(Debug)]
pub struct Snapshot<'a> {
    cache: &'a Cache,
    entries: HashMap<String, Entry>,
}

impl<'a> Snapshot<'a> {
    /// The cache whose entries these are.
    pub fn cache(&self) -> &'a Cache {
        self.cache
    }

    /// The entry for `key`.
    pub fn get(&self, key: &CacheKey) -> Option<&Entry> {
        if self.entries.is_empty() {
            return None;
        }
        self.entries.get(&self.cache.seal.file_name(key))
    }
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
            begun: host.clock.now(),
            syncs_later: false,
        })
    }

    /// The cache for work that was begun at `begun`, before it was opened: if
    /// something is forgotten after that, what comes of the work is not kept.
    #[must_use]
    pub fn since(self, begun: Timestamp) -> Self {
        Self { begun, ..self }
    }

    /// The cache for whoever makes many entries at once: one wait for the disk,
    /// [`Cache::sync`], is for all of them. What a loss of power leaves of an entry
    /// until then cannot be opened, and is a miss.
    #[must_use]
    pub fn syncing_later(self, later: bool) -> Self {
        Self {
            syncs_later: later,
            ..self
        }
    }

    /// Waits until the disk has the names of all entries.
    ///
    /// # Errors
    /// It fails.
    pub fn sync(&self) -> Result<()> {
        Ok(self.dir.keep_removed()?)
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
            begun: host.clock.now(),
            syncs_later: false,
        }))
    }

    /// Notes that something here is sealed with the key, so that it does not go
    /// when another home of the same person forgets everything.
    fn note_folder(&self, host: &Host) {
        // A file beside the cache is nobody else's.
        if self.place == Place::KeyFile {
            return;
        }
        KeyStore::new(Some(self.place), &self.dir, host.clock.as_ref())
            .note_folder(self.place, self.dir.path());
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
    pub fn survey_keys(state: &PrivateDir, host: &Host) -> Result<Vec<(Place, StoreState)>> {
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
    pub(crate) fn lookup_value<T: Value>(&self, key: &CacheKey, now: Timestamp) -> Option<T> {
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
        let bytes = self.dir.read(name, T::LARGEST).ok()??;
        T::decode(&self.seal.open(name, &bytes)?)
    }

    /// All entries that can be handed out at `now`, opened at once: for whoever
    /// asks for many.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot<'_> {
        let mut entries = self.opened();
        entries.retain(|(_, entry)| entry.is_fresh(now));
        Snapshot {
            cache: self,
            entries: entries.into_iter().collect(),
        }
    }

    /// As [`Cache::entries`], with what tells each from others of its role, if
    /// it says it.
    pub fn marked_entries(&self) -> Vec<(String, Entry, Option<Marks>)> {
        let entries = self.opened().into_iter();
        let marked = |(name, entry): (String, Entry)| {
            let bytes = self.dir.read(&name, LARGEST).ok().flatten();
            let plain = bytes.and_then(|bytes| self.seal.open(&name, &bytes));
            let marks = plain.and_then(|plain| Lineage::read(&plain).marks());
            (name, entry, marks)
        };
        entries.map(marked).collect()
    }

    /// Every entry that can be opened with its name, ended ones too, in no
    /// order.
    pub fn entries(&self) -> Vec<(String, Entry)> {
        self.opened()
    }

    /// Whether there is neither an entry nor a token, readable or not.
    pub fn is_empty(&self) -> bool {
        let files = self.dir.list().unwrap_or_default();
        let stem = |name: &str| is_entry(name.split('.').next().unwrap_or_default());
        !files.iter().any(|file| stem(&file.name.to_string_lossy()))
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

#[cfg(test)]
mod tests;
