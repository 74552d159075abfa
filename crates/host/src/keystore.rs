//! Where the key that seals the cache lives: away from the cache, so that a
//! copied home folder gives nothing away.

mod file;
mod folders;
pub mod held;
pub(crate) mod store;

use std::path::Path;
use std::time::Duration;

use assumerole_core::diagnostic::Warning;
use secrecy::SecretBox;

use crate::clock::Clock;
use crate::fs::PrivateDir;
use crate::lock::Lock;
use store::{KEY_LEN, Store, StoreError};

pub(crate) use file::FILE_NAME;
pub use store::{KeyStoreError, Place, SecretKey};

/// A sealing key and where it came from.
#[derive(Debug)]
pub struct SealingKey {
    /// The key.
    pub key: SecretKey,
    /// Where it lives.
    pub place: Place,
    /// Whether it was made just now: nothing was sealed with it before.
    pub created: bool,
    /// What the person should know; only when the key was made just now.
    pub warning: Option<Warning>,
}

/// What is known about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// It holds a key.
    Present,
    /// It works and holds no key.
    Absent,
    /// It is not available here; the reason.
    Unavailable(String),
}

/// The places for the sealing key, in the order they are tried.
pub struct KeyStore<'a> {
    stores: Vec<Box<dyn Store + 'a>>,
    dir: &'a PrivateDir,
    clock: &'a dyn Clock,
}

/// Making a key takes microseconds, but keeping one in a file waits for the
/// disk, and a busy one has been seen to take more than ten seconds. Each
/// holder has this time of its own.
const LOCK_DEADLINE: Duration = Duration::from_secs(30);

/// Makes sure that processes that start together make one key.
const LOCK_NAME: &str = "sealing-key.lock";

