//! Credentials that a service grants, in whichever call.

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sent::Sent;
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

/// The longest that anything lasts which a login gives, seconds: a session of
/// IAM Identity Center, one of `aws login`, a token of CodeArtifact.
///
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html>
pub(crate) const LONGEST: u32 = 43_200;

/// How long an answer may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// What time it is at AWS, whatever our clock says.
    pub(crate) now: Timestamp,
    /// What was asked for, or all that AWS gives, seconds.
    pub(crate) most: u32,
}

/// Between the moment from which AWS counts and the one that its answer names.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

impl Life {
    /// When something ends of which the answer to `operation` says that it ends
    /// at `said`, in seconds since 1970: never later than was asked for.
    ///
    /// # Errors
    /// It does not say when, or it has ended.
    pub(crate) fn end(self, operation: &str, said: i64) -> Result<Timestamp, Error> {
        let end = Timestamp::from_second(said)
            .map_err(|_| incomplete(operation, "an expiration that is not a date"))?;
        if said == 0 {
            return Err(incomplete(operation, "no expiration").hint(WHO_ANSWERS));
        }
        if end <= self.now {
            return Err(incomplete(operation, "something that has already expired")
                .because(format!("it expired at {end}; it is now {}", self.now))
                .hint(WHO_ANSWERS));
        }
        let last = SignedDuration::from_secs(self.most.into());
        let last = self.now.checked_add(last).unwrap_or(Timestamp::MAX);
        let bound = last.checked_add(SLACK).unwrap_or(last);
        Ok(if end > bound { last } else { end })
    }

    /// As [`Self::end`], where the answer says in how many seconds it ends: the
    /// seconds.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn seconds(self, operation: &str, said: i64) -> Result<i64, Error> {
        match said {
            0 => Err(incomplete(operation, "no expiration").hint(WHO_ANSWERS)),
            ..0 => Err(incomplete(operation, "something that has already expired")
                .because(format!("it expired {} seconds ago", said.unsigned_abs()))
                .hint(WHO_ANSWERS)),
            _ => Ok(said.min(self.most.into())),
        }
    }
}

/// AWS gives nothing that is of no use.
const WHO_ANSWERS: &str = "check endpoint_url and the proxy: something else may be answering there";

/// The credentials in STS's answer to `operation`.
///
/// # Errors
/// They are not whole, or have ended: nothing of them may be used.
pub(crate) fn of_sts(
    operation: &str,
    given: Option<&Given>,
    life: Life,
) -> Result<Credentials, Error> {
    let given = given.ok_or_else(|| incomplete(operation, "no credentials"))?;
    whole(
        operation,
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token(),
        life.end(operation, given.expiration().secs())?,
    )
}

/// Temporary credentials that an answer to `operation` holds.
///
/// # Errors
/// They are not whole: nothing of them may be used.
pub(crate) fn whole(
    operation: &str,
    id: &str,
    secret: &str,
    token: &str,
    expires: Timestamp,
) -> Result<Credentials, Error> {
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
            "the answer names a different role than requested",
        )
    }))
}

/// An answer without what was asked for.
pub(crate) fn incomplete(operation: &str, what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the answer to {operation} contains {what}; nothing of it was kept"),
    )
    .called(Id::AnswerUnusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_not_taken() {
        let told = |id, secret, token| {
            let made = whole("AssumeRole", id, secret, token, Timestamp::MAX);
            made.err().map(|error| error.message().to_owned())
        };
        assert_eq!(told("id", "secret", "token"), None);
        let part = |name: &str| {
            Some(format!(
                "the answer to AssumeRole contains credentials whose {name} is missing or damaged; \
                 nothing of it was kept"
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
    fn a_damaged_token_and_a_foreign_type_are_not_taken() {
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
        for (given, right) in [
            ("Bearer", true),
            ("bearer", true),
            ("", false),
            ("DPoP", false),
        ] {
            assert_eq!(token_type("X", given, "Bearer").is_ok(), right, "{given}");
        }
    }

    #[test]
    fn an_answer_ends_and_not_later_than_was_asked() {
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let life = Life { now, most: 3600 };
        let second = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        for (said, end) in [
            ("2026-11-29T10:00:01Z", "2026-11-29T10:00:01Z"),
            ("2026-11-29T10:04:00Z", "2026-11-29T10:04:00Z"),
            ("2026-11-29T11:00:00Z", "2026-11-29T11:00:00Z"),
            ("2026-11-29T11:00:05Z", "2026-11-29T11:00:05Z"),
            ("2026-11-29T11:00:06Z", "2026-11-29T11:00:00Z"),
            ("2036-11-29T10:00:00Z", "2026-11-29T11:00:00Z"),
            ("9999-12-30T22:00:00Z", "2026-11-29T11:00:00Z"),
        ] {
            let is = life.end("X", second(said)).unwrap();
            assert_eq!(is.to_string(), end, "{said}");
        }
        for said in [
            second("2026-11-29T10:00:00Z"),
            second("2026-11-29T09:59:59Z"),
            1,
            0,
            -1,
            i64::MIN,
            i64::MAX,
        ] {
            let error = life.end("X", said).unwrap_err();
            assert_eq!(error.kind(), Kind::Refused, "{said}");
        }
        assert_eq!(life.seconds("X", 1), Ok(1));
        assert_eq!(life.seconds("X", 315_360_000), Ok(3600));
        assert!(life.seconds("X", 0).is_err() && life.seconds("X", -1).is_err());
        // At the end of time.
        let life = Life {
            now: Timestamp::MAX,
            most: 3600,
        };
        assert!(life.end("X", Timestamp::MAX.as_second()).is_err());
    }
}
