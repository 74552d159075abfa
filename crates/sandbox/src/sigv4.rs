//! Signature Version 4 in the `Authorization` header, or in the query of a URL that
//! somebody else sends, checked as AWS documents it, with nothing borrowed from the SDK that it has to judge:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::refusal::Refusal;

/// The one algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How a credential scope ends.
const TERMINATOR: &str = "aws4_request";
/// What `UriEncode` leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const UNRESERVED_AND_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

/// A request as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire<'a> {
    /// Of those that the server took, from 1.
    pub(crate) connection: u64,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Wire<'_> {
    /// The first value of a header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Where a signature stands in a query.
const IN_QUERY: &str = "X-Amz-Signature";

/// What an `Authorization` header says, or a query in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: String,
    /// `YYYYMMDD`.
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    signed_headers: Vec<String>,
    signature: String,
    /// Of a signature in the query: when it was made, and the session token.
    pub(crate) presigned: Option<Presigned>,
}

/// What a query says that headers say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Presigned {
    pub(crate) date: String,
    pub(crate) token: Option<String>,
}

impl Authorization {
    /// Nobody has signed.
    pub(crate) fn missing() -> Refusal {
        Refusal::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    }

    /// Reads the header.
    ///
    /// # Errors
    /// None is there, or it is not whole: AWS's own texts.
    pub(crate) fn of(wire: Wire<'_>) -> Result<Self, Refusal> {
        let is_presigned = || parameter(wire.query, IN_QUERY).is_some();
        if wire.header("authorization").is_none() && is_presigned() {
            return Self::of_query(wire.query);
        }
        let header = wire.header("authorization").ok_or_else(Self::missing)?;
        let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(Refusal::incomplete(format!(
                "Unsupported AWS 'algorithm': '{algorithm}'."
            )));
        }
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => {}
            }
        }
        let (Some(credential), Some(headers), Some(signature)) = (credential, headers, signature)
        else {
            let named = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", headers),
            ];
            return Err(incomplete_header(header, &named));
        };
        Self::read(credential, headers, signature, None)
    }

    /// Reads what stands in a query.
    fn of_query(query: &str) -> Result<Self, Refusal> {
        let get = |name: &str| parameter(query, name);
        let needed = |name: &str| {
            let missing = || format!("AWS query-string parameters must include '{name}'.");
            get(name).ok_or_else(|| Refusal::incomplete(missing()))
        };
        let algorithm = needed("X-Amz-Algorithm")?;
        if algorithm != ALGORITHM {
            return Err(Refusal::incomplete(format!(
                "Unsupported AWS 'algorithm': '{algorithm}'."
            )));
        }
        let presigned = Presigned {
            date: needed("X-Amz-Date")?,
            token: get("X-Amz-Security-Token"),
        };
        Self::read(
            &needed("X-Amz-Credential")?,
            &needed("X-Amz-SignedHeaders")?,
            &needed(IN_QUERY)?,
            Some(presigned),
        )
    }

    fn read(
        credential: &str,
        headers: &str,
        signature: &str,
        presigned: Option<Presigned>,
    ) -> Result<Self, Refusal> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [key, date, region, service, TERMINATOR] = parts.as_slice() else {
            return Err(wrong_credential(credential, &parts));
        };
        Ok(Self {
            access_key_id: (*key).to_owned(),
            date: (*date).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers: headers.split(';').map(str::to_owned).collect(),
            signature: signature.to_owned(),
            presigned,
        })
    }

    /// Whether everything is signed that has to be: the host, and whatever AWS
    /// acts upon.
    pub(crate) fn check_headers(&self, wire: Wire<'_>) -> Result<(), Refusal> {
        let signed = |name: &str| self.signed_headers.iter().any(|header| header == name);
        if !signed("host") {
            return Err(Refusal::signature(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        let acted_upon = |name: &&str| name.starts_with("x-amz-") && !signed(name);
        match wire
            .headers
            .keys()
            .map(hyper::header::HeaderName::as_str)
            .find(acted_upon)
        {
            Some(name) => Err(Refusal::signature(format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            ))),
            None => Ok(()),
        }
    }

    /// Whether the request was signed with `secret` at `time`
    /// (`YYYYMMDDTHHMMSSZ`).
    pub(crate) fn verify(&self, wire: Wire<'_>, time: &str, secret: &str) -> Result<(), Refusal> {
        let canonical = canonical_request(wire, &self.signed_headers);
        let scope = format!(
            "{}/{}/{}/{TERMINATOR}",
            self.date, self.region, self.service
        );
        let signed = string_to_sign(time, &scope, &canonical);
        let key = signing_key(secret, &self.date, &self.region, &self.service);
        let good = unhex(&self.signature)
            .is_some_and(|given| keyed(&key, &signed).verify_slice(&given).is_ok());
        if good {
            return Ok(());
        }
        Err(Refusal::signature(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. \
             Consult the service documentation for details.",
        ))
    }
}

/// The parameter `name` of a query.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn incomplete_header(header: &str, named: &[(&str, Option<&str>)]) -> Refusal {
    let mut message = String::new();
    for (name, _) in named.iter().filter(|(_, value)| value.is_none()) {
        let _ = write!(
            message,
            "Authorization header requires '{name}' parameter. "
        );
    }
    // What is there of it is not repeated: it may hold a signature.
    let algorithm = header.split(' ').next().unwrap_or_default();
    Refusal::incomplete(format!("{message}Authorization={algorithm}"))
}

