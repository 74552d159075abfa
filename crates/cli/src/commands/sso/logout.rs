//! `sso logout [SESSION]`: ends one login of IAM Identity Center.

use assumerole_core::Result;
use assumerole_core::plan::SsoPortal;
use assumerole_session::signin;

use super::session::portal;
use crate::app::App;
use crate::commands::assume::context;
use crate::commands::logout::revoke::{SIGN_OUT, not_ended};
use crate::commands::logout::{CachedSessions, told};
use crate::outcome::Outcome;

/// End a login of IAM Identity Center
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ends the login at AWS, removes its file and forgets the sessions that came from
it. The AWS CLI is logged out of that session, too. Roles that were handed out
before live on until they end.")]
pub(crate) struct Args {
    /// The [sso-session] of ~/.aws/config
    #[arg(value_name = "SESSION")]
    sso_session: Option<String>,
}

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let portal = portal(app, args.sso_session.as_deref(), "sso logout")?;
    let name = portal.name();
    let cache = app.existing_cache();
    let context = context(app, cache.as_ref())?;
    let mut forgotten = 0;
    let ended = signin::log_out(&context, &portal, || {
        forgotten = forget(app, &portal)?;
        match &cache {
            Some(cache) => signin::forget_directory(cache, &portal),
            None => Ok(()),
        }
    })?;
    let Some(ended) = ended else {
        app.printer.note(&format!("there was no login for {name}"));
        return Ok(Outcome::Done);
    };
    let here = format!(
        "logged out of {name}, for the AWS CLI too ({} is removed); {}",
        ended.place,
        told(forgotten)
    );
    match ended.lives_on {
        None => {
            app.printer.note(&here);
            Ok(Outcome::Done)
        }
        Some(why) => Err(not_ended(&name, &why).because(here).hint(SIGN_OUT)),
    }
}

/// Forgets what came from the login at `portal`; how many sessions that were.
fn forget(app: &App<'_>, portal: &SsoPortal) -> Result<usize> {
    let files = app.aws_files()?;
    let key = match portal.session {
        Some(_) => "sso_session",
        None => "sso_start_url",
    };
    let wanted = portal
        .session
        .as_ref()
        .map_or(&portal.start_url.value, |session| &session.value);
    let names = files.profile_names().into_iter().filter(|name| {
        let profile = files.profile(name);
        let named = profile.and_then(|profile| profile.get(key));
        named.is_some_and(|named| named.text().trim() == wanted.as_str())
    });
    let names: Vec<String> = names.map(std::borrow::Cow::into_owned).collect();
    CachedSessions::of_all(app, &names).forget(app)
}
