//! A role with `"confirm": true`: the person types its name first.

use assumerole_core::plan::Target;
use assumerole_core::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::AskError;
use secrecy::ExposeSecret;

use crate::app::App;

/// Lets the person at the controlling terminal type the name of `target`.
///
/// # Errors
/// Another name is typed, or there is nobody to type one.
pub(super) fn by_name(app: &App<'_>, target: &Target) -> Result<()> {
    let name = target.name();
    let refused = |why: &str| {
        Error::new(
            Kind::CannotAsk,
            format!("role {name} is not assumed: {why}"),
        )
        .because("it has \"confirm\": true in ~/.assumerole")
        .hint(format!("if it is meant: assumerole --yes {name}"))
    };
    let mut tty = match app.host.tty() {
        Ok(Some(tty)) => tty,
        Ok(None) => return Err(refused("there is no terminal to type its name at")),
        Err(error) => return Err(refused(&error.to_string())),
    };
    let prompt = format!("Type {} to assume it: ", one_line(name));
    match tty.prompt_consent(&prompt) {
        Ok(typed) if typed.expose_secret().trim() == name => Ok(()),
        Ok(_) => Err(Error::new(
            Kind::Cancelled,
            format!("role {name} is not assumed: another name was typed"),
        )),
        Err(error @ (AskError::Background | AskError::Io(_))) => Err(refused(&error.to_string())),
        Err(error) => Err(error.into()),
    }
}
