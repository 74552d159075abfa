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
///
/// What tells a caller apart for the cache may be another one after each
/// renewal; what it keeps through renewals tells whether a shell's credentials
/// are still to be had from the same one.
#[derive(Clone, Copy)]
pub struct Caller {
    key: [u8; 32],
    lasting: [u8; 32],
    /// The lasting digest of the login that was renewed into this one.
    before: Option<[u8; 32]>,
}

impl PartialEq for Caller {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Caller {}

impl Caller {
    /// The caller whom `parts` identify: names and values, in an order that is
    /// always the same.
    pub fn of<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let key = digest(parts);
        Self {
            key,
            lasting: key,
            before: None,
        }
    }

    /// The same caller, who keeps `parts` through renewals.
    #[must_use]
    pub fn keeping<'a>(self, parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        Self {
            lasting: digest(parts),
            ..self
        }
    }

    /// The same caller, whose login we have renewed ourselves: that was `before`.
    #[must_use]
    pub fn renewed_from(self, before: &Self) -> Self {
        Self {
            before: Some(before.lasting),
            ..self
        }
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

fn digest<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for (name, value) in parts {
        for part in [name.as_bytes(), value] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    digest.finalize().into()
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

impl Whose {
    /// What a shell notes of it: 32 hexadecimal digits, the same as long as it
    /// can be told that the caller is. `None`: the plan says it. Empty: nobody
    /// can tell.
    pub fn mark(&self) -> Option<String> {
        match self {
            Self::Said => None,
            Self::Caller(caller) => Some(written(&caller.lasting)),
            Self::Process { run, printed } => Some(match printed {
                // A key that stays tells more than the way to it.
                Some(key) if !key.temporary || key.access_key_id.starts_with("AKIA") => {
                    let id = key.access_key_id.as_bytes();
                    written(&digest([("access_key_id", id)]))
                }
                Some(_) => written(&run.lasting),
                None => String::new(),
            }),
            Self::Unknown => Some(String::new()),
        }
    }

    /// Whether it is the caller of `mark`, for certain.
    pub fn is_of(&self, mark: Option<&str>) -> bool {
        let Some(is) = self.mark() else {
            return mark.is_none();
        };
        let before = match self {
            Self::Caller(caller) => caller.before.as_ref().map(written),
            _ => None,
        };
        mark.is_some_and(|was| !was.is_empty() && (was == is || Some(was) == before.as_deref()))
    }
}

fn written(digest: &[u8; 32]) -> String {
    let hexadecimal = |byte: &u8| format!("{byte:02x}");
    digest[..16].iter().map(hexadecimal).collect()
}
