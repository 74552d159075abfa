//! The secret of the device, sealed in the store of access keys.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{PrivateDir, STATE};
use assumerole_host::{Host, identity};
use secrecy::SecretString;

use crate::stored_keys::{Desk, StoredKeys};

/// Why the stored secret of a device is not used on `host`, if it is not:
/// `unattended` says that nobody has to be there.
fn refused(host: &Host, unattended: bool) -> Option<String> {
    // That answers for nobody, whatever the file says.
    if host.by_agent {
        return host.silenced_by().map(str::to_owned);
    }
    let tty = host.tty().ok().flatten();
    let is_there = tty.is_some_and(|tty| !tty.in_background());
    (!is_there && !unattended).then(|| {
        let why = host.silenced_by();
        why.unwrap_or("there is no terminal").to_owned()
    })
}

/// Whether a code of `device` can be made on `desk`: its secret is there, and may be
/// used.
pub(super) fn is_ready(desk: &Desk<'_>, device: &MfaDevice, unattended: bool) -> bool {
    let is_stored = || matches!(store(desk, device), Ok(Some(_)));
    refused(desk.host, unattended).is_none() && is_stored()
}

/// The store, if the secret of `device` is there.
fn store(desk: &Desk<'_>, device: &MfaDevice) -> Result<Option<StoredKeys>> {
    let home = identity::home(desk.env);
    let home = home.ok_or_else(|| none("the home folder is not known").hint("set HOME"))?;
    let Some(state) = PrivateDir::open(&home.join(STATE))? else {
        return Ok(None);
    };
    let store = StoredKeys::open(&state)?;
    let is_stored = match &store {
        Some(store) => store.device(device)?.is_some(),
        None => false,
    };
    Ok(store.filter(|_| is_stored))
}

/// The code that `device` shows now.
pub(super) fn code(desk: &Desk<'_>, device: &MfaDevice, unattended: bool) -> Result<SecretString> {
    if let Some(why) = refused(desk.host, unattended) {
        let error = none(why);
        return Err(match desk.host.by_agent {
            true => error,
            false => error.hint(
                "let it be used without anybody, if you mean it: {\"provider\": \"totp\", \"unattended\": true}",
            ),
        });
    }
    let Some(store) = store(desk, device)? else {
        return Err(none(format!("none is stored for {device}")).hint(format!(
            "store it: assumerole mfa add {}",
            argument(device.as_str())
        )));
    };
    let unlocked = store.unlock(desk)?;
    let secret = store.read_device(&unlocked, device)?;
    let code = secret.code_at(desk.host.clock.now());
    code.ok_or_else(|| none("the clock of this machine is before 1970"))
}

fn none(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Mfa, "no MFA code from the stored secret").because(why)
}
