//! Long-term access keys, stored sealed in `~/.assumerole.d/keys`.
//!
//! Each key is a file: what is no secret in clear, the secret key sealed with the
//! sealing key and bound to the rest. The sealing key is in one more file, wrapped
//! with a key that outlives a reboot and does not lie beside it: see
//! [`providers`]. Once unwrapped it is held in the kernel's memory for a while.

mod desk;
mod format;
mod providers;

use std::ffi::OsStr;
use std::time::Duration;

use assumerole_core::config::KeyProvider;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use assumerole_host::keystore::held;
use assumerole_host::lock::Lock;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cache::seal::Seal;
use format::{KeyFile, StoreFile, Wrap, damaged, decoded, encoded, to_json};
use providers::{Passphrase, Provider, WrapKey, locked, provider, random_key};

pub use desk::Desk;
pub use format::StoredKey;
pub use providers::{Enrolment, protection};

/// The folder in `~/.assumerole.d`.
const FOLDER: &str = "keys";

/// The file that has the sealing key, wrapped.
const STORE: &str = "store";

/// Whoever changes the store has it.
const LOCK: &str = "store.lock";

/// Whoever unlocks the store has it: a person is asked once.
const UNLOCK: &str = "unlock.lock";

/// What the names of the files of keys end with.
const ENDING: &str = ".key";

/// Bytes of a file.
const LARGEST: usize = 64 * 1024;

/// Writing takes as long as the disk; a holder that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// A person who types a passphrase takes no longer.
const WHILE_ASKED: Duration = Duration::from_secs(180);

