//! Where the first credentials of a plan come from. A source is one file and
//! one line here.

mod environment;
pub mod keys;

use assumerole_core::plan::{Source, SourceKind};
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::SignedDuration;

use crate::engine::{Engine, Made};

/// The credentials of `source`.
///
/// # Errors
/// They cannot be had.
pub(crate) fn credentials(engine: &Engine<'_>, source: &Source) -> Result<Made> {
    let profile = source.profile.value.as_str();
    let here = |credentials: Credentials| Made {
        credentials,
        skew: SignedDuration::ZERO,
    };
    match &source.kind {
        SourceKind::Keys { .. } => keys::credentials(engine.aws_files, profile).map(here),
        SourceKind::Environment { .. } => environment::credentials(&engine.host.env).map(here),
        _ => Err(Error::new(
            Kind::Config,
            format!("{} cannot be used yet", source.describe()),
        )),
    }
}
