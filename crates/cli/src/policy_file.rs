//! The session policy that a role keeps in a file of its own.

use std::path::PathBuf;

use assumerole_core::config::Role;
use assumerole_core::ids::SessionPolicy;
use assumerole_core::plan::policy_file;
use assumerole_core::request::Request;
use assumerole_core::text::Spanned;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;

use crate::app::App;

/// Bytes; white space is not counted by AWS's limit, and yet nobody writes
/// more of it than this.
const LARGEST: usize = 256 * 1024;

/// The policy in the file that `role` names, if it names one and `request`
/// has no other in its place.
///
/// # Errors
/// There is no such file, it cannot be read, or it holds no policy.
pub(crate) fn read(app: &App<'_>, role: &Role, request: &Request) -> Result<Option<SessionPolicy>> {
    let Some(named) = policy_file(role, request) else {
        return Ok(None);
    };
    let failed = |why: &dyn std::fmt::Display| {
        let name = &role.name.value;
        let message = format!("the policy of role {name} cannot be used: {}", named.value);
        let config = app.config().ok();
        let at = config.and_then(|config| config.snippet(named.span.clone()).ok());
        Error::new(Kind::Config, message).maybe_at(at).because(why)
    };
    let path = path(app, &named).ok_or_else(|| failed(&"the home folder for ~ is not known"))?;
    let text = fs::read_text(&path, LARGEST)
        .map_err(|error| failed(&error))?
        .ok_or_else(|| failed(&"there is no such file"))?;
    text.parse().map(Some).map_err(|why| failed(&why))
}

fn path(app: &App<'_>, named: &Spanned<&str>) -> Option<PathBuf> {
    match named.value.strip_prefix("~/") {
        Some(rest) => Some(app.places.home.as_ref()?.join(rest)),
        None => Some(PathBuf::from(named.value)),
    }
}
