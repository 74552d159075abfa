//! Credentials: what everything here is about.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// Whether `text`, which stands where an access key ID belongs, may be a secret
/// that was pasted there: IDs are of capitals and digits, and short.
pub(crate) fn is_no_key_id(text: &str) -> bool {
    const LONGEST: usize = 20;
    let odd = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'/' | b'+' | b'=');
    text.len() > LONGEST && text.bytes().any(odd)
}

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

impl Credentials {
    /// Whether they are the keys of a user or of the root, which do not end: no
    /// token came with them, or one that no such key has.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
    pub fn are_long_term(&self) -> bool {
        self.session_token.is_none() || self.access_key_id.starts_with("AKIA")
    }

    /// The name of a part that no credentials of AWS have: it is empty, or has
    /// characters that cannot be sent, such as a line's end. The SDK panics on
    /// some of them.
    pub fn odd_part(&self) -> Option<&'static str> {
        let odd = |text: &str| !is_sendable(text);
        let token = self.session_token.as_ref();
        if odd(&self.access_key_id) {
            Some("access key ID")
        } else if odd(self.secret_access_key.expose_secret()) {
            Some("secret access key")
        } else if token.is_some_and(|token| odd(token.expose_secret())) {
            Some("session token")
        } else {
            None
        }
    }
}

/// Whether a part of credentials, or a token, can be sent: it is not empty, and
/// has neither white space nor anything else that no header could hold.
pub fn is_sendable(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_cannot_be_sent_is_named() {
        let odd = |id: &str, secret: &str, token: Option<&str>| {
            let credentials = Credentials {
                access_key_id: id.into(),
                secret_access_key: secret.into(),
                session_token: token.map(Into::into),
                expires: None,
            };
            credentials.odd_part()
        };
        assert_eq!(odd("AKIA1", "a/b+c=", Some("t==")), None);
        assert_eq!(odd("AKIA1", "a", None), None);
        for bad in ["", "a\n", " a", "\u{e9}", "a\0", "\u{1b}[2J", "a b"] {
            assert_eq!(odd(bad, "a", None), Some("access key ID"), "{bad:?}");
            assert_eq!(odd("a", bad, None), Some("secret access key"), "{bad:?}");
            assert_eq!(odd("a", "a", Some(bad)), Some("session token"), "{bad:?}");
        }
    }
}
