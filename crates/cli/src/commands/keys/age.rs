//! How old the stored keys are, and which of them are being replaced.

use assumerole_core::Result;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_session::stored_keys::Rotations;

use super::open;
use crate::app::App;

/// A stored key, and how old it is.
pub(crate) struct Aged {
    /// What is to be said of it.
    pub(crate) text: String,
    /// What replaces it.
    pub(crate) command: String,
    /// Whether it is older than the file wants.
    pub(crate) is_due: bool,
}

/// Every stored key; one whose replacement has stopped is due.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn stored(app: &App<'_>) -> Result<Vec<Aged>> {
    let Some(store) = open::existing(app)? else {
        return Ok(Vec::new());
    };
    let most = app.config_unsaid()?.keys()?.rotate_after_days;
    let rotations = match app.existing_state_dir()? {
        Some(state) => Rotations::open(&state)?,
        None => None,
    };
    let now = app.host.clock.now();
    let mut aged = Vec::new();
    for key in store.keys()? {
        let name = one_line(&key.name);
        let command = format!("assumerole keys rotate {}", argument(&key.name));
        let begun = match &rotations {
            Some(rotations) => rotations.find(&key.access_key_id)?,
            None => None,
        };
        let days = now.duration_since(key.since()).as_hours() / 24;
        let (text, is_due) = match begun {
            Some(begun) if begun.delete_at().is_some_and(|at| at > now) => (
                format!(
                    "the old key {} of {name} is disabled, and not deleted yet",
                    begun.old
                ),
                false,
            ),
            Some(_) => (format!("the key {name} is being replaced; carry on"), true),
            None => {
                // When AWS made it is known if it came from `keys rotate`.
                let more = if key.created.is_some() {
                    ""
                } else {
                    " or older"
                };
                let old = if days == 1 {
                    "1 day"
                } else {
                    &format!("{days} days")
                };
                let is_due = most.is_some_and(|most| days >= i64::from(most));
                (format!("the key {name} is {old} old{more}"), is_due)
            }
        };
        aged.push(Aged {
            text,
            command,
            is_due,
        });
    }
    Ok(aged)
}
