//! `logout [NAME…]`: forget cached credentials.

use assumerole_core::Result;
use assumerole_core::request::Request;
use assumerole_session::cache::{Cache, Entry, EntryKind};

use crate::app::App;
use crate::outcome::Outcome;

/// Forget cached credentials
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to forget, with all that comes from it; else everything
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let removed = match args.names.as_slice() {
        [] => all(app)?,
        names => some(app, names)?,
    };
    app.printer.note(&match removed {
        0 => "nothing was cached".to_owned(),
        1 => "forgot 1 session".to_owned(),
        many => format!("forgot {many} sessions"),
    });
    Ok(Outcome::Done)
}

fn all(app: &App<'_>) -> Result<usize> {
    match app.existing_state_dir()? {
        Some(dir) => Cache::remove_all(&dir, app.host, app),
        None => Ok(0),
    }
}

/// By name as it was when the session was obtained, and by what the files say
/// now; a name that is in neither is an error.
fn some(app: &App<'_>, names: &[String]) -> Result<usize> {
    let cache = app.existing_cache();
    let mut removed = 0;
    for name in names {
        if let Some(cache) = &cache {
            cache.remove_tokens(|of| of.role == *name || of.profile == *name)?;
            let by_name = cache.remove_where(|_, entry| is_called(entry, name))?.len();
            removed += by_name;
            if by_name > 0 {
                continue;
            }
        }
        let target = app.target(name)?;
        let key = app.plan(&target, &Request::default())?.key();
        if let Some(cache) = &cache {
            let file = cache.entry_name(&key);
            removed += cache.remove_where(|entry, _| entry == file)?.len();
        }
    }
    Ok(removed)
}

/// A role is called by its own name; a session and what a profile gives by the
/// profile's.
fn is_called(entry: &Entry, name: &str) -> bool {
    let about = &entry.about;
    about.name == name || (about.kind != EntryKind::Role && about.profile == name)
}
