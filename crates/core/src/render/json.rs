//! JSON: an object of variables.

use secrecy::ExposeSecret;
use serde::Serialize;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format::data("json", "a JSON object of variables", render);

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let object: Vec<(&str, &str)> = handover
        .shared()
        .map(|v| (v.name.as_str(), v.value.expose_secret()))
        .collect();
    Ok(write(&Object(&object)).into())
}

/// Keeps the order of its members.
pub(super) struct Object<'a>(pub(super) &'a [(&'a str, &'a str)]);

impl Serialize for Object<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// `value` on lines, with a line break at the end.
pub(super) fn write(value: &impl Serialize) -> SecretBytes {
    let mut out = SecretBytes::new(Vec::with_capacity(64 * 1024));
    // Text and a buffer in memory: neither fails.
    let _ = serde_json::to_writer_pretty(&mut *out, value);
    out.push(b'\n');
    out
}
