//! What assuming a role gives: what the deliveries hand over.

use assumerole_core::config::Role;
use assumerole_core::plan::Plan;
use assumerole_session::cache::Entry;

/// A role with its credentials.
#[derive(Debug)]
pub(crate) struct Assumed {
    /// The role, as the file describes it.
    pub(crate) role: Role,
    /// How its credentials were obtained.
    pub(crate) plan: Plan,
    /// The flags that ask for the same again.
    pub(crate) flags: Vec<String>,
    /// The credentials.
    pub(crate) entry: Entry,
}

impl Assumed {
    /// The access key of the credentials.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.entry.credentials.access_key_id
    }
}
