//! The sealing key of a store, unwrapped and held for a while.

use std::time::Duration;

use assumerole_core::config::KeyProvider;
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::PrivateDir;
use assumerole_host::keystore::held;
use assumerole_host::lock::Lock;
use secrecy::{ExposeSecret as _, SecretBox};
use zeroize::Zeroizing;

use super::desk::Desk;
use super::format::{Wrap, damaged, decoded};
use super::providers::{Passphrase, Provider, WrapKey, locked, provider};
use super::{STORE, StoredKeys, Unlocked};
use crate::cache::seal::Seal;

/// Whoever unlocks the store, or changes what unlocks it, has it: a person is
/// asked once, and a program that keeps the key is told one key.
const UNLOCK: &str = "unlock.lock";

/// A person who types a passphrase takes no longer.
const WHILE_ASKED: Duration = Duration::from_secs(180);

/// How often a passphrase may be wrong.
const ATTEMPTS: usize = 3;

impl StoredKeys {
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
            .called(Id::KeyStoreFailed)
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

    pub(super) fn wrap(&self, recovery: bool) -> Result<&Wrap> {
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

    /// Whether it is unlocked for other processes, too.
    pub fn is_unlocked(&self) -> bool {
        matches!(self.held(), Ok(Some(_)))
    }

    /// The sealing key, if it is held.
    pub(super) fn held(&self) -> Result<Option<Unlocked>, String> {
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
        let _turn = turn(&self.dir, desk)?;
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
    pub(super) fn hold(&self, desk: &Desk<'_>, unlocked: &Unlocked) {
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
        held::let_go(&self.file.id).map_err(|why| {
            Error::new(Kind::Failed, "cannot lock the key store")
                .called(Id::KeyStoreFailed)
                .because(why)
        })
    }
}

/// Waits for those who unlock the store in `dir`, or change what unlocks it.
pub(super) fn turn<'d>(dir: &'d PrivateDir, desk: &Desk<'_>) -> Result<Lock<'d>> {
    let clock = desk.host.clock.as_ref();
    let waits = &mut |_| desk.report.trace("another process unlocks the key store");
    desk.waiting(|| Lock::acquire(dir, UNLOCK, clock, WHILE_ASKED, waits))
        .map_err(Error::from)
}

/// A digest by which the sealing key of the store `id` is known.
pub(super) fn check(seal: &Seal, id: &str) -> String {
    seal.keyed(b"assumerole key store check 1", id.as_bytes())
}

pub(super) fn copy(key: &WrapKey) -> SecretBox<[u8; 32]> {
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
