//! Where the first credentials of a plan come from. A source is one file and
//! one line here.

mod container;
mod environment;
mod instance;
mod keys;
mod login;
mod process;
mod sso;
mod token_file;
mod web_identity;

use assumerole_aws::{CallError, Connection};
use assumerole_core::plan::{CacheKey, Source, SourceKind};
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::SignedDuration;

use crate::engine::{Engine, Made};

pub use environment::session_token;
pub use keys::credentials as of_profile;

/// The credentials of `source`, whose key is `key`.
///
/// # Errors
/// They cannot be had.
pub(crate) fn credentials(engine: &Engine<'_>, source: &Source, key: &CacheKey) -> Result<Made> {
    let profile = source.profile.value.as_str();
    let made = match &source.kind {
        SourceKind::Keys { .. } => of_keys(engine, profile).map(Made::without_skew),
        SourceKind::Environment { .. } => of_environment(engine).map(Made::without_skew),
        SourceKind::Process { command } => {
            process::credentials(engine, profile, command, key).map(Made::without_skew)
        }
        SourceKind::Sso(sso) => sso::credentials(engine, profile, sso),
        SourceKind::WebIdentity(web) => web_identity::credentials(engine, profile, web),
        SourceKind::Login(login) => login::credentials(engine, profile, login),
        SourceKind::Container { uri, .. } => {
            container::credentials(engine, uri).map(Made::without_skew)
        }
        SourceKind::Instance { endpoint, .. } => {
            instance::credentials(engine, endpoint).map(Made::without_skew)
        }
    }?;
    match made.credentials.odd_part() {
        None => Ok(made),
        Some(part) => {
            let message = format!("the {part} of {} is none", source.describe());
            Err(Error::new(Kind::Failed, message)
                .because("it has characters that no credentials of AWS have"))
        }
    }
}

fn of_keys(engine: &Engine<'_>, profile: &str) -> Result<Credentials> {
    keys::credentials(engine.aws_files, profile)
}

fn of_environment(engine: &Engine<'_>) -> Result<Credentials> {
    environment::credentials(&engine.host.env)
}

/// The keys of `source`, if they are written down somewhere; `None` where
/// somebody has to be asked for them.
pub fn written_keys(engine: &Engine<'_>, source: &Source) -> Option<Result<Credentials>> {
    match &source.kind {
        SourceKind::Keys { .. } => Some(of_keys(engine, &source.profile.value)),
        SourceKind::Environment { .. } => Some(of_environment(engine)),
        SourceKind::Process { .. }
        | SourceKind::Sso(_)
        | SourceKind::WebIdentity(_)
        | SourceKind::Login(_)
        | SourceKind::Container { .. }
        | SourceKind::Instance { .. } => None,
    }
}

/// Looks whether this process was started, by way of whoever, to make just the
/// credentials that it is about to ask `source` for. It would wait for the one
/// that waits for it.
///
/// # Errors
/// It was.
pub(crate) fn check_circle(engine: &Engine<'_>, source: &Source, key: &CacheKey) -> Result<()> {
    match &source.kind {
        SourceKind::Process { command } => {
            process::check_circle(engine, &source.profile.value, command, key)
        }
        _ => Ok(()),
    }
}

/// What can be told of `source` without a request: one sentence that says that
/// it is there; `None` where there is nothing to see.
///
/// # Errors
/// It is not there, or not as it should be.
pub fn look(engine: &Engine<'_>, source: &Source) -> Result<Option<String>> {
    let profile = source.profile.value.as_str();
    match &source.kind {
        SourceKind::Keys { .. } | SourceKind::Environment { .. } => Ok(None),
        SourceKind::Process { command } => process::look(engine, profile, command).map(Some),
        SourceKind::Sso(sso) => sso::look(engine, profile, sso).map(Some),
        SourceKind::WebIdentity(web) => web_identity::look(engine, profile, web).map(Some),
        SourceKind::Login(login) => login::look(engine, profile, login).map(Some),
        SourceKind::Container { uri, .. } => Ok(Some(container::look(uri))),
        SourceKind::Instance { endpoint, .. } => Ok(Some(instance::look(endpoint))),
    }
}

impl Made {
    fn without_skew(credentials: Credentials) -> Self {
        Self {
            credentials,
            skew: SignedDuration::ZERO,
            kept: true,
        }
    }
}

/// Makes `call` and says what came of it; `what` names it.
fn traced<T>(
    engine: &Engine<'_>,
    what: &str,
    connection: &Connection,
    call: impl FnOnce() -> Result<T, CallError>,
) -> Result<T, CallError> {
    let begun = engine.host.clock.monotonic();
    let result = call();
    let took = engine.host.clock.monotonic().saturating_sub(begun);
    engine.trace_request(what, connection, result.is_ok(), took);
    result
}
