//! A `.env` file.
//!
//! There is no standard: what is written is what shells, Node's dotenv,
//! python-dotenv and Docker Compose read alike.

use secrecy::ExposeSecret;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes, cannot};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format {
    adds: true,
    ..Format::data("dotenv", "a .env file", render)
};

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = SecretBytes::new(Vec::with_capacity(64 * 1024));
    for variable in handover.shared() {
        let (name, value) = (&variable.name, variable.value.expose_secret());
        let mark = mark(value).ok_or_else(|| {
            let why = "readers of .env files do not agree on quotes, backslashes, \
                       carriage returns and ${ in it";
            cannot("dotenv", name, why)
        })?;
        out.extend_from_slice(format!("{name}={mark}").as_bytes());
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(format!("{mark}\n").as_bytes());
    }
    Ok(out.into())
}

/// The quotes that keep `value` as it is; `None` if none do.
fn mark(value: &str) -> Option<&'static str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&b);
    if value.contains('\r') {
        None
    } else if value.bytes().all(plain) {
        Some("")
    // python-dotenv knows `\\` and `\'` even there, and `${NAME}` everywhere.
    } else if !value.contains(['\''])
        && !value.contains("\\\\")
        && !value.ends_with('\\')
        && !value.contains("${")
    {
        Some("'")
    } else if !value.contains(['"', '\\', '$', '`']) {
        Some("\"")
    } else {
        None
    }
}
