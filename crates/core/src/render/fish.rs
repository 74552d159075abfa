//! fish: `assumerole export ROLE | source`.

use super::Format;
use super::lines::{KEPT, Lines, quote};
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell("fish", "fish, to source", &["fish"], &Fish);

struct Fish;

impl Lines for Fish {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"set -gx ");
        assign(out, name, value);
        Ok(())
    }

    /// A universal variable belongs to all of the person's shells: it is
    /// hidden by an unexported one of this shell, not erased.
    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        let line = format!("set -eg {name}; set -qU {name}; and set -gu {name}; or true\n");
        out.extend_from_slice(line.as_bytes());
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"set -gu ");
        assign(out, name, value);
        Ok(())
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        let line = format!("string join \\n -- ${KEPT} | source; set -eg {KEPT}\n");
        out.extend_from_slice(line.as_bytes());
    }
}

fn assign(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    quote(out, value, b"'", |byte| match byte {
        b'\'' => Some(b"\\'"),
        b'\\' => Some(b"\\\\"),
        _ => None,
    });
    out.push(b'\n');
}
