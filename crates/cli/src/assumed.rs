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
    /// The credentials.
    pub(crate) entry: Entry,
}
