//! `logout [ROLE…]`: forget cached credentials.

use assumerole_core::Result;
use assumerole_core::request::Request;
use assumerole_session::cache::Cache;

use crate::app::App;
use crate::outcome::Outcome;

/// Forget cached credentials
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The roles to forget; without any, all, and the key that seals them
    roles: Vec<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let removed = match args.roles.as_slice() {
        [] => all(app)?,
        roles => some(app, roles)?,
    };
    app.printer.note(&match removed {
        0 => "nothing was cached".to_owned(),
        1 => "forgot 1 role session".to_owned(),
        many => format!("forgot {many} role sessions"),
    });
    Ok(Outcome::Done)
}

fn all(app: &App<'_>) -> Result<usize> {
    Cache::remove_all(app.state_dir()?, app.host, app)
}

/// By name as it was when the session was obtained, and by what the file says
/// now; a role that is in neither is an error.
fn some(app: &App<'_>, roles: &[String]) -> Result<usize> {
    let Some(cache) = app.cache() else {
        return Ok(0);
    };
    let mut removed = 0;
    for name in roles {
        let by_name = cache.remove_where(|entry| entry.about.role == *name)?;
        removed += by_name;
        if by_name > 0 {
            continue;
        }
        let role = app.role(name)?;
        let key = app.plan(&role, &Request::default())?.key();
        removed += usize::from(cache.remove(&key)?);
    }
    Ok(removed)
}
