//! What was obtained just now.

use assumerole_aws::Granted;
use assumerole_core::Credentials;
use assumerole_core::plan::Whose;
use jiff::SignedDuration;

use crate::gate::MachineRole;

/// What was obtained just now.
#[derive(Debug)]
pub(crate) struct Made {
    /// The credentials; `expires` is AWS's time.
    pub(crate) credentials: Credentials,
    /// How far AWS's clock is ahead of ours.
    pub(crate) skew: SignedDuration,
    /// Whether they are what the key stands for, so that they may be kept.
    pub(crate) kept: bool,
    /// Whose they are, of first credentials.
    pub(crate) whose: Option<Whose>,
    /// The role that a container says they are of.
    pub(crate) role: Option<MachineRole>,
}

impl From<Granted> for Made {
    fn from(granted: Granted) -> Self {
        Self {
            credentials: granted.credentials,
            skew: granted.skew.unwrap_or_default(),
            kept: true,
            whose: None,
            role: None,
        }
    }
}