impl<'a> KeyStore<'a> {
    /// The places of this machine: `preference` alone if given, else the
    /// system's own store and, where that does not work, a file in `dir`
    /// (the folder that the cache's folder is in, not the cache's own).
    pub fn new(preference: Option<Place>, dir: &'a PrivateDir, clock: &'a dyn Clock) -> Self {
        let file = || Box::new(file::KeyFile::new(dir)) as Box<dyn Store + 'a>;
        let stores: Vec<Box<dyn Store + 'a>> = match preference {
            None => vec![crate::sys::key_store(), file()],
            Some(Place::KeyFile) => vec![file()],
            Some(place) if crate::sys::key_store().place() == place => {
                vec![crate::sys::key_store()]
            }
            Some(place) => vec![Box::new(Elsewhere(place))],
        };
        Self { stores, dir, clock }
    }

    /// The sealing key; made if there is none, or none that is whole.
    ///
    /// # Errors
    /// No place works, or one fails.
    pub fn open(&self) -> Result<SealingKey, KeyStoreError> {
        let mut skipped: Option<(Place, String)> = None;
        for store in &self.stores {
            match self.load_or_make(store.as_ref()) {
                Ok((key, created)) => {
                    return Ok(SealingKey {
                        key,
                        place: store.place(),
                        created,
                        warning: skipped
                            .filter(|_| created)
                            .map(|(place, why)| self.warn(place, &why)),
                    });
                }
                Err(StoreError::Unavailable(why)) => skipped = Some((store.place(), why)),
                Err(StoreError::Failed(error)) => return Err(error),
            }
        }
        Err(nowhere(skipped))
    }

    /// The first sealing key that is there; makes none. To open what was
    /// sealed before, while [`KeyStore::open`] is for sealing.
    ///
    /// Unlike `open`, it goes on when a place is empty: that one may be unable
    /// to keep anything, such as a keyring without quota.
    ///
    /// # Errors
    /// No place works, or one fails.
    pub fn peek(&self) -> Result<Option<SealingKey>, KeyStoreError> {
        let mut works = false;
        let mut skipped: Option<(Place, String)> = None;
        for store in &self.stores {
            match store.load() {
                Ok(Some(key)) => {
                    return Ok(Some(SealingKey {
                        key,
                        place: store.place(),
                        created: false,
                        warning: None,
                    }));
                }
                Ok(None) => works = true,
                Err(StoreError::Unavailable(why)) => skipped = Some((store.place(), why)),
                Err(StoreError::Failed(error)) => return Err(error),
            }
        }
        if works {
            Ok(None)
        } else {
            Err(nowhere(skipped))
        }
    }

    /// Notes that `folder` holds what is sealed with the key in `place`: a
    /// person's key is for all their home folders. Best effort: without it the
    /// key may go while it is needed, which costs a new session.
    pub fn note_folder(&self, place: Place, folder: &Path) {
        for store in self.stores.iter().filter(|store| store.place() == place) {
            let noted = store.folders().unwrap_or_default();
            if let Some(more) = folders::with(&noted, folder) {
                let _ = store.keep_folders(&more);
            }
        }
    }

    /// Removes the sealing key from every place, and says from which. What
    /// was sealed with it cannot be opened any more. It stays where another
    /// folder than `folder` holds something of it, which `is_used` tells, and
    /// where it is nothing to `folder`: neither did it hold something of the
    /// key just now (`held`) nor was it ever noted.
    ///
    /// # Errors
    /// A key is there and cannot be removed.
    pub fn destroy(
        &self,
        folder: &Path,
        held: bool,
        is_used: &dyn Fn(&Path) -> bool,
    ) -> Result<Vec<Place>, KeyStoreError> {
        let _lock = self.lock()?;
        let mut places = Vec::new();
        for store in &self.stores {
            let own = store.place() == Place::KeyFile;
            if !own {
                let noted = store.folders().unwrap_or_default();
                if !held && !folders::has(&noted, folder) {
                    continue;
                }
                let others = folders::used(&noted, folder, is_used);
                let _ = store.keep_folders(&others);
                if !others.is_empty() {
                    continue;
                }
            }
            match store.destroy() {
                Ok(true) => places.push(store.place()),
                Ok(false) | Err(StoreError::Unavailable(_)) => {}
                Err(StoreError::Failed(error)) => return Err(error),
            }
        }
        Ok(places)
    }

    /// What is known about each place, in the order they are tried.
    pub fn survey(&self) -> Vec<(Place, StoreState)> {
        let state = |store: &dyn Store| match store.load() {
            Ok(Some(_)) => StoreState::Present,
            Ok(None) => StoreState::Absent,
            Err(StoreError::Unavailable(why)) => StoreState::Unavailable(why),
            Err(StoreError::Failed(error)) => StoreState::Unavailable(error.to_string()),
        };
        self.stores
            .iter()
            .map(|store| (store.place(), state(store.as_ref())))
            .collect()
    }

    fn load_or_make(&self, store: &dyn Store) -> Result<(SecretKey, bool), StoreError> {
        if let Some(key) = store.load()? {
            return Ok((key, false));
        }
        let _lock = self.lock().map_err(StoreError::Failed)?;
        // Another process may have made it while we waited.
        if let Some(key) = store.load()? {
            return Ok((key, false));
        }
        let key = random_key().map_err(StoreError::Unavailable)?;
        store.save(&key)?;
        Ok((key, true))
    }

    fn lock(&self) -> Result<Lock<'a>, KeyStoreError> {
        Lock::acquire(self.dir, LOCK_NAME, self.clock, LOCK_DEADLINE, &mut |_| {})
            .map_err(KeyStoreError::Lock)
    }

    fn warn(&self, place: Place, why: &str) -> Warning {
        let file = self.dir.path().join(FILE_NAME);
        Warning::new(format!(
            "the cache key is stored in the file {}, because {place} is not available here ({why})",
            file.display()
        ))
        .hint(format!(
            "keep {} out of backups: anyone who can read it can use the cached credentials",
            self.dir.path().display()
        ))
    }
}

fn nowhere(last: Option<(Place, String)>) -> KeyStoreError {
    let (place, why) = last.unwrap_or((Place::KeyFile, "it is not known".to_owned()));
    KeyStoreError::Unavailable(place, why)
}

/// The place of another system.
struct Elsewhere(Place);

impl Elsewhere {
    fn refuse<T>(&self) -> Result<T, StoreError> {
        Err(StoreError::Unavailable("another system has it".to_owned()))
    }
}

impl Store for Elsewhere {
    fn place(&self) -> Place {
        self.0
    }

    fn load(&self) -> Result<Option<SecretKey>, StoreError> {
        self.refuse()
    }

    fn save(&self, _key: &SecretKey) -> Result<(), StoreError> {
        self.refuse()
    }

    fn destroy(&self) -> Result<bool, StoreError> {
        self.refuse()
    }
}

fn random_key() -> Result<SecretKey, String> {
    // Filled where it stays: no copy is left on the stack.
    let mut key = Box::new([0; KEY_LEN]);
    crate::random::fill(key.as_mut_slice()).map_err(|error| error.to_string())?;
    Ok(SecretBox::new(key))
}

#[cfg(test)]
mod tests;
