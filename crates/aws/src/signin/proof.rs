//! A proof of possession: that who sends a token holds the key it was given
//! to.
//!
//! RFC 9449, <https://datatracker.ietf.org/doc/html/rfc9449>

use std::fmt;
use std::sync::Arc;

use assumerole_core::{Error, Kind, Result};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use crate::connection::Now;

/// The key of a login: ECDSA on P-256.
pub struct ProofKey(EcdsaKeyPair);

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofKey")
    }
}

impl ProofKey {
    /// The key in `pem`: `EC PRIVATE KEY` (SEC 1, RFC 5915), as the AWS CLI
    /// writes it, or `PRIVATE KEY` (PKCS #8).
    ///
    /// # Errors
    /// It is no such key.
    pub fn from_pem(pem: &SecretString) -> Result<Self> {
        let fail = || Error::new(Kind::Failed, "the key of the login cannot be read");
        let der =
            PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| fail())?;
        let pkcs8 = match &der {
            PrivateKeyDer::Sec1(key) => as_pkcs8(key.secret_sec1_der()),
            PrivateKeyDer::Pkcs8(key) => Zeroizing::new(key.secret_pkcs8_der().to_vec()),
            _ => return Err(fail()),
        };
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8, &random)
            .map(Self)
            .map_err(|why| fail().because(why))
    }

    /// A new key, and its text as the AWS CLI writes it: `EC PRIVATE KEY`.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn generate() -> Result<(Self, SecretString)> {
        let fail = || Error::new(Kind::Failed, "no key can be made for the login");
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| fail())?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random);
        let pair = pair.map_err(|why| fail().because(why))?;
        // Behind the head of ring's PKCS #8 (RFC 5208, RFC 5915): 32 bytes.
        let secret = pkcs8.as_ref().get(36..68).ok_or_else(fail)?;
        let sec1 = as_sec1(secret, pair.public_key().as_ref());
        let text = Zeroizing::new(STANDARD.encode(&sec1));
        let mut pem = String::with_capacity(text.len() + 80);
        pem.push_str("-----BEGIN EC PRIVATE KEY-----\n");
        for (number, c) in text.chars().enumerate() {
            if number > 0 && number % 64 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem.push_str("\n-----END EC PRIVATE KEY-----\n");
        let pem = SecretString::from(pem);
        // What was written is read as what signs.
        let read = Self::from_pem(&pem)?;
        match read.0.public_key().as_ref() == pair.public_key().as_ref() {
            true => Ok((read, pem)),
            false => Err(fail()),
        }
    }

    /// The proof for one POST to `url` at `time` (seconds since 1970): a JWT.
    fn prove(&self, url: &str, time: i64) -> Option<String> {
        let random = SystemRandom::new();
        let mut id = [0; 16];
        random.fill(&mut id).ok()?;
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // 4, x, y: an uncompressed point (SEC 1, 2.3.3).
        let point = self.0.public_key().as_ref();
        let (x, y) = point.get(1..65)?.split_at(32);
        let key = json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key});
        let payload = json!({"jti": encode(&id), "htm": "POST", "htu": url, "iat": time});
        let signed = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(payload.to_string().as_bytes())
        );
        let signature = self.0.sign(&random, signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", encode(signature.as_ref())))
    }
}

/// A private key of P-256 in the shape of RFC 5915, in that of PKCS #8, which
/// is the one that ring reads.
fn as_pkcs8(sec1: &[u8]) -> Zeroizing<Vec<u8>> {
    // Version 0, then an elliptic curve, which is P-256.
    const HEAD: &[u8] = b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let key = tagged(0x04, &[sec1]);
    tagged(0x30, &[HEAD, &key])
}

/// A private key of P-256 and its public one in the shape of RFC 5915.
fn as_sec1(secret: &[u8], public: &[u8]) -> Zeroizing<Vec<u8>> {
    // The curve P-256.
    const CURVE: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let key = tagged(0x04, &[secret]);
    let curve = tagged(0xa0, &[CURVE]);
    let bits = tagged(0x03, &[b"\0", public]);
    let point = tagged(0xa1, &[&bits]);
    tagged(0x30, &[b"\x02\x01\x01", &key, &curve, &point])
}

