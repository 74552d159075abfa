//! `keys import PROFILE…`: a key leaves `~/.aws` for the store.
//!
//! In this order: seal, sync, read back, edit. At each moment the file or the
//! store has the key; run again, it goes on where it was.

mod copies;
mod other;
mod report;
mod taken;

use assumerole_core::aws_config::profiles::OwnProcess;
use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind, Profile, Property};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::plan::StaticKeys;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::stored_keys::{StoredKey, StoredKeys, Unlocked};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::args::Import;
use super::file::{self, overtaken};
use super::open;
use crate::app::App;
use crate::commands::profiles;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;
use taken::Taken;

/// What else gives a profile credentials: with one of these in place, programs
/// would use that, and not the line that takes the key's place.
const OTHERS: [&str; 7] = [
    "role_arn",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
    "login_session",
    "credential_process",
    "credential_source",
];

pub(super) fn run(app: &App<'_>, args: &Import) -> Result<Outcome> {
    if let Some(tool) = args.from {
        return other::run(app, args, tool);
    }
    let files = app.aws_files()?;
    let mut process = profiles::process(app, false)?;
    process.session = true;
    let mut taken = Vec::new();
    for name in &args.profiles {
        if taken.iter().all(|one: &Taken| one.profile != *name) {
            taken.push(find(files, name, &process)?);
        }
    }
    let store = open::existing(app)?;
    for one in &taken {
        not_another(store.as_ref(), &one.profile, &one.id)?;
    }
    let told = report::of(app, files, &taken);
    if args.dry_run {
        return app.data(&format!("{}{}", report::changes(&taken, args.keep), told));
    }
    app.printer.note(told.trim_end());
    if !args.yes {
        confirm(app, &taken)?;
    }
    let (store, unlocked) = open::or_made(app, &args.enrol)?;
    for one in &taken {
        put(app, &store, &unlocked, one)?;
    }
    if !args.keep {
        for kind in [FileKind::Credentials, FileKind::Config] {
            edit(app, kind, &taken)?;
        }
    }
    for one in &taken {
        app.printer.note(&report::done(one, args.keep));
    }
    super::unlock::no_second_way(app, &store)?;
    Ok(Outcome::Done)
}

/// The key pair of profile `name`.
///
/// # Errors
/// There is none that could be stored.
fn find(files: &AwsFiles, name: &str, process: &OwnProcess) -> Result<Taken> {
    let shown = one_line(name);
    let Some(profile) = files.profile(name) else {
        return Err(
            Error::new(Kind::UnknownName, format!("there is no profile {shown}"))
                .hint("see the profiles: aws configure list-profiles"),
        );
    };
    let Some(keys) = StaticKeys::of(&profile)? else {
        let stored = profile.get("credential_process");
        let stored = stored.and_then(|line| OwnProcess::stored_key(line.text()));
        let error = Error::new(Kind::Usage, format!("profile {shown} has no access key"));
        return Err(match stored {
            Some(_) => error.because("its key is stored already"),
            None => error.hint(format!("store one: assumerole keys add {shown}")),
        });
    };
    let refused = |why: &str, at: &Snippet| {
        let message = format!("the key of profile {shown} cannot be taken out of ~/.aws");
        Error::new(Kind::Usage, message)
            .at(at.clone())
            .because(why.to_owned())
    };
    if let Some(token) = &keys.token {
        return Err(refused(
            "it is a temporary key, which ends by itself",
            &token.snippet(),
        ));
    }
    if let Some(other) = other_way(&profile) {
        return Err(refused(
            "the profile has this beside its key, and programs would use it when the key is gone",
            &other,
        )
        .hint("move the key into a profile of its own, and name that as source_profile"));
    }
    let own = OwnProcess {
        role: name.to_owned(),
        ..process.clone()
    };
    let line = own.line().map_err(|why| {
        Error::new(
            Kind::Usage,
            format!("no line of ~/.aws can name profile {shown}"),
        )
        .because(why)
        .hint("give the profile a plain name")
    })?;
    Ok(Taken {
        profile: name.to_owned(),
        id: keys.id.text().to_owned(),
        secret: keys.secret.secret(),
        kind: keys.id.file().kind(),
        at: keys.id.snippet(),
        line,
    })
}

