//! `keys`: where the key comes from that seals long-term access keys, and how
//! long it is held.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde_json::{Value, json};

use super::fault::{Finding, Read};
use super::fields::Fields;
use super::node::{Node, Shape};
use super::schema::{self, Form, keys};
use super::values;
use crate::aws::ids::Invalid;

/// What the sealing key of stored access keys is wrapped with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProvider {
    /// A passphrase, by Argon2id.
    Passphrase,
    /// An Ed25519 key of the ssh agent.
    SshAgent,
    /// What a program prints: `pass show …`, `age -d …`.
    Command,
    /// `systemd-creds`, with the machine's own key or its TPM.
    SystemdCreds,
}

impl KeyProvider {
    /// Every one, in the order in which help names them.
    pub const ALL: [Self; 4] = [
        Self::Passphrase,
        Self::SshAgent,
        Self::Command,
        Self::SystemdCreds,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::SshAgent => "ssh-agent",
            Self::Command => "command",
            Self::SystemdCreds => "systemd-creds",
        }
    }

    fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|one| one.as_str()).collect()
    }
}

impl fmt::Display for KeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyProvider {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| Invalid(format!("a store is one of {}", Self::names().join(", "))))
    }
}

impl Form for KeyProvider {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        values::parsed(node)
    }

    fn schema() -> Value {
        json!({"enum": Self::names()})
    }
}

/// What the file says of stored access keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySettings {
    /// What a new store is wrapped with.
    pub store: Option<KeyProvider>,
    /// How long the sealing key is held in the kernel's memory, in seconds; 0:
    /// not at all.
    pub unlock_seconds: Option<u32>,
    /// The age in days at which `doctor` and `status` warn of a key.
    pub rotate_after_days: Option<u32>,
    /// Worth a warning.
    pub(super) findings: Vec<Finding>,
}

keys! {
    /// The keys of the object.
    struct Keys {
        /// What the sealing key of a new key store is wrapped with; `assumerole keys store` moves
        /// an existing one.
        store: KeyProvider,
        /// Seconds that an unlocked key store stays unlocked, at most; 0 is for one command only.
        /// The default is until reboot for a passphrase, and 8 hours otherwise.
        unlock_seconds: UnlockSeconds,
        /// The age in days at which doctor warns of an access key; the default is never.
        rotate_after_days: Days,
    }
}

impl Form for KeySettings {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        if node.shape() != Shape::Object {
            return Err(node
                .must_be("an object")
                .hint(r#"write {"store": "passphrase"}"#));
        }
        let (keys, rest) = Fields::read("keys", node.span(), node)?;
        let Keys {
            store,
            unlock_seconds,
            rotate_after_days,
        } = keys;
        Ok(Self {
            store: store.map(|store| store.value),
            unlock_seconds: unlock_seconds.map(|seconds| seconds.value),
            rotate_after_days: rotate_after_days.map(|days| days.value),
            findings: rest.findings().collect(),
        })
    }

    fn schema() -> Value {
        schema::object::<Keys>(&[])
    }
}

/// As [`KeySettings::read`]; nothing is said by null.
pub(super) fn of_top(node: &Node<'_>) -> Read<KeySettings> {
    match node.shape() {
        Shape::Null => Ok(KeySettings::default()),
        _ => KeySettings::read(node).map_err(|fault| fault.about("keys")),
    }
}

/// How long a store stays unlocked: a year is as good as for ever.
struct UnlockSeconds;

const UNLOCK: RangeInclusive<u32> = 0..=31_536_000;

impl Form for UnlockSeconds {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        values::seconds(
            node,
            UNLOCK,
            "a key store stays unlocked for a year at most",
        )
    }

    fn schema() -> Value {
        values::seconds_schema(&UNLOCK)
    }
}

/// Days.
struct Days;

const DAYS: RangeInclusive<u32> = 1..=3650;

impl Form for Days {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        let days = node.raw().parse().ok().filter(|days| DAYS.contains(days));
        days.ok_or_else(|| node.must_be("a whole number of days, 1 to 3650"))
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": DAYS.start(), "maximum": DAYS.end()})
    }
}