fn wrong_credential(credential: &str, parts: &[&str]) -> Refusal {
    match parts {
        [_, _, _, _, terminator] => Refusal::signature(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', \
             not '{terminator}'."
        )),
        _ => Refusal::incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, \
             e.g. keyid/date/region/service/term, got '{credential}'"
        )),
    }
}

/// The request in its canonical form.
pub(crate) fn canonical_request(wire: Wire<'_>, signed_headers: &[String]) -> String {
    let mut out = format!(
        "{}\n{}\n{}\n",
        wire.method,
        canonical_path(wire.path),
        canonical_query(wire.query)
    );
    for name in signed_headers {
        let values: Vec<String> = wire
            .headers
            .get_all(name)
            .iter()
            .map(|value| one_space(&String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let _ = writeln!(out, "{name}:{}", values.join(","));
    }
    let _ = write!(
        out,
        "\n{}\n{}",
        signed_headers.join(";"),
        hex(&Sha256::digest(wire.body))
    );
    out
}

/// Encodes what is on the wire, which is encoded once already: AWS asks for
/// that of every service but S3.
fn canonical_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let open = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if open && !kept.is_empty() { "/" } else { "" };
    let plain = format!("/{}{end}", kept.join("/"));
    utf8_percent_encode(&plain, UNRESERVED_AND_SLASH).to_string()
}

fn canonical_query(query: &str) -> String {
    let again = |text: &str| {
        let raw: Vec<u8> = percent_decode_str(text).collect();
        percent_encoding::percent_encode(&raw, UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        // It is made over all but itself.
        .filter(|(name, _)| *name != IN_QUERY)
        .map(|(name, value)| (again(name), again(value)))
        .collect();
    pairs.sort();
    let joined: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    joined.join("&")
}

/// Without spaces at the ends, and one where several stood.
fn one_space(value: &str) -> String {
    let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// What the signature is made over.
pub(crate) fn string_to_sign(time: &str, scope: &str, canonical: &str) -> String {
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    format!("{ALGORITHM}\n{time}\n{scope}\n{digest}")
}

/// The key that a secret gives for one day, region and service.
pub(crate) fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> [u8; 32] {
    let mut key = sign(format!("AWS4{secret}").as_bytes(), date);
    for part in [region, service, TERMINATOR] {
        key = sign(&key, part);
    }
    key
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    mac
}

pub(crate) fn sign(key: &[u8], text: &str) -> [u8; 32] {
    keyed(key, text).finalize().into_bytes().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests;
