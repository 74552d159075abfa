//! Proofs of possession: <https://datatracker.ietf.org/doc/html/rfc9449>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::wrong;
use crate::refusal::Refusal;
use crate::sigv4::Wire;

/// How far the time of a proof may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A proof that is right.
pub(super) struct Proof {
    /// Its `jti`, which is good once.
    pub(super) id: String,
    /// The thumbprint of the key (RFC 7638).
    pub(super) key: String,
}

/// Checks the proof that goes with a request to the sandbox at `url`.
///
/// # Errors
/// It is missing, or is none for this request, or is not by its key.
pub(super) fn verify(wire: Wire<'_>, url: &str, now: Timestamp) -> Result<Proof, Refusal> {
    let text = wire.header("dpop");
    let text = text.ok_or_else(|| wrong("The DPoP proof is missing"))?;
    let broken = || wrong("The DPoP proof is malformed");
    let (signed, signature) = text.rsplit_once('.').ok_or_else(broken)?;
    let (header, payload) = signed.split_once('.').ok_or_else(broken)?;
    let header = object(header).ok_or_else(broken)?;
    let payload = object(payload).ok_or_else(broken)?;
    let known = |name: &str, value: &str| header.get(name).and_then(Value::as_str) == Some(value);
    if !known("typ", "dpop+jwt") || !known("alg", "ES256") {
        return Err(broken());
    }
    let (point, key) = key(&header).ok_or_else(broken)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| broken())?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| wrong("The signature of the DPoP proof is wrong"))?;

    let said = |name: &str| payload.get(name).and_then(Value::as_str);
    let here = format!("{url}{}", wire.path);
    if said("htm") != Some(wire.method) || said("htu") != Some(here.as_str()) {
        return Err(wrong("The DPoP proof is for another request"));
    }
    let made = payload.get("iat").and_then(Value::as_i64);
    let made = made.and_then(|second| Timestamp::from_second(second).ok());
    if made.is_none_or(|made| made.duration_since(now).abs() > SKEW) {
        return Err(wrong("The DPoP proof is not of now"));
    }
    let id = said("jti").filter(|id| !id.is_empty());
    Ok(Proof {
        id: id.ok_or_else(broken)?.to_owned(),
        key,
    })
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The public key as an uncompressed point, and its thumbprint.
fn key(header: &Map<String, Value>) -> Option<(Vec<u8>, String)> {
    let jwk = header.get("jwk")?.as_object()?;
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("kty") != Some("EC") || text("crv") != Some("P-256") || jwk.contains_key("d") {
        return None;
    }
    let (x, y) = (text("x")?, text("y")?);
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let mut point = vec![4];
    for part in [x, y] {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        if bytes.len() != 32 {
            return None;
        }
        point.extend(bytes);
    }
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()));
    Some((point, thumbprint))
}
