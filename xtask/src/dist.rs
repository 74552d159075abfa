//! The static Linux binary, packed for people to download.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian::{self, Need};
use crate::process::{Context as _, Failure, Result, capture, cargo, run};
use crate::workspace::{self, VERSION};
use crate::{elf, ui};

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

/// `cargo xtask dist`.
///
/// # Errors
/// A tool or a page is missing, the program does not compile, or what came out
/// is not static or does not start.
pub(crate) fn dist() -> Result {
    let program = static_program()?;
    let bytes = fs::read(&program).context(program.display())?;
    elf::check_static(&bytes).context(program.display())?;
    let said = capture(Command::new(&program).arg("--version").env_clear())?;
    if !said.contains(VERSION) {
        let why = format!("{} --version says {said:?}", program.display());
        return Err(Failure::new(why));
    }
    ui::say(format!(
        "static: {} ({} bytes, {:.1} MiB)",
        program.display(),
        bytes.len(),
        bytes.len() as f64 / f64::from(1 << 20),
    ));
    let archive = pack(&program)?;
    ui::data(archive.display());
    Ok(())
}

/// Builds the static program for this machine's architecture.
///
/// # Errors
/// Not on Linux; a tool cannot be set up; it does not compile.
pub(crate) fn static_program() -> Result<PathBuf> {
    built(&[])
}

/// As [`static_program`], with the names of its functions.
///
/// # Errors
/// As there.
pub(crate) fn static_program_with_symbols() -> Result<PathBuf> {
    built(&["--config", "profile.release.strip=false"])
}

fn built(options: &[&str]) -> Result<PathBuf> {
    if OS != "linux" {
        return Err(Failure::new("the static binary is built on Linux"));
    }
    debian::ensure(Need::Static)?;
    let target = target();
    ensure_target(&target)?;
    let args = ["--release", "--target", &target, "--package", "assumerole"];
    let programs = workspace::build(&[&args, options].concat())?;
    programs.get("assumerole").map(Path::to_owned)
}

/// As [`static_program`], of the checkout at `tree`, compiled in `into`.
///
/// # Errors
/// As there.
pub(crate) fn static_program_of(tree: &Path, into: &Path) -> Result<PathBuf> {
    let target = target();
    let args = ["build", "--release", "--locked", "--target", &target];
    run(cargo()
        .args(args)
        .args(["--package", "assumerole", "--target-dir"])
        .arg(into)
        .current_dir(tree))?;
    Ok(into.join(target).join("release/assumerole"))
}

fn target() -> String {
    format!("{ARCH}-unknown-linux-musl")
}

/// Rust's own standard library for `target`, by rustup where it is missing.
fn ensure_target(target: &str) -> Result {
    let sysroot = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(target);
    if library.is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", target]))
}

/// Packs `program` and its pages into `dist/NAME.tar.gz` with its SHA-256
/// beside it. The same commit gives the same bytes.
fn pack(program: &Path) -> Result<PathBuf> {
    let root = workspace::root();
    let name = format!("assumerole-{VERSION}-{}", target());
    let staging = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = staging.path().join(&name);
    let (docs, completions) = (folder.join("docs"), folder.join("completions"));
    for folder in [&docs, &completions] {
        fs::create_dir_all(folder).context(folder.display())?;
    }
    copy(program, &folder.join("assumerole"))?;
    for page in pages()? {
        copy(&root.join(&page), &folder.join(&page))?;
    }
    for (shell, name) in COMPLETIONS {
        let script = capture(
            Command::new(program)
                .args(["completions", shell])
                .env_clear(),
        )?;
        let path = completions.join(name);
        fs::write(&path, script).context(path.display())?;
    }

    let dist = root.join("dist");
    fs::create_dir_all(&dist).context(dist.display())?;
    let archive = format!("{name}.tar.gz");
    run(Command::new("tar")
        .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .args(["--mode=u=rwX,go=rX", "--use-compress-program=gzip -9n"])
        .arg(format!("--mtime=@{}", commit_time()?))
        .arg("--directory")
        .arg(staging.path())
        .arg("--create")
        .arg("--file")
        .arg(dist.join(&archive))
        .arg(&name))?;
    let digest = capture(Command::new("sha256sum").arg(&archive).current_dir(&dist))?;
    let beside = dist.join(format!("{archive}.sha256"));
    fs::write(&beside, digest).context(beside.display())?;
    Ok(dist.join(archive))
}

/// What is packed beside the program, as paths in the repository.
///
/// # Errors
/// docs/ cannot be read.
fn pages() -> Result<Vec<PathBuf>> {
    let mut pages: Vec<PathBuf> = PAGES.map(PathBuf::from).into();
    for page in fs::read_dir(workspace::root().join("docs")).context("docs")? {
        let page = page.context("docs")?;
        let packed = |ext| ext == "md" || ext == "json";
        if page.path().extension().is_some_and(packed) {
            pages.push(Path::new("docs").join(page.file_name()));
        }
    }
    Ok(pages)
}

/// Seconds since 1970: `SOURCE_DATE_EPOCH` where somebody repeats a build,
/// else the time of the commit.
fn commit_time() -> Result<String> {
    if let Ok(time) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(time);
    }
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%ct"]);
    Ok(capture(git.current_dir(workspace::root()))?
        .trim()
        .to_owned())
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
