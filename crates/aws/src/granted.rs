//! Credentials that a service grants, in whichever call.

use assumerole_core::sent::Sent;
use assumerole_core::{Credentials, Error, Kind, is_sendable};
use aws_sdk_sts::types::Credentials as Given;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

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

/// A token that an answer to `operation` holds and that goes into a file and
/// into other requests; `what` names it.
///
/// # Errors
/// It is empty, or has characters that no token has.
pub(crate) fn token(operation: &str, what: &str, text: &str) -> Result<SecretString, Error> {
    match is_sendable(text) {
        true => Ok(text.into()),
        false => Err(incomplete(
            operation,
            &format!("{what} that is missing or damaged"),
        )),
    }
}

/// For how many seconds what an answer to `operation` holds is good, `most` at
/// most.
///
/// # Errors
/// For none, or for longer than anything of the kind.
pub(crate) fn lifetime(operation: &str, seconds: i32, most: i32) -> Result<i64, Error> {
    match (1..=most).contains(&seconds) {
        true => Ok(seconds.into()),
        false => Err(incomplete(
            operation,
            &format!("a lifetime of {seconds} s (expiresIn)"),
        )),
    }
}

/// Looks whether a token's type is the one that the operation gives, `right`.
///
/// # Errors
/// It is another one.
pub(crate) fn token_type(operation: &str, given: &str, right: &str) -> Result<(), Error> {
    match given.eq_ignore_ascii_case(right) {
        true => Ok(()),
        false => Err(incomplete(
            operation,
            &format!("a token that is not of the type {right}"),
        )),
    }
}

/// Whether the answer is for what was asked: `check` compares what it names.
/// Its error names it too, which may be anything.
///
/// # Errors
/// That of `check`, fit to be shown.
pub(crate) fn checked(
    named: &str,
    sent: &Sent<'_>,
    check: impl Fn(&str) -> Result<(), Error>,
) -> Result<(), Error> {
    let Err(error) = check(named) else {
        return Ok(());
    };
    // What is masked is compared again only to have the error made of it.
    Err(check(&sent.masked(named)).err().unwrap_or_else(|| {
        Error::new(
            error.kind(),
            "the answer names another role than the one asked for",
        )
    }))
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

    #[test]
    fn a_damaged_token_a_foreign_type_and_a_false_lifetime_are_not_taken() {
        for odd in [
            "",
            " ",
            "a b",
            "a\r\nb",
            "a\n",
            "a\0",
            "\u{7f}",
            "tökén",
            "a\u{202e}b",
        ] {
            assert!(token("X", "a token", odd).is_err(), "{odd:?}");
        }
        assert!(token("X", "a token", "aoal-A.b_c~d+e/f=:").is_ok());
        for (seconds, right) in [
            (i32::MIN, false),
            (-1, false),
            (0, false),
            (1, true),
            (900, true),
            (901, false),
            (i32::MAX, false),
        ] {
            assert_eq!(lifetime("X", seconds, 900).is_ok(), right, "{seconds}");
        }
        for (given, right) in [
            ("Bearer", true),
            ("bearer", true),
            ("", false),
            ("DPoP", false),
        ] {
            assert_eq!(token_type("X", given, "Bearer").is_ok(), right, "{given}");
        }
    }
}
