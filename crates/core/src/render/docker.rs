//! `docker run --env-file`: a line each, taken as it is.
//!
//! <https://docs.docker.com/reference/cli/docker/container/run/#env>

use secrecy::ExposeSecret;

use super::format::Format;
use super::handover::{Handover, Rendered, SecretBytes, cannot};
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format {
    adds: true,
    ..Format::data("docker", "docker run --env-file", render)
};

/// Docker reads no longer line: it is Go's `bufio.Scanner`, and its limit.
const LONGEST: usize = 64 * 1024 - 1;

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let mut out = SecretBytes::new(Vec::with_capacity(64 * 1024));
    for variable in handover.shared() {
        let (name, value) = (&variable.name, variable.value.expose_secret());
        // A carriage return is cut off at the end of a line.
        if value.contains(['\n', '\r']) {
            return Err(cannot("docker", name, "it has a line break"));
        }
        if name.len() + "=".len() + value.len() > LONGEST {
            return Err(cannot("docker", name, "its line is too long"));
        }
        for part in [name, "=", value, "\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    Ok(out.into())
}
