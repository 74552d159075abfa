//! What assuming a role gives: what the deliveries hand over.

use assumerole_core::Credentials;
use assumerole_core::environment::Variable;
use assumerole_core::plan::{Plan, Target};
use assumerole_core::shell::note::Note;
use jiff::Timestamp;

/// A role with its credentials.
#[derive(Debug)]
pub(crate) struct Assumed {
    /// The role or the profile, as its file describes it.
    pub(crate) target: Target,
    /// How its credentials were obtained.
    pub(crate) plan: Plan,
    /// The flags that ask for the same again.
    pub(crate) flags: Vec<String>,
    /// That the session is shorter than what was asked for, where that was not
    /// said when it was.
    pub(crate) shorter: Option<String>,
    /// What is written down of the session in whatever is in it.
    pub(crate) note: Option<Note>,
    /// What is set up around it gives these variables.
    pub(crate) around: Vec<Variable>,
    /// The credentials.
    pub(crate) credentials: Credentials,
    /// When they end, by our clock; `None`: not that anybody knows.
    pub(crate) ends: Option<Timestamp>,
}

impl Assumed {
    /// The access key of the credentials.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.credentials.access_key_id
    }
}
