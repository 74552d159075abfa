//! Whose the first credentials are. A plan says where they come from; the same
//! place gives those of another person when somebody else logs in there, when a
//! token is replaced, when a process sees another variable. What was obtained
//! for one is for no other, so that who calls is part of every cache key.

use std::fmt;

use sha2::{Digest, Sha256};

/// A digest of what tells one caller from another, such as a login's token.
///
/// It goes into the [`CacheKey`](super::CacheKey), of which files bear a digest
/// under the sealing key: nothing of it can be read off the cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller([u8; 32]);

impl Caller {
    /// The caller whom `parts` identify: names and values, in an order that is
    /// always the same.
    pub fn of<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut digest = Sha256::new();
        for (name, value) in parts {
            for part in [name.as_bytes(), value] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        Self(digest.finalize().into())
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows nothing: it may be a digest of something that can be guessed.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

/// An access key that a process printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The access key ID.
    pub access_key_id: String,
    /// Whether a session token came with it.
    pub temporary: bool,
}

/// Whose the credentials of a plan's source are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The plan says it: it has the access key ID.
    Said,
    /// This caller's.
    Caller(Caller),
    /// A process's: what it prints is kept for whoever runs it in the same way,
    /// and what is made of that for the access key that it printed, as with keys
    /// in a file.
    Process {
        /// The program, the folder and the environment.
        run: Caller,
        /// What it printed when it was last run in that way; `None`: that is
        /// not known.
        printed: Option<Printed>,
    },
    /// Somebody's, who has to be asked.
    Unknown,
}
