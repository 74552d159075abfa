//! The static program, for this machine's architecture or another.

use std::env::consts::{ARCH, OS};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::debian::{self, Need};
use crate::process::{Failure, Result, capture, cargo, run};
use crate::workspace;

/// The architectures that are packed.
pub(super) const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

/// Builds the static program for this machine's architecture.
///
/// # Errors
/// Not on Linux; a tool cannot be set up; it does not compile.
pub(crate) fn static_program() -> Result<PathBuf> {
    built(ARCH, &[])
}

/// As [`static_program`], with the names of its functions.
///
/// # Errors
/// As there.
pub(crate) fn static_program_with_symbols() -> Result<PathBuf> {
    built(ARCH, &["--config", "profile.release.strip=false"])
}

/// The static program for `arch`, as it is packed: the same bytes wherever and by
/// whomever it is built.
///
/// # Errors
/// As for [`static_program`].
pub(super) fn packed(arch: &str) -> Result<PathBuf> {
    built(arch, &["--config", &same_everywhere(arch)?])
}

/// Makes `command` build what [`packed`] does, in the checkout `tree`, which is the
/// root of a target folder of its own, by the cargo whose home is `home`.
///
/// # Errors
/// There is no compiler.
pub(super) fn packed_elsewhere(
    command: &mut Command,
    arch: &str,
    home: &Path,
    tree: &Path,
) -> Result {
    let config = remapped(arch, &home.display().to_string(), tree)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command
        .arg(cargo)
        .args(["build", "--release", "--locked", "--offline"])
        .args(["--target", &target(arch), "--package", "assumerole"])
        .args(["--config", &config])
        .env("CARGO_HOME", home)
        .env_remove("CARGO_TARGET_DIR")
        .envs(compiler(arch));
    Ok(())
}

/// What keeps the folders of the person who builds out of the program: they are in
/// the places that panics name. It is added to what `.cargo/config.toml` says.
///
/// # Errors
/// There is no compiler.
pub(super) fn same_everywhere(arch: &str) -> Result<String> {
    let home = home_of("CARGO_HOME", ".cargo").display().to_string();
    remapped(arch, &home, workspace::root())
}

/// The folder that `variable` names, else `folder` in the home folder.
pub(super) fn home_of(variable: &str, folder: &str) -> PathBuf {
    let home = || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(folder);
    std::env::var_os(variable).map_or_else(home, PathBuf::from)
}

fn remapped(arch: &str, cargo: &str, root: &Path) -> Result<String> {
    let version = capture(Command::new("rustc").arg("-vV"))?;
    let mut lines = version.lines();
    let commit = lines.find_map(|line| line.strip_prefix("commit-hash: "));
    // Where the sources of the standard library are installed, rustc names their place
    // and not the one that they have elsewhere.
    let library = Path::new(&sysroot()?).join("lib/rustlib/src/rust");
    let flags = json!([
        format!("--remap-path-prefix={cargo}=/cargo"),
        format!("--remap-path-prefix={}=/assumerole", root.display()),
        format!(
            "--remap-path-prefix={}=/rustc/{}",
            library.display(),
            commit.unwrap_or_default()
        ),
    ]);
    Ok(format!("target.{}.rustflags={flags}", target(arch)))
}

/// The folder of the compiler.
pub(super) fn sysroot() -> Result<String> {
    let path = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(path.trim().to_owned())
}

fn built(arch: &str, options: &[&str]) -> Result<PathBuf> {
    if OS != "linux" {
        return Err(Failure::new("the static binary is built on Linux"));
    }
    debian::ensure(Need::Static)?;
    let target = target(arch);
    ensure_target(&target)?;
    let args = ["--release", "--target", &target, "--package", "assumerole"];
    let programs = workspace::build_with(&[&args, options].concat(), &compiler(arch))?;
    programs.get("assumerole").map(Path::to_owned)
}

/// The variables by which cargo and the build of the C parts find Debian's cross
/// compiler, where one is needed. The C library is Rust's own in either case.
pub(super) fn compiler(arch: &str) -> Vec<(String, String)> {
    if arch == ARCH {
        return Vec::new();
    }
    let program = format!("{arch}-linux-gnu-gcc");
    let target = target(arch).replace('-', "_");
    let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase());
    vec![(format!("CC_{target}"), program.clone()), (linker, program)]
}

/// As [`static_program`], of the checkout at `tree`, compiled in `into`.
///
/// # Errors
/// As there.
pub(crate) fn static_program_of(tree: &Path, into: &Path) -> Result<PathBuf> {
    let target = target(ARCH);
    let args = ["build", "--release", "--locked", "--target", &target];
    run(cargo()
        .args(args)
        .args(["--package", "assumerole", "--target-dir"])
        .arg(into)
        .current_dir(tree))?;
    Ok(into.join(target).join("release/assumerole"))
}

/// Rust's name for static programs of `arch`.
pub(super) fn target(arch: &str) -> String {
    format!("{arch}-unknown-linux-musl")
}

/// Rust's own standard library for `target`, by rustup where it is missing.
fn ensure_target(target: &str) -> Result {
    let library = Path::new(&sysroot()?).join("lib/rustlib").join(target);
    if library.is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", target]))
}
