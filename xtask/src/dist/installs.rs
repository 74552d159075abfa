//! Whether the packages can be installed, upgraded and removed, each in a folder of
//! its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Context as _, Failure, Result, capture, is_root, run, which};
use crate::ui;
use crate::workspace::VERSION;

/// What both kinds of packages install, from the root of the system.
const PLACES: [&str; 7] = [
    "usr/bin/assumerole",
    "usr/bin/docker-credential-assumerole",
    "usr/share/man/man1/assumerole.1.gz",
    "usr/share/man/man1/assumerole-exec.1.gz",
    "usr/share/bash-completion/completions/assumerole",
    "usr/share/fish/vendor_completions.d/assumerole.fish",
    "usr/share/doc/assumerole/README.md",
];
/// What that of Debian installs besides.
const DEBIAN: [&str; 2] = [
    "usr/share/zsh/vendor-completions/_assumerole",
    "usr/share/doc/assumerole/copyright",
];
/// What that of Fedora installs besides.
const FEDORA: [&str; 2] = [
    "usr/share/zsh/site-functions/_assumerole",
    "usr/share/licenses/assumerole/LICENSE-MIT",
];

/// A Debian package, after the same one of an older version.
///
/// # Errors
/// It does not do what it should.
pub(super) fn deb(older: &Path, package: &Path) -> Result {
    let root = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = root.path();
    let places = [&PLACES[..], &DEBIAN].concat();
    if !is_root()? {
        run(Command::new("dpkg-deb")
            .arg("--extract")
            .args([package, root]))?;
        ui::say("left out: only root can install, upgrade and remove a Debian package");
        return are_there(root, &places);
    }
    let database = root.join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(database.join(folder)).context(folder)?;
    }
    fs::write(database.join("status"), "").context("status")?;
    let dpkg = |words: &[&std::ffi::OsStr]| {
        let mut command = Command::new("dpkg");
        // Folders of a system that has sbin are not looked for.
        command.args(["--force-bad-path", "--log=/dev/null", "--root"]);
        run(command.arg(root).args(words))
    };
    for package in [older, package] {
        dpkg(&["--install".as_ref(), package.as_os_str()])?;
        are_there(root, &places)?;
    }
    let found = capture(
        Command::new("dpkg-query")
            .arg("--admindir")
            .arg(&database)
            .args(["--show", "--showformat=${Version}", "assumerole"]),
    )?;
    expect("the installed version", &found, &format!("{VERSION}-1"))?;
    dpkg(&["--purge".as_ref(), "assumerole".as_ref()])?;
    nothing_left(root)
}

/// A package of Fedora, after the same one of an older version.
///
/// # Errors
/// It does not do what it should.
pub(super) fn rpm(older: &Path, package: &Path) -> Result {
    let list = capture(
        Command::new("rpm")
            .args(["--query", "--list", "--package"])
            .arg(package),
    )?;
    let places = [&PLACES[..], &FEDORA].concat();
    for place in &places {
        if !list
            .lines()
            .any(|line| line.strip_prefix('/') == Some(place))
        {
            return Err(Failure::new(format!("the package has no /{place}")));
        }
    }
    if !is_root()? {
        ui::say("left out: only root can install, upgrade and remove a package of Fedora");
        return Ok(());
    }
    let root = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = root.path();
    let rpm = || {
        let mut command = Command::new("rpm");
        command.arg("--root").arg(root);
        command
    };
    for package in [older, package] {
        run(rpm()
            .args(["--upgrade", "--nodeps", "--ignorearch"])
            .arg(package))?;
        are_there(root, &places)?;
    }
    let query = ["--query", "--queryformat", "%{VERSION}", "assumerole"];
    expect(
        "the installed version",
        &capture(rpm().args(query))?,
        VERSION,
    )?;
    run(rpm().args(["--erase", "assumerole"]))?;
    nothing_left(root)
}

/// The package for npm.
///
/// # Errors
/// It does not do what it should.
pub(super) fn npm(package: &Path) -> Result {
    let root = tempfile::tempdir().context("cannot make a temporary folder")?;
    let npm = |words: &[&str]| {
        let mut command = Command::new("npm");
        command.args([
            "--global",
            "--offline",
            "--no-audit",
            "--no-update-notifier",
            "--no-fund",
            "--prefix",
        ]);
        command.arg(root.path()).args(words);
        // Nothing of the person's own npm is touched.
        command.env("HOME", root.path());
        command
    };
    run(npm(&["install"]).arg(package))?;
    works(&root.path().join("bin/assumerole"))?;
    run(&mut npm(&["uninstall", "assumerole"]))?;
    match root.path().join("bin/assumerole").exists() {
        true => Err(Failure::new("npm left bin/assumerole")),
        false => Ok(()),
    }
}

