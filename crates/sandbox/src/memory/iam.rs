//! What IAM remembers of access keys while a sandbox runs.

use std::cell::Cell;
use std::collections::HashMap;

use jiff::Timestamp;

/// A key that was made while the sandbox ran.
pub(crate) struct MadeKey {
    pub(crate) created: Timestamp,
    /// So many requests that it signs are refused, as AWS refuses those of the
    /// first seconds.
    pub(crate) unknown_for: Cell<u32>,
}

/// When a key was used last.
#[derive(Clone)]
pub(crate) struct KeyUse {
    pub(crate) at: Timestamp,
    pub(crate) service: String,
    pub(crate) region: String,
}

/// Of the keys of users, by their ID.
#[derive(Default)]
pub(crate) struct IamMemory {
    pub(crate) made: HashMap<String, MadeKey>,
    pub(crate) used: HashMap<String, KeyUse>,
    /// For keys that are made from now on.
    pub(crate) unknown_for: u32,
}

impl IamMemory {
    /// Whether the key is known wherever signatures are checked.
    pub(crate) fn is_known(&self, id: &str) -> bool {
        let Some(made) = self.made.get(id) else {
            return true;
        };
        let left = made.unknown_for.get();
        made.unknown_for.set(left.saturating_sub(1));
        left == 0
    }
}