/// How often a passphrase may be wrong.
const ATTEMPTS: usize = 3;

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
        match key_files(&dir)?.is_empty() {
            true => Ok(None),
            false => Err(Error::new(
                Kind::Failed,
                format!("cannot read {shown}: the file does not exist"),
            )
            .because("keys are stored beside it, which only this file can open")
            .hint("restore it from a backup, or move the folder away and store the keys again")),
        }
    }

    /// A new store below `state`, wrapped with `name`; the one that is there, if
    /// another process was faster.
    ///
    /// # Errors
    /// The provider does not work here, or the store cannot be written.
    pub fn create(
        state: &PrivateDir,
        desk: &Desk<'_>,
        name: KeyProvider,
        options: &Enrolment,
    ) -> Result<(Self, Unlocked)> {
        let dir = state.create_child(FOLDER)?;
        let id = new_id()?;
        let key = random_key()?;
        let mut wraps = vec![wrapped(desk, name, options, &id, &key)?];
        if let Some(recovery) = recovery(desk, name, &id, &key)? {
            wraps.push(recovery);
        }
        let seal = Seal::new(copy(&key));
        let file = StoreFile::new(id.clone(), check(&seal, &id), wraps);
        let lock = lock(&dir, desk)?;
        if let Some(there) = Self::in_folder(state.create_child(FOLDER)?)? {
            drop(lock);
            let unlocked = there.unlock(desk)?;
            return Ok((there, unlocked));
        }
        dir.write(STORE, to_json(&file).as_bytes())?;
        drop(lock);
        let store = Self { dir, file };
        let unlocked = Unlocked(seal, key);
        store.hold(desk, &unlocked);
        Ok((store, unlocked))
    }

    /// What it is wrapped with.
    ///
    /// # Errors
    /// By something that this version does not know.
    pub fn provider(&self) -> Result<KeyProvider> {
        let wrap = self.wrap(false)?;
        wrap.provider.parse().map_err(|_| {
            Error::new(
                Kind::Failed,
                format!("the key store is wrapped with {:?}", wrap.provider),
            )
            .because("this version does not know that")
            .hint("update assumerole")
        })
    }

    /// What it is wrapped with, for a person.
    ///
    /// # Errors
    /// As [`Self::provider`].
    pub fn describe(&self) -> Result<String> {
        let wrap = self.wrap(false)?;
        Ok(provider(self.provider()?).describe(&wrap.params))
    }

    /// Whether there is a passphrase for when the provider is lost.
    pub fn has_recovery(&self) -> bool {
        self.wrap(true).is_ok()
    }

    fn wrap(&self, recovery: bool) -> Result<&Wrap> {
        let found = self
            .file
            .wraps
            .iter()
            .find(|wrap| wrap.recovery == recovery);
        found.ok_or_else(|| match recovery {
            true => Error::new(Kind::Usage, "the key store has no recovery passphrase"),
            false => damaged(&self.shown(STORE), "it does not say how it is wrapped"),
        })
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

    /// Whether it is unlocked for other processes, too.
    pub fn is_unlocked(&self) -> bool {
        matches!(self.held(), Ok(Some(_)))
    }

    /// The sealing key, if it is held.
    fn held(&self) -> Result<Option<Unlocked>, String> {
        let held = held::held(&self.file.id)?;
        Ok(held.and_then(|key| self.checked(&key)))
    }

    fn checked(&self, key: &WrapKey) -> Option<Unlocked> {
        let seal = Seal::new(copy(key));
        let is_right = check(&seal, &self.file.id) == self.file.check;
        is_right.then(|| Unlocked(seal, copy(key)))
    }

    /// The sealing key: held, or unwrapped by the provider, which may ask a
    /// person where `desk` lets it.
    ///
    /// # Errors
    /// [`Kind::LoginNeeded`]: it is locked, and cannot be unlocked here.
    pub fn unlock(&self, desk: &Desk<'_>) -> Result<Unlocked> {
        if let Ok(Some(unlocked)) = self.held() {
            return Ok(unlocked);
        }
        let name = self.provider()?;
        let provider = provider(name);
        if provider.asks() && desk.terminal().is_none() {
            return Err(locked("its passphrase cannot be asked for here"));
        }
        let clock = desk.host.clock.as_ref();
        let waits = &mut |_| desk.report.trace("another process unlocks the key store");
        let _lock = desk
            .waiting(|| Lock::acquire(&self.dir, UNLOCK, clock, WHILE_ASKED, waits))
            .map_err(Error::from)?;
        if let Ok(Some(unlocked)) = self.held() {
            return Ok(unlocked);
        }
        let unlocked = self.unwrap_with(desk, provider, self.wrap(false)?)?;
        self.hold(desk, &unlocked);
        Ok(unlocked)
    }

    /// As [`Self::unlock`], by the recovery passphrase.
    ///
    /// # Errors
    /// There is none, or it is wrong.
    pub fn recover(&self, desk: &Desk<'_>) -> Result<Unlocked> {
        let unlocked = self.unwrap_with(desk, &Passphrase, self.wrap(true)?)?;
        self.hold(desk, &unlocked);
        Ok(unlocked)
    }

    fn unwrap_with(
        &self,
        desk: &Desk<'_>,
        provider: &dyn Provider,
        wrap: &Wrap,
    ) -> Result<Unlocked> {
        let id = &self.file.id;
        let sealed = decoded(&wrap.wrapped)
            .ok_or_else(|| damaged(&self.shown(STORE), "its sealing key cannot be read"))?;
        for attempt in 1.. {
            let key = provider.unlock(desk, id, &wrap.params)?;
            let plain = Seal::new(key).open(&wrap.bound_to(id), &sealed);
            let unlocked = plain
                .and_then(|plain| whole(&plain))
                .and_then(|key| self.checked(&key));
            if let Some(unlocked) = unlocked {
                return Ok(unlocked);
            }
            if !provider.asks() || attempt == ATTEMPTS {
                break;
            }
            desk.report
                .note("that passphrase does not open the key store");
        }
        Err(match provider.asks() {
            true => locked("the passphrase is wrong"),
            false => locked("its provider gave another key than the one it was wrapped with")
                .hint("use the recovery passphrase: assumerole keys unlock --recovery"),
        })
    }

    /// Holds the sealing key for other processes. Where it cannot be held, it
    /// serves this process alone.
    fn hold(&self, desk: &Desk<'_>, unlocked: &Unlocked) {
        let usual = self.provider().map(|name| provider(name).held_for());
        let seconds = match desk.unlock_seconds {
            Some(0) => return,
            Some(seconds) => Some(seconds),
            None => usual.unwrap_or(Some(0)),
        };
        if let Err(why) = held::hold(&self.file.id, &unlocked.1, seconds) {
            desk.report.trace(&format!(
                "the key store is unlocked for this command only: {why}"
            ));
        }
    }

    /// Locks it; whether it was unlocked.
    ///
    /// # Errors
    /// The kernel does not forget the key.
    pub fn lock(&self) -> Result<bool> {
        held::let_go(&self.file.id)
            .map_err(|why| Error::new(Kind::Failed, "cannot lock the key store").because(why))
    }

    /// The key `name`, with its secret.
    ///
    /// # Errors
    /// There is none, or its file is not as it was written.
    pub fn read(&self, unlocked: &Unlocked, name: &str) -> Result<Credentials> {
        let file = file_name(name);
        let found = read_key(&self.dir, &file)?.filter(|found| found.key.name == name);
        let Some(KeyFile { key, sealed }) = found else {
            return Err(no_key(name));
        };
        let secret = decoded(&sealed)
            .and_then(|sealed| unlocked.0.open(&key.bound_to(), &sealed))
            .and_then(|plain| Some(SecretString::from(std::str::from_utf8(&plain).ok()?)))
            .filter(|_| key.store == self.file.id)
            .ok_or_else(|| damaged(&self.shown(&file), "it was changed, or is of another store"))?;
        Ok(Credentials {
            access_key_id: key.access_key_id,
            secret_access_key: secret,
            session_token: None,
            expires: None,
        })
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
        let mut key = key;
        key.store.clone_from(&self.file.id);
        let name = key.name.clone();
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
        self.dir
            .write(file_name(&name), to_json(&file).as_bytes())?;
        self.dir.keep_removed()?;
        let back = self.read(unlocked, &name)?;
        let same = back.access_key_id == file.key.access_key_id
            && back.secret_access_key.expose_secret() == secret.expose_secret();
        match same {
            true => Ok(()),
            false => Err(Error::new(
                Kind::Failed,
                format!("cannot store the key {name:?}: it reads back as another one"),
            )),
        }
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

    /// Wraps the sealing key with `name` in place of what wraps it now. The keys
    /// stay as they are.
    ///
    /// # Errors
    /// The provider does not work here, or the file cannot be written.
    pub fn rewrap(
        &mut self,
        desk: &Desk<'_>,
        unlocked: &Unlocked,
        name: KeyProvider,
        options: &Enrolment,
    ) -> Result<()> {
        let id = self.file.id.clone();
        let mut wraps = vec![wrapped(desk, name, options, &id, &unlocked.1)?];
        let old = self.file.wraps.iter().find(|wrap| wrap.recovery);
        match old {
            Some(old) => wraps.push(old.clone()),
            None => wraps.extend(recovery(desk, name, &id, &unlocked.1)?),
        }
        self.rewrite(desk, wraps)
    }

    /// Gives it a recovery passphrase, in place of one that it has.
    ///
    /// # Errors
    /// None is given, or the file cannot be written.
    pub fn set_recovery(&mut self, desk: &Desk<'_>, unlocked: &Unlocked) -> Result<()> {
        let passphrase = desk.new_passphrase("New recovery passphrase: ", false)?;
        let passphrase =
            passphrase.ok_or_else(|| Error::new(Kind::Cancelled, "no passphrase was given"))?;
        let recovery = recovery_with(&passphrase, &self.file.id, &unlocked.1)?;
        let mut wraps = self.file.wraps.clone();
        wraps.retain(|wrap| !wrap.recovery);
        wraps.push(recovery);
        self.rewrite(desk, wraps)
    }

    fn rewrite(&mut self, desk: &Desk<'_>, wraps: Vec<Wrap>) -> Result<()> {
        let file = StoreFile::new(self.file.id.clone(), self.file.check.clone(), wraps);
        let _lock = lock(&self.dir, desk)?;
        self.dir.write(STORE, to_json(&file).as_bytes())?;
        self.dir.keep_removed()?;
        self.file = file;
        Ok(())
    }
}

/// The error of a key that is not stored.
pub fn no_key(name: &str) -> Error {
    Error::new(Kind::UnknownName, format!("no key {name:?} is stored"))
        .hint("see which keys are stored: assumerole keys list")
}

/// The file of the key `name`, which may have any character.
fn file_name(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let mut text: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    text.push_str(ENDING);
    text
}

fn key_files(dir: &PrivateDir) -> Result<Vec<String>> {
    let names = dir.list()?.into_iter().map(|entry| entry.name);
    let names = names.filter_map(|name| name.into_string().ok());
    Ok(names.filter(|name| name.ends_with(ENDING)).collect())
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

/// `key` wrapped with a new key of the provider `name`.
fn wrapped(
    desk: &Desk<'_>,
    name: KeyProvider,
    options: &Enrolment,
    id: &str,
    key: &WrapKey,
) -> Result<Wrap> {
    let (params, with) = provider(name).enrol(desk, id, options)?;
    wrap(name, false, params, id, with, key)
}

/// `key` wrapped with a passphrase for when the provider `name` is lost: asked for
/// where there is somebody to ask, and not where a passphrase is the provider.
fn recovery(desk: &Desk<'_>, name: KeyProvider, id: &str, key: &WrapKey) -> Result<Option<Wrap>> {
    if name == KeyProvider::Passphrase || desk.terminal().is_none() {
        return Ok(None);
    }
    let question = format!("Recovery passphrase, for when {name} is lost (Enter for none): ");
    let passphrase = desk.new_passphrase(&question, true)?;
    passphrase
        .map(|passphrase| recovery_with(&passphrase, id, key))
        .transpose()
}

fn recovery_with(passphrase: &SecretString, id: &str, key: &WrapKey) -> Result<Wrap> {
    let (params, with) = Passphrase::enrol_with(passphrase)?;
    wrap(KeyProvider::Passphrase, true, params, id, with, key)
}

fn wrap(
    name: KeyProvider,
    recovery: bool,
    params: serde_json::Value,
    id: &str,
    with: WrapKey,
    key: &WrapKey,
) -> Result<Wrap> {
    let mut wrap = Wrap {
        provider: name.as_str().to_owned(),
        recovery,
        params,
        wrapped: String::new(),
    };
    let sealed = seal(&Seal::new(with), &wrap.bound_to(id), key.expose_secret())?;
    wrap.wrapped = encoded(&sealed);
    Ok(wrap)
}

fn seal(seal: &Seal, bound_to: &str, plain: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; 24];
    providers::fill(&mut nonce)?;
    let sealed = seal.seal(bound_to, nonce, plain);
    sealed.ok_or_else(|| Error::new(Kind::Failed, "cannot seal the key"))
}

/// A digest by which the sealing key of the store `id` is known.
fn check(seal: &Seal, id: &str) -> String {
    seal.keyed(b"assumerole key store check 1", id.as_bytes())
}

fn new_id() -> Result<String> {
    let mut bytes = [0; 16];
    providers::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn copy(key: &WrapKey) -> SecretBox<[u8; 32]> {
    let mut bytes = Box::new([0; 32]);
    bytes.copy_from_slice(key.expose_secret());
    SecretBox::new(bytes)
}

fn whole(plain: &Zeroizing<Vec<u8>>) -> Option<WrapKey> {
    let mut key = Box::new([0; 32]);
    (plain.len() == key.len()).then(|| {
        key.copy_from_slice(plain);
        SecretBox::new(key)
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests touch files")]
mod tests;
