//! POSIX shells: `eval "$(assumerole export ROLE)"`.

use super::Format;
use super::lines::{KEPT, Lines, quote_posix};
use crate::error::Result;

pub(super) const FORMAT: Format = Format::shell(
    "sh",
    "any POSIX shell, to eval",
    &[
        "sh", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "yash",
    ],
    &Posix,
);

/// What bash and zsh understand, too. Single quotes hold every byte but their
/// own, whatever options are set.
pub(super) struct Posix;

impl Lines for Posix {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"export ");
        self.keep(out, name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(format!("unset {name}\n").as_bytes());
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        quote_posix(out, value);
        out.push(b'\n');
        Ok(())
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("eval \"${{{KEPT}-}}\"\nunset {KEPT}\n").as_bytes());
    }
}
