//! What AWS Sign-In remembers while a sandbox runs.

use std::collections::{HashMap, HashSet};

/// What was given.
#[derive(Default)]
pub(crate) struct SigninMemory {
    /// Refresh tokens that were given: the one of the world that they come
    /// from.
    pub(crate) given: HashMap<String, String>,
    /// Tokens that were used.
    pub(crate) spent: HashSet<String>,
    /// The thumbprint of the key that a token of the world is bound to.
    pub(crate) keys: HashMap<String, String>,
    /// The proofs that were shown.
    pub(crate) proofs: HashSet<String>,
}
