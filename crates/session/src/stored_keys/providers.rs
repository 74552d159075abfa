//! What the sealing key is wrapped with. A provider is one file and one line
//! here.

mod command;
mod passphrase;
mod ssh_agent;
mod systemd_creds;

use assumerole_core::config::KeyProvider;
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::random;
use secrecy::SecretBox;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::desk::Desk;

pub(super) use passphrase::Passphrase;

/// A key that wraps the sealing key.
pub(super) type WrapKey = SecretBox<[u8; 32]>;

/// What a new wrapping is made with, as far as the command line says it.
#[derive(Clone, Debug, Default)]
pub struct Enrolment {
    /// For `ssh-agent`: the comment or the fingerprint of the key, where the
    /// agent holds more than one.
    pub ssh_key: Option<String>,
    /// For `command`: what prints the key.
    pub get: Option<String>,
    /// For `command`: what stores the key, which it reads from its standard
    /// input.
    pub put: Option<String>,
}

/// What the sealing key is wrapped with.
pub(super) trait Provider {
    /// Whether a person has to be asked for each unlocking.
    fn asks(&self) -> bool;

    /// A new key, and what is needed to get it again, which is no secret. `id`
    /// names the store.
    fn enrol(&self, desk: &Desk<'_>, id: &str, options: &Enrolment) -> Result<(Value, WrapKey)>;

    /// The key that was enrolled with `params`.
    fn unlock(&self, desk: &Desk<'_>, id: &str, params: &Value) -> Result<WrapKey>;

    /// How long the sealing key is held after it was unlocked, in seconds, unless
    /// the file says it; `None`: until reboot.
    fn held_for(&self) -> Option<u32> {
        Some(8 * 3600)
    }

    /// What a person knows it by.
    fn describe(&self, params: &Value) -> String;
}

/// The provider `name`.
pub(super) fn provider(name: KeyProvider) -> &'static dyn Provider {
    match name {
        KeyProvider::Passphrase => &Passphrase,
        KeyProvider::SshAgent => &ssh_agent::SshAgent,
        KeyProvider::Command => &command::Command,
        KeyProvider::SystemdCreds => &systemd_creds::SystemdCreds,
    }
}

/// What a provider keeps the sealing key from, and what not.
pub fn protection(name: KeyProvider) -> &'static str {
    match name {
        KeyProvider::Passphrase => {
            "a copy of the files is as safe as the passphrase; programs of yours can use the keys while they are unlocked"
        }
        KeyProvider::SshAgent => {
            "a copy of the files is of no use without the ssh key; programs that reach the agent can unlock the keys"
        }
        KeyProvider::Command => "as safe as what the command reads; programs of yours can run it",
        KeyProvider::SystemdCreds => {
            "a copy of the files is of no use on another machine; programs of yours on this one can unlock the keys"
        }
    }
}

/// The error of a store that is locked and cannot be unlocked here.
pub(super) fn locked(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::LoginNeeded, "the key store is locked")
        .called(Id::KeysLocked)
        .because(why)
        .hint("unlock it: assumerole keys unlock")
}

fn read<T: DeserializeOwned>(params: &Value) -> Result<T> {
    serde_json::from_value(params.clone()).map_err(|_| {
        Error::new(
            Kind::Failed,
            "the file of the key store is damaged: its provider cannot read what it wrote",
        )
        .called(Id::KeyStoreFailed)
        .hint("restore ~/.assumerole.d/keys from a backup")
    })
}

/// 32 random bytes.
fn random_bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Random bytes that stay where they are.
pub(super) fn random_key() -> Result<WrapKey> {
    let mut bytes = Box::new([0; 32]);
    fill(bytes.as_mut_slice())?;
    Ok(SecretBox::new(bytes))
}

pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    random::fill(bytes).map_err(|error| {
        Error::new(Kind::Failed, "the operating system has no random numbers")
            .called(Id::KeyStoreFailed)
            .because(error)
    })
}

/// `bytes` as a key, if there are so many; they are wiped either way.
fn key_of(mut bytes: zeroize::Zeroizing<Vec<u8>>) -> Option<WrapKey> {
    let mut key = Box::new([0; 32]);
    if bytes.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&bytes);
    bytes.clear();
    Some(SecretBox::new(key))
}
