//! YAML: a mapping of variables.

use secrecy::ExposeSecret;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format::data("yaml", "a YAML mapping of variables", render);

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = SecretBytes::new(Vec::with_capacity(64 * 1024));
    for variable in handover.shared() {
        out.extend_from_slice(variable.name.as_bytes());
        out.extend_from_slice(b": ");
        quote(&mut out, variable.value.expose_secret());
        out.push(b'\n');
    }
    Ok(out.into())
}

/// A double-quoted scalar: always text, never a number or a date. What YAML
/// does not call printable is escaped.
///
/// <https://yaml.org/spec/1.2.2/#51-character-set>
fn quote(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    for c in value.chars() {
        let escaped = match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            // The last three break lines, or are taken for a byte order mark.
            '\0'..'\x20'
            | '\x7f'..'\u{a0}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => format!("\\u{:04x}", u32::from(c)),
            _ => c.to_string(),
        };
        out.extend_from_slice(escaped.as_bytes());
    }
    out.push(b'"');
}
