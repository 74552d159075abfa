//! What is written down of a key that is being replaced, each step before it is
//! done, so that whoever is stopped carries on by starting again. Without
//! secrets; that of the new key is sealed beside it until it has its place.

use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::clock::Clock;
use assumerole_host::fs::PrivateDir;
use assumerole_host::lock::{Lock, LockError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::format::{damaged, to_json};
use super::{FOLDER, LARGEST};

/// Of the files.
const VERSION: u32 = 1;

/// What their names end with; before it stands the old access key ID.
const ENDING: &str = ".rotation";

/// Whoever replaces keys has it.
const LOCK: &str = "rotation.lock";

/// A key that is being replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    version: u32,
    /// The ID of the key that goes.
    pub old: String,
    /// The ARN of its user.
    pub user: String,
    /// When a new key was asked for.
    pub began: Timestamp,
    /// The IDs of the keys that the user had then.
    pub known: Vec<String>,
    /// The ID of the new key, once AWS has told it, and when it was made.
    pub new: Option<(String, Timestamp)>,
    /// When the new key took the old one's place.
    pub switched: Option<Timestamp>,
    /// When the old key was disabled.
    pub disabled: Option<Timestamp>,
    /// How long the old key is kept, disabled, in seconds.
    pub grace: u32,
}

impl Rotation {
    /// One that begins `now`, of the key `old` of `user`.
    pub fn new(old: &str, user: &str, known: Vec<String>, now: Timestamp, grace: u32) -> Self {
        Self {
            version: VERSION,
            old: old.to_owned(),
            user: user.to_owned(),
            began: now,
            known,
            new: None,
            switched: None,
            disabled: None,
            grace,
        }
    }

    /// When the old key may be deleted; `None` before it is disabled.
    pub fn delete_at(&self) -> Option<Timestamp> {
        let grace = jiff::SignedDuration::from_secs(self.grace.into());
        let at = self.disabled?.checked_add(grace);
        Some(at.unwrap_or(Timestamp::MAX))
    }

    /// Whether the key `id` is the old one or the new one.
    pub fn is_of(&self, id: &str) -> bool {
        self.old == id || self.new.as_ref().is_some_and(|(new, _)| new == id)
    }
}

/// The keys of a home folder that are being replaced.
#[derive(Debug)]
pub struct Rotations(PrivateDir);

impl Rotations {
    /// Those below `state` (`~/.assumerole.d`).
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn create(state: &PrivateDir) -> Result<Self> {
        Ok(Self(state.create_child(FOLDER)?))
    }

    /// As [`Self::create`]; makes nothing.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(state: &PrivateDir) -> Result<Option<Self>> {
        Ok(state.open_child(FOLDER)?.map(Self))
    }

    /// Lets no other process replace keys for as long as it is held.
    ///
    /// # Errors
    /// Another process does.
    pub fn lock(&self, clock: &dyn Clock) -> Result<Lock<'_>> {
        let lock = Lock::acquire(&self.0, LOCK, clock, Duration::ZERO, &mut |_| {});
        lock.map_err(|error| match error {
            LockError::TimedOut { holder, .. } => {
                let error = Error::new(Kind::Failed, "another process replaces a key")
                    .called(Id::KeyStoreFailed);
                match holder.pid {
                    Some(pid) => error.hint(format!("see what it is doing: ps -fp {pid}")),
                    None => error,
                }
            }
            other => other.into(),
        })
    }

    /// All of them.
    ///
    /// # Errors
    /// A file cannot be read, or is damaged.
    pub fn all(&self) -> Result<Vec<Rotation>> {
        let names = self.0.list()?.into_iter().map(|entry| entry.name);
        let names = names.filter_map(|name| name.into_string().ok());
        let mut all = Vec::new();
        for name in names.filter(|name| name.ends_with(ENDING)) {
            let Some(bytes) = self.0.read(&name, LARGEST)? else {
                continue;
            };
            let read: Option<Rotation> = serde_json::from_slice(&bytes).ok();
            let read = read.filter(|one| one.version == VERSION);
            let shown = self.0.path().join(&name).display().to_string();
            all.push(read.ok_or_else(|| damaged(&shown, "no version of it can be read"))?);
        }
        Ok(all)
    }

    /// That of the key `id`, old or new.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn find(&self, id: &str) -> Result<Option<Rotation>> {
        Ok(self.all()?.into_iter().find(|one| one.is_of(id)))
    }

    /// Writes it down. It is on the disk when this returns.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, rotation: &Rotation) -> Result<()> {
        self.0
            .write(file_name(rotation), to_json(rotation).as_bytes())?;
        Ok(self.0.keep_removed()?)
    }

    /// Forgets it, when everything is done.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn forget(&self, rotation: &Rotation) -> Result<()> {
        self.0.remove(file_name(rotation))?;
        Ok(self.0.keep_removed()?)
    }
}

fn file_name(rotation: &Rotation) -> String {
    format!("{}{ENDING}", rotation.old)
}
