//! `-` in place of a role's name: the previous one, as `cd -` has it, with the
//! flags and the files that it was assumed with.

use std::path::PathBuf;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::FLAGS;
use assumerole_core::environment::table::ROLE;
use assumerole_core::shell::command_line::argument;
use assumerole_core::shell::note::{Again, Here, UserFiles};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_session::history::{self, Record};
use jiff::Timestamp;

use crate::app::App;
use crate::files::{self, Places};
use crate::options::Session;

/// What stands for the previous role.
const PREVIOUS: &str = "-";

/// Where `name` is `-`, puts the previous role in its place, and what that one
/// was asked for with under `session`, whose own flags win. The previous one is
/// the last that was used other than the one this shell is in; a shell that
/// changes roles in place knows its own. (A role that is itself called `-` is
/// meant by its name.) What is taken is said.
///
/// # Errors
/// There is no previous role, or the flags that are given now and those of
/// then do not go together.
pub(crate) fn stand_in(app: &mut App<'_>, name: &mut String, session: &mut Session) -> Result<()> {
    if name != PREVIOUS || app.config()?.role(PREVIOUS)?.is_some() {
        return Ok(());
    }
    let again = previous(app)?;
    let before = match &again.flags {
        Some(words) => Session::of_words(words).ok_or_else(|| unreadable(&again.role, words))?,
        None => Session::default(),
    };
    let given = std::mem::take(session);
    *session = given.over(before)?;
    let today = app.files_in_force();
    let files = again.files.clone().map(|files| match &today {
        // That of the command line wins.
        Some(today) if app.config_flag.is_some() => UserFiles {
            config: today.config.clone(),
            ..files
        },
        _ => files,
    });
    if let Some(taken) = taken(app, &again, files.as_ref(), today.as_ref()) {
        app.printer.note(&taken);
    }
    if let Some(files) = &files {
        let duration = again.duration.or(app.settings.duration);
        app.adopt(files, duration);
    }
    *name = again.role;
    Ok(())
}

fn previous(app: &App<'_>) -> Result<Again> {
    if let Some(kept) = app.env.text(names::ASSUMEROLE_PREVIOUS) {
        return Ok(by_new_name(app, Again::read(kept)));
    }
    let here = app.here();
    let (current, usual) = (app.current_role(&here), app.places.usual());
    // A role of another file is another one, whatever it is called.
    let config = here.note().map(|note| &note.files.config);
    let is_other = |record: &Record| {
        let again = record.again(&usual);
        let other_file = |files: UserFiles| config.is_some_and(|config| *config != files.config);
        Some(again.role.as_str()) != current || again.files.is_some_and(other_file)
    };
    let found = app
        .existing_state_dir()?
        .and_then(|dir| history::previous(&dir, &usual.config, is_other));
    found
        .map(|record| record.again(&usual))
        .ok_or_else(|| none(current))
}

/// `again` with the name that its role has now: of what a shell keeps nobody
/// knows when it was noted, so a role that has that name today is meant by it.
fn by_new_name(app: &App<'_>, mut again: Again) -> Again {
    let usual = app.places.usual();
    let config = &again.files.as_ref().unwrap_or(&usual).config;
    let places = app.places.with(again.files.as_ref().unwrap_or(&usual));
    if let Some(now) = app.renamed(&again.role, config, Timestamp::MIN)
        && !has_role(&places, &again.role)
    {
        again.role = now;
    }
    again
}

fn has_role(places: &Places, name: &str) -> bool {
    let config = files::config(places);
    config.is_ok_and(|config| {
        config
            .place_of_role(name)
            .is_ok_and(|place| place.is_some())
    })
}

/// What is taken beside the name: in a line, if there is something to say.
fn taken(
    app: &App<'_>,
    again: &Again,
    files: Option<&UserFiles>,
    today: Option<&UserFiles>,
) -> Option<String> {
    let role = one_line(&again.role);
    let Some(flags) = &again.flags else {
        let is_known = app.is_known(&again.role).unwrap_or_default();
        return is_known
            .then(|| format!("- is {role} without flags: an earlier version did not record them"));
    };
    let mut words: Vec<String> = Vec::new();
    if !flags.is_empty() {
        words.push(format!("with {}", shell_words::join(flags)));
    }
    if let Some(seconds) = again.duration {
        words.push(format!(
            "with {}={seconds}",
            names::AWS_STS_DURATION_SECONDS
        ));
    }
    if let Some(files) = files {
        let usual = app.places.usual();
        let from = noticed(app, files, &[Some(&usual), today]);
        words.extend(from.into_iter().map(|path| format!("from {path}")));
    }
    match words.is_empty() {
        true => None,
        false => Some(format!("- is {role} {}", one_line(&words.join(", ")))),
    }
}

/// What asks again for the session that this shell is about to leave, if it is
/// in one. Where there is no note of it, what an earlier version wrote down
/// counts: the name, and the flags if there are any.
pub(crate) fn left(app: &App<'_>) -> Option<Again> {
    let env = &app.host.env;
    match app.here() {
        Here::In(note) | Here::Left(note, _) => return Some(note.again()),
        Here::Nowhere | Here::Unknown(_) => {}
    }
    let again = Again::of_name(env.text(ROLE)?);
    let words = env
        .text(FLAGS)
        .and_then(|text| shell_words::split(text).ok());
    let Some(mut words) = words else {
        return Some(again);
    };
    let mut files = app.files_in_force();
    if words.first().is_some_and(|word| word == "--config") && words.len() > 1 {
        let named = words.drain(..2).nth(1).map(PathBuf::from);
        let config = Places::find(&app.env, named.as_deref()).config;
        files = files.filter(|_| config.is_absolute());
        files = files.map(|files| UserFiles { config, ..files });
    }
    Some(Again {
        flags: Some(words),
        files,
        ..again
    })
}

/// Those of `files` that are not the same in each of `others`, as a person
/// writes them.
pub(super) fn noticed(
    app: &App<'_>,
    files: &UserFiles,
    others: &[Option<&UserFiles>],
) -> Vec<String> {
    let parts = |files: &UserFiles| {
        let UserFiles {
            config,
            aws_config,
            aws_credentials,
        } = files.clone();
        [config, aws_config, aws_credentials]
    };
    let others: Vec<_> = others.iter().flatten().map(|files| parts(files)).collect();
    let odd = |(at, path): &(usize, PathBuf)| others.iter().any(|other| other[*at] != *path);
    let own = parts(files).into_iter().enumerate();
    own.filter(odd)
        .map(|(_, path)| app.places.show(&path))
        .collect()
}

fn unreadable(role: &str, words: &[String]) -> Error {
    let flags = shell_words::join(words);
    Error::new(
        Kind::Usage,
        format!("the flags of the previous role {role} cannot be read: {flags:?}"),
    )
    .hint(format!("name it: assumerole {}", argument(role)))
}

fn none(current: Option<&str>) -> Error {
    let message = match current {
        Some(current) => format!("there is no previous role: none but {current} has been used"),
        None => "there is no previous role: none has been used".to_owned(),
    };
    Error::new(Kind::UnknownName, message)
        .hint("name one: assumerole ROLE")
        .hint("see what was used: assumerole history")
}
