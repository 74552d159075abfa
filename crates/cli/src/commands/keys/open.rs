//! The key store of this home folder, opened for a command.

use assumerole_core::config::KeyProvider;
use assumerole_core::plan::SourceKind;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::Tty;
use assumerole_session::Report as _;
use assumerole_session::stored_keys::{Desk, Enrolment, StoredKeys, Unlocked};

use super::args::{Enrol, How};
use crate::app::App;

/// What unlocking works with.
///
/// # Errors
/// `keys` in `~/.assumerole` is wrong.
pub(in crate::commands) fn desk<'a>(app: &'a App<'_>) -> Result<Desk<'a>> {
    Ok(Desk {
        host: app.host,
        env: &app.env,
        report: app,
        may_ask: true,
        unlock_seconds: app.config()?.keys()?.unlock_seconds,
    })
}

/// The store that is there; `None` if there is none.
///
/// # Errors
/// It cannot be read.
pub(in crate::commands) fn existing(app: &App<'_>) -> Result<Option<StoredKeys>> {
    match app.existing_state_dir()? {
        Some(state) => StoredKeys::open(&state),
        None => Ok(None),
    }
}

/// As [`existing`], for a command that needs one.
///
/// # Errors
/// There is none.
pub(in crate::commands) fn needed(app: &App<'_>) -> Result<StoredKeys> {
    existing(app)?.ok_or_else(|| {
        Error::new(Kind::UnknownName, "no key is stored")
            .hint("store one: assumerole keys add NAME")
    })
}

/// The store, unlocked; made if there is none.
///
/// # Errors
/// It is locked, or cannot be made.
pub(in crate::commands) fn or_made(app: &App<'_>, enrol: &Enrol) -> Result<(StoredKeys, Unlocked)> {
    let desk = desk(app)?;
    if let Some(store) = existing(app)? {
        if let Some(wanted) = enrol.store
            && store.provider()? != wanted
        {
            return Err(Error::new(
                Kind::Usage,
                format!(
                    "the key store is there already, and unlocked by {}",
                    store.describe()?
                ),
            )
            .hint(format!("change that first: assumerole keys store {wanted}")));
        }
        let unlocked = store.unlock(&desk)?;
        return Ok((store, unlocked));
    }
    let said = app.config()?.keys()?.store;
    let name = enrol.store.or(said).unwrap_or(KeyProvider::Passphrase);
    StoredKeys::create(app.state_dir()?, &desk, name, &options(&enrol.how))
}

/// Notes of a stored key that plans begin with by `source` that it is one of `user`,
/// whom AWS has named by the way.
pub(in crate::commands) fn learn_user(app: &App<'_>, source: &SourceKind, user: &str) {
    let SourceKind::Stored {
        name,
        access_key_id,
        ..
    } = source
    else {
        return;
    };
    let learnt = existing(app).and_then(|store| match store {
        Some(store) => store.learn_user(&desk(app)?, name, &access_key_id.value, user),
        None => Ok(()),
    });
    // It is told another time.
    if let Err(error) = learnt {
        app.trace(&format!("the user of the key {name} is not noted: {error}"));
    }
}

/// What `how` says.
pub(in crate::commands) fn options(how: &How) -> Enrolment {
    Enrolment {
        ssh_key: how.ssh_key.clone(),
        get: how.get.clone(),
        put: how.put.clone(),
    }
}

/// The terminal for a question; `not_done` says what is left undone without it,
/// and `hint` what to type instead.
///
/// # Errors
/// There is none.
pub(in crate::commands) fn terminal(app: &App<'_>, not_done: &str, hint: &str) -> Result<Tty> {
    let nobody =
        |why: &str| Error::new(Kind::CannotAsk, format!("{not_done}: {why}")).hint(hint.to_owned());
    match app.host.tty() {
        Ok(Some(tty)) if tty.in_background() => Err(nobody("this runs in the background")),
        Ok(Some(tty)) => Ok(tty),
        Ok(None) => Err(nobody("there is no terminal to ask at")),
        Err(error) => Err(nobody("cannot prompt on the terminal").because(error)),
    }
}
