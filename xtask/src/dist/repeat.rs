//! Whether the program comes out the same in another folder, for another user, in
//! another time zone and with another umask.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::content::Content;
use super::program::{home_of, packed_elsewhere, sysroot, target};
use crate::process::{Context as _, Failure, Result, is_root, run};
use crate::{ui, workspace};

/// Somebody who is not root, if root asks.
const OTHER: &str = "65534";

/// Builds the commit once more for `arch`, and compares.
///
/// # Errors
/// It does not compile there, or the program is another one.
pub(super) fn check(content: &Content, arch: &str) -> Result {
    let elsewhere = tempfile::tempdir().context("cannot make a temporary folder")?;
    let home = elsewhere.path();
    let tree = home.join("a second folder");
    run(Command::new("git")
        .args(["clone", "--quiet"])
        .arg(workspace::root())
        .arg(&tree))?;
    // The crates that are here already, in a folder of that user.
    let cargo = home.join(".cargo");
    fs::create_dir(&cargo).context(cargo.display())?;
    let ours = home_of("CARGO_HOME", ".cargo");
    for part in ["registry/cache", "registry/index", "config.toml"] {
        let (from, to) = (ours.join(part), cargo.join(part));
        if from.exists() {
            fs::create_dir_all(to.parent().unwrap_or(&cargo)).context(to.display())?;
            run(Command::new("cp").args(["-r", "--"]).args([from, to]))?;
        }
    }
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).context(home.display())?;
    let by_another = is_root()? && others_have_rust()?;
    let mut build = Command::new(if by_another { "setpriv" } else { "env" });
    if by_another {
        run(Command::new("chown").args(["-R", OTHER]).arg(home))?;
        build.arg(format!("--reuid={OTHER}"));
        build.args([&format!("--regid={OTHER}"), "--clear-groups"]);
    } else {
        ui::say("left out: the second build is by the same user; no other one has Rust here");
    }
    // Not by libfaketime, under which rustc does not start.
    build.env("TZ", "Pacific/Apia");
    build.args(["sh", "-c", "umask 027; exec \"$@\"", "sh"]);
    packed_elsewhere(&mut build, arch, &cargo, &tree)?;
    let rustup = home_of("RUSTUP_HOME", ".rustup");
    if rustup.is_dir() {
        build.env("RUSTUP_HOME", rustup);
    }
    run(build.env("HOME", home).current_dir(&tree))?;
    let again = tree
        .join("target")
        .join(target(arch))
        .join("release/assumerole");
    let first = fs::read(content.folder().join("assumerole")).context("the program")?;
    match fs::read(&again).context(again.display())? == first {
        true => Ok(()),
        false => Err(Failure::new(
            "the second build of the program has other bytes",
        )),
    }
}

/// Whether the compiler is where other users can run it.
fn others_have_rust() -> Result<bool> {
    Ok(Path::new(&sysroot()?).ancestors().all(|folder| {
        folder
            .metadata()
            .is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
    }))
}
