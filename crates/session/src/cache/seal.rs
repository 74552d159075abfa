//! Sealing: XChaCha20-Poly1305 under a key that does not lie beside the file.
//!
//! A sealed entry is `version (1 byte) ‖ nonce (24) ‖ ciphertext and tag`; its
//! file's name is the associated data, so that one entry cannot be put in
//! another's place.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use zeroize::Zeroizing;

use assumerole_core::plan::CacheKey;

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// The sealing key, and what is derived from it.
#[derive(Debug)]
pub(crate) struct Seal {
    key: SecretBox<[u8; 32]>,
}

impl Seal {
    pub(crate) fn new(key: SecretBox<[u8; 32]>) -> Self {
        Self { key }
    }

    /// The file of an entry: a keyed digest, so that neither the name of a
    /// role nor a guess at it can be read off the folder, and entries of
    /// another sealing key (a container that shares this home) are simply
    /// other files.
    pub(crate) fn file_name(&self, key: &CacheKey) -> String {
        self.keyed(b"assumerole entry name 1", key.bytes())
    }

    /// A digest of `bytes` under our key, in hexadecimal; `purpose` keeps the
    /// digests of one use apart from those of another.
    pub(crate) fn keyed(&self, purpose: &[u8], bytes: &[u8]) -> String {
        // HMAC takes a key of any length, so this cannot fail.
        let Ok(mut mac) =
            <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.expose_secret().as_slice())
        else {
            return String::new();
        };
        mac.update(purpose);
        mac.update(bytes);
        let digest = mac.finalize().into_bytes();
        let digit = |four: u8| char::from(b"0123456789abcdef"[usize::from(four)]);
        let mut text = String::with_capacity(32);
        text.extend(
            digest[..16]
                .iter()
                .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
        );
        text
    }

    /// Seals `plain` for the file `name`. `nonce` is 24 fresh random bytes.
    pub(crate) fn seal(&self, name: &str, nonce: [u8; NONCE], plain: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload {
            msg: plain,
            aad: name.as_bytes(),
        };
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), payload).ok()?;
        let mut bytes = Vec::with_capacity(1 + NONCE + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Some(bytes)
    }

    /// Opens what [`Self::seal`] made for the file `name`; `None` for anything
    /// else, whatever its bytes.
    pub(crate) fn open(&self, name: &str, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (version, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        if *version != VERSION {
            return None;
        }
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        let plain = self.cipher()?.decrypt(&XNonce::from(nonce), payload).ok()?;
        Some(Zeroizing::new(plain))
    }

    fn cipher(&self) -> Option<XChaCha20Poly1305> {
        XChaCha20Poly1305::new_from_slice(self.key.expose_secret().as_slice()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(SecretBox::new(Box::new([byte; 32])))
    }

    #[test]
    fn only_the_same_key_name_and_bytes_open() {
        let sealed = seal(1).seal("a", [7; 24], b"secret").unwrap();
        assert_eq!(seal(1).open("a", &sealed).unwrap().as_slice(), b"secret");
        assert!(seal(2).open("a", &sealed).is_none(), "another key");
        assert!(seal(1).open("b", &sealed).is_none(), "another name");
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(seal(1).open("a", &bent).is_none(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(
                seal(1).open("a", &sealed[..length]).is_none(),
                "cut at {length}"
            );
        }
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
    }
}
