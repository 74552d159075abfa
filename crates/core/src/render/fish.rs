//! fish: `assumerole export ROLE | source`.

use super::Format;
use super::lines::{KEPT, Lines, keeper, quote};
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell("fish", "fish, to source", &["fish"], &Fish);

struct Fish;

impl Lines for Fish {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"set -gx ");
        assign(out, name, value);
        Ok(())
    }

    /// A universal variable belongs to all of the person's shells: if it is
    /// exported, it is hidden by an unexported one of this shell, not erased.
    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        let line = format!("set -eg {name}; set -qx {name}; and set -gu {name}; or true\n");
        out.extend_from_slice(line.as_bytes());
    }

    /// A universal variable that is the same need not be covered any more.
    fn restore(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(
            format!("set -eg {name}; set -qx {name}; and test \"${name}\" = ").as_bytes(),
        );
        quote_fish(out, value);
        out.extend_from_slice(format!("; or set -gx {name} ").as_bytes());
        quote_fish(out, value);
        out.push(b'\n');
        Ok(())
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

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line = format!(
            "set -qg {name}; and not set -qg {kept}; and set -gu {kept} ${name}; or true\n"
        );
        out.extend_from_slice(line.as_bytes());
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line =
            format!("set -qg {kept}; and set -gu {name} ${kept}; and set -eg {kept}; or true\n");
        out.extend_from_slice(line.as_bytes());
    }
}

fn assign(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    quote_fish(out, value);
    out.push(b'\n');
}

fn quote_fish(out: &mut Vec<u8>, value: &[u8]) {
    quote(out, value, b"'", |byte| match byte {
        b'\'' => Some(b"\\'"),
        b'\\' => Some(b"\\\\"),
        _ => None,
    });
}