/// A value of DER with its tag and its length.
fn tagged(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut der = Zeroizing::new(Vec::with_capacity(length + 4));
    der.push(tag);
    match length {
        0..=0x7f => der.push(length.to_le_bytes()[0]),
        0x80..=0xff => der.extend_from_slice(&[0x81, length.to_le_bytes()[0]]),
        // What does not fit is no key of P-256, and is refused as such.
        _ => der.extend_from_slice(&[0x82, length.to_le_bytes()[1], length.to_le_bytes()[0]]),
    }
    parts.iter().for_each(|part| der.extend_from_slice(part));
    der
}

/// Puts a proof into each request.
pub(super) struct Proof {
    key: Arc<ProofKey>,
    now: Now,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof")
    }
}

impl Proof {
    pub(super) fn new(key: Arc<ProofKey>, now: Now) -> Self {
        Self { key, now }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Proof {
    fn name(&self) -> &'static str {
        "Proof"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let url = request.uri().split('?').next().unwrap_or_default();
        let proof = self.key.prove(url, (self.now)().as_second());
        let proof = proof.ok_or("the proof of the login's key cannot be made")?;
        request.headers_mut().try_insert("dpop", proof)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// The example of the AWS CLI's own tests.
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\n\
        AwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\n\
        djiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n\
        -----END EC PRIVATE KEY-----\n";

    #[test]
    fn a_proof_is_signed_and_says_for_what() {
        let key = ProofKey::from_pem(&SEC1.into()).unwrap();
        let proof = key.prove("http://127.0.0.1:1/v1/token", 1_700_000_000);
        let proof = proof.unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let json = |part: &str| serde_json::from_slice::<serde_json::Value>(&decode(part)).unwrap();
        let (header, payload) = (json(parts[0]), json(parts[1]));
        assert_eq!(header["typ"], "dpop+jwt");
        assert_eq!(header["alg"], "ES256");
        let jwk = &header["jwk"];
        assert_eq!(jwk["x"], "9qhj-KtcdHj1kVgwxWWWw--tqoh7H7UHs7oXh8jBbgE");
        assert_eq!(payload["htu"], "http://127.0.0.1:1/v1/token");
        assert_eq!(payload["htm"], "POST");
        assert_eq!(payload["iat"], 1_700_000_000);
        let mut point = vec![4];
        point.extend(decode(jwk["x"].as_str().unwrap()));
        point.extend(decode(jwk["y"].as_str().unwrap()));
        let signed = proof.rsplit_once('.').unwrap().0;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &decode(parts[2]))
            .unwrap();
        let again = key.prove("http://127.0.0.1:1/v1/token", 1_700_000_000);
        assert_ne!(again.unwrap(), proof, "a proof is for one request");
    }

    #[test]
    fn a_new_key_is_written_as_the_aws_cli_writes_one() {
        let (key, pem) = ProofKey::generate().unwrap();
        let text = pem.expose_secret();
        let lengths = |text: &str| text.lines().map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(text), lengths(SEC1));
        let read = ProofKey::from_pem(&pem).unwrap();
        assert_eq!(read.0.public_key().as_ref(), key.0.public_key().as_ref());
        let (_, other) = ProofKey::generate().unwrap();
        assert_ne!(other.expose_secret(), text);
    }

    #[test]
    fn what_is_no_key_is_told_and_not_shown() {
        let cut = SEC1.replace("AwEHoUQDQgAE9qhj", "AAAA");
        let rsa = SEC1.replace("EC PRIVATE", "RSA PRIVATE");
        for pem in ["", "hush", &cut, &rsa, &SEC1[..60]] {
            let error = ProofKey::from_pem(&pem.into()).unwrap_err();
            assert_eq!(error.message(), "the key of the login cannot be read");
            assert!(!format!("{error:?}").contains("MHcCAQEE"), "{error:?}");
        }
    }
}
