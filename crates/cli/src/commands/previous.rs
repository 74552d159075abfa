//! `-` in place of a role's name: the previous one, as `cd -` has it.

use assumerole_core::environment::table;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_session::history;

use crate::app::App;

/// What stands for the previous role.
const PREVIOUS: &str = "-";

/// `name`, or the previous role where it is `-`: the last one that was used
/// other than the one this shell is in; a shell that changes roles in place
/// knows its own. (A role that is itself called `-` is
/// meant by its name.)
///
/// # Errors
/// There is no previous role.
pub(super) fn or_named(app: &App<'_>, name: String) -> Result<String> {
    if name != PREVIOUS || app.config()?.role(PREVIOUS)?.is_some() {
        return Ok(name);
    }
    if let Some(previous) = app.env.text(names::ASSUMEROLE_PREVIOUS) {
        return Ok(previous.to_owned());
    }
    let current = app.host.env.text(table::ROLE);
    let found = app
        .existing_state_dir()?
        .and_then(|dir| history::previous(&dir, current));
    found.ok_or_else(|| none(current))
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
