//! Writing to `~/.assumerole`: a role is added or changed, and every other
//! byte stays as it was.

use std::sync::Arc;
use std::time::Duration;

use assumerole_core::config::{Config, NewRole, insert_role, role_exists};
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, Holds, Original, Replaced};
use assumerole_host::lock::{Lock, LockError};

use crate::app::App;

/// Writing takes milliseconds; whoever holds the lock longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts `role` into the file, which is made if there is none; says where it
/// is now. With `dry_run` nothing is touched.
///
/// # Errors
/// The file is wrong, has a role of that name, or cannot be written; the role
/// is none.
pub(crate) fn insert(app: &App<'_>, role: &NewRole, dry_run: bool) -> Result<Option<Snippet>> {
    let after = edit(app, dry_run, |path, text| insert_role(path, text, role))?;
    let shown = app.places.show(&app.places.config);
    Config::parse(&shown, after)?.place_of_role(&role.name)
}

/// Gives the file the text that `change` makes of its path and its text, and
/// returns that. Where nothing changes, and with `dry_run`, nothing is
/// touched.
///
/// # Errors
/// That of `change`; or the file cannot be read or written.
pub(crate) fn edit(
    app: &App<'_>,
    dry_run: bool,
    change: impl FnOnce(&str, &Arc<String>) -> Result<Arc<String>>,
) -> Result<Arc<String>> {
    // Of two who write at once the second builds on what the first wrote.
    // Without a folder for the lock there is none.
    let dir = match dry_run {
        true => None,
        false => app.state_dir().ok(),
    };
    let clock = &*app.host.clock;
    let lock = dir.map(|dir| Lock::acquire(dir, "config.lock", clock, PATIENCE, &mut |_| {}));
    let _lock = match lock {
        None | Some(Err(LockError::Io(_))) => None,
        Some(Ok(lock)) => Some(lock),
        Some(Err(error @ LockError::TimedOut { .. })) => return Err(error.into()),
    };
    let path = &app.places.config;
    let shown = app.places.show(path);
    let original = Original::open(path, fs::LARGEST);
    let mut original = original.map_err(|error| error.into_error(Kind::Config))?;
    let before = decoded(app, original.take_content().unwrap_or_default())?;
    let after = change(&shown, &before)?;
    if !dry_run
        && after != before
        && original.replace(after.as_bytes(), Holds::Settings)? == Replaced::Overtaken
    {
        return Err(overtaken(&shown));
    }
    Ok(after)
}

/// The error of the file that is `shown` so, which is not as it was when the
/// change was made.
pub(crate) fn overtaken(shown: &str) -> Error {
    Error::new(Kind::Failed, format!("cannot replace {shown}"))
        .called(Id::FileFailed)
        .because("another program changed it at the same time")
        .hint("run this again")
}

/// Whether the file has a role of that name: an error that says where.
///
/// # Errors
/// It has, or the file is wrong.
pub(crate) fn is_free(app: &App<'_>, name: &str) -> Result<()> {
    match as_it_is(app)?.place_of_role(name)? {
        None => Ok(()),
        Some(place) => Err(role_exists(name, place)),
    }
}

/// The file that a role would be written into, which may be empty or not there.
///
/// # Errors
/// The file is wrong.
pub(crate) fn as_it_is(app: &App<'_>) -> Result<Config> {
    let shown = app.places.show(&app.places.config);
    let text = text(app)?;
    match text.trim_start_matches('\u{feff}').trim().is_empty() {
        true => Ok(Config::none(&shown)),
        false => Config::parse(&shown, text),
    }
}

/// The text of the file as it is now; none where there is no file.
///
/// # Errors
/// It cannot be read, or is no text.
pub(crate) fn text(app: &App<'_>) -> Result<Arc<String>> {
    let bytes = fs::read_regular(&app.places.config, fs::LARGEST);
    let bytes = bytes.map_err(|error| error.into_error(Kind::Config))?;
    decoded(app, bytes.unwrap_or_default())
}

/// `bytes` as text: the one that is in memory already, where it is the same.
fn decoded(app: &App<'_>, bytes: Vec<u8>) -> Result<Arc<String>> {
    let read = app.config_if_read().map(Config::text).cloned();
    let known = [read, app.last_text.borrow().upgrade()];
    let mut known = known.into_iter().flatten();
    if let Some(text) = known.find(|text| text.as_bytes() == bytes) {
        return Ok(text);
    }
    let text = String::from_utf8(bytes).map(Arc::new);
    if let Ok(text) = &text {
        app.last_text.replace(Arc::downgrade(text));
    }
    text.map_err(|wrong| {
        // The reader of the file has the words for it.
        let shown = app.places.show(&app.places.config);
        let read = Config::from_bytes(&shown, wrong.into_bytes());
        read.err()
            .unwrap_or_else(|| Error::new(Kind::Config, format!("{shown} is not UTF-8 text")))
    })
}
