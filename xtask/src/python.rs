//! Python environments of our own, with everything pinned.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Context as _, Result, capture, run};
use crate::ui;
use crate::workspace;

/// What the stamp is called inside an environment.
const STAMP: &str = "set-up-from";

/// A Python environment that is set up.
pub(crate) struct Venv {
    /// Its folder, absolute.
    pub(crate) dir: PathBuf,
}

impl Venv {
    /// A program in it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join("bin").join(name)
    }
}

/// The environment of the tests, `.venv`.
pub(crate) fn for_tests() -> Result<Venv> {
    let root = workspace::root();
    ensure(
        &root.join(".venv"),
        &root.join("tests/interop/requirements.txt"),
    )
}

/// The environment at `dir` with what `requirements` lists: as it is when it
/// was made from the same list by the same Python, else made anew.
///
/// # Errors
/// Python, pip or the network fail; a half-made environment is made anew next
/// time.
pub(crate) fn ensure(dir: &Path, requirements: &Path) -> Result<Venv> {
    let list = File::open(requirements).context(requirements.display())?;
    // One set-up at a time; the list itself is the lock.
    list.lock()
        .context(format!("cannot lock {}", requirements.display()))?;
    let wanted = stamp(requirements)?;
    let venv = Venv {
        dir: dir.to_owned(),
    };
    if is_made_from(&venv, &wanted) {
        return Ok(venv);
    }
    ui::say(format!("setting up {}", dir.display()));
    if dir.exists() {
        fs::remove_dir_all(dir).context(format!("cannot remove {}", dir.display()))?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
    let pip = |args: &[&str]| {
        let mut command = Command::new(venv.program("python"));
        command.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]);
        command.args(args);
        command
    };
    run(pip(&["install", "--quiet", "--requirement"]).arg(requirements))?;
    run(&mut pip(&["check"]))?;
    let stamp = dir.join(STAMP);
    fs::write(&stamp, wanted).context(stamp.display())?;
    Ok(venv)
}

/// What an environment depends on: the Python and the list.
fn stamp(requirements: &Path) -> Result<String> {
    let python = capture(Command::new("python3").arg("--version"))?;
    let list = fs::read_to_string(requirements).context(requirements.display())?;
    Ok(format!("{python}{list}"))
}

fn is_made_from(venv: &Venv, wanted: &str) -> bool {
    let found = fs::read_to_string(venv.dir.join(STAMP));
    // The Python under it may have gone since: ask it, not its stamp alone.
    let version = capture(Command::new(venv.program("python")).arg("--version"));
    found.is_ok_and(|found| found == wanted)
        && version.is_ok_and(|version| wanted.starts_with(&version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_made_anew_when_its_list_changes_or_its_python_goes() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let venv = Venv {
            dir: folder.path().to_owned(),
        };
        let python = venv.program("python");
        fs::create_dir(python.parent().unwrap()).unwrap();
        fs::write(&python, "#!/bin/sh\necho Python 3.99.0\n").unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        let wanted = "Python 3.99.0\nmoto==1\n";

        assert!(!is_made_from(&venv, wanted), "no stamp: half made");
        fs::write(folder.path().join(STAMP), wanted).unwrap();
        assert!(is_made_from(&venv, wanted));
        assert!(!is_made_from(&venv, "Python 3.99.0\nmoto==2\n"));
        assert!(!is_made_from(&venv, "Python 3.100.0\nmoto==1\n"));

        fs::remove_file(&python).unwrap();
        symlink("/no/such/python", &python).unwrap();
        assert!(!is_made_from(&venv, wanted), "its Python is gone");
    }
}
