//! What the federation endpoint remembers while a sandbox runs.

use std::collections::HashMap;

use jiff::Timestamp;

/// A token for signing in.
pub(crate) struct SigninToken {
    /// The ARN of who gets in with it.
    pub(crate) who: String,
    pub(crate) expires: Timestamp,
}

/// What was given.
#[derive(Default)]
pub(crate) struct FederationMemory {
    pub(crate) tokens: HashMap<String, SigninToken>,
}
