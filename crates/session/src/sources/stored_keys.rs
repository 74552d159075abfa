//! A user's keys that are stored sealed.

use assumerole_core::diagnostic::Id;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::fs::{PrivateDir, STATE};

use crate::context::Context;
use crate::stored_keys::{Desk, StoredKeys, no_key};

/// The key `name`, whose access key ID is `id`, for whoever plans with it.
/// `may_ask`: whether a person may be asked to unlock the store.
///
/// # Errors
/// The store is locked; or the key is gone, or was replaced meanwhile.
pub(super) fn credentials(
    context: &Context<'_>,
    name: &str,
    id: &str,
    may_ask: bool,
) -> Result<Credentials> {
    let store = open(context)?.ok_or_else(|| no_key(name))?;
    let unlocked = store.unlock(&desk(context, may_ask)?)?;
    let keys = store.read(&unlocked, name)?;
    match keys.access_key_id == id {
        true => Ok(keys),
        false => Err(Error::new(
            Kind::Failed,
            format!("the stored key {name:?} was replaced at this moment"),
        )
        .called(Id::KeyStoreFailed)
        .hint("run this again")),
    }
}

/// The key `name`, if nobody has to be asked for it.
pub(super) fn at_hand(context: &Context<'_>, name: &str, id: &str) -> Option<Result<Credentials>> {
    let found = credentials(context, name, id, false);
    match found {
        Err(error) if error.kind() == Kind::LoginNeeded => None,
        other => Some(other),
    }
}

/// One sentence of what can be seen without unlocking anything.
///
/// # Errors
/// The store cannot be read.
pub(super) fn look(context: &Context<'_>, name: &str) -> Result<String> {
    let store = open(context)?.ok_or_else(|| no_key(name))?;
    store.find(name)?.ok_or_else(|| no_key(name))?;
    Ok(format!(
        "the key {name} is stored sealed; the store is {}",
        match store.is_unlocked() {
            true => "unlocked",
            false => "locked",
        }
    ))
}

fn open(context: &Context<'_>) -> Result<Option<StoredKeys>> {
    let state = PrivateDir::open(&context.home()?.join(STATE))?;
    match state {
        Some(state) => StoredKeys::open(&state),
        None => Ok(None),
    }
}

fn desk<'a>(context: &'a Context<'_>, may_ask: bool) -> Result<Desk<'a>> {
    Ok(Desk {
        host: context.host,
        env: context.env,
        report: context.report,
        may_ask: may_ask && context.can_ask,
        unlock_seconds: context.config.keys()?.unlock_seconds,
    })
}
