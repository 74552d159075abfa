//! `keys import --from TOOL`: keys that another tool keeps.
//!
//! A key comes through a pipe into this process, and is sealed before anything
//! else is done: nothing of it is written in clear.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::time::Duration;

use assumerole_core::aws::access_key::AccessKey;
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::process::{Captured, Helper, Stderr, Stdin, run_captured};
use assumerole_session::sources;
use assumerole_session::stored_keys::{StoredKey, StoredKeys, Unlocked};
use secrecy::ExposeSecret as _;

use super::super::add::{check_name, how_to_use};
use super::super::args::{Import, Tool};
use super::super::open;
use super::{not_another, same_secret};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;

/// A person may have to type a passphrase, or to look for a window.
const TIME: Duration = Duration::from_secs(120);

/// Bytes of what it prints: a key has two hundred, a list some thousands.
const LIMIT: usize = 256 * 1024;

/// Characters of what it says that are shown.
const MOST: usize = 300;

pub(super) fn run(app: &App<'_>, args: &Import, tool: Tool) -> Result<Outcome> {
    if tool == Tool::Granted {
        return Err(by_hand(args));
    }
    let names = match args.profiles.is_empty() {
        true => listed(app)?,
        false => args.profiles.clone(),
    };
    for name in &names {
        check_name(name)?;
    }
    if names.is_empty() {
        app.printer.note("aws-vault has no keys");
        return Ok(Outcome::Done);
    }
    if args.dry_run {
        let line = |name: &String| format!("aws-vault: key {}\n", one_line(name));
        return app.data(&names.iter().map(line).collect::<String>());
    }
    if !args.yes {
        confirm(app, &names)?;
    }
    let (store, unlocked) = open::or_made(app, &args.enrol)?;
    let mut failed = None;
    for name in &names {
        match one(app, &store, &unlocked, name) {
            Ok(()) => {}
            Err(error) => {
                let kind = error.kind();
                let ends = matches!(kind, Kind::Signal(_) | Kind::Interrupted | Kind::Cancelled);
                if names.len() == 1 || ends {
                    return Err(error);
                }
                // The others are stored all the same.
                app.printer.error(&error);
                failed = failed.or(Some(one_line(name)));
            }
        }
    }
    super::super::unlock::no_second_way(app, &store)?;
    match failed {
        None => Ok(Outcome::Done),
        Some(name) => Err(Error::new(
            Kind::Failed,
            format!("not every key was stored: {name} was not"),
        )
        .hint("run this again when that is corrected: keys that are stored stay as they are")),
    }
}

/// Stores the key `name`.
fn one(app: &App<'_>, store: &StoredKeys, unlocked: &Unlocked, name: &str) -> Result<()> {
    let shown = one_line(name);
    let refused = |why: String| {
        Error::new(Kind::Usage, format!("aws-vault gave no key of {shown}"))
            .called(Id::ProgramFailed)
            .because(why)
    };
    let args = ["export", "--no-session", "--format=json", "--", name];
    let printed = vault(app, &args)?;
    let keys = sources::of_output(&printed.stdout).map_err(&refused)?;
    if keys.session_token.is_some() {
        return Err(
            refused("it gave a temporary key: the profile assumes a role".to_owned())
                .hint("name the profile that has the key: aws-vault list --credentials"),
        );
    }
    let key = AccessKey::new(&keys.access_key_id, keys.secret_access_key.expose_secret())
        .map_err(|why| refused(why.to_string()))?;
    not_another(Some(store), name, &key.id)?;
    if !same_secret(store, unlocked, name, &key.secret)? {
        let new = StoredKey::new(name, &key.id, app.host.clock.now());
        store.write(&open::desk(app)?, unlocked, new, &key.secret)?;
    }
    app.printer.note(&format!(
        "the key {} of {shown} is stored sealed; aws-vault still has it: remove it there: aws-vault remove {}",
        key.id,
        argument(name)
    ));
    how_to_use(app, name);
    Ok(())
}

/// The names of the keys that aws-vault has.
fn listed(app: &App<'_>) -> Result<Vec<String>> {
    let printed = vault(app, &["list", "--credentials"])?;
    let text = std::str::from_utf8(&printed.stdout).map_err(|_| {
        Error::new(Kind::Failed, "aws-vault listed names that are not UTF-8")
            .called(Id::ProgramFailed)
    })?;
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// Runs aws-vault, which may ask at the terminal.
fn vault(app: &App<'_>, args: &[&str]) -> Result<Captured> {
    let tty = app.host.tty().ok().flatten();
    let tty = tty.filter(|tty| !tty.in_background());
    // Within a shell of its own it refuses to run.
    let env = app.env.pairs().iter();
    let env: Vec<_> = env
        .filter(|(name, _)| name != "AWS_VAULT")
        .cloned()
        .collect();
    let helper = Helper {
        program: "aws-vault".into(),
        args: args.iter().map(OsString::from).collect(),
        env: &env,
        stdin: tty.as_ref().map_or(Stdin::Null, Stdin::Terminal),
        stderr: match tty {
            Some(_) => Stderr::Terminal,
            None => Stderr::Captured,
        },
        timeout: TIME,
        limit: LIMIT,
    };
    let clock = app.host.clock.as_ref();
    let ran = assumerole_host::deadline::uncounted(clock, || run_captured(&helper))?;
    match ran.status.success() {
        true => Ok(ran),
        false => Err(failed(ran.status, &ran.stderr)),
    }
}

fn failed(status: ExitStatus, stderr: &[u8]) -> Error {
    let said = one_line(&String::from_utf8_lossy(stderr).trim().replace('\n', "; "));
    let said: String = said.chars().take(MOST).collect();
    let error = Error::new(Kind::Failed, "aws-vault failed").called(Id::ProgramFailed);
    match (said.is_empty(), status.code()) {
        (false, _) => error.because(said),
        (true, Some(code)) => error.because(format!("it ended with status {code}")),
        (true, None) => error.because("a signal ended it"),
    }
}

fn confirm(app: &App<'_>, names: &[String]) -> Result<()> {
    let shown: Vec<String> = names.iter().map(|name| one_line(name)).collect();
    let words: Vec<_> = names.iter().map(|name| argument(name)).collect();
    let hint = format!(
        "confirm it if you mean it: assumerole keys import --from aws-vault --yes {}",
        words.join(" ")
    );
    let tty = open::terminal(app, "nothing was imported", &hint)?;
    let mut questions = Questions::new(tty, "asks whether to import keys")?;
    let question = match shown.as_slice() {
        [one] => format!("Store the key {one} of aws-vault?"),
        all => format!("Store the keys {} of aws-vault?", all.join(", ")),
    };
    match questions.yes(&question, false)? {
        true => Ok(()),
        false => Err(Error::new(Kind::Cancelled, "nothing was imported")),
    }
}

/// granted gives its keys to nobody but by a file.
fn by_hand(args: &Import) -> Error {
    let name = args.profiles.first().map_or("PROFILE", String::as_str);
    let name = argument(name);
    Error::new(Kind::Usage, "the keys of granted cannot be imported by themselves")
        .because("its only export writes the secret key into ~/.aws/credentials, in clear")
        .hint(format!("make a new key in IAM instead, and store it: assumerole keys add {name}"))
        .hint(format!(
            "or let it stand there for a moment: granted credentials export-plaintext {name} && assumerole keys import {name} && assumerole keys rotate {name}"
        ))
        .hint(format!("remove it from granted afterwards: granted credentials remove {name}"))
}
