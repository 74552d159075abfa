//! The program under the name `docker-credential-assumerole`: what Docker asks by
//! itself for the login of a registry.
//!
//! It reads stdin, and says errors on stdout:
//! <https://github.com/docker/docker-credential-helpers#development>

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use assumerole_core::aws::registry::Registry;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::streams;
use assumerole_session::history::Way;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::assume::assume;
use super::credential_process::for_token;
use super::ecr_login::login;
use super::rows;
use crate::app::App;
use crate::options::{Obtain, Session};
use crate::outcome::Outcome;
use crate::ui::report::Report;

/// What the file of the program is called then.
const FILE: &str = "docker-credential-assumerole";

/// The command that it is, which nobody types.
pub(crate) const NAME: &str = "docker-credential";

/// What Docker calls
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// get, list, store, erase or version
    action: String,
}

/// The user's name of every registry of ECR.
const USER: &str = "AWS";

/// What Docker takes for a registry that one may use without a login.
/// <https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go>
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Bytes of a request.
const LIMIT: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stored {
    #[serde(rename = "ServerURL")]
    server: String,
    username: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credential<'a> {
    #[serde(rename = "ServerURL")]
    server: &'a str,
    username: &'a str,
    secret: &'a str,
}

/// `line` as the command that it is, if the program was called by Docker.
pub(crate) fn line(mut line: Vec<OsString>) -> Vec<OsString> {
    let called = line.first().map(Path::new);
    let name = called.and_then(Path::file_name);
    if name == Some(OsStr::new(FILE)) {
        line.insert(1, NAME.into());
    }
    line
}

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    for_token(app);
    match answer(app, &args.action) {
        Ok(outcome) => Ok(outcome),
        // Docker shows what it finds on stdout.
        Err(error) => {
            app.data(&Report::default().line(&error))?;
            Ok(Outcome::Problems)
        }
    }
}

fn answer(app: &App<'_>, action: &str) -> Result<Outcome> {
    match action {
        "get" => get(app),
        "list" => list(app),
        "store" => store(app),
        // It ends with the session of the role.
        "erase" => read().map(|_| Outcome::Done),
        "version" => {
            let version = env!("CARGO_PKG_VERSION");
            app.data(&format!("{FILE} (assumerole) {version}\n"))
        }
        other => Err(
            Error::new(Kind::Usage, format!("{FILE} does not know {other:?}"))
                .hint("call it by Docker: name it in credHelpers of ~/.docker/config.json"),
        ),
    }
}

/// What Docker has written.
fn read() -> Result<String> {
    let failed =
        |why: String| Error::new(Kind::Usage, "what Docker asks cannot be read").because(why);
    let bytes = streams::input(LIMIT).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| failed("it is not UTF-8".to_owned()))
}

fn get(app: &App<'_>) -> Result<Outcome> {
    let text = read()?;
    let server = text.trim();
    let Ok(registry) = server.parse::<Registry>() else {
        // Docker goes on without a login.
        app.data(&format!("{NOT_FOUND}\n"))?;
        return Ok(Outcome::Problems);
    };
    let role = role(app, &registry)?;
    let obtain = Obtain::of(Session::default().in_region(Some(registry.region.clone())));
    let assumed = assume(app, &role, Some(&role), None, &obtain, Way::Token(NAME))?;
    let login = login(app, &assumed, registry.region, true)?;
    let credential = Credential {
        server,
        username: &login.user,
        secret: login.password.expose_secret(),
    };
    app.json(&credential)
}

/// The registries that the file names; of the others nobody knows that they are
/// there.
fn list(app: &App<'_>) -> Result<Outcome> {
    let registries = app.config()?.registries()?;
    let all = registries.all().iter();
    let users: BTreeMap<String, &str> = all
        .map(|(registry, _)| (registry.to_string(), USER))
        .collect();
    app.json(&users)
}

/// `docker login`: there is nothing to keep of a login of ECR, which `get` has
/// anew. Any other is not taken, or it would be lost.
fn store(app: &App<'_>) -> Result<Outcome> {
    let text = read()?;
    let stored: Stored = serde_json::from_str(&text)
        .map_err(|_| Error::new(Kind::Usage, "what Docker stores cannot be read"))?;
    let refused = |what: String| {
        Error::new(Kind::Usage, what)
            .because("assumerole has new ones whenever Docker asks, and keeps none")
            .hint("leave out the registry in credHelpers of ~/.docker/config.json")
    };
    match stored.server.parse::<Registry>() {
        Ok(registry) if stored.username == USER => {
            role(app, &registry)?;
            Ok(Outcome::Done)
        }
        Ok(registry) => Err(refused(format!(
            "the login of {:?} at {registry} cannot be stored",
            stored.username
        ))),
        Err(why) => Err(refused(why.to_string())),
    }
}

/// The role that lets into `registry`: the one that the file names, else the one
/// of its account.
fn role(app: &App<'_>, registry: &Registry) -> Result<String> {
    if let Some(role) = app.config()?.registries()?.role(registry) {
        return Ok(role.to_owned());
    }
    let account = registry.account.as_str();
    let mut roles = Vec::new();
    rows::each(app, &mut |row| {
        if row.account.as_deref() == Some(account) && row.role.is_some() {
            roles.push(row.name);
        }
    })?;
    let hint = format!("write into ~/.assumerole: \"registries\": {{\"{registry}\": \"ROLE\"}}");
    match roles.as_slice() {
        [role] => Ok(role.clone()),
        [] => Err(Error::new(
            Kind::UnknownName,
            format!("there is no role of account {account}, whose registry {registry} is"),
        )
        .hint(hint)),
        several => {
            let names: Vec<String> = several.iter().map(|name| one_line(name)).collect();
            let message = format!(
                "{} roles are of account {account}, whose registry {registry} is: {}",
                names.len(),
                names.join(", ")
            );
            Err(Error::new(Kind::UnknownName, message).hint(hint))
        }
    }
}
