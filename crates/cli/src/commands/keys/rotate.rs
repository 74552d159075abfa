//! `keys rotate PROFILE…`: a new key takes the place of the old one.
//!
//! Each step is written down before it is done (`Rotation`), so that this can be
//! stopped at any moment and carries on when it is run again. In this order:
//! create, seal, prove, switch, disable, delete. The old key stays in its place
//! until AWS has accepted the new one.

mod asking;
mod places;
mod sessions;

use assumerole_aws::iam::{AccessKeys, KeyStatus};
use assumerole_aws::{CallError, Reason};
use assumerole_core::aws::access_key::check_id;
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_session::aws_clock;
use assumerole_session::stored_keys::{Rotation, Rotations};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::args::Rotate;
use super::open;
use crate::app::App;
use crate::commands::assume::checked;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;
use crate::ui::time;
use asking::{User, prove};
use places::KeyPlaces;

/// AWS's clock and ours may differ by so much.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The key of profile `name`, with its secret, whether it is stored or in a file.
///
/// # Errors
/// The store is locked, or there is no key.
pub(in crate::commands) fn key_of_profile(app: &App<'_>, name: &str) -> Result<Credentials> {
    places::keys(app, name, None)
}

pub(super) fn run(app: &mut App<'_>, args: &Rotate) -> Result<Outcome> {
    let names = match args.all {
        true => every_stored(app)?,
        false => args.profiles.clone(),
    };
    let mut code = checked(args.mfa_code.clone())?;
    let rotations = Rotations::create(app.state_dir()?)?;
    let _lock = rotations.lock(app.host.clock.as_ref())?;
    let mut failed = None;
    for name in &names {
        let done = one(app, &rotations, name, args, code.take());
        match (done, names.len()) {
            (Ok(()), _) => {}
            (Err(error), 1) => return Err(error),
            // The others are replaced all the same.
            (Err(error), _) => {
                let kind = error.kind();
                app.printer.error(&error);
                let ends = matches!(kind, Kind::Signal(_) | Kind::Interrupted | Kind::Cancelled);
                failed = failed.or(Some(one_line(name)));
                if ends {
                    break;
                }
            }
        }
    }
    match failed {
        None => Ok(Outcome::Done),
        Some(name) => Err(Error::new(
            Kind::Failed,
            format!("not every key was replaced: {name} was not"),
        )
        .called(Id::KeyNotReplaced)
        .hint("run this again: it carries on where it was")),
    }
}

/// The profiles whose keys are stored, each key once.
fn every_stored(app: &App<'_>) -> Result<Vec<String>> {
    let mut keys = open::needed(app)?.keys()?;
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(key.access_key_id.clone()));
    Ok(keys.into_iter().map(|key| key.name).collect())
}

/// Replaces the key of profile `name`, or carries on.
fn one(
    app: &mut App<'_>,
    rotations: &Rotations,
    name: &str,
    args: &Rotate,
    code: Option<SecretString>,
) -> Result<()> {
    let id = places::key_of(app, name)?;
    check_id(&id).map_err(|why| {
        Error::new(
            Kind::Usage,
            format!("profile {} has no access key", one_line(name)),
        )
        .because(why.to_string())
    })?;
    let begun = rotations.find(&id)?;
    if let Some(begun) = begun.as_ref().filter(|_| args.grace.is_none())
        && is_too_early(app, begun, name)
    {
        return Ok(());
    }
    if begun.is_none() && !args.yes {
        confirm(app, name, &id)?;
    }
    let switched = begun.as_ref().is_some_and(|begun| begun.switched.is_some());
    let places = KeyPlaces::of(app, begun.as_ref().map_or(&id, |begun| &begun.old))?;
    let unlocked = places.unlock(app, name)?;
    let mut user = User::of(app, name, unlocked.as_ref(), code)?;
    let mut rotation = match begun {
        Some(rotation) if rotation.user == user.arn => rotation,
        Some(rotation) => return Err(another_user(name, &rotation, &user)),
        None => Rotation::new(&id, &user.arn, Vec::new(), app.host.clock.now(), 0),
    };
    if let Some(grace) = args.grace {
        rotation.grace = grace;
    }
    if !switched {
        let old = sessions::cached_with(app, &rotation.old);
        let new = new_key(
            app,
            rotations,
            &mut rotation,
            &user,
            name,
            args,
            unlocked.as_ref(),
        )?;
        prove(app, &user, &new)?;
        places.switch(app, unlocked.as_ref(), &rotation, &new)?;
        rotation.switched = Some(app.host.clock.now());
        rotations.write(&rotation)?;
        if let Some(unlocked) = &unlocked {
            unlocked.store.forget_next(&rotation.old)?;
        }
        app.printer.note(&format!(
            "profile {} has the key {} now, in place of {}",
            one_line(name),
            new.access_key_id,
            rotation.old
        ));
        if !old.is_empty() {
            app.printer.note(&format!(
                "obtained with the old key, and valid until they end: {}",
                old.join(", ")
            ));
        }
        app.read_again();
        sessions::obtain(app, name, &mut user)?;
        if !user.has_device {
            user.keys = new;
        }
    }
    end_of_old(app, rotations, rotation, &user, name)
}

