//! What the metadata service of an instance remembers while a sandbox runs.

use std::collections::HashMap;

use jiff::Timestamp;

/// What was given.
#[derive(Default)]
pub(crate) struct MetadataMemory {
    /// The session tokens of version 2, and when they end.
    pub(crate) tokens: HashMap<String, Timestamp>,
}
