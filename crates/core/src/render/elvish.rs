//! elvish: `eval (assumerole export ROLE | slurp)`.

use super::format::Format;
use super::lines::{KEPT, LineSyntax};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format =
    Format::shell("elvish", "elvish: eval (… | slurp)", &["elvish"], &Elvish);

struct Elvish;

impl LineSyntax for Elvish {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(format!("set-env {name} ").as_bytes());
        quote(out, value);
        out.push(b'\n');
        Ok(())
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(format!("unset-env {name}\n").as_bytes());
    }

    /// A variable of the evaluated text: whoever evaluates it takes it from
    /// there.
    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(format!("var {name} = ").as_bytes());
        quote(out, value);
        out.push(b'\n');
        Ok(())
    }

    /// Whoever evaluates this does what it kept when it sees that there is
    /// nothing more to keep.
    fn bring_back(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("var {KEPT} = $nil\n").as_bytes());
    }
}

/// Double quotes, and every byte that is not plain as `\xHH`: elvish refuses
/// source text that is not UTF-8.
fn quote(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                c if c.is_control() => {
                    out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
                }
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
        }
    }
    out.push(b'"');
}
