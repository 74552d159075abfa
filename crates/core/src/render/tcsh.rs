//! tcsh and csh: ``eval "`assumerole export ROLE`"``.

use super::format::Format;
use super::handover::{cannot, text};
use super::lines::{KEPT, LineSyntax, quote};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format =
    Format::shell("tcsh", "tcsh and csh, to eval", &["tcsh", "csh"], &Tcsh);

/// Everything on one line: tcsh makes blanks of the line breaks of a command's
/// output.
struct Tcsh;

impl LineSyntax for Tcsh {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(format!("setenv {name} ").as_bytes());
        word(out, name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(format!("unsetenv {name}; ").as_bytes());
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(format!("set {name} = ").as_bytes());
        word(out, name, value)
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("eval \"${KEPT}:q\"; unset {KEPT}; ").as_bytes());
    }
}

fn word(out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
    // tcsh 6.24 loses some bytes that are not UTF-8.
    text("tcsh", name, value)?;
    if value.contains(&b'\n') {
        return Err(cannot("tcsh", name, "it has a line break"));
    }
    quote(out, value, b"'", |byte| match byte {
        b'\'' => Some(b"'\\''"),
        // The history, between any quotes.
        b'!' => Some(b"\\!"),
        _ => None,
    });
    out.extend_from_slice(b"; ");
    Ok(())
}
