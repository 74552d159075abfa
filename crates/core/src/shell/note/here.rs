//! What an environment says of the session that it is in.

use std::ffi::OsStr;
use std::fmt;

use super::{Note, VARIABLE};
use crate::environment::table;

/// Where a shell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Here {
    /// In no role.
    Nowhere,
    /// In the session of the note, whose key is there.
    In(Box<Note>),
    /// The note is of a session whose key is not there.
    Left(Box<Note>, ReplacedKeys),
    /// In a role, and nobody can say in which session of it.
    Unknown(Unreadable),
}

/// The keys that are there in place of those that the role gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplacedKeys {
    /// None, or not all of what makes them up.
    Gone,
    /// Other ones.
    Other,
}

/// Why a note says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There is none: an earlier version made the environment, or somebody
    /// took it out.
    Missing,
    /// It is not as it was written.
    Garbled,
    /// A later version wrote it.
    Later,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(
                f,
                "nothing says which session this shell is in ({VARIABLE} is not set)"
            ),
            Self::Garbled => write!(
                f,
                "nothing says which session this shell is in ({VARIABLE} was changed)"
            ),
            Self::Later => write!(f, "a later version of assumerole has set {VARIABLE}"),
        }
    }
}

impl Here {
    /// What an environment says, of which `get` gives the values. `in_role`
    /// tells whether a role of any version has left its traces.
    pub fn of<'e>(get: impl Fn(&str) -> Option<&'e OsStr>, in_role: bool) -> Self {
        let filled = |name| get(name).filter(|value| !value.is_empty());
        let Some(text) = filled(VARIABLE) else {
            return match in_role {
                true => Self::Unknown(Unreadable::Missing),
                false => Self::Nowhere,
            };
        };
        let note = text.to_str().ok_or(Unreadable::Garbled);
        let note = match note.and_then(Note::read) {
            Ok(note) => Box::new(note),
            Err(why) => return Self::Unknown(why),
        };
        let Some(key) = &note.key else {
            return Self::In(note);
        };
        let names = [
            table::ACCESS_KEY_ID,
            table::SECRET_ACCESS_KEY,
            table::SESSION_TOKEN,
        ];
        let [id, secret, token] = names.map(filled);
        match id {
            Some(id) if id != key.as_str() => Self::Left(note, ReplacedKeys::Other),
            // Half of them is what is left by somebody who takes them out.
            Some(_) if secret.is_some() && token.is_some() => Self::In(note),
            _ => Self::Left(note, ReplacedKeys::Gone),
        }
    }

    /// The session that the environment is in.
    pub fn note(&self) -> Option<&Note> {
        match self {
            Self::In(note) => Some(note),
            _ => None,
        }
    }
}
