//! A section of `~/.aws/credentials`, named as the role.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use secrecy::ExposeSecret;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes, cannot};
use crate::aws::ids::Region;
use crate::aws_config::{HEADER_CHARACTERS, fits_header};
use crate::diagnostic::{Error, Kind, Result, Warning};

pub(super) const FORMAT: Format = Format {
    credentials_only: true,
    odd_name: Some(odd_name),
    ..Format::data("ini", "a section of ~/.aws/credentials", render)
};

/// What is wrong with `role` as the name of a section: some names cost whoever
/// reads the file all of it, others are found by some SDKs alone.
fn odd_name(role: &str) -> Result<Option<Warning>> {
    let why = if role.contains(['[', ']']) || role.trim() != role {
        "it has a bracket, or a blank at its beginning or end"
    } else if role.contains(char::is_control) {
        "it has a line break or another control character"
    } else if role.contains(['#', ';']) {
        "some SDKs take # and ; in a header for the beginning of a comment, and read none of the file"
    } else if role == "DEFAULT" {
        "what stands in [DEFAULT] holds for every profile of the file"
    } else if role == "profile" || role.starts_with("profile ") {
        "in ~/.aws/credentials the word profile stands before no name, and some SDKs refuse the file"
    } else {
        return Ok((!fits_header(role)).then(|| Warning {
            message: format!("not every SDK finds a section named {role:?}"),
            at: None,
            hints: vec![format!(
                "letters and digits of ASCII and {HEADER_CHARACTERS} are found by all: give the role such a name"
            )],
        }));
    };
    Err(Error::new(
        Kind::Usage,
        format!("{role:?} cannot be the name of a section"),
    )
    .because(why)
    .hint("use another format, such as: --format json"))
}

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let role = handover.role;
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
    let mut out = SecretBytes::new(Vec::with_capacity(16 * 1024));
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