fn confirm(app: &App<'_>, name: &str, id: &str) -> Result<()> {
    let hint = format!(
        "confirm it if you mean it: assumerole keys rotate --yes {}",
        argument(name)
    );
    let tty = open::terminal(app, "no key was replaced", &hint)?;
    let mut questions = Questions::new(tty, "asks whether to replace a key")?;
    questions.say(&format!(
        "A new key takes the place of {id}, which is then disabled and deleted in IAM. Copies of it elsewhere stop working."
    ))?;
    let question = format!("Replace the key of profile {}?", one_line(name));
    match questions.yes(&question, false)? {
        true => Ok(()),
        false => Err(Error::new(Kind::Cancelled, "no key was replaced")),
    }
}

fn another_user(name: &str, rotation: &Rotation, user: &User) -> Error {
    Error::new(
        Kind::Failed,
        format!(
            "the key of profile {} is of another user than when this began",
            one_line(name)
        ),
    )
    .called(Id::KeyNotReplaced)
    .because(format!("it was {}, and it is {}", rotation.user, user.arn))
}

/// The new key: the one that a run before this made and kept, else one that is
/// made now.
fn new_key(
    app: &App<'_>,
    rotations: &Rotations,
    rotation: &mut Rotation,
    user: &User,
    name: &str,
    args: &Rotate,
    unlocked: Option<&places::OpenStore>,
) -> Result<Credentials> {
    let kept = places::kept(app, unlocked, rotation)?;
    let keys = user.list(app)?;
    if let Some(kept) = kept
        && keys.iter().any(|key| key.id == kept.access_key_id)
    {
        if rotation.new.is_none() {
            let created = keys.iter().find(|key| key.id == kept.access_key_id);
            let created = created.map_or(rotation.began, |key| key.created);
            rotation.new = Some((kept.access_key_id.clone(), created));
            rotations.write(rotation)?;
        }
        return Ok(kept);
    }
    let keys = match rotation.known.is_empty() {
        // Nothing was asked for yet.
        true => keys,
        false => without_orphan(app, rotation, user, name, args, keys)?,
    };
    if keys.len() > 1 {
        return Err(two_keys(app, name, user, &keys, &rotation.old));
    }
    let now = app.host.clock.now();
    let known = keys.into_iter().map(|key| key.id).collect();
    *rotation = Rotation::new(&rotation.old, &rotation.user, known, now, rotation.grace);
    rotations.write(rotation)?;
    let made = user.iam().create(&aws_clock(app.host));
    let made = made.map_err(|error| match is_limit(&error) {
        true => match user.list(app) {
            Ok(keys) => two_keys(app, name, user, &keys, &rotation.old),
            Err(error) => error,
        },
        false => user.explain(&error).hint(format!(
            "run this again: it finds a key that was made meanwhile: assumerole keys rotate {}",
            argument(name)
        )),
    })?;
    let new = Credentials {
        access_key_id: made.id.clone(),
        secret_access_key: made.secret,
        session_token: None,
        expires: None,
    };
    if let Some(unlocked) = unlocked {
        unlocked.keep_next(app, rotation, &new)?;
    }
    rotation.new = Some((made.id, made.created));
    rotations.write(rotation)?;
    Ok(new)
}

/// `keys` without the one that a run before this made and whose secret is lost:
/// it is deleted, if the person agrees.
fn without_orphan(
    app: &App<'_>,
    rotation: &Rotation,
    user: &User,
    name: &str,
    args: &Rotate,
    mut keys: Vec<KeyStatus>,
) -> Result<Vec<KeyStatus>> {
    let since = rotation.began.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
    let is_ours = |key: &KeyStatus| rotation.new.as_ref().is_some_and(|(id, _)| *id == key.id);
    let is_orphan = |key: &KeyStatus| {
        let is_new = !rotation.known.contains(&key.id) && key.created >= since;
        key.id != rotation.old && (is_ours(key) || is_new)
    };
    let Some(at) = keys.iter().position(is_orphan) else {
        return Ok(keys);
    };
    let orphan = keys.remove(at);
    let now = &aws_clock(app.host);
    let used = user.iam().last_use(&orphan.id, now);
    // Of one that was written down, the use was our own: its proof.
    if !is_ours(&orphan) && used.map_err(|error| user.explain(&error))?.is_some() {
        // Somebody else made it, and has its secret.
        keys.push(orphan);
        return Ok(keys);
    }
    if !args.yes {
        let hint = format!(
            "delete it without asking: assumerole keys rotate --yes {}",
            argument(name)
        );
        let tty = open::terminal(app, "no key was replaced", &hint)?;
        let mut questions = Questions::new(tty, "asks whether to delete a key")?;
        questions.say(&format!(
            "{} was made at {} by a run of this that was stopped. It has taken no place, and its secret is lost.",
            orphan.id,
            time::moment(orphan.created, &app.host.time_zone())
        ))?;
        let question = format!("Delete the key {} in IAM, and make another one?", orphan.id);
        if !questions.yes(&question, true)? {
            return Err(Error::new(Kind::Cancelled, "no key was replaced"));
        }
    }
    user.delete(app, &orphan.id)?;
    app.printer.note(&format!(
        "deleted the key {}, whose secret was lost",
        orphan.id
    ));
    Ok(keys)
}

