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
        let packed = |ext: &std::ffi::OsStr| ["md", "json", "svg"].iter().any(|one| ext == *one);
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
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// What a page links to: a path in the repository, and a heading there or nothing.
    fn links(page: &Path, text: &str) -> Vec<(PathBuf, String)> {
        let folder = page.parent().unwrap();
        let targets = text.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split(')').next());
        targets
            .filter(|target| !target.is_empty() && !target.contains("://"))
            .map(|target| {
                let (target, heading) = target.split_once('#').unwrap_or((target, ""));
                let path = match target.strip_prefix("../") {
                    _ if target.is_empty() => page.to_owned(),
                    Some(target) => folder.parent().unwrap().join(target),
                    None => folder.join(target),
                };
                (path, heading.to_owned())
            })
            .collect()
    }

    /// The headings of a page, as links name them.
    fn headings(text: &str) -> BTreeSet<String> {
        let mut is_code = false;
        let mut times = BTreeMap::new();
        let mut headings = BTreeSet::new();
        for line in text.lines() {
            is_code ^= line.starts_with("```");
            let Some((marks, heading)) = line.split_once(' ') else {
                continue;
            };
            if is_code || marks.is_empty() || !marks.chars().all(|mark| mark == '#') {
                continue;
            }
            let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            let lower = heading.to_lowercase();
            let name: String = lower.chars().filter(kept).collect();
            let name = name.replace(' ', "-");
            let before: &mut u32 = times.entry(name.clone()).or_default();
            headings.insert(match *before {
                0 => name,
                times => format!("{name}-{times}"),
            });
            *before += 1;
        }
        headings
    }

    #[test]
    fn every_link_of_a_packed_page_leads_to_a_heading_of_a_packed_page() {
        let pages: BTreeMap<PathBuf, String> = pages()
            .unwrap()
            .into_iter()
            .map(|page| {
                let text = fs::read_to_string(workspace::root().join(&page)).unwrap();
                (page, text)
            })
            .collect();
        let mut seen = 0;
        let mut dead = Vec::new();
        for (page, text) in &pages {
            if page.extension().is_none_or(|ext| ext != "md") {
                continue;
            }
            for (target, heading) in links(page, text) {
                seen += 1;
                let known = pages
                    .get(&target)
                    .is_some_and(|text| heading.is_empty() || headings(text).contains(&heading));
                if !known {
                    dead.push(format!(
                        "{}: {}#{heading}",
                        page.display(),
                        target.display()
                    ));
                }
            }
        }
        assert!(seen > 10 && dead.is_empty(), "{seen}: {dead:#?}");
    }

    #[test]
    fn headings_are_named_as_links_name_them() {
        let text = "# A `b` c, d\n```\n# no heading\n```\n## A_b-c\n## A_b-c\n#no\n";
        let found: Vec<String> = headings(text).into_iter().collect();
        assert_eq!(found, ["a-b-c-d", "a_b-c", "a_b-c-1"]);
    }
}
