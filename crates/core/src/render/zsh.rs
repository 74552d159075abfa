//! zsh: `eval "$(assumerole export ROLE)"`.

use super::Format;
use super::lines::{Lines, quote};
use super::sh::{Posix, cover_list, uncover_list};
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell("zsh", "zsh, to eval", &["zsh"], &Zsh);

/// As POSIX has it, but for line breaks: zsh takes none between single quotes
/// under `setopt csh_junkie_quotes`.
struct Zsh;

impl Lines for Zsh {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"export ");
        self.keep(out, name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        Posix.unset(out, name);
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        quote(out, value, b"'", |byte| match byte {
            b'\'' => Some(b"'\\''"),
            b'\n' => Some(b"'$'\\n''"),
            _ => None,
        });
        out.push(b'\n');
        Ok(())
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        Posix.bring_back(out);
    }

    fn at_once(&self, names: &[&str]) -> Option<(String, &'static str)> {
        Posix.at_once(names)
    }

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        cover_list(out, name);
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        uncover_list(out, name);
    }
}
