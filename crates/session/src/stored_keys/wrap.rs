//! What the sealing key is wrapped with: for a new store, and in place of what
//! wraps it now.

use assumerole_core::config::KeyProvider;
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use secrecy::{ExposeSecret as _, SecretString};

use super::desk::Desk;
use super::format::{StoreFile, Wrap, encoded, to_json};
use super::providers::{self, Enrolment, Passphrase, WrapKey, provider, random_key};
use super::unlock::{check, copy, turn};
use super::{FOLDER, LARGEST, STORE, StoredKeys, Unlocked, lock, seal};
use crate::cache::seal::Seal;

impl StoredKeys {
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
        let turn = turn(&dir, desk)?;
        if let Some(there) = Self::in_folder(state.create_child(FOLDER)?)? {
            drop(turn);
            let unlocked = there.unlock(desk)?;
            return Ok((there, unlocked));
        }
        let id = new_id()?;
        let key = random_key()?;
        let mut wraps = vec![wrapped(desk, name, options, &id, &key)?];
        wraps.extend(recovery(desk, name, &id, &key)?);
        let seal = Seal::new(copy(&key));
        let file = StoreFile::new(id.clone(), check(&seal, &id), wraps);
        let written = lock(&dir, desk)?;
        dir.write(STORE, to_json(&file).as_bytes())?;
        drop((written, turn));
        let store = Self { dir, file };
        let unlocked = Unlocked(seal, key);
        store.hold(desk, &unlocked);
        Ok((store, unlocked))
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
        let _turn = turn(&self.dir, desk)?;
        self.file = self.now()?;
        let id = &self.file.id;
        let mut wraps = vec![wrapped(desk, name, options, id, &unlocked.1)?];
        if !self.has_recovery() {
            wraps.extend(recovery(desk, name, id, &unlocked.1)?);
        }
        self.file = self.rewrite(desk, wraps)?;
        Ok(())
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
        self.file = self.rewrite(desk, vec![recovery])?;
        Ok(())
    }

    /// Writes `wraps`, each in place of the one of its kind; the other kind stays
    /// as the file has it now, not as it was when this was opened.
    pub(super) fn rewrite(&self, desk: &Desk<'_>, mut wraps: Vec<Wrap>) -> Result<StoreFile> {
        let _lock = lock(&self.dir, desk)?;
        let now = self.now()?;
        let is_new = |old: &Wrap| wraps.iter().any(|new| new.recovery == old.recovery);
        let kept: Vec<Wrap> = now.wraps.into_iter().filter(|old| !is_new(old)).collect();
        wraps.extend(kept);
        let file = StoreFile::new(now.id, now.check, wraps);
        self.dir.write(STORE, to_json(&file).as_bytes())?;
        self.dir.keep_removed()?;
        Ok(file)
    }

    /// The file as it is now.
    ///
    /// # Errors
    /// It is of another store, whose keys the one that was opened cannot have.
    fn now(&self) -> Result<StoreFile> {
        let shown = self.shown(STORE);
        let bytes = self.dir.read(STORE, LARGEST)?.unwrap_or_default();
        let now = StoreFile::read(&bytes, &shown)?;
        match (&now.id, &now.check) == (&self.file.id, &self.file.check) {
            true => Ok(now),
            false => Err(Error::new(Kind::Failed, format!("cannot replace {shown}"))
                .called(Id::KeyStoreFailed)
                .because("another program put another store in its place")
                .hint("run this again")),
        }
    }
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

pub(super) fn recovery_with(passphrase: &SecretString, id: &str, key: &WrapKey) -> Result<Wrap> {
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

fn new_id() -> Result<String> {
    let mut bytes = [0; 16];
    providers::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
