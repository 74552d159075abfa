//! Removing the browser profiles of roles, which hold cookies of the console.

use assumerole_core::aws::console::is_profile_of;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::{Profiles, Removed};

use crate::app::App;
use crate::outcome::Outcome;

/// `console --forget`.
pub(super) fn run(app: &App<'_>, names: &[String]) -> Result<Outcome> {
    let removed = forget_profiles(app, names)?;
    let what = match removed.gone {
        0 => "no browser profile was removed".to_owned(),
        1 => "removed 1 browser profile".to_owned(),
        many => format!("removed {many} browser profiles"),
    };
    app.printer.note(&what);
    match removed.in_use {
        0 => Ok(Outcome::Done),
        count => {
            let message = match count {
                1 => "1 browser profile is in use".to_owned(),
                many => format!("{many} browser profiles are in use"),
            };
            Err(Error::new(Kind::Failed, message).hint("close its windows, and run this again"))
        }
    }
}

/// Removes the profiles of the roles `names`; of all where there are none.
///
/// # Errors
/// One cannot be removed.
pub(in crate::commands) fn forget_profiles(app: &App<'_>, names: &[String]) -> Result<Removed> {
    let is_meant =
        |folder: &str| names.is_empty() || names.iter().any(|name| is_profile_of(folder, name));
    let state = app.existing_state_dir()?;
    let mut all = Removed::default();
    for profiles in Profiles::existing(&app.env, state.as_ref()) {
        let removed = profiles.remove(&is_meant)?;
        all.gone += removed.gone;
        all.in_use += removed.in_use;
    }
    Ok(all)
}
