//! The files of the store, as they are written: JSON of what is no secret, and
//! what is sealed in base64.

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of each kind of file.
pub(super) const VERSION: u32 = 1;

/// The file that has the sealing key, wrapped.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreFile {
    version: u32,
    /// Which store this is: 32 hexadecimal digits, never the same twice.
    pub(super) id: String,
    /// A digest under the sealing key, by which the right one is known.
    pub(super) check: String,
    /// The sealing key, wrapped in each of these ways.
    pub(super) wraps: Vec<Wrap>,
}

/// The sealing key, wrapped in one way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wrap {
    /// The name of the provider.
    pub(super) provider: String,
    /// Whether it is the second way, for when the first is lost.
    pub(super) recovery: bool,
    /// What the provider needs for it; no secret.
    pub(super) params: Value,
    /// The sealing key under the provider's key, in base64.
    pub(super) wrapped: String,
}

/// A file of one key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFile {
    pub(super) key: StoredKey,
    pub(super) sealed: String,
}

/// What is known of a stored key without unlocking it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    version: u32,
    /// The store that it is sealed for.
    pub(super) store: String,
    /// Its name: that of its profile.
    pub name: String,
    /// The access key ID.
    pub access_key_id: String,
    /// The ARN of its user, if AWS was asked.
    pub user: Option<String>,
    /// When AWS made it, if that is known.
    pub created: Option<Timestamp>,
    /// When it was stored.
    pub stored: Timestamp,
}

impl StoredKey {
    /// A key that is stored `now`.
    pub fn new(name: &str, access_key_id: &str, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            store: String::new(),
            name: name.to_owned(),
            access_key_id: access_key_id.to_owned(),
            user: None,
            created: None,
            // A part of a second says nothing to anybody.
            stored: Timestamp::from_second(now.as_second()).unwrap_or(now),
        }
    }

    /// Since when it is known to exist: it may be older.
    pub fn since(&self) -> Timestamp {
        self.created.unwrap_or(self.stored)
    }

    /// The text that its secret is bound to: every byte of it has to be as it was.
    pub(super) fn bound_to(&self) -> String {
        format!("assumerole stored key 1 {}", to_json(self))
    }
}

impl Wrap {
    /// As [`StoredKey::bound_to`], of the store `id`.
    pub(super) fn bound_to(&self, id: &str) -> String {
        let Self {
            provider,
            recovery,
            params,
            wrapped: _,
        } = self;
        let parts = serde_json::json!([id, provider, recovery, params]);
        format!("assumerole wrapped key 1 {}", to_json(&parts))
    }
}

impl StoreFile {
    pub(super) fn new(id: String, check: String, wraps: Vec<Wrap>) -> Self {
        Self {
            version: VERSION,
            id,
            check,
            wraps,
        }
    }

    /// Reads the file, which is called `shown`.
    pub(super) fn read(bytes: &[u8], shown: &str) -> Result<Self> {
        let file: Self = from_json(bytes, shown)?;
        version(file.version, shown)?;
        Ok(file)
    }
}

impl KeyFile {
    /// Reads the file, which is called `shown`.
    pub(super) fn read(bytes: &[u8], shown: &str) -> Result<Self> {
        let file: Self = from_json(bytes, shown)?;
        version(file.key.version, shown)?;
        Ok(file)
    }
}

/// What is written of `file`.
pub(super) fn to_json(file: &impl Serialize) -> String {
    // These have no keys but strings, so that this cannot fail.
    serde_json::to_string(file).unwrap_or_default()
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8], shown: &str) -> Result<T> {
    // The reason is not told: it may show what stands there.
    serde_json::from_slice(bytes).map_err(|error| {
        damaged(
            shown,
            &format!("line {}, column {}", error.line(), error.column()),
        )
    })
}

/// The error of a file of the store that is not as it was written.
pub(super) fn damaged(shown: &str, why: &str) -> Error {
    Error::new(Kind::Failed, format!("cannot use {shown}: it is damaged")).called(Id::KeyStoreFailed)
        .because(why)
        .hint("restore the folder from a backup, or move the file away and store the key again: assumerole keys add NAME")
}

pub(super) fn version(version: u32, shown: &str) -> Result<()> {
    match version {
        VERSION => Ok(()),
        other => Err(Error::new(
            Kind::Failed,
            format!("cannot use {shown}: it has version {other} of the format"),
        )
        .called(Id::KeyStoreFailed)
        .hint("update assumerole")),
    }
}
