//! Packages of Debian and Fedora, by nFPM. What is in them stands in
//! `packaging/nfpm.yaml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::content::Content;
use crate::process::{Result, run};
use crate::python::Venv;
use crate::workspace;

/// The kinds of packages, as nFPM calls them.
pub(super) const KINDS: [&str; 2] = ["deb", "rpm"];

/// Packs `content` for `arch` as `kind` into `into`, as of `version`.
///
/// # Errors
/// nFPM fails.
pub(super) fn pack(
    venv: &Venv,
    kind: &str,
    (content, arch): (&Content, &str),
    version: &str,
    into: &Path,
) -> Result<PathBuf> {
    // nFPM knows them by Go's names, and translates them.
    let go = match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = into.join(format!("assumerole-{version}-{arch}.{kind}"));
    run(Command::new(venv.program("nfpm"))
        .args(["package", "--packager", kind, "--config"])
        .arg(workspace::root().join("packaging/nfpm.yaml"))
        .arg("--target")
        .arg(&package)
        .current_dir(content.folder())
        .env("ARCH", go)
        .env("VERSION", version)
        .env("SOURCE_DATE_EPOCH", content.time.to_string()))?;
    Ok(package)
}
