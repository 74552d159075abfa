//! What STS grants, in whichever call.

use assumerole_core::{Credentials, Error, Kind};
use aws_sdk_sts::types::Credentials as Given;
use jiff::{SignedDuration, Timestamp};

/// What STS granted.
#[derive(Debug)]
pub struct Granted {
    /// The credentials; `expires` is AWS's time.
    pub credentials: Credentials,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// The credentials in the answer to `operation`.
///
/// # Errors
/// They are not whole: nothing of them may be used.
pub(super) fn credentials(operation: &str, given: Option<&Given>) -> Result<Credentials, Error> {
    let incomplete = |what: &str| {
        Error::new(
            Kind::Refused,
            format!("the answer to {operation} holds {what}; nothing was kept of it"),
        )
    };
    let given = given.ok_or_else(|| incomplete("no credentials"))?;
    let expires = Timestamp::from_second(given.expiration().secs())
        .map_err(|_| incomplete("an expiration that is not a date"))?;
    let parts = [
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token(),
    ];
    if parts.iter().any(|part| part.is_empty()) {
        return Err(incomplete("credentials with a part missing"));
    }
    Ok(Credentials {
        access_key_id: given.access_key_id().to_owned(),
        secret_access_key: given.secret_access_key().into(),
        session_token: Some(given.session_token().into()),
        expires: Some(expires),
    })
}