/// The wheel, and whether pip takes it on an older system and on Alpine.
///
/// # Errors
/// It does not do what it should.
pub(super) fn wheel(wheel: &Path, arch: &str) -> Result {
    let root = tempfile::tempdir().context("cannot make a temporary folder")?;
    let venv = root.path().join("venv");
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let pip = |words: &[&str]| {
        let mut command = Command::new(venv.join("bin/python"));
        command.args(["-m", "pip", "--disable-pip-version-check", "--quiet"]);
        command.args(words);
        command
    };
    run(pip(&["install", "--no-index", "--no-deps"]).arg(wheel))?;
    works(&venv.join("bin/assumerole"))?;
    run(&mut pip(&["uninstall", "--yes", "assumerole"]))?;
    for platform in ["manylinux2014", "musllinux_1_1"] {
        let platform = format!("{platform}_{arch}");
        let into = root.path().join(&platform);
        let words = ["download", "--no-index", "--no-deps", "--only-binary=:all:"];
        let folder = wheel.parent().unwrap_or(Path::new("."));
        run(pip(&words)
            .args(["--platform", &platform, "--find-links"])
            .arg(folder)
            .arg("--dest")
            .arg(&into)
            .arg(format!("assumerole=={VERSION}")))?;
    }
    Ok(())
}

/// The archive, as its two commands have it.
///
/// # Errors
/// It does not do what it should.
pub(super) fn archive(archive: &Path, name: &str) -> Result {
    let root = tempfile::tempdir().context("cannot make a temporary folder")?;
    run(Command::new("tar")
        .arg("--extract")
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(root.path()))?;
    let folder = root.path().join(name);
    are_there(
        &folder,
        &[
            "man/assumerole.1.gz",
            "completions/_assumerole",
            "LICENSE-MIT",
        ],
    )?;
    works(&folder.join("assumerole"))
}

/// The files of `places` are below `root`, and the program runs.
fn are_there(root: &Path, places: &[&str]) -> Result {
    for place in places {
        let file = root.join(place);
        if !file.is_file() {
            return Err(Failure::new(format!("there is no {}", file.display())));
        }
    }
    match root.join(PLACES[0]) {
        program if program.is_file() => works(&program),
        _ => Ok(()),
    }
}

/// `program` runs and is of this version.
fn works(program: &Path) -> Result {
    let said = capture(Command::new(program).arg("--version"))?;
    expect("--version", said.trim(), &format!("assumerole {VERSION}"))
}

/// Nothing of ours is below `root` any more.
fn nothing_left(root: &Path) -> Result {
    let mut folders = vec![root.join("usr")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let ours = |path: &PathBuf| {
                path.file_name()?
                    .to_str()?
                    .contains("assumerole")
                    .then_some(())
            };
            if ours(&path).is_some() {
                return Err(Failure::new(format!("{} was left", path.display())));
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

fn expect(what: &str, found: &str, wanted: &str) -> Result {
    match found == wanted {
        true => Ok(()),
        false => Err(Failure::new(format!("{what} is {found:?}, not {wanted:?}"))),
    }
}

/// The recipes below `folder`, by the programs that read them, where they are.
///
/// # Errors
/// One cannot be read.
pub(super) fn recipes(folder: &Path) -> Result {
    run(Command::new("ruby")
        .arg("-c")
        .arg(folder.join("homebrew/assumerole.rb")))?;
    run(Command::new("nix-instantiate")
        .arg("--parse")
        .arg(crate::workspace::root().join("flake.nix"))
        .stdout(std::process::Stdio::null()))?;
    // It does not run as root, and writes where it is.
    let here = tempfile::tempdir().context("cannot make a temporary folder")?;
    let recipe = here.path().join("PKGBUILD");
    fs::copy(folder.join("aur/PKGBUILD"), &recipe).context(recipe.display())?;
    let mut makepkg = match is_root()? && which("setpriv").is_some() {
        true => {
            run(Command::new("chown")
                .args(["-R", "65534:65534"])
                .arg(here.path()))?;
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "makepkg",
            ]);
            command
        }
        false => Command::new("makepkg"),
    };
    // Debian has it without pacman, which it looks for and does not call here.
    makepkg.env("PACMAN", "true").arg("--printsrcinfo");
    let said = capture(makepkg.current_dir(here.path()))?;
    match said.contains(&format!("pkgver = {VERSION}")) && !said.contains('@') {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "makepkg --printsrcinfo says:\n{said}"
        ))),
    }
}
