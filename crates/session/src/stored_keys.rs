//! Long-term access keys and secrets of MFA devices, stored sealed in
//! `~/.assumerole.d/keys`.
//!
//! Each key is a file: what is no secret in clear, the secret key sealed with the
//! sealing key and bound to the rest. The sealing key is in one more file, wrapped
//! with a key that outlives a reboot and does not lie beside it: see
//! [`providers`]. Once unwrapped it is held in the kernel's memory for a while.

mod desk;
mod devices;
mod format;
mod providers;
mod rotation;
mod unlock;
mod wrap;

use std::ffi::OsStr;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use assumerole_host::lock::Lock;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::{Digest as _, Sha256};

use crate::cache::seal::Seal;
use format::{KeyFile, StoreFile, damaged, decoded, encoded, to_json};

pub use desk::Desk;
pub use devices::{StoredDevice, no_device};
pub use format::StoredKey;
pub use providers::{Enrolment, protection};
pub use rotation::{Rotation, Rotations};

/// The folder in `~/.assumerole.d`.
const FOLDER: &str = "keys";

/// The file that has the sealing key, wrapped.
const STORE: &str = "store";

/// Whoever changes the store has it.
const LOCK: &str = "store.lock";

/// What the names of the files of keys end with.
const ENDING: &str = ".key";

/// Bytes of a file.
const LARGEST: usize = 64 * 1024;

/// Writing takes as long as the disk; a holder that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// The store of a home folder.
#[derive(Debug)]
pub struct StoredKeys {
    dir: PrivateDir,
    file: StoreFile,
}

/// The sealing key of a store, unwrapped.
#[derive(Debug)]
pub struct Unlocked(Seal, SecretBox<[u8; 32]>);

/// The access key ID of the key that is stored below `state` (`~/.assumerole.d`)
/// under `name`; `None` if there is none. Nothing is unlocked, and nothing made.
///
/// # Errors
/// A file is there and cannot be read.
pub fn access_key_id(state: &PrivateDir, name: &str) -> Result<Option<String>> {
    let Some(dir) = state.open_child(FOLDER)? else {
        return Ok(None);
    };
    let found = read_key(&dir, &file_name(name))?;
    let found = found.filter(|file| file.key.name == name);
    Ok(found.map(|file| file.key.access_key_id))
}

impl StoredKeys {
    /// The store below `state`; `None` if there is none. Makes nothing.
    ///
    /// # Errors
    /// It is there and cannot be read, or keys are there without it.
    pub fn open(state: &PrivateDir) -> Result<Option<Self>> {
        match state.open_child(FOLDER)? {
            Some(dir) => Self::in_folder(dir),
            None => Ok(None),
        }
    }

    fn in_folder(dir: PrivateDir) -> Result<Option<Self>> {
        let shown = dir.path().join(STORE).display().to_string();
        if let Some(bytes) = dir.read(STORE, LARGEST)? {
            let file = StoreFile::read(&bytes, &shown)?;
            return Ok(Some(Self { dir, file }));
        }
        // A new sealing key would be the end of what the old one sealed.
        match holds_secrets(&dir)? {
            false => Ok(None),
            true => Err(Error::new(
                Kind::Failed,
                format!("cannot read {shown}: the file does not exist"),
            )
            .called(Id::KeyStoreFailed)
            .because("keys are stored beside it, which only this file can open")
            .hint("restore it from a backup, or move the folder away and store the keys again")),
        }
    }

    fn shown(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Every key, by name.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn keys(&self) -> Result<Vec<StoredKey>> {
        let mut keys = Vec::new();
        for name in key_files(&self.dir)? {
            if let Some(file) = read_key(&self.dir, &name)? {
                keys.push(file.key);
            }
        }
        keys.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(keys)
    }

    /// The key `name`, without its secret.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn find(&self, name: &str) -> Result<Option<StoredKey>> {
        let found = read_key(&self.dir, &file_name(name))?;
        Ok(found.map(|file| file.key).filter(|key| key.name == name))
    }

    /// The key `name`, with its secret.
    ///
    /// # Errors
    /// There is none, or its file is not as it was written.
    pub fn read(&self, unlocked: &Unlocked, name: &str) -> Result<Credentials> {
        let found = self.read_file(unlocked, &file_name(name), name)?;
        found.ok_or_else(|| no_key(name))
    }

    fn read_file(
        &self,
        unlocked: &Unlocked,
        file: &str,
        name: &str,
    ) -> Result<Option<Credentials>> {
        let found = read_key(&self.dir, file)?.filter(|found| found.key.name == name);
        let Some(KeyFile { key, sealed }) = found else {
            return Ok(None);
        };
        let secret = decoded(&sealed)
            .and_then(|sealed| unlocked.0.open(&key.bound_to(), &sealed))
            .and_then(|plain| Some(SecretString::from(std::str::from_utf8(&plain).ok()?)))
            .filter(|_| key.store == self.file.id)
            .ok_or_else(|| damaged(&self.shown(file), "it was changed, or is of another store"))?;
        Ok(Some(Credentials {
            access_key_id: key.access_key_id,
            secret_access_key: secret,
            session_token: None,
            expires: None,
        }))
    }

