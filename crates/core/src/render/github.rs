//! A step of GitHub Actions: secrets are masked in the log, and the variables
//! are there for the steps after this one.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use secrecy::ExposeSecret;

use super::handover::{ForFile, Handover, Rendered, Text};
use super::{Format, Kind};
use crate::environment::Names;
use crate::error::Result;

/// Names the file.
const FILE: &str = "GITHUB_ENV";

pub(super) const FORMAT: Format = Format {
    name: "github",
    about: "GitHub Actions: masks secrets, appends to $GITHUB_ENV",
    shells: &[],
    file: Some(FILE),
    start: None,
    names: Names::Exact,
    kind: Kind::Data(render),
};

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = Text::new(Vec::with_capacity(32 * 1024));
    for secret in handover.secrets() {
        out.extend_from_slice(b"::add-mask::");
        escape(&mut out, secret);
        out.push(b'\n');
    }
    let mut text = Text::new(Vec::with_capacity(64 * 1024));
    // Nobody can guess it, so no value can end itself and set something else.
    let end = format!("end_{}", handover.nonce);
    for variable in handover.shared() {
        text.extend_from_slice(format!("{}<<{end}\n", variable.name).as_bytes());
        text.extend_from_slice(variable.value.expose_secret().as_bytes());
        text.extend_from_slice(format!("\n{end}\n").as_bytes());
    }
    Ok(Rendered {
        out,
        file: Some(ForFile {
            named_by: FILE,
            text,
        }),
    })
}

/// The data of a workflow command.
///
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>
fn escape(out: &mut Vec<u8>, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'%' => out.extend_from_slice(b"%25"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(byte),
        }
    }
}
