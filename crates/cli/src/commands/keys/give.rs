//! `keys remove` and `keys export`: a key leaves the store.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::stored_keys::{StoredKey, StoredKeys, no_key};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::open;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;

pub(super) fn remove(app: &App<'_>, name: &str, yes: bool) -> Result<Outcome> {
    let (store, key) = found(app, name)?;
    if !yes {
        let hint = format!(
            "confirm it if you mean it: assumerole keys remove --yes {}",
            argument(name)
        );
        let not_done = format!("the key {} is not removed", one_line(name));
        let tty = open::terminal(app, &not_done, &hint)?;
        let mut questions = Questions::new(tty, "asks whether to remove a key")?;
        questions.say(
            "Its secret is nowhere else, unless you kept it. In IAM the key stays as it is.",
        )?;
        let question = format!("Remove the key {} ({})?", one_line(name), key.access_key_id);
        if !questions.yes(&question, false)? {
            return Err(Error::new(Kind::Cancelled, "nothing was removed"));
        }
    }
    store.remove(&open::desk(app)?, name)?;
    app.printer.note(&format!(
        "the key {} ({}) is removed; delete it in IAM if nothing uses it: aws iam delete-access-key --access-key-id {}",
        one_line(name),
        key.access_key_id,
        key.access_key_id
    ));
    Ok(Outcome::Done)
}

pub(super) fn export(app: &App<'_>, name: &str, yes: bool) -> Result<Outcome> {
    let (store, key) = found(app, name)?;
    if !yes {
        let hint = format!(
            "confirm it if you mean it: assumerole keys export --yes {}",
            argument(name)
        );
        let not_done = format!("the key {} is not printed", one_line(name));
        let tty = open::terminal(app, &not_done, &hint)?;
        let mut questions = Questions::new(tty, "asks whether to print a key")?;
        questions.say(
            "Whoever sees the secret key can use it until it is deleted in IAM, without MFA and without you.",
        )?;
        let question = format!("Print the secret key of {}?", one_line(name));
        if !questions.yes(&question, false)? {
            return Err(Error::new(Kind::Cancelled, "nothing was printed"));
        }
    }
    let unlocked = store.unlock(&open::desk(app)?)?;
    let keys = store.read(&unlocked, name)?;
    let text = Zeroizing::new(format!(
        "[{}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        one_line(&key.name),
        keys.access_key_id,
        keys.secret_access_key.expose_secret()
    ));
    app.data(&text)
}

fn found(app: &App<'_>, name: &str) -> Result<(StoredKeys, StoredKey)> {
    let store = open::existing(app)?.ok_or_else(|| no_key(name))?;
    let key = store.find(name)?.ok_or_else(|| no_key(name))?;
    Ok((store, key))
}
