//! `cargo xtask fuzz`: the targets in `fuzz/`, one for each parser of bytes
//! that others wrote.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{Context as _, Failure, Result, run, succeeds};
use crate::{ui, workspace};

/// How long each target runs with the tests.
const BRIEFLY: Duration = Duration::from_secs(3);
/// How the targets are compiled for that: none of our code can touch memory that
/// is not its own, and the SDK takes minutes to compile with all that looks for it.
const PLAIN: [&str; 3] = ["--dev", "--sanitizer", "none"];
/// How long each target runs on demand, if no other time is given.
const LONG: Duration = Duration::from_mins(10);

/// Files of the tests that a target begins with, beside those of `fuzz/seeds`.
const TESTED: &[(&str, &str)] = &[
    ("aws_config", "crates/core/tests/aws_config/corpus"),
    ("xml", "crates/packages/tests/maven/corpus"),
];

/// What `fuzz` is told on its command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    time: Duration,
    targets: Vec<String>,
}

impl Options {
    /// Reads `[--seconds N] [TARGET…]`.
    ///
    /// # Errors
    /// An option is unknown or has no number.
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self {
            time: LONG,
            targets: Vec::new(),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--seconds" {
                let seconds = args.next().and_then(|number| number.parse().ok());
                let seconds = seconds.filter(|seconds| *seconds > 0);
                let seconds = seconds.ok_or_else(|| Failure::new("--seconds needs a number"))?;
                options.time = Duration::from_secs(seconds);
            } else if arg.starts_with('-') {
                return Err(Failure::new(format!("fuzz has no option {arg:?}")));
            } else {
                options.targets.push(arg.clone());
            }
        }
        Ok(options)
    }
}

/// `cargo xtask fuzz [--seconds N] [TARGET…]`.
///
/// # Errors
/// A tool is missing, a target does not exist, or one failed.
pub(crate) fn fuzz(options: &Options) -> Result {
    if !is_installed() {
        return Err(Failure::new(
            "fuzzing needs a nightly toolchain and cargo-fuzz: \
             rustup toolchain install nightly && cargo install --locked cargo-fuzz",
        ));
    }
    let all = targets()?;
    if let Some(unknown) = options.targets.iter().find(|name| !all.contains(name)) {
        let all = all.join(", ");
        return Err(Failure::new(format!(
            "unknown fuzz target {unknown}; there are {all}"
        )));
    }
    let targets = match options.targets.is_empty() {
        true => &all,
        false => &options.targets,
    };
    run_all(targets, options.time, &[])
}

/// Runs each target for a moment where the tools are installed; otherwise says
/// that they are not.
///
/// # Errors
/// A target failed.
pub(crate) fn briefly() -> Result {
    if !is_installed() {
        ui::say("left out: needs a nightly toolchain and cargo-fuzz");
        return Ok(());
    }
    run_all(&targets()?, BRIEFLY, &PLAIN)
}

fn is_installed() -> bool {
    succeeds(cargo().args(["fuzz", "--version"]))
}

/// Compiles the targets as `how` says, and runs them. A failure of one does not
/// keep the next from running.
fn run_all(targets: &[String], time: Duration, how: &[&str]) -> Result {
    run(cargo().args(["fuzz", "build"]).args(how))?;
    let failed: Vec<&str> = targets
        .iter()
        .filter(|name| {
            ui::say(format!("{name}, for {}", ui::span(time)));
            one(name, time, how).is_err()
        })
        .map(String::as_str)
        .collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!("failed: {}", failed.join(", ")))),
    }
}

fn one(name: &str, time: Duration, how: &[&str]) -> Result {
    let corpus = workspace::root().join("fuzz/corpus").join(name);
    std::fs::create_dir_all(&corpus).context(corpus.display())?;
    let seconds = time.as_secs();
    run(cargo()
        .args(["fuzz", "run"])
        .args(how)
        .arg(name)
        .arg(corpus)
        .args(seeds(name))
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args(["-verbosity=0", "-print_funcs=0"]))
}

/// The folders with what a target begins with.
fn seeds(target: &str) -> Vec<PathBuf> {
    let own = workspace::root().join("fuzz/seeds").join(target);
    let tested = TESTED.iter().filter(|(name, _)| *name == target);
    let tested = tested.map(|(_, folder)| workspace::root().join(folder));
    let all = std::iter::once(own).chain(tested);
    all.filter(|folder| folder.is_dir()).collect()
}

/// cargo of the nightly toolchain, whatever toolchain runs this task.
fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command
        .arg("+nightly")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(workspace::root());
    command
}

fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let entries = folder.read_dir().context(folder.display())?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .filter_map(|path| path.file_stem().map(Path::new).map(name))
        .collect();
    names.sort();
    Ok(names)
}

fn name(stem: &Path) -> String {
    stem.display().to_string()
}
