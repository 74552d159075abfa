//! A place for the sealing key: what each can do, and how it fails.

use std::fmt;
use std::str::FromStr;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use secrecy::SecretBox;

use crate::env::names;
use crate::error::FileError;
use crate::lock::LockError;

/// Bytes of a sealing key.
pub(crate) const KEY_LEN: usize = 32;

/// The bytes of a sealing key: shown to nobody, wiped when dropped.
pub type SecretKey = SecretBox<[u8; KEY_LEN]>;

/// Where a sealing key can live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The user's keyring in the Linux kernel: memory only, gone at reboot.
    KernelKeyring,
    /// The macOS Keychain.
    Keychain,
    /// A file of mode 0600 beside the cache: for machines that have neither,
    /// containers mostly.
    KeyFile,
}

impl Place {
    /// As `ASSUMEROLE_KEY_STORE` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KernelKeyring => "keyring",
            Self::Keychain => "keychain",
            Self::KeyFile => "file",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KernelKeyring => "the kernel keyring",
            Self::Keychain => "the macOS Keychain",
            Self::KeyFile => "a key file",
        })
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::KernelKeyring, Self::Keychain, Self::KeyFile]
            .into_iter()
            .find(|place| place.as_str() == text)
            .ok_or_else(|| {
                Error::new(
                    Kind::Usage,
                    format!("{text:?} is not a place for a sealing key"),
                )
                .hint("use keyring (Linux), keychain (macOS) or file")
            })
    }
}

/// One place for a key.
pub(crate) trait Store {
    /// Which one.
    fn place(&self) -> Place;
    /// The key, if there is one that is whole.
    fn load(&self) -> Result<Option<SecretKey>, StoreError>;
    /// Keeps `key` in place of whatever is there.
    fn save(&self, key: &SecretKey) -> Result<(), StoreError>;
    /// Removes the key; whether there was one.
    fn destroy(&self) -> Result<bool, StoreError>;
    /// The list of [`folders`](super::folders); empty where a key is for one folder only.
    fn folders(&self) -> Result<Vec<u8>, StoreError> {
        Ok(Vec::new())
    }
    /// Keeps that list in place of whatever is there; an empty one is none.
    fn keep_folders(&self, _folders: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Why a place did not do what was asked.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// It is not available here, and the next place may.
    Unavailable(String),
    /// It is there and failed.
    Failed(KeyStoreError),
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        Self::Failed(KeyStoreError::File(error))
    }
}

/// Why there is no sealing key.
#[derive(Debug)]
pub enum KeyStoreError {
    /// The place that was asked for, or the last one that was tried, does not
    /// work here; the reason.
    Unavailable(Place, String),
    /// Reading or writing the key file failed.
    File(FileError),
    /// Another process makes a key and does not finish.
    Lock(LockError),
}

impl fmt::Display for KeyStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(place, why) => write!(f, "{place} is not available here: {why}"),
            Self::File(error) => error.fmt(f),
            Self::Lock(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyStoreError {}

impl From<KeyStoreError> for Error {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::Unavailable(place, why) => Self::new(
                Kind::Failed,
                format!("{place} is not available here"),
            )
            .called(Id::KeyStoreFailed)
            .because(why)
            .hint(format!(
                "let the program choose: unset {name}, or keep the key in a file: {name}=file",
                name = names::ASSUMEROLE_KEY_STORE
            )),
            KeyStoreError::File(error) => error.into(),
            KeyStoreError::Lock(error) => error.into(),
        }
    }
}
