//! `keys add NAME`.

use std::path::Path;

use assumerole_core::aws::access_key::{AccessKey, check_id, check_secret};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::error::quoted;
use assumerole_host::fs;
use assumerole_host::tty::Tty;
use assumerole_session::stored_keys::StoredKey;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::args::Add;
use super::open;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;

/// Bytes; a key has about 60.
const LARGEST: usize = 64 * 1024;

/// More characters than any key has.
const LONGEST: usize = 128;

pub(super) fn run(app: &App<'_>, args: &Add) -> Result<Outcome> {
    let name = args.profile.as_str();
    check_name(name)?;
    let existing = open::existing(app)?;
    let old = existing
        .as_ref()
        .map(|store| store.find(name))
        .transpose()?;
    let old = old.flatten();
    if let Some(old) = old.as_ref().filter(|_| !args.replace) {
        return Err(Error::new(
            Kind::Usage,
            format!("a key {name:?} is stored already: {}", old.access_key_id),
        )
        .hint(format!(
            "replace it: assumerole keys add --replace {}",
            argument(name)
        )));
    }
    let key = match &args.csv {
        Some(path) => of_file(app, path)?,
        None => typed(app)?,
    };
    let (store, unlocked) = open::or_made(app, &args.enrol)?;
    let new = StoredKey::new(name, &key.id, app.host.clock.now());
    store.write(&open::desk(app)?, &unlocked, new, &key.secret)?;
    app.printer.note(&format!(
        "the key {} is stored as {}",
        key.id,
        one_line(name)
    ));
    if let Some(path) = &args.csv {
        offer_removal(app, path, args.yes, "the secret key")?;
    }
    how_to_use(app, name);
    Ok(Outcome::Done)
}

pub(super) fn check_name(name: &str) -> Result<()> {
    let bad = name.is_empty() || name.chars().any(char::is_control) || name.trim() != name;
    match bad {
        true => Err(Error::new(
            Kind::Usage,
            "the name of a key is that of a profile: not empty, on one line",
        )),
        false => Ok(()),
    }
}

fn of_file(app: &App<'_>, path: &Path) -> Result<AccessKey> {
    let shown = app.places.show(path);
    let bytes = fs::read(path, LARGEST)?.map(Zeroizing::new);
    let bytes = bytes.ok_or_else(|| {
        Error::new(
            Kind::Usage,
            format!("cannot read {shown}: the file does not exist"),
        )
    })?;
    read(&bytes, &shown)
}

fn read(bytes: &[u8], what: &str) -> Result<AccessKey> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    AccessKey::read(text)
        .map_err(|why| Error::new(Kind::Usage, format!("{what} has no access key")).because(why))
}

/// At the terminal, where standard input is one; else from standard input.
fn typed(app: &App<'_>) -> Result<AccessKey> {
    if !app.host.streams.input_is_terminal {
        let bytes = fs::read(Path::new("/dev/stdin"), LARGEST)?.map(Zeroizing::new);
        return read(&bytes.unwrap_or_default(), "standard input");
    }
    let hint = "give it on standard input, or name the console's file: assumerole keys add --csv FILE NAME";
    let mut tty = open::terminal(app, "no key was stored", hint)?;
    let id = half(&mut tty, "Access key ID: ", true, check_id)?;
    let secret = half(&mut tty, "Secret access key: ", false, check_secret)?;
    AccessKey::new(&id, &secret).map_err(|why| Error::new(Kind::Usage, why.to_string()))
}

/// One half of a key, asked for until it can be one.
fn half(
    tty: &mut Tty,
    question: &str,
    shown: bool,
    check: impl Fn(&str) -> Result<(), assumerole_core::aws::ids::Invalid>,
) -> Result<Zeroizing<String>> {
    use std::io::Write as _;
    loop {
        let answer = match shown {
            true => tty.prompt_line(question),
            false => tty.prompt_masked(question, |c| c.is_ascii_graphic(), LONGEST),
        }?;
        let answer = Zeroizing::new(answer.expose_secret().trim().to_owned());
        match check(&answer) {
            Ok(()) => return Ok(answer),
            Err(why) => {
                let _ = writeln!(tty, "  {why}");
            }
        }
    }
}

/// Offers to remove a file that has `what` in clear.
pub(in crate::commands) fn offer_removal(
    app: &App<'_>,
    path: &Path,
    yes: bool,
    what: &str,
) -> Result<()> {
    let shown = app.places.show(path);
    let tty = app.host.tty().ok().flatten();
    let tty = tty.filter(|tty| !tty.in_background());
    let remove = match (yes, tty) {
        (true, _) => true,
        (false, Some(tty)) => {
            let mut questions = Questions::new(tty, "asks whether to remove a file")?;
            questions.yes(&format!("Remove {shown}, which has {what} in clear?"), true)?
        }
        (false, None) => false,
    };
    if !remove {
        app.printer.note(&format!(
            "{shown} still has {what} in clear; remove it: rm {}",
            quoted(path)
        ));
        return Ok(());
    }
    fs::remove(path)?;
    app.printer.note(&format!("removed {shown}"));
    Ok(())
}

/// A key that no profile names is of no use yet.
pub(super) fn how_to_use(app: &App<'_>, name: &str) {
    let profile = app.aws_files().ok().and_then(|files| files.profile(name));
    let keys = profile
        .as_ref()
        .is_some_and(|profile| profile.property("aws_access_key_id").is_some());
    let process = profile
        .as_ref()
        .and_then(|profile| profile.get("credential_process"));
    let used = process.is_some_and(|line| {
        use assumerole_core::aws_config::profiles::OwnProcess;
        OwnProcess::stored_key(line.text()).is_some()
    });
    if used {
        return;
    }
    let advice = match keys {
        true => format!(
            "profile {} still has its keys in ~/.aws; use the stored one: assumerole keys import {}",
            one_line(name),
            argument(name)
        ),
        false => format!(
            "to use it, put this into profile {} of ~/.aws/credentials: credential_process = assumerole credential-process --session {}",
            one_line(name),
            argument(name)
        ),
    };
    app.printer.note(&advice);
}
