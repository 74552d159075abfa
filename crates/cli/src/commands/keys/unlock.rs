//! `keys unlock`, `keys lock` and `keys store`.

use assumerole_core::Result;
use assumerole_session::stored_keys::{StoredKeys, protection};
use serde::Serialize;

use super::args::Store;
use super::open;
use crate::app::App;
use crate::outcome::Outcome;

pub(super) fn unlock(app: &App<'_>, recovery: bool) -> Result<Outcome> {
    let store = open::needed(app)?;
    let desk = open::desk(app)?;
    if !recovery && store.is_unlocked() {
        app.printer.note("the key store is unlocked already");
        return Ok(Outcome::Done);
    }
    match recovery {
        true => store.recover(&desk)?,
        false => store.unlock(&desk)?,
    };
    app.printer.note(match store.is_unlocked() {
        true => "the key store is unlocked",
        false => "the key opens the store, but is not held: each command unlocks it anew",
    });
    if recovery {
        app.printer
            .note("set a new way to unlock it: assumerole keys store STORE");
    }
    Ok(Outcome::Done)
}

pub(super) fn lock(app: &App<'_>) -> Result<Outcome> {
    let was = match open::existing(app)? {
        Some(store) => store.lock()?,
        None => false,
    };
    app.printer.note(match was {
        true => "the key store is locked",
        false => "the key store was not unlocked",
    });
    Ok(Outcome::Done)
}

/// The store as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonStore {
    /// What unlocks it.
    store: &'static str,
    /// The same in words.
    description: String,
    /// Whether it is unlocked.
    unlocked: bool,
    /// Whether it has a recovery passphrase.
    recovery: bool,
    /// How many keys it has.
    keys: usize,
}

pub(super) fn store(app: &App<'_>, args: &Store) -> Result<Outcome> {
    let mut store = open::needed(app)?;
    if args.key_store.is_none() && !args.recovery {
        return shown(app, &store, args.json);
    }
    let desk = open::desk(app)?;
    let unlocked = store.unlock(&desk)?;
    if let Some(name) = args.key_store {
        store.rewrap(&desk, &unlocked, name, &open::options(&args.how))?;
        app.printer.note(&format!(
            "the key store is unlocked by {} now",
            store.describe()?
        ));
    }
    if args.recovery {
        store.set_recovery(&desk, &unlocked)?;
        app.printer
            .note("the key store has a recovery passphrase now");
    }
    no_second_way(app, &store)?;
    Ok(Outcome::Done)
}

fn shown(app: &App<'_>, store: &StoredKeys, json: bool) -> Result<Outcome> {
    let name = store.provider()?;
    if json {
        return app.json(&JsonStore {
            store: name.as_str(),
            description: store.describe()?,
            unlocked: store.is_unlocked(),
            recovery: store.has_recovery(),
            keys: store.keys()?.len(),
        });
    }
    let yes = |is: bool| if is { "yes" } else { "no" };
    app.data(&format!(
        "unlocked by  {}\nprotection   {}\nunlocked     {}\nrecovery     {}\nkeys         {}\n",
        store.describe()?,
        protection(name),
        yes(store.is_unlocked()),
        yes(store.has_recovery()),
        store.keys()?.len()
    ))
}

/// What is lost with its provider is lost.
pub(in crate::commands) fn no_second_way(app: &App<'_>, store: &StoredKeys) -> Result<()> {
    use assumerole_core::config::KeyProvider;
    if !store.has_recovery() && store.provider()? != KeyProvider::Passphrase {
        app.printer.note(
            "there is no second way to unlock the store; set one: assumerole keys store --recovery",
        );
    }
    Ok(())
}
