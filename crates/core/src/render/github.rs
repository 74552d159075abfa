//! A step of GitHub Actions: secrets are masked in the log, and the variables
//! are there for the steps after this one.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use secrecy::ExposeSecret;

use super::format::{Format, FormatKind};
use super::handover::{ForFile, Handover, Rendered, SecretBytes};
use crate::diagnostic::Result;
use crate::environment::{Names, Pairs};

/// Names the file.
const FILE: &str = "GITHUB_ENV";

pub(super) const FORMAT: Format = Format {
    name: "github",
    about: "GitHub Actions: masks secrets, appends to $GITHUB_ENV",
    shells: &[],
    file: Some(FILE),
    start: None,
    adds: true,
    credentials_only: false,
    answers: false,
    odd_name: None,
    assigned: Some(assigned),
    names: Names::Exact,
    kind: FormatKind::Data(render),
};

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = SecretBytes::new(Vec::with_capacity(32 * 1024));
    for secret in handover.secrets() {
        out.extend_from_slice(b"::add-mask::");
        escape(&mut out, secret);
        out.push(b'\n');
    }
    let mut text = SecretBytes::new(Vec::with_capacity(64 * 1024));
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

/// What a file assigns: `NAME=value`, or `NAME<<END`, lines, `END`. Of a name
/// the last counts.
fn assigned(text: &str) -> Pairs {
    let mut pairs = Pairs::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, value) = match (line.find("<<"), line.find('=')) {
            (Some(at), equals) if equals.is_none_or(|equals| at < equals) => {
                let end = &line[at + 2..];
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                (&line[..at], value.join("\n"))
            }
            (_, Some(at)) => (&line[..at], line[at + 1..].to_owned()),
            _ => continue,
        };
        pairs.retain(|(have, _)| have != name);
        pairs.push((name.into(), value.into()));
    }
    pairs
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
