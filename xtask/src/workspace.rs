//! This workspace: where it is, and what cargo builds from it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use serde_json::Value;

use crate::process::{Context as _, Failure, Result, cargo};
use crate::ui;

/// The version of everything in the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder of the root Cargo.toml: of the checkout that cargo runs this
/// from, which need not be the one that it was compiled in.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let here = root_of(
            std::env::var_os("CARGO_PKG_NAME").as_deref(),
            std::env::var_os("CARGO_MANIFEST_DIR").as_deref(),
        );
        here.parent().unwrap_or(&here).to_owned()
    });
    &ROOT
}

/// The folder of xtask, by what `cargo run` sets; what was compiled in where
/// something else was run, a test of another package for one.
fn root_of(package: Option<&OsStr>, manifest: Option<&OsStr>) -> PathBuf {
    let ours = package.is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let manifest = manifest.filter(|_| ours).map(PathBuf::from);
    manifest.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into())
}

/// The built programs, by name.
pub(crate) struct Programs(BTreeMap<String, PathBuf>);

/// What tests, and tasks that tests run, find the built programs by.
const IN_ENVIRONMENT: [(&str, &str); 2] = [
    ("assumerole", "ASSUMEROLE_TEST_BIN"),
    ("aws-sandbox", "ASSUMEROLE_TEST_SANDBOX"),
];

impl Programs {
    /// The programs that whoever started this has built, if it says so.
    pub(crate) fn from_environment() -> Option<Self> {
        let found = |(program, name): (&str, &str)| {
            Some((program.to_owned(), std::env::var_os(name)?.into()))
        };
        let programs: Option<_> = IN_ENVIRONMENT.into_iter().map(found).collect();
        programs.map(Self)
    }

    /// The environment in which [`Programs::from_environment`] finds these.
    ///
    /// # Errors
    /// One of them was not built.
    pub(crate) fn environment(&self) -> Result<Vec<(&'static str, &Path)>> {
        let said = |(program, name)| Ok((name, self.get(program)?));
        IN_ENVIRONMENT.into_iter().map(said).collect()
    }

    /// Takes `path` for the program `name`.
    pub(crate) fn add(&mut self, name: &str, path: &Path) {
        self.0.insert(name.to_owned(), path.to_owned());
    }

    /// Where the program `name` was built.
    ///
    /// # Errors
    /// It was not among what was built.
    pub(crate) fn get(&self, name: &str) -> Result<&Path> {
        let found = self.0.get(name).map(PathBuf::as_path);
        found.ok_or_else(|| Failure::new(format!("cargo built no program {name}")))
    }
}

/// What [`build`] is told for the programs that the tests use: of one package alone,
/// the libraries below it would be compiled once more, with fewer features.
pub(crate) const EVERY_PROGRAM: [&str; 3] = ["--workspace", "--bins", "--examples"];

/// `cargo build` with `args`, in the root.
///
/// # Errors
/// It does not compile.
pub(crate) fn build(args: &[&str]) -> Result<Programs> {
    build_with(args, &[])
}

/// As [`build`], with `variables` in cargo's environment.
///
/// # Errors
/// As there.
pub(crate) fn build_with(args: &[&str], variables: &[(String, String)]) -> Result<Programs> {
    ui::say(format!("$ cargo build {}", args.join(" ")));
    let mut child = cargo()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let mut programs = BTreeMap::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context("cannot read what cargo says")?;
            programs.extend(program(&line));
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if status.success() {
        Ok(Programs(programs))
    } else {
        Err(Failure::new(format!("cargo build: {status}")))
    }
}

/// Name and path of the program that a message of cargo announces, if it does.
///
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>
fn program(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let target = &message["target"];
    let mut kinds = target["kind"].as_array()?.iter();
    let is_program = kinds.any(|kind| kind == "bin" || kind == "example");
    // The tests inside a program are an executable of the same name.
    if !is_program || message["profile"]["test"] == true {
        return None;
    }
    let name = target["name"].as_str()?.to_owned();
    Some((name, message["executable"].as_str()?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_checkout_is_its_own_root() {
        let compiled = env!("CARGO_MANIFEST_DIR");
        for (package, manifest, root) in [
            (Some("xtask"), Some("/copy/xtask"), "/copy/xtask"),
            // A test of another package that runs a task.
            (Some("assumerole"), Some("/copy/crates/cli"), compiled),
            (Some("xtask"), None, compiled),
            (None, None, compiled),
        ] {
            let found = root_of(package.map(OsStr::new), manifest.map(OsStr::new));
            assert_eq!(found, Path::new(root), "{package:?} {manifest:?}");
        }
    }

    #[test]
    fn programs_are_told_from_libraries_and_from_their_tests() {
        let message = |kind: &str, test: bool| {
            serde_json::json!({
                "reason": "compiler-artifact",
                "target": { "kind": [kind], "name": "assumerole" },
                "profile": { "test": test },
                "executable": "/t/debug/assumerole",
            })
            .to_string()
        };
        assert_eq!(
            program(&message("bin", false)),
            Some(("assumerole".to_owned(), "/t/debug/assumerole".into()))
        );
        assert_eq!(program(&message("bin", true)), None);
        assert_eq!(program(&message("lib", false)), None);
        assert_eq!(
            program(r#"{"reason":"build-finished","success":true}"#),
            None
        );
        assert_eq!(program("warning: not JSON"), None);
    }
}
