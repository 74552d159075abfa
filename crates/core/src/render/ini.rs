//! A section of `~/.aws/credentials`, named as the role.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use secrecy::ExposeSecret;

use super::Format;
use super::handover::{Handover, Rendered, Text, cannot};
use crate::error::{Error, Kind, Result};
use crate::ids::Region;

pub(super) const FORMAT: Format = Format::data("ini", "a section of ~/.aws/credentials", render);

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let role = handover.role;
    if role.contains(['[', ']']) || role.trim() != role {
        return Err(Error::new(
            Kind::Usage,
            format!("{role:?} cannot be the name of a section"),
        )
        .because("it has a bracket, or a blank at its beginning or end")
        .hint("take another format, such as: --format json"));
    }
    let credentials = handover.credentials;
    let secret = credentials.secret_access_key.expose_secret();
    let token = credentials.session_token.as_ref();
    let lines = [
        (
            "aws_access_key_id",
            Some(credentials.access_key_id.as_str()),
        ),
        ("aws_secret_access_key", Some(secret)),
        ("aws_session_token", token.map(ExposeSecret::expose_secret)),
        ("region", handover.region.map(Region::as_str)),
    ];
    let mut out = Text::new(Vec::with_capacity(16 * 1024));
    out.extend_from_slice(format!("[{role}]\n").as_bytes());
    for (key, value) in lines {
        let Some(value) = value else { continue };
        if value.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(cannot("ini", key, "it has a blank or a control character"));
        }
        for part in [key, " = ", value, "\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    Ok(out.into())
}
