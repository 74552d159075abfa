//! What other people's package managers read: where the archives are, and their
//! SHA-256. The files in `packaging/` with `@NAME@` in them.

use std::fs;
use std::path::Path;

use super::archive;
use crate::process::{Context as _, Result};
use crate::workspace::{self, VERSION};

/// Where a release has its files.
const RELEASE: &str = "https://github.com/assumerole/assumerole/releases/download";

/// The files, below `packaging/` and below the folder of the release.
pub(super) const FILES: [&str; 3] = [
    "homebrew/assumerole.rb",
    "aur/PKGBUILD",
    "aqua/registry.yaml",
];

/// Writes them into `into`, with `archives`: an architecture and the SHA-256 of its
/// archive each.
///
/// # Errors
/// One cannot be read or written.
pub(super) fn write(archives: &[(String, String)], into: &Path) -> Result {
    for file in FILES {
        let from = workspace::root().join("packaging").join(file);
        let text = fs::read_to_string(&from).context(from.display())?;
        let to = into.join(file);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).context(folder.display())?;
        }
        fs::write(&to, fill(&text, archives)).context(to.display())?;
    }
    Ok(())
}

/// `text` with what its `@NAME@` stand for.
pub(super) fn fill(text: &str, archives: &[(String, String)]) -> String {
    let mut text = text
        .replace("@VERSION@", VERSION)
        .replace("@RELEASE@", &format!("{RELEASE}/v{VERSION}"));
    for (arch, digest) in archives {
        let name = format!("{}.tar.gz", archive::name(arch));
        let arch = arch.to_uppercase();
        text = text
            .replace(&format!("@ARCHIVE_{arch}@"), &name)
            .replace(&format!("@SHA256_{arch}@"), digest);
    }
    text
}
