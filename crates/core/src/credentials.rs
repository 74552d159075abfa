//! Credentials: what everything here is about.

use jiff::Timestamp;
use secrecy::SecretString;

/// A set of AWS credentials. `Debug` shows no secret; the secrets are wiped
/// when it is dropped.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `AKIA…` of a user's long-term keys, `ASIA…` of temporary ones. Not a
    /// secret: AWS writes it into every log.
    pub access_key_id: String,
    /// The signing key.
    pub secret_access_key: SecretString,
    /// What temporary credentials carry beside the key.
    pub session_token: Option<SecretString>,
    /// When they end; long-term keys do not.
    pub expires: Option<Timestamp>,
}
