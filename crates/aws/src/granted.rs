//! Credentials that a service grants, in whichever call.

use assumerole_core::{Credentials, Error, Kind};
use aws_sdk_sts::types::Credentials as Given;
use jiff::{SignedDuration, Timestamp};

/// What was granted.
#[derive(Debug)]
pub struct Granted {
    /// The credentials; `expires` is AWS's time.
    pub credentials: Credentials,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// The credentials in STS's answer to `operation`.
///
/// # Errors
/// They are not whole: nothing of them may be used.
pub(crate) fn of_sts(operation: &str, given: Option<&Given>) -> Result<Credentials, Error> {
    let given = given.ok_or_else(|| incomplete(operation, "no credentials"))?;
    whole(
        operation,
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token(),
        given.expiration().secs(),
    )
}

/// Temporary credentials that an answer to `operation` holds; `expires` in
/// seconds since 1970.
///
/// # Errors
/// They are not whole: nothing of them may be used.
pub(crate) fn whole(
    operation: &str,
    id: &str,
    secret: &str,
    token: &str,
    expires: i64,
) -> Result<Credentials, Error> {
    let expires = Timestamp::from_second(expires)
        .map_err(|_| incomplete(operation, "an expiration that is not a date"))?;
    let credentials = Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: secret.into(),
        session_token: Some(token.into()),
        expires: Some(expires),
    };
    match credentials.odd_part() {
        None => Ok(credentials),
        Some(part) => {
            let what = format!("credentials whose {part} is missing or damaged");
            Err(incomplete(operation, &what))
        }
    }
}

/// An answer without what was asked for.
pub(crate) fn incomplete(operation: &str, what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the answer to {operation} holds {what}; nothing was kept of it"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_not_taken() {
        let told = |id, secret, token| {
            let made = whole("AssumeRole", id, secret, token, 0);
            made.err().map(|error| error.message().to_owned())
        };
        assert_eq!(told("id", "secret", "token"), None);
        let part = |name: &str| {
            Some(format!(
                "the answer to AssumeRole holds credentials whose {name} is missing or damaged; \
                 nothing was kept of it"
            ))
        };
        assert_eq!(told("", "secret", "token"), part("access key ID"));
        assert_eq!(
            told("id", "a\nexport B=1", "token"),
            part("secret access key")
        );
        assert_eq!(told("id", "secret", "to\u{1b}ken"), part("session token"));
    }
}
