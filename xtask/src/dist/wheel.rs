//! The wheel for PyPI, by maturin: for `pip`, `pipx` and `uvx`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::content::sorted;
use super::program::{self, target};
use crate::process::{Failure, Result, run};
use crate::python::Venv;
use crate::workspace;

/// pip of Alpine takes a wheel with the second tag only, all others with the first.
const TAGS: [&str; 2] = ["manylinux2014", "musllinux_1_1"];

/// Builds the wheel for `arch` into `into`. The program in it is the one of the
/// archive, which cargo need not compile again.
///
/// # Errors
/// It does not compile, or maturin fails.
pub(super) fn pack(venv: &Venv, arch: &str, time: u64, into: &Path) -> Result<PathBuf> {
    let mut command = Command::new(venv.program("maturin"));
    command
        .args(["build", "--release", "--locked", "--target", &target(arch)])
        .args(["--compatibility"])
        .args(TAGS)
        .arg("--out")
        .arg(into)
        .args(["--config", &program::same_everywhere(arch)?])
        .current_dir(workspace::root().join("packaging/pypi"))
        .env("SOURCE_DATE_EPOCH", time.to_string());
    for (name, value) in program::compiler(arch) {
        command.env(name, value);
    }
    run(&mut command)?;
    find(into, arch)
}

/// The wheel for `arch` in `folder`.
///
/// # Errors
/// There is none.
pub(super) fn find(folder: &Path, arch: &str) -> Result<PathBuf> {
    let mut paths = sorted(folder)?.into_iter();
    let found = paths.find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".whl") && name.contains(arch)
    });
    found.ok_or_else(|| Failure::new(format!("there is no wheel for {arch}")))
}
