//! What is public of an ssh key, and which keys an agent holds: enough to tell
//! whether the one is among the others. Nothing here reads a private half.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// A public key as ssh sends it: what stands in base64 in a `.pub` file.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

/// Shows the kind of key.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = WireReader(&self.0).string().unwrap_or_default();
        write!(f, "PublicKey({})", String::from_utf8_lossy(kind))
    }
}

/// What a file is whose name stands for a private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFile {
    /// A private key in OpenSSH's own format, whose public half is in clear.
    OpenSsh {
        /// The public half.
        public: PublicKey,
        /// Whether it has a passphrase.
        encrypted: bool,
    },
    /// A private key in an older format (PEM), which shows no public half.
    Pem,
    /// A public key.
    Public(PublicKey),
    /// None of these.
    Other,
}

impl KeyFile {
    /// Looks at the content of a file.
    pub fn read(content: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(content) else {
            return Self::Other;
        };
        let text = text.trim_start();
        if let Some(rest) = text.strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----") {
            let body = rest.split("-----END").next().unwrap_or_default();
            return openssh(body).unwrap_or(Self::Other);
        }
        let first = text.lines().next().unwrap_or_default().trim_end();
        if first.starts_with("-----BEGIN ") && first.ends_with("PRIVATE KEY-----") {
            return Self::Pem;
        }
        PublicKey::of_file(content).map_or(Self::Other, Self::Public)
    }
}

impl PublicKey {
    /// The key in the words of a `.pub` file, without the kind before it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// What [`Self::to_base64`] wrote.
    pub fn from_base64(text: &str) -> Option<Self> {
        let blob = STANDARD.decode(text).ok()?;
        WireReader(&blob).string()?;
        Some(Self(blob))
    }

    /// The 32 bytes of a key of the kind `ssh-ed25519`; `None` of any other
    /// kind.
    pub fn ed25519(&self) -> Option<[u8; 32]> {
        let mut reader = WireReader(&self.0);
        let kind = reader.string()?;
        let key = reader.string()?;
        let whole = kind == ED25519 && reader.0.is_empty();
        key.try_into().ok().filter(|_| whole)
    }

    /// Its name, as `ssh-keygen -l` shows it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(&self.0);
        format!("SHA256:{}", STANDARD.encode(digest).trim_end_matches('='))
    }

    /// That of a `.pub` file: `ssh-ed25519 AAAA… comment`.
    pub fn of_file(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?;
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))?;
        let mut words = line.split_ascii_whitespace();
        let (kind, blob) = (words.next()?, words.next()?);
        let blob = STANDARD.decode(blob).ok()?;
        let says = WireReader(&blob).string()?;
        (says == kind.as_bytes()).then_some(Self(blob))
    }
}

/// Padding or not: both are read.
const STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The body of a private key in OpenSSH's format.
/// <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>
fn openssh(body: &str) -> Option<KeyFile> {
    const MAGIC: &[u8] = b"openssh-key-v1\0";
    // The private half is among it, in clear if there is no passphrase.
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    joined.extend(body.split_ascii_whitespace());
    let bytes = Zeroizing::new(STANDARD.decode(joined.as_bytes()).ok()?);
    let mut reader = WireReader(bytes.strip_prefix(MAGIC)?);
    let cipher = reader.string()?;
    let _derivation = reader.string()?;
    let _options = reader.string()?;
    let count = reader.number()?;
    let public = reader.string().filter(|_| count == 1)?.to_vec();
    WireReader(&public).string()?;
    Some(KeyFile::OpenSsh {
        public: PublicKey(public),
        encrypted: cipher != b"none",
    })
}

/// A key that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentKey {
    /// Its public half.
    pub public: PublicKey,
    /// What it is called: for a key that `ssh-add` loaded from a PEM file, the
    /// file's name.
    pub comment: String,
}

/// The request for all keys: `SSH_AGENTC_REQUEST_IDENTITIES`, with its length
/// before it.
pub const REQUEST_IDENTITIES: [u8; 5] = [0, 0, 0, 1, 11];

/// Reads an agent's answer to [`REQUEST_IDENTITIES`], without the length before
/// it: `SSH_AGENT_IDENTITIES_ANSWER`. `None` if it is none.
/// <https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent#section-3.5>
pub fn identities(answer: &[u8]) -> Option<Vec<AgentKey>> {
    const IDENTITIES_ANSWER: u8 = 12;
    let mut reader = WireReader(answer.strip_prefix(&[IDENTITIES_ANSWER])?);
    let count = reader.number()?;
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(AgentKey {
            public: PublicKey(reader.string()?.to_vec()),
            comment: String::from_utf8_lossy(reader.string()?).into_owned(),
        });
    }
    Some(found)
}

/// The one kind of key whose signature of a text is always the same.
const ED25519: &[u8] = b"ssh-ed25519";

/// The request to sign `data` with `key`, with its length before it:
/// `SSH_AGENTC_SIGN_REQUEST`.
pub fn sign_request(key: &PublicKey, data: &[u8]) -> Vec<u8> {
    const SIGN_REQUEST: u8 = 13;
    let mut body = vec![SIGN_REQUEST];
    for part in [key.0.as_slice(), data] {
        body.extend_from_slice(&length_of(part));
        body.extend_from_slice(part);
    }
    body.extend_from_slice(&[0; 4]);
    let mut request = length_of(&body).to_vec();
    request.append(&mut body);
    request
}

fn length_of(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Reads an agent's answer to [`sign_request`], without the length before it:
/// the 64 bytes of an Ed25519 signature. An agent that refuses says no why.
///
/// # Errors
/// It refuses, or signs in another way; the reason.
pub fn ed25519_signature(answer: &[u8]) -> Result<Zeroizing<[u8; 64]>, &'static str> {
    const FAILURE: &[u8] = &[5];
    const SIGN_RESPONSE: u8 = 14;
    if answer == FAILURE {
        return Err("it refused to sign");
    }
    let read = || {
        let mut outer = WireReader(answer.strip_prefix(&[SIGN_RESPONSE])?);
        let mut reader = WireReader(outer.string()?);
        let kind = reader.string()?;
        let signature: [u8; 64] = reader.string()?.try_into().ok()?;
        (kind == ED25519).then_some(Zeroizing::new(signature))
    };
    read().ok_or("its answer is not an Ed25519 signature")
}

/// Reads what ssh writes: RFC 4251, section 5.
struct WireReader<'a>(&'a [u8]);

impl<'a> WireReader<'a> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

#[cfg(test)]
mod tests;
