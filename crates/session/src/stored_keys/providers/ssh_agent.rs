//! An Ed25519 key of the ssh agent, by its signature of a text that only this
//! store has.
//!
//! Ed25519 alone: its signature of a text is always the same (RFC 8032). The text
//! has 32 random bytes beside what is known, so that whoever can have a text
//! signed (root of a far host, over a forwarded agent) gains nothing without the
//! file.

use std::path::Path;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::Warning;
use assumerole_core::ssh::{AgentKey, PublicKey};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::ssh_agent;
use ring::hkdf;
use ring::signature::{ED25519, UnparsedPublicKey};
use secrecy::SecretBox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::format::{decoded, encoded};
use super::{Enrolment, Provider, WrapKey, locked, random_bytes, read};
use crate::stored_keys::desk::Desk;

/// A key of the ssh agent.
pub(super) struct SshAgent;

/// Neither a request to log in, which begins with the length of a session's ID,
/// nor what `ssh-keygen -Y sign` signs (SSHSIG).
const PREFIX: &[u8] = b"assumerole key store 1\0";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolledSshKey {
    public_key: String,
    comment: String,
    challenge: String,
}

impl Provider for SshAgent {
    fn asks(&self) -> bool {
        false
    }

    fn enrol(&self, desk: &Desk<'_>, id: &str, options: &Enrolment) -> Result<(Value, WrapKey)> {
        let socket = socket(desk).ok_or_else(|| cannot("SSH_AUTH_SOCK is not set"))?;
        let keys = ssh_agent::keys(Path::new(socket), desk.host.clock.as_ref()).map_err(cannot)?;
        let key = choose(keys, options.ssh_key.as_deref())?;
        if desk.env.is_set(names::SSH_CONNECTION) {
            let text = "this ssh agent is forwarded from another machine";
            let hint = "root of this machine can use it as long as you are logged in, but gains nothing without the files of the store";
            desk.report.warn(&Warning::new(text).hint(hint));
        }
        let challenge = random_bytes()?;
        let wrap = signed(desk, id, &key.public, &challenge).map_err(cannot)?;
        let enrolled = EnrolledSshKey {
            public_key: key.public.to_base64(),
            comment: key.comment,
            challenge: encoded(&challenge),
        };
        Ok((json!(enrolled), wrap))
    }

    fn unlock(&self, desk: &Desk<'_>, id: &str, params: &Value) -> Result<WrapKey> {
        let enrolled: EnrolledSshKey = read(params)?;
        let (public, challenge) =
            parts(&enrolled).ok_or_else(|| locked("what it has of the ssh key is damaged"))?;
        signed(desk, id, &public, &challenge).map_err(|why| {
            let name = public.fingerprint();
            locked(format!("the ssh agent does not sign with the key {name}: {why}")).hint(format!(
                "load the key ({}) with ssh-add, without -c; an agent that asks or that is locked looks the same",
                enrolled.comment
            ))
        })
    }

    fn describe(&self, params: &Value) -> String {
        match read::<EnrolledSshKey>(params) {
            Ok(enrolled) => format!("the key {} of the ssh agent", enrolled.comment),
            Err(_) => "a key of the ssh agent".to_owned(),
        }
    }
}

fn cannot(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Failed, "the ssh agent cannot protect the key store")
        .called(Id::KeyStoreFailed)
        .because(why)
        .hint("load an Ed25519 key: ssh-add ~/.ssh/id_ed25519")
}

fn socket<'a>(desk: &'a Desk<'_>) -> Option<&'a str> {
    desk.env.text(names::SSH_AUTH_SOCK)
}

fn parts(enrolled: &EnrolledSshKey) -> Option<(PublicKey, Vec<u8>)> {
    let public = PublicKey::from_base64(&enrolled.public_key)?;
    let challenge = decoded(&enrolled.challenge)?;
    (challenge.len() == 32).then_some((public, challenge))
}

/// The Ed25519 key that is `named`, or the only one.
fn choose(keys: Vec<AgentKey>, named: Option<&str>) -> Result<AgentKey> {
    let is_named = |key: &AgentKey| {
        named.is_none_or(|name| key.comment == name || key.public.fingerprint() == name)
    };
    let mut fit: Vec<AgentKey> = keys
        .into_iter()
        .filter(|key| key.public.ed25519().is_some() && is_named(key))
        .collect();
    if fit.len() > 1 {
        let names: Vec<String> = fit
            .iter()
            .map(|key| format!("{} ({})", key.public.fingerprint(), key.comment))
            .collect();
        return Err(
            Error::new(Kind::Usage, "the ssh agent holds more than one Ed25519 key")
                .because(format!("they are {}", names.join(", ")))
                .hint("name one of them: assumerole keys store ssh-agent --ssh-key SHA256:…"),
        );
    }
    fit.pop().ok_or_else(|| match named {
        Some(name) => cannot(format!("it holds no Ed25519 key {name:?}")),
        None => cannot("it holds no Ed25519 key, or it is locked"),
    })
}

fn signed(
    desk: &Desk<'_>,
    id: &str,
    public: &PublicKey,
    challenge: &[u8],
) -> Result<WrapKey, String> {
    let point = public.ed25519().ok_or("it is no Ed25519 key")?;
    let socket = socket(desk).ok_or("SSH_AUTH_SOCK is not set")?;
    let text = [PREFIX, id.as_bytes(), b"\0", challenge].concat();
    let clock = desk.host.clock.as_ref();
    desk.report
        .trace("waiting for the ssh agent (it may be asking you)");
    let signature =
        desk.waiting(|| ssh_agent::sign(Path::new(socket), public, &text, desk.patience(), clock))?;
    UnparsedPublicKey::new(&ED25519, point)
        .verify(&text, &*signature)
        .map_err(|_| "its signature is not that of the key")?;
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, challenge);
    let extracted = salt.extract(&*signature);
    let info = [PREFIX, &point[..]];
    let mut key = Box::new([0; 32]);
    extracted
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|expanded| expanded.fill(key.as_mut_slice()))
        .map_err(|_| "no key can be derived")?;
    Ok(SecretBox::new(key))
}
