//! What every package has, staged in one folder: the program, its manual pages, its
//! completion scripts, and the pages to read.

use std::fs::{self, File, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::process::{Context as _, Failure, Result, capture, run};
use crate::workspace;

/// What is packed beside the program, besides the pages in docs/.
const PAGES: [&str; 6] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Completion scripts: a shell, and the name that its script has where shells
/// look for it.
const COMPLETIONS: [(&str, &str); 6] = [
    ("bash", "assumerole.bash"),
    ("zsh", "_assumerole"),
    ("fish", "assumerole.fish"),
    ("nu", "assumerole.nu"),
    ("powershell", "assumerole.ps1"),
    ("elvish", "assumerole.elv"),
];

/// The staged files, all of the time of the commit. They go when this is dropped.
pub(super) struct Content {
    staging: TempDir,
    /// That time, in seconds since 1970.
    pub(super) time: u64,
}

impl Content {
    /// Stages `program`. Another one of the same sources, `runs`, prints the completion
    /// scripts, and `manual` the manual pages, both on this machine.
    ///
    /// # Errors
    /// A file is missing or cannot be written, or one of them fails.
    pub(super) fn new(program: &Path, runs: &Path, manual: &Path) -> Result<Self> {
        let staging = tempfile::tempdir().context("cannot make a temporary folder")?;
        let content = Self {
            staging,
            time: commit_time()?,
        };
        let root = content.folder();
        for folder in ["docs", "completions", "man"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).context(folder.display())?;
        }
        copy(program, &root.join("assumerole"))?;
        for page in pages()? {
            copy(&workspace::root().join(&page), &root.join(&page))?;
        }
        for (shell, name) in COMPLETIONS {
            let script = capture(Command::new(runs).args(["completions", shell]).env_clear())?;
            let path = root.join("completions").join(name);
            fs::write(&path, script).context(path.display())?;
        }
        let pages = root.join("man");
        run(Command::new(manual).arg(&pages))?;
        // As both Debian and Fedora want them, without the time of packing.
        capture(Command::new("gzip").arg("-9n").args(sorted(&pages)?))?;
        content.settle(root)?;
        Ok(content)
    }

    /// The folder with all of it.
    pub(super) fn folder(&self) -> &Path {
        self.staging.path()
    }

    /// Gives each file below `folder` its mode and its time.
    fn settle(&self, folder: &Path) -> Result {
        for path in sorted(folder)? {
            let is_folder = path.is_dir();
            if is_folder {
                self.settle(&path)?;
            }
            let executable = is_folder || path.file_name().is_some_and(|name| name == "assumerole");
            let mode = if executable { 0o755 } else { 0o644 };
            fs::set_permissions(&path, Permissions::from_mode(mode)).context(path.display())?;
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.time);
            let times = FileTimes::new().set_modified(time).set_accessed(time);
            let file = File::open(&path).context(path.display())?;
            file.set_times(times).context(path.display())?;
        }
        Ok(())
    }
}

/// What is in `folder`, by name.
pub(super) fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).context(folder.display())?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.context(folder.display())?;
    paths.sort();
    Ok(paths)
}

/// What is packed beside the program, as paths in the repository.
///
/// # Errors
/// docs/ cannot be read.
fn pages() -> Result<Vec<PathBuf>> {
    let mut pages: Vec<PathBuf> = PAGES.map(PathBuf::from).into();
    for page in sorted(&workspace::root().join("docs"))? {
        let packed = |ext| ext == "md" || ext == "json";
        if page.extension().is_some_and(packed)
            && let Some(name) = page.file_name()
        {
            pages.push(Path::new("docs").join(name));
        }
    }
    Ok(pages)
}

/// Seconds since 1970: `SOURCE_DATE_EPOCH` where somebody repeats a build,
/// else the time of the commit.
fn commit_time() -> Result<u64> {
    let time = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(time) => time,
        Err(_) => {
            let mut git = Command::new("git");
            git.args(["log", "-1", "--format=%ct"]);
            capture(git.current_dir(workspace::root()))?
        }
    };
    let number = time.trim().parse();
    number.map_err(|_| Failure::new(format!("{time:?} is no time: seconds since 1970 are")))
}

fn copy(from: &Path, to: &Path) -> Result {
    fs::copy(from, to).context(from.display()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The files that a page links to, as paths in the repository.
    fn links(page: &Path, text: &str) -> Vec<PathBuf> {
        let folder = page.parent().unwrap();
        let targets = text.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split([')', '#']).next());
        targets
            .filter(|target| !target.is_empty() && !target.contains("://"))
            .map(|target| match target.strip_prefix("../") {
                Some(target) => folder.parent().unwrap().join(target),
                None => folder.join(target),
            })
            .collect()
    }

    #[test]
    fn every_link_of_a_packed_page_leads_to_a_packed_page() {
        let pages: BTreeSet<PathBuf> = pages().unwrap().into_iter().collect();
        let mut seen = 0;
        let mut dead = Vec::new();
        for page in pages
            .iter()
            .filter(|page| page.extension().is_some_and(|ext| ext == "md"))
        {
            let text = fs::read_to_string(workspace::root().join(page)).unwrap();
            for link in links(page, &text) {
                seen += 1;
                if !pages.contains(&link) {
                    dead.push(format!("{}: {}", page.display(), link.display()));
                }
            }
        }
        assert!(seen > 10 && dead.is_empty(), "{seen}: {dead:#?}");
    }
}
