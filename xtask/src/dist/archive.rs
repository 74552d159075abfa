//! The archive that people download and unpack.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::content::Content;
use super::program::target;
use crate::process::{Result, run};
use crate::workspace::VERSION;

/// The name of the folder in it, and its own name without the ending.
pub(super) fn name(arch: &str) -> String {
    format!("assumerole-{VERSION}-{}", target(arch))
}

/// Packs `content` for `arch` into `into`. The same content gives the same bytes.
///
/// # Errors
/// tar or gzip fail.
pub(super) fn pack(content: &Content, arch: &str, into: &Path) -> Result<PathBuf> {
    let name = name(arch);
    let archive = into.join(format!("{name}.tar.gz"));
    run(Command::new("tar")
        .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .args(["--mode=u=rwX,go=rX", "--use-compress-program=gzip -9n"])
        .arg(format!("--mtime=@{}", content.time))
        .arg(format!("--transform=s,^\\.,{name},"))
        .arg("--directory")
        .arg(content.folder())
        .arg("--create")
        .arg("--file")
        .arg(&archive)
        .arg("."))?;
    Ok(archive)
}
