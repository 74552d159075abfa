//! `systemd-creds`: the machine's own key, with its TPM where it has one.

use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::identity;
use assumerole_host::process::{Helper, Stderr, Stdin, run_captured};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Enrolment, Provider, WrapKey, key_of, locked, random_key, read};
use crate::stored_keys::desk::Desk;

/// The machine's own key.
pub(super) struct SystemdCreds;

const PROGRAM: &str = "systemd-creds";

/// Bytes; a sealed key of 32 bytes has a few hundred.
const LIMIT: usize = 64 * 1024;

/// A TPM takes seconds.
const TIME: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemdSealed {
    sealed: String,
}

impl Provider for SystemdCreds {
    fn asks(&self) -> bool {
        false
    }

    fn enrol(&self, desk: &Desk<'_>, id: &str, _options: &Enrolment) -> Result<(Value, WrapKey)> {
        let cannot = |why: String| {
            Error::new(
                Kind::Failed,
                "systemd-creds cannot protect the key store here",
            )
            .called(Id::KeyStoreFailed)
            .because(why)
            .hint("use another store: assumerole keys store --help")
        };
        let key = random_key()?;
        // Named always: without, the kind of key would depend on the day.
        let with = match run(desk, &["has-tpm2".into(), "--quiet".into()], b"") {
            Ok(_) => "--with-key=host+tpm2",
            Err(_) => "--with-key=host",
        };
        let mut args = vec!["encrypt".to_owned(), with.to_owned()];
        args.extend(common(id));
        let sealed = run(desk, &args, key.expose_secret()).map_err(cannot)?;
        let sealed = std::str::from_utf8(&sealed).unwrap_or_default().to_owned();
        // What cannot be opened now will never be.
        let back = opened(desk, id, &sealed).map_err(cannot)?;
        if back.expose_secret() != key.expose_secret() {
            return Err(cannot("what it gives back is another key".to_owned()));
        }
        Ok((json!(SystemdSealed { sealed }), key))
    }

    fn unlock(&self, desk: &Desk<'_>, id: &str, params: &Value) -> Result<WrapKey> {
        let enrolled: SystemdSealed = read(params)?;
        opened(desk, id, &enrolled.sealed).map_err(|why| {
            locked(format!("{PROGRAM}: {why}")).hint(
                "use the recovery passphrase on another machine, or after its key was made anew: assumerole keys unlock --recovery",
            )
        })
    }

    fn describe(&self, _params: &Value) -> String {
        "the key of this machine (systemd-creds)".to_owned()
    }
}

/// The name is part of what is sealed: never that of a file.
fn common(id: &str) -> Vec<String> {
    let mut args = vec![format!("--name=assumerole-{id}")];
    if identity::uid() != 0 {
        args.push("--user".to_owned());
    }
    args.extend(["-".to_owned(), "-".to_owned()]);
    args
}

fn opened(desk: &Desk<'_>, id: &str, sealed: &str) -> Result<WrapKey, String> {
    let mut args = vec!["decrypt".to_owned()];
    args.extend(common(id));
    let bytes = run(desk, &args, sealed.as_bytes())?;
    key_of(bytes).ok_or_else(|| "it gave something else than a key".to_owned())
}

fn run(desk: &Desk<'_>, args: &[String], given: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let captured = run_captured(&Helper {
        program: PROGRAM.into(),
        args: args.iter().map(Into::into).collect(),
        env: desk.env.pairs(),
        stdin: Stdin::Given(given),
        stderr: Stderr::Captured,
        timeout: TIME.min(desk.host.clock.left()),
        limit: LIMIT,
    });
    let captured = captured.map_err(|error| error.to_string())?;
    match captured.status.success() {
        true => Ok(captured.stdout),
        false => {
            let said = String::from_utf8_lossy(&captured.stderr).trim().to_owned();
            let said = said.lines().last().unwrap_or_default().to_owned();
            Err(match said.is_empty() {
                true => format!("it failed ({})", captured.status),
                false => said,
            })
        }
    }
}