    /// Stores `key` with its `secret`, in place of one of the same name. It is
    /// on the disk, and was read back, when this returns.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn write(
        &self,
        desk: &Desk<'_>,
        unlocked: &Unlocked,
        key: StoredKey,
        secret: &SecretString,
    ) -> Result<()> {
        let file = file_name(&key.name);
        self.write_file(desk, unlocked, &file, key, secret)
    }

    /// As [`Self::write`], of a key that takes no place yet: `key` is called as
    /// the one that it will replace.
    ///
    /// # Errors
    /// As there.
    pub fn keep_next(
        &self,
        desk: &Desk<'_>,
        unlocked: &Unlocked,
        key: StoredKey,
        secret: &SecretString,
    ) -> Result<()> {
        let file = next_name(&key.name);
        self.write_file(desk, unlocked, &file, key, secret)
    }

    /// The key that [`Self::keep_next`] has kept for `name`.
    ///
    /// # Errors
    /// Its file is not as it was written.
    pub fn next(&self, unlocked: &Unlocked, name: &str) -> Result<Option<Credentials>> {
        self.read_file(unlocked, &next_name(name), name)
    }

    /// Removes what [`Self::keep_next`] has kept for `name`.
    ///
    /// # Errors
    /// Its file cannot be removed.
    pub fn forget_next(&self, name: &str) -> Result<()> {
        self.dir.remove(next_name(name))?;
        Ok(self.dir.keep_removed()?)
    }

    fn write_file(
        &self,
        desk: &Desk<'_>,
        unlocked: &Unlocked,
        name: &str,
        key: StoredKey,
        secret: &SecretString,
    ) -> Result<()> {
        let mut key = key;
        key.store.clone_from(&self.file.id);
        let sealed = seal(
            &unlocked.0,
            &key.bound_to(),
            secret.expose_secret().as_bytes(),
        )?;
        let file = KeyFile {
            key,
            sealed: encoded(&sealed),
        };
        let _lock = lock(&self.dir, desk)?;
        // The file is synced before it has its name; then its name is.
        self.dir.write(name, to_json(&file).as_bytes())?;
        self.dir.keep_removed()?;
        let back = self.read_file(unlocked, name, &file.key.name)?;
        let back = back.ok_or_else(|| no_key(&file.key.name))?;
        let same = back.access_key_id == file.key.access_key_id
            && back.secret_access_key.expose_secret() == secret.expose_secret();
        match same {
            true => Ok(()),
            false => Err(Error::new(
                Kind::Failed,
                format!(
                    "cannot store the key {:?}: it reads back as another one",
                    file.key.name
                ),
            )
            .called(Id::KeyStoreFailed)),
        }
    }

    /// Notes that the key `name`, whose ID is `id`, is one of `user`, an ARN: where
    /// that is not known yet, and nobody has to be asked to unlock the store.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn learn_user(&self, desk: &Desk<'_>, name: &str, id: &str, user: &str) -> Result<()> {
        let found = self.find(name)?;
        let found = found.filter(|key| key.access_key_id == id && key.user.is_none());
        let (Some(mut key), Ok(Some(unlocked))) = (found, self.held()) else {
            return Ok(());
        };
        let secret = self.read(&unlocked, name)?.secret_access_key;
        key.user = Some(user.to_owned());
        self.write(desk, &unlocked, key, &secret)
    }

    /// Removes the key `name`; whether there was one.
    ///
    /// # Errors
    /// Its file cannot be removed.
    pub fn remove(&self, desk: &Desk<'_>, name: &str) -> Result<bool> {
        let _lock = lock(&self.dir, desk)?;
        let removed = self.dir.remove(file_name(name))?;
        self.dir.keep_removed()?;
        Ok(removed)
    }
}

/// The error of a key that is not stored.
pub fn no_key(name: &str) -> Error {
    Error::new(Kind::UnknownName, format!("no key {name:?} is stored"))
        .hint("see which keys are stored: assumerole keys list")
}

/// The file of the key `name`, which may have any character.
fn file_name(name: &str) -> String {
    digest(name) + ENDING
}

/// The file of the key that will take the place of the key `name`.
fn next_name(name: &str) -> String {
    digest(name) + ".next"
}

fn digest(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn key_files(dir: &PrivateDir) -> Result<Vec<String>> {
    let names = dir.list()?.into_iter().map(|entry| entry.name);
    let names = names.filter_map(|name| name.into_string().ok());
    Ok(names.filter(|name| name.ends_with(ENDING)).collect())
}

/// Whether something in `dir` is sealed.
fn holds_secrets(dir: &PrivateDir) -> Result<bool> {
    let is_device = |name: &OsStr| {
        name.as_encoded_bytes()
            .ends_with(devices::ENDING.as_bytes())
    };
    let has_device = dir.list()?.iter().any(|entry| is_device(&entry.name));
    Ok(has_device || !key_files(dir)?.is_empty())
}

fn read_key(dir: &PrivateDir, file: &str) -> Result<Option<KeyFile>> {
    let bytes = dir.read(OsStr::new(file), LARGEST)?;
    let shown = || dir.path().join(file).display().to_string();
    bytes
        .map(|bytes| KeyFile::read(&bytes, &shown()))
        .transpose()
}

fn lock<'d>(dir: &'d PrivateDir, desk: &Desk<'_>) -> Result<Lock<'d>> {
    let clock = desk.host.clock.as_ref();
    Lock::acquire(dir, LOCK, clock, PATIENCE, &mut |_| {}).map_err(Error::from)
}

fn seal(seal: &Seal, bound_to: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; 24];
    providers::fill(&mut nonce)?;
    let sealed = seal.seal(bound_to, nonce, plain);
    sealed.ok_or_else(|| Error::new(Kind::Failed, "cannot seal the key").called(Id::KeyStoreFailed))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests touch files")]
mod tests;
