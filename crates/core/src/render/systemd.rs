//! systemd's `EnvironmentFile=`.
//!
//! <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=>

use secrecy::ExposeSecret;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes, cannot};
use super::lines::quote;
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format {
    adds: true,
    ..Format::data("systemd", "systemd's EnvironmentFile=", render)
};

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = SecretBytes::new(Vec::with_capacity(64 * 1024));
    for variable in handover.shared() {
        let (name, value) = (&variable.name, variable.value.expose_secret());
        // systemd leaves out a variable with any other.
        if value.contains(|c: char| c.is_ascii_control() && c != '\n' && c != '\t') {
            return Err(cannot("systemd", name, "it has a control character"));
        }
        if value.contains(is_no_character) {
            let why = "it has what Unicode calls no character";
            return Err(cannot("systemd", name, why));
        }
        out.extend_from_slice(format!("{name}=").as_bytes());
        quote(&mut out, value.as_bytes(), b"\"", |byte| match byte {
            b'"' => Some(b"\\\""),
            b'\\' => Some(b"\\\\"),
            b'$' => Some(b"\\$"),
            b'`' => Some(b"\\`"),
            _ => None,
        });
        out.push(b'\n');
    }
    Ok(out.into())
}

/// For one of these systemd takes the value for no UTF-8, and refuses the
/// whole file.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}
