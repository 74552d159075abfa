//! What CodeArtifact remembers while a sandbox runs.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::principal::Principal;

/// What was given, and what was published.
#[derive(Default)]
pub(crate) struct ArtifactsMemory {
    pub(crate) tokens: HashMap<String, Held>,
    /// By `DOMAIN-OWNER/REGION/FORMAT/REPOSITORY/PATH`.
    pub(crate) files: HashMap<String, Vec<u8>>,
}

/// What a token is good for.
#[derive(Clone)]
pub(crate) struct Held {
    /// Name and owner of the domain.
    pub(crate) domain: (String, String),
    pub(crate) region: String,
    pub(crate) principal: Principal,
    pub(crate) expires: Timestamp,
}