fn other_way(profile: &Profile<'_>) -> Option<Snippet> {
    let found = OTHERS.iter().find_map(|key| profile.property(key))?;
    Some(found.snippet())
}

/// A key that is stored under the name is not lost for another one.
fn not_another(store: Option<&StoredKeys>, name: &str, id: &str) -> Result<()> {
    let stored = store.map(|store| store.find(name)).transpose()?;
    match stored.flatten() {
        Some(stored) if stored.access_key_id != id => Err(Error::new(
            Kind::Usage,
            format!("another key is stored as {}", one_line(name)),
        )
        .because(format!(
            "stored is {}, and profile {} has {id}",
            stored.access_key_id,
            one_line(name),
        ))
        .hint(format!(
            "remove the stored one if it is of no use any more: assumerole keys remove {}",
            one_line(name)
        ))),
        _ => Ok(()),
    }
}

fn confirm(app: &App<'_>, taken: &[Taken]) -> Result<()> {
    let names: Vec<String> = taken.iter().map(|one| one_line(&one.profile)).collect();
    let hint = format!(
        "confirm it if you mean it: assumerole keys import --yes {}",
        names.join(" ")
    );
    let tty = open::terminal(app, "nothing was imported", &hint)?;
    let mut questions = Questions::new(tty, "asks whether to import keys")?;
    let question = match names.as_slice() {
        [one] => format!("Store the key of profile {one}, and take it out of ~/.aws?"),
        all => format!(
            "Store the keys of {}, and take them out of ~/.aws?",
            all.join(", ")
        ),
    };
    match questions.yes(&question, false)? {
        true => Ok(()),
        false => Err(Error::new(Kind::Cancelled, "nothing was imported")),
    }
}

/// Stores the key, unless it is stored already.
fn put(app: &App<'_>, store: &StoredKeys, unlocked: &Unlocked, taken: &Taken) -> Result<()> {
    not_another(Some(store), &taken.profile, &taken.id)?;
    if same_secret(store, unlocked, &taken.profile, &taken.secret)? {
        return Ok(());
    }
    let key = StoredKey::new(&taken.profile, &taken.id, app.host.clock.now());
    store.write(&open::desk(app)?, unlocked, key, &taken.secret)
}

/// Whether the key `name` is stored already, with this `secret`.
fn same_secret(
    store: &StoredKeys,
    unlocked: &Unlocked,
    name: &str,
    secret: &SecretString,
) -> Result<bool> {
    if store.find(name)?.is_none() {
        return Ok(false);
    }
    let there = store.read(unlocked, name)?;
    Ok(there.secret_access_key.expose_secret() == secret.expose_secret())
}

/// Puts the lines into the file of `kind`, from which keys are taken.
fn edit(app: &App<'_>, kind: FileKind, taken: &[Taken]) -> Result<()> {
    let of_file: Vec<&Taken> = taken.iter().filter(|one| one.kind == kind).collect();
    if of_file.is_empty() {
        return Ok(());
    }
    file::edit(app, kind, |file| {
        let mut bytes = Zeroizing::new(file.as_bytes().to_vec());
        for one in of_file {
            let file = AwsFile::from_bytes(kind, file.path(), bytes.to_vec());
            same_key(&file, one)?;
            if let Some(after) = file.with_process(&one.profile, &one.line) {
                bytes = after;
            }
        }
        Ok(Some(bytes))
    })
}

/// What is taken out now is what was stored.
fn same_key(file: &AwsFile, taken: &Taken) -> Result<()> {
    let is_there = |text: &str| {
        let pair = file.pair_of(&taken.profile);
        pair.iter()
            .filter_map(Property::value)
            .any(|value| value.text() == text)
    };
    let lines = file.pair_of(&taken.profile).len();
    match lines == 2 && is_there(&taken.id) && is_there(taken.secret.expose_secret()) {
        true => Ok(()),
        // Two lines of one key: only one of them was read.
        false if lines > 2 => Err(Error::new(
            Kind::Config,
            format!("profile {} has more than one key", one_line(&taken.profile)),
        )
        .at(taken.at.clone())
        .hint("remove the lines of the key that is not used")),
        false => Err(overtaken(file.path())),
    }
}
