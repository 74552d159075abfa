//! What changes a shell.

use secrecy::ExposeSecret;

use super::handover::{SecretBytes, is_identifier};
use crate::diagnostic::{Error, Kind, Result};
use crate::environment::VariableChange;

/// Where a shell keeps, for itself alone and never exported, what brings back
/// the credentials that it had before its first role.
pub(super) const KEPT: &str = "__assumerole_kept";

/// Where a shell keeps the name of its previous role, never exported.
pub(super) const PREVIOUS: &str = "__assumerole_previous";

/// Where a shell keeps, never exported, its own value of the variable `name`
/// while a role covers it.
pub(super) fn keeper(name: &str) -> String {
    format!("__assumerole_was_{name}")
}

/// What a shell shall do.
#[derive(Debug, Default)]
pub struct Script<'a> {
    /// To change everything, or nothing if the shell refuses one of them.
    pub at_once: bool,
    /// The variables to set and to unset.
    pub changes: &'a [VariableChange],
    /// Variables that the shell may have without exporting them, to keep while
    /// they are exported.
    pub covered: &'a [String],
    /// Those that may be kept, and come back.
    pub uncovered: &'a [String],
    /// Whether the shell leaves its role with this: what is set is what the
    /// person had.
    pub leaving: bool,
    /// To keep until the shell leaves its last role.
    pub keep: Option<&'a [VariableChange]>,
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
    fn render(&self, script: &Script<'_>) -> Result<SecretBytes>;
}

/// A language with a line for each thing to do.
pub(super) trait LineSyntax: Sync {
    /// Sets an exported variable.
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()>;

    /// Unsets a variable, if it is set.
    fn unset(&self, out: &mut Vec<u8>, name: &str);

    /// Sets an exported variable to what it was before the first role.
    fn restore(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        self.set(out, name, value)
    }

    /// Unsets a variable that was not set before the first role.
    fn leave(&self, out: &mut Vec<u8>, name: &str) {
        self.unset(out, name);
    }

    /// Sets a variable of this shell alone.
    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()>;

    /// Does what stands in [`KEPT`], and forgets it.
    fn bring_back(&self, out: &mut Vec<u8>);

    /// What stands around a script that does nothing if the shell lets one of
    /// the variables not be changed.
    fn around(&self, _script: &Script<'_>) -> Option<(String, &'static str)> {
        None
    }

    /// Keeps the shell's own value of a variable, if it has one, and if none
    /// is kept. Nothing, where variables and the environment are two things.
    fn cover(&self, _out: &mut Vec<u8>, _name: &str) {}

    /// Brings that value back, if one is kept.
    fn uncover(&self, _out: &mut Vec<u8>, _name: &str) {}
}

/// Sized at once, so that no half-grown buffer with secrets is left.
const CAPACITY: usize = 64 * 1024;

impl<L: LineSyntax> Shell for L {
    fn render(&self, script: &Script<'_>) -> Result<SecretBytes> {
        let mut out = SecretBytes::new(Vec::with_capacity(CAPACITY));
        let around = self.around(script);
        if let Some((before, _)) = &around {
            out.extend_from_slice(before.as_bytes());
        }
        for name in script.covered {
            check(name)?;
            self.cover(&mut out, name);
        }
        changes(self, &mut out, script.changes, script.leaving)?;
        let uncovered = script.uncovered.iter();
        for name in uncovered.filter(|name| is_identifier(name)) {
            self.uncover(&mut out, name);
        }
        if let Some(kept) = script.keep {
            let mut text = SecretBytes::new(Vec::with_capacity(CAPACITY));
            changes(self, &mut text, kept, true)?;
            self.keep(&mut out, KEPT, &text)?;
        }
        if script.bring_back {
            self.bring_back(&mut out);
        }
        if let Some(previous) = script.previous {
            self.keep(&mut out, PREVIOUS, previous.as_bytes())?;
        }
        if let Some((_, behind)) = around {
            out.extend_from_slice(behind.as_bytes());
        }
        Ok(out)
    }
}

fn changes<L: LineSyntax>(
    lines: &L,
    out: &mut Vec<u8>,
    changes: &[VariableChange],
    leaving: bool,
) -> Result<()> {
    for VariableChange { name, value } in changes {
        check(name)?;
        match (value, leaving) {
            (Some(value), false) => lines.set(out, name, value.expose_secret())?,
            (Some(value), true) => lines.restore(out, name, value.expose_secret())?,
            (None, false) => lines.unset(out, name),
            (None, true) => lines.leave(out, name),
        }
    }
    Ok(())
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
