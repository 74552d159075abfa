//! A role's variables in a format, for another program.

use std::fmt::Write as _;
use std::path::PathBuf;

use assumerole_core::environment;
use assumerole_core::render::{ForFile, Format, Handover, Script};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::{fs, random};

use super::environment as role_environment;
use crate::app::App;
use crate::assumed::Assumed;
use crate::outcome::Outcome;

/// Whether `format` has a place to be written to: asked before a code is.
///
/// # Errors
/// It needs a file, and the environment names none.
pub(crate) fn can_export(app: &App<'_>, format: &Format) -> Result<()> {
    match format.file {
        Some(variable) => file(app, variable).map(drop),
        None => Ok(()),
    }
}

/// Prints what the role gives in `format`.
///
/// # Errors
/// The role's environment is wrong, the format cannot hold it, or it cannot be
/// written.
pub(crate) fn export(app: &App<'_>, assumed: &Assumed, format: &Format) -> Result<Outcome> {
    let set = role_environment::set(app, assumed)?;
    let handover = Handover {
        role: &assumed.plan.role,
        credentials: &assumed.entry.credentials,
        region: assumed.plan.region.as_ref(),
        variables: &set,
        nonce: &nonce()?,
    };
    let script = Script {
        changes: &environment::into_role(&app.host.env.pairs().to_vec(), &set),
        ..Script::default()
    };
    let rendered = format.render(&handover, &script)?;
    // Secrets are masked before they are anywhere.
    let outcome = app.bytes(&rendered.out)?;
    if let Some(ForFile { named_by, text }) = rendered.file {
        fs::append(&file(app, named_by)?, &text).map_err(|error| error.into_error(Kind::Failed))?;
    }
    Ok(outcome)
}

fn file(app: &App<'_>, variable: &str) -> Result<PathBuf> {
    app.env.path(variable).ok_or_else(|| {
        Error::new(Kind::Usage, format!("{variable} is not set"))
            .because("it names the file that the variables are written to")
            .hint("take another format, such as: --format json")
    })
}

/// 128 random bits, as a text.
fn nonce() -> Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes).map_err(|why| {
        Error::new(Kind::Failed, "there are no random numbers to be had").because(why)
    })?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
