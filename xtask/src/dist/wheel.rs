//! The wheel for PyPI, by maturin: for `pip`, `pipx` and `uvx`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::{self, target};
use crate::process::{Context as _, Failure, Result, run};
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
    let entries = into.read_dir().context(into.display())?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut wheels = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".whl") && name.contains(arch)
    });
    wheels
        .next()
        .ok_or_else(|| Failure::new("maturin made no wheel"))
}
