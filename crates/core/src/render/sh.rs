//! POSIX shells: `eval "$(assumerole export ROLE)"`.

use super::format::Format;
use super::lines::{KEPT, LineSyntax, Script, keeper, quote};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format::shell(
    "sh",
    "any POSIX shell, to eval",
    &[
        "sh", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "yash",
    ],
    &Posix {
        has_lists: false,
        breaks_quoted: false,
        unset_uncovers: false,
    },
);

/// What POSIX shells understand, and bash and zsh, too. Single quotes hold
/// every byte but their own, whatever options are set.
pub(super) struct Posix {
    /// Whether a variable may be a list.
    pub(super) has_lists: bool,
    /// Whether single quotes may hold no line break.
    pub(super) breaks_quoted: bool,
    /// Whether to unset a variable of the function that calls brings to light
    /// the one that it covers.
    pub(super) unset_uncovers: bool,
}

impl LineSyntax for Posix {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"export ");
        self.keep(out, name, value)
    }

    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        let line = match self.unset_uncovers {
            true => format!("while unset {name} && [ \"${{{name}+x}}\" ]; do :; done\n"),
            false => format!("unset {name}\n"),
        };
        out.extend_from_slice(line.as_bytes());
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        quote(out, value, b"'", |byte| match byte {
            b'\'' => Some(b"'\\''"),
            b'\n' if self.breaks_quoted => Some(b"'$'\\n''"),
            _ => None,
        });
        out.push(b'\n');
        Ok(())
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("eval \"${{{KEPT}-}}\"\nunset {KEPT}\n").as_bytes());
    }

    /// A subshell tries it: what is `readonly` cannot be unset, and the shell
    /// says so.
    fn around(&self, script: &Script<'_>) -> Option<(String, &'static str)> {
        if !script.at_once {
            return None;
        }
        let names: Vec<&str> = script.changes.iter().map(|c| c.name.as_str()).collect();
        let before = format!("if (unset {}); then\n", names.join(" "));
        Some((before, "else false; fi\n"))
    }

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let value = match self.has_lists {
            true => format!("(\"${{{name}[@]}}\")"),
            false => format!("${name}"),
        };
        let line = format!(
            "if [ \"${{{name}+x}}\" ] && [ -z \"${{{kept}+x}}\" ]; then {kept}={value}; unset {name}; fi\n"
        );
        out.extend_from_slice(line.as_bytes());
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let plain = format!("{name}=${kept}");
        let back = match self.has_lists {
            true => format!(
                "if [ \"${{#{kept}[@]}}\" = 1 ]; then {plain}; else {name}=(\"${{{kept}[@]}}\"); fi"
            ),
            false => plain,
        };
        let line = format!("if [ \"${{{kept}+x}}\" ]; then {back}; unset {kept}; fi\n");
        out.extend_from_slice(line.as_bytes());
    }
}
