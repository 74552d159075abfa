//! What a program shows to be answered.

use std::fmt;
use std::io;

use assumerole_host::random;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of a token.
const BYTES: usize = 32;

/// The token of a server: 64 digits, which may stand in a header, a variable
/// and a file.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// One that nobody has had.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn random() -> io::Result<Self> {
        Self::of_bytes::<BYTES>()
    }

    /// One of 128 bits, for an address.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(crate) fn short() -> io::Result<Self> {
        Self::of_bytes::<16>()
    }

    fn of_bytes<const BYTES: usize>() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        random::fill(&mut *bytes)?;
        let mut text = String::with_capacity(2 * BYTES);
        for byte in bytes.iter() {
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
            }
        }
        Ok(Self(text.into()))
    }

    /// One that is written down somewhere.
    pub fn of(text: SecretString) -> Option<Self> {
        let is_token = |text: &str| {
            text.len() == 2 * BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        is_token(text.expose_secret()).then_some(Self(text))
    }

    /// The text.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    pub(crate) fn text(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `shown` is it, in a time that does not say how far it is.
    pub fn is(&self, shown: &[u8]) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_alone() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        let text = one.secret().expose_secret();
        assert_eq!(text.len(), 64);
        assert!(one.is(text.as_bytes()) && !other.is(text.as_bytes()));
        for wrong in ["", &text[1..], &format!("{text}0"), &format!("{text}\n")] {
            assert!(!one.is(wrong.as_bytes()), "{wrong:?}");
            assert!(Token::of(wrong.into()).is_none());
        }
        assert!(Token::of(text.into()).is_some_and(|same| same.is(text.as_bytes())));
        assert_eq!(format!("{one:?}"), "Token(…)");
    }
}
