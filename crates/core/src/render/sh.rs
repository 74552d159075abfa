//! POSIX shells: `eval "$(assumerole export ROLE)"`.

use super::Format;
use super::lines::{KEPT, Lines, keeper, quote_posix};
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

    /// A subshell tries it: what is `readonly` cannot be unset, and the shell
    /// says so.
    fn at_once(&self, names: &[&str]) -> Option<(String, &'static str)> {
        let before = format!("if (unset {}); then\n", names.join(" "));
        Some((before, "else false; fi\n"))
    }

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line = format!(
            "if [ \"${{{name}+x}}\" ] && [ -z \"${{{kept}+x}}\" ]; then {kept}=${name}; unset {name}; fi\n"
        );
        out.extend_from_slice(line.as_bytes());
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line = format!("if [ \"${{{kept}+x}}\" ]; then {name}=${kept}; unset {kept}; fi\n");
        out.extend_from_slice(line.as_bytes());
    }
}

/// What bash and zsh cover, which may be a list.
pub(super) fn cover_list(out: &mut Vec<u8>, name: &str) {
    let kept = keeper(name);
    let line = format!(
        "if [ \"${{{name}+x}}\" ] && [ -z \"${{{kept}+x}}\" ]; then {kept}=(\"${{{name}[@]}}\"); unset {name}; fi\n"
    );
    out.extend_from_slice(line.as_bytes());
}

/// Brings it back.
pub(super) fn uncover_list(out: &mut Vec<u8>, name: &str) {
    let kept = keeper(name);
    let line = format!(
        "if [ \"${{{kept}+x}}\" ]; then if [ \"${{#{kept}[@]}}\" = 1 ]; then {name}=${kept}; \
         else {name}=(\"${{{kept}[@]}}\"); fi; unset {kept}; fi\n"
    );
    out.extend_from_slice(line.as_bytes());
}
