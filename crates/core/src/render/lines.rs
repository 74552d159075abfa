//! What changes a shell.

use secrecy::ExposeSecret;

use super::handover::{Text, is_identifier};
use crate::environment::Change;
use crate::error::{Error, Kind, Result};

/// Where a shell keeps, for itself alone and never exported, what brings back
/// the credentials that it had before its first role.
pub(super) const KEPT: &str = "__assumerole_kept";

/// Where a shell keeps the name of its previous role, never exported.
pub(super) const PREVIOUS: &str = "__assumerole_previous";

/// What a shell shall do.
#[derive(Debug, Default)]
pub struct Script<'a> {
    /// The variables to set and to unset.
    pub changes: &'a [Change],
    /// To keep until the shell leaves its last role.
    pub keep: Option<&'a [Change]>,
    /// Whether to do, and to forget, what was kept.
    pub bring_back: bool,
    /// The role that the shell leaves with this.
    pub previous: Option<&'a str>,
}

/// A shell's language.
pub trait Shell: Sync {
    /// The script in it.
    ///
    /// # Errors
    /// It cannot hold one of the values.
    fn render(&self, script: &Script<'_>) -> Result<Text>;
}

/// A language with a line for each thing to do.
pub(super) trait Lines: Sync {
    /// Sets an exported variable.
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()>;

    /// Unsets a variable, if it is set.
    fn unset(&self, out: &mut Vec<u8>, name: &str);

    /// Sets a variable of this shell alone.
    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()>;

    /// Does what stands in [`KEPT`], and forgets it.
    fn bring_back(&self, out: &mut Vec<u8>);
}

impl<L: Lines> Shell for L {
    fn render(&self, script: &Script<'_>) -> Result<Text> {
        let mut out = changes(self, script.changes)?;
        if let Some(kept) = script.keep {
            self.keep(&mut out, KEPT, &changes(self, kept)?)?;
        }
        if script.bring_back {
            self.bring_back(&mut out);
        }
        if let Some(previous) = script.previous {
            self.keep(&mut out, PREVIOUS, previous.as_bytes())?;
        }
        Ok(out)
    }
}

fn changes(lines: &impl Lines, changes: &[Change]) -> Result<Text> {
    // Sized at once, so that no half-grown buffer with secrets is left.
    let mut out = Text::new(Vec::with_capacity(64 * 1024));
    for Change { name, value } in changes {
        check(name)?;
        match value {
            Some(value) => lines.set(&mut out, name, value.expose_secret())?,
            None => lines.unset(&mut out, name),
        }
    }
    Ok(out)
}

/// A name goes into a script unquoted: nothing else than a name may.
pub(super) fn check(name: &str) -> Result<()> {
    if is_identifier(name) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Failed,
        format!("{name:?} is not the name of a variable in a shell"),
    )
    .hint("unset ASSUMEROLE_RESTORE"))
}

/// `name` and a value in the quotes of a POSIX shell.
pub(super) fn quote_posix(out: &mut Vec<u8>, value: &[u8]) {
    quote(out, value, b"'", |byte| match byte {
        b'\'' => Some(b"'\\''"),
        _ => None,
    });
}

/// `value` between two `mark`s, with what `escape` gives in the place of a
/// byte.
pub(super) fn quote(
    out: &mut Vec<u8>,
    value: &[u8],
    mark: &[u8],
    escape: impl Fn(u8) -> Option<&'static [u8]>,
) {
    out.extend_from_slice(mark);
    for byte in value {
        match escape(*byte) {
            Some(escaped) => out.extend_from_slice(escaped),
            None => out.push(*byte),
        }
    }
    out.extend_from_slice(mark);
}
