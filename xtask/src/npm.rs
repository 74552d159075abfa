//! Programs that the npm registry alone has as a package, pinned.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Context as _, Failure, Result, run};
use crate::ui;
use crate::workspace;

/// What is fetched. Exact versions: nushell pins its own parts.
const LIST: &str = "package.json";

/// nushell, from `.npm`, which is set up first if need be.
///
/// # Errors
/// npm or the network fail, or there is no nushell for this machine.
pub(crate) fn nushell() -> Result<PathBuf> {
    let root = workspace::root();
    let modules = ensure(&root.join(".npm"), &root.join("tests/interop/npm"))?;
    find(&modules.join("@nushell")).ok_or_else(|| {
        Failure::new("npm has no nushell for this machine; the tests need one in .npm")
    })
}

/// The one package for this kind of machine.
fn find(platforms: &Path) -> Option<PathBuf> {
    let folders = platforms
        .read_dir()
        .ok()?
        .filter_map(std::result::Result::ok);
    let mut programs = folders.map(|folder| folder.path().join("bin/nu"));
    programs.find(|program| program.is_file())
}

/// `dir/node_modules` with what the list in `from` names.
fn ensure(dir: &Path, from: &Path) -> Result<PathBuf> {
    let list = File::open(from.join(LIST)).context(from.display())?;
    // One set-up at a time; the list itself is the lock.
    list.lock()
        .context(format!("cannot lock {}", from.display()))?;
    let modules = dir.join("node_modules");
    if is_made_from(dir, from)? {
        return Ok(modules);
    }
    ui::say(format!("setting up {}", dir.display()));
    if dir.exists() {
        fs::remove_dir_all(dir).context(format!("cannot remove {}", dir.display()))?;
    }
    fs::create_dir(dir).context(dir.display())?;
    fs::copy(from.join(LIST), dir.join(LIST)).context(dir.display())?;
    // No script of a package is run.
    let installed = run(Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-package-lock"])
        .args(["--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(dir));
    if installed.is_err() {
        // Half made: made anew next time.
        let _ = fs::remove_file(dir.join(LIST));
    }
    installed.map(|()| modules)
}

fn is_made_from(dir: &Path, from: &Path) -> Result<bool> {
    let wanted = fs::read(from.join(LIST)).context(from.display())?;
    let made = fs::read(dir.join(LIST));
    Ok(made.is_ok_and(|made| made == wanted) && dir.join("node_modules").is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_anew_when_a_list_changes() {
        let (made, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(from.path().join(LIST), "{}").unwrap();
        assert!(!is_made_from(made.path(), from.path()).unwrap());
        fs::write(made.path().join(LIST), "{}").unwrap();
        assert!(
            !is_made_from(made.path(), from.path()).unwrap(),
            "half made"
        );
        fs::create_dir(made.path().join("node_modules")).unwrap();
        assert!(is_made_from(made.path(), from.path()).unwrap());
        fs::write(from.path().join(LIST), "another").unwrap();
        assert!(!is_made_from(made.path(), from.path()).unwrap());
    }

    #[test]
    fn the_program_of_this_machine_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find(dir.path()), None);
        let program = dir.path().join("linux-x64/bin/nu");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(&program, "").unwrap();
        assert_eq!(find(dir.path()), Some(program));
    }
}
