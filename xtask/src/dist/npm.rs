//! The package for npm: the programs of all architectures, and a script that becomes
//! the right one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::content::Content;
use super::recipes;
use crate::process::{Context as _, Failure, Result, capture, run};
use crate::workspace;

/// Packs `contents`, each with its architecture, into `into`.
///
/// # Errors
/// A file cannot be copied, or npm fails.
pub(super) fn pack(contents: &[(Content, String)], into: &Path) -> Result<PathBuf> {
    let [(first, _), ..] = contents else {
        return Err(Failure::new("there is nothing to pack"));
    };
    let staging = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = staging.path();
    for folder in ["bin", "man"] {
        fs::create_dir(root.join(folder)).context(folder)?;
    }
    let copy = |from: PathBuf, to: &str| {
        let to = root.join(to);
        fs::copy(&from, to).context(from.display()).map(drop)
    };
    let ours = workspace::root().join("packaging/npm");
    copy(ours.join("assumerole.sh"), "assumerole.sh")?;
    let manifest = fs::read_to_string(ours.join("package.json")).context("package.json")?;
    let manifest = recipes::fill(&manifest, &[]);
    fs::write(root.join("package.json"), manifest).context("package.json")?;
    for page in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        copy(first.folder().join(page), page)?;
    }
    for (content, arch) in contents {
        let program = content.folder().join("assumerole");
        copy(program, &format!("bin/assumerole-{arch}"))?;
    }
    // npm links to manual pages that are not compressed, too.
    let page = first.folder().join("man/assumerole.1.gz");
    let text = capture(Command::new("gzip").args(["-dc", "--"]).arg(page))?;
    fs::write(root.join("man/assumerole.1"), text).context("man/assumerole.1")?;
    run(Command::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .arg(into)
        .current_dir(root))?;
    Ok(into.join(format!("assumerole-{}.tgz", workspace::VERSION)))
}