fn is_limit(error: &CallError) -> bool {
    matches!(error, CallError::Aws(failure) if failure.code.as_deref() == Some("LimitExceeded"))
}

/// IAM allows a user two keys: what each of them is, and what to do.
fn two_keys(app: &App<'_>, name: &str, user: &User, keys: &[KeyStatus], old: &str) -> Error {
    let zone = app.host.time_zone();
    let mut sorted: Vec<&KeyStatus> = keys.iter().collect();
    sorted.sort_by_key(|key| key.created);
    let mut error = Error::new(
        Kind::Refused,
        format!(
            "user {} has two access keys, and IAM allows no third",
            user.name
        ),
    )
    .called(Id::TooManyKeys);
    for key in sorted {
        let whose = match key.id == old {
            true => format!(" (profile {})", one_line(name)),
            false => String::new(),
        };
        let used = match user.iam().last_use(&key.id, &aws_clock(app.host)) {
            Ok(Some(used)) => format!(
                "last used {} ({})",
                time::moment(used.at, &zone),
                used.service
            ),
            Ok(None) => "never used".to_owned(),
            Err(_) => "last use unknown".to_owned(),
        };
        let state = if key.active { "" } else { ", inactive" };
        error = error.because(format!(
            "{}{whose}: created {}, {used}{state}",
            key.id,
            time::moment(key.created, &zone)
        ));
    }
    let other = keys.iter().find(|key| key.id != old);
    match other {
        Some(other) => error.hint(format!(
            "delete it if nothing uses {}: assumerole exec {} -- aws iam delete-access-key --user-name {} --access-key-id {}",
            other.id,
            argument(name),
            user.name,
            other.id
        )),
        None => error,
    }
}

/// Disables the old key and deletes it, when its time has come.
fn end_of_old(
    app: &App<'_>,
    rotations: &Rotations,
    mut rotation: Rotation,
    user: &User,
    name: &str,
) -> Result<()> {
    let (iam, clock) = (user.iam(), aws_clock(app.host));
    let old = rotation.old.clone();
    let again = format!("assumerole keys rotate {}", argument(name));
    let first = rotation.disabled.is_none();
    if first {
        match user.patiently(app, || iam.set_active(&old, false, &clock)) {
            Err(error) if !is_gone(&error) => {
                return Err(user.explain(&error).hint(format!("carry on: {again}")));
            }
            _ => {}
        }
        rotation.disabled = Some(app.host.clock.now());
        rotations.write(&rotation)?;
        app.printer.note(&format!("disabled the old key {old}"));
    }
    if is_too_early(app, &rotation, name) {
        return Ok(());
    }
    let zone = app.host.time_zone();
    let used = match user.patiently(app, || iam.last_use(&old, &clock)) {
        Ok(used) => used,
        Err(error) if is_gone(&error) => None,
        Err(error) => return Err(user.explain(&error).hint(format!("carry on: {again}"))),
    };
    let since = rotation.switched.unwrap_or(rotation.began);
    if let Some(used) = used.filter(|used| first && used.at > since) {
        app.printer.note(&format!(
            "{old} was used at {} ({} in {}), after the new key had taken its place: something else has it; it is disabled, and not deleted",
            time::moment(used.at, &zone),
            used.service,
            used.region
        ));
        app.printer
            .note(&format!("if nothing misses it, delete it: {again}"));
        return Ok(());
    }
    user.delete(app, &old)?;
    rotations.forget(&rotation)?;
    app.printer.note(&format!("deleted the old key {old}"));
    Ok(())
}

/// Whether the old key is to be kept for a while, which is said.
fn is_too_early(app: &App<'_>, rotation: &Rotation, name: &str) -> bool {
    let now = app.host.clock.now();
    let Some(at) = rotation.delete_at().filter(|at| *at > now) else {
        return false;
    };
    app.printer.note(&format!(
        "to delete {}, run this again after {}: assumerole keys rotate {}",
        rotation.old,
        time::moment(at, &app.host.time_zone()),
        argument(name)
    ));
    true
}

/// Whether a key is not there any more.
fn is_gone(error: &CallError) -> bool {
    matches!(error, CallError::Aws(failure) if failure.code.as_deref() == Some("NoSuchEntity"))
}

/// Whether a new key is not known yet.
fn is_unknown(error: &CallError) -> bool {
    error.reason() == Some(Reason::InvalidKey)
}
