//! Names and secrets as AWS makes them: random ones for credentials, stable
//! ones for users and roles.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The alphabet of key IDs.
const IDS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The alphabet of secrets and session tokens.
const SECRETS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `N` bytes from the operating system.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "without random numbers no answer would be right"
    )]
    getrandom::fill(&mut out).expect("the operating system has random numbers");
    out
}

fn spell<const N: usize>(random: [u8; N], alphabet: &[u8]) -> String {
    random
        .iter()
        .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
        .collect()
}

/// `ASIA…`, as temporary credentials have it.
pub(crate) fn temporary_key_id() -> String {
    format!("ASIA{}", spell(bytes::<16>(), IDS))
}

/// `AKIA…`, as the keys of users have it.
pub(crate) fn long_term_key_id() -> String {
    format!("AKIA{}", spell(bytes::<16>(), IDS))
}

/// A secret access key: 40 characters.
pub(crate) fn secret() -> String {
    spell(bytes::<40>(), SECRETS)
}

/// A session token: opaque, and with the characters that need escaping in
/// forms and shells, as AWS's have.
pub(crate) fn session_token() -> String {
    format!("IQoJb3JpZ2luX2Vj{}==", spell(bytes::<320>(), SECRETS))
}

/// A request ID: a random UUID.
pub(crate) fn request_id() -> String {
    let mut raw = bytes::<16>();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let mut out = String::with_capacity(36);
    for (at, byte) in raw.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// An opaque token, as OAuth 2.0 services give them: safe in a URL.
pub(crate) fn opaque() -> String {
    spell(bytes::<64>(), &SECRETS[..62])
}

/// What a person types on another device: `ABCD-EFGH`.
pub(crate) fn user_code() -> String {
    let letters = spell(bytes::<8>(), &IDS[..26]);
    format!("{}-{}", &letters[..4], &letters[4..])
}

/// 16 hexadecimal digits that are always the same for the same text.
pub(crate) fn stable_hex(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut out = String::with_capacity(16);
    for byte in &digest[..8] {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The unique ID of the thing that `arn` names, such as `AROA…`: always the
/// same, so that tests can compare.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
pub(crate) fn unique_id(prefix: &str, arn: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(arn.as_bytes()).into();
    format!("{prefix}{}", &spell(digest, IDS)[..17])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_shape_of_aws() {
        assert_eq!(temporary_key_id().len(), 20);
        assert_ne!(temporary_key_id(), temporary_key_id());
        assert_eq!(secret().len(), 40);
        let id = request_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        let role = unique_id("AROA", "arn:aws:iam::123456789012:role/read");
        assert_eq!(role.len(), 21);
        assert_eq!(
            role,
            unique_id("AROA", "arn:aws:iam::123456789012:role/read")
        );
        assert_ne!(
            role,
            unique_id("AROA", "arn:aws:iam::123456789012:role/write")
        );
    }
}
