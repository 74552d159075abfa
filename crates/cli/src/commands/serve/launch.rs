//! Starting a server, for the command that is run beside it.

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::Warning;
use assumerole_core::environment::table;
use assumerole_core::plan::guards;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::process::{self, background};
use secrecy::ExposeSecret as _;

use super::spec::{self, AwsPaths, HANDED_OVER, Place, Ready, Role, Spec, Word};
use crate::app::App;
use crate::assumed::{Assumed, CredentialServer};
use crate::deliver;

/// Said once where other users of the machine are not told apart.
pub(super) const TOKEN_ALONE: &str =
    "the system does not tell which user asks here: the token alone decides";

/// Starts a server for `assumed` that lives as long as this process, and what
/// that becomes. It listens when this returns.
///
/// # Errors
/// It did not start.
pub(in crate::commands) fn beside(app: &App<'_>, assumed: &Assumed) -> Result<CredentialServer> {
    let spec = Spec {
        roles: vec![Role::of(assumed, confirmed(app, assumed)?)?],
        watch: Some(process::own_pid()),
        aws_files: Some(aws_paths(app, assumed)?),
        place: Place::LOOPBACK,
        instance: false,
        token_file: None,
        detached: None,
    };
    let ready = start(app, &spec)?;
    if !ready.tells {
        app.printer.warning(&Warning::new(TOKEN_ALONE));
    }
    let path = assumerole_server::role_path(&assumed.plan.name);
    Ok(CredentialServer {
        uri: format!("{}{path}", ready.origin),
        token: ready.token,
        token_file: ready.token_file,
        copies: ready.copies.map(|paths| (paths.config, paths.credentials)),
    })
}

fn start(app: &App<'_>, spec: &Spec) -> Result<Ready> {
    let failed = || {
        Error::new(Kind::Failed, "the credentials server did not start").called(Id::ServerFailed)
    };
    let told = spec::written(spec)?;
    let said = background::start(
        &HANDED_OVER.map(Into::into),
        app.host.env.pairs(),
        &told,
        true,
    )
    .map_err(|error| failed().because(assumerole_host::error::reason(&error)))?;
    match spec::read(&said)? {
        Word::Ready(ready) => Ok(*ready),
        Word::Failed(error) => Err(error),
    }
}

/// The names that a person confirmed, or `--yes` did, on the way to `assumed`.
pub(super) fn confirmed(app: &App<'_>, assumed: &Assumed) -> Result<Vec<String>> {
    let guards = guards(&app.guarding()?, &assumed.plan)?;
    Ok(guards.into_iter().map(|guard| guard.name).collect())
}

/// Where the command looks for the files of `~/.aws`: the role's own
/// `environment` may say.
fn aws_paths(app: &App<'_>, assumed: &Assumed) -> Result<AwsPaths> {
    let set = deliver::set(app, assumed)?;
    let of = |name: &str, usual| {
        let own = set.iter().find(|variable| variable.name == name);
        own.map_or(usual, |own| own.value.expose_secret().into())
    };
    let places = &app.places;
    Ok(AwsPaths {
        config: of(table::AWS_CONFIG_FILE, places.aws_config.clone()),
        credentials: of(table::AWS_CREDENTIALS_FILE, places.aws_credentials.clone()),
    })
}
