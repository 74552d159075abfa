//! Everything that is tested, in one run.

use std::num::NonZero;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Instant;

use crate::debian::{self, Need};
use crate::process::{Context as _, Failure, Result, cargo, run, succeeds};
use crate::python::{self, Venv};
use crate::workspace::{self, Programs};
use crate::{bench, demo, dist, docs, fuzz, npm, rooms, ui};

/// What `cargo test --workspace` compiles, in `cargo build`'s words: the very
/// programs that the tests run are built once.
const EVERYTHING: [&str; 5] = ["--workspace", "--lib", "--bins", "--tests", "--examples"];

/// What nextest ends with when no test has the wanted name.
/// <https://docs.rs/nextest-metadata/latest/nextest_metadata/enum.NextestExitCode.html>
const NO_TESTS_RUN: i32 = 4;

/// `cargo xtask test [FILTER…]`.
///
/// # Errors
/// Something that the tests need cannot be set up, or a test fails.
pub(crate) fn test(filters: &[String]) -> Result {
    let started = Instant::now();
    ui::heading("Set-up");
    debian::ensure(Need::Tests)?;
    let venv = python::for_tests()?;
    let nu = npm::nushell()?;
    let programs = workspace::build(&EVERYTHING)?;
    let env = Environment::new(&venv, nu, &programs)?;

    let mut tally = Tally::default();
    let checks = interop(filters)?;
    let any = rust_tests(&mut tally, &env, filters);
    for (name, check) in &checks {
        tally.step(&format!("interop {name}"), || {
            run(env.give(Command::new(venv.program("python")).arg(check)))
        });
    }
    if filters.is_empty() {
        the_rest(&mut tally, &programs, &venv);
    } else if !any && checks.is_empty() {
        let names = filters.join(" ");
        return Err(Failure::new(format!("no test is called {names}")));
    } else {
        ui::say("\nonly what the filter names was run: no documentation, scripts or demo");
    }
    tally.finish(started)
}

/// What tests learn of their surroundings.
struct Environment(Vec<(&'static str, PathBuf)>);

impl Environment {
    fn new(venv: &Venv, nu: PathBuf, programs: &Programs) -> Result<Self> {
        let mut variables = vec![
            ("ASSUMEROLE_TEST_VENV", venv.dir.clone()),
            ("ASSUMEROLE_TEST_NU", nu),
        ];
        let programs = programs.environment()?.into_iter();
        variables.extend(programs.map(|(name, path)| (name, path.to_owned())));
        Ok(Self(variables))
    }

    fn give<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for (name, value) in &self.0 {
            command.env(name, value);
        }
        command.current_dir(workspace::root())
    }
}

/// Runs the Rust tests; whether any had a wanted name.
fn rust_tests(tally: &mut Tally, env: &Environment, filters: &[String]) -> bool {
    let mut any = true;
    tally.step("Rust tests", || {
        let mut command = cargo();
        if succeeds(cargo().args(["nextest", "--version"])) {
            command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
            command.args(["--test-threads", &at_once()]).args(filters);
        } else {
            ui::say("cargo-nextest is not installed: falling back to cargo test");
            command.args(["test", "--workspace", "--no-fail-fast", "--"]);
            command.args(["--test-threads", &at_once()]).args(filters);
        }
        let mut command = as_at_a_terminal(command);
        let status = env.give(&mut command).status();
        let status = status.context("cannot run cargo")?;
        any = status.code() != Some(NO_TESTS_RUN);
        if any { passed(status) } else { Ok(()) }
    });
    if !any {
        tally.passed.clear();
    }
    any
}

/// `command`, with signals as a shell at a terminal leaves them: under nohup or in the
/// background some are ignored, and would be by the programs under test, which tests
/// end by them.
fn as_at_a_terminal(command: Command) -> Command {
    let signals = "--default-signal=HUP,INT,QUIT";
    if !succeeds(Command::new("env").args([signals, "true"])) {
        ui::say("env does not know --default-signal: signals stay as they are");
        return command;
    }
    let mut with = Command::new("env");
    with.arg(signals)
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        with.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => with.env(name, value),
            None => with.env_remove(name),
        };
    }
    with
}

/// How many tests run at once: half as many again as there are cores, as most wait
/// for a process much of their time (measured on two cores: seven minutes with two
/// at once, five and a half with four).
fn at_once() -> String {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    (cores + cores.div_ceil(2)).to_string()
}

fn passed(status: ExitStatus) -> Result {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(status.to_string()))
    }
}

/// What is neither a Rust test nor a check against foreign programs.
fn the_rest(tally: &mut Tally, programs: &Programs, venv: &Venv) {
    tally.step("documentation tests", || {
        run(cargo().args(["test", "--doc", "--workspace", "--quiet"]))
    });
    tally.step("documentation", || {
        run(cargo()
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
            ])
            // Private items are documented, too: links to them work.
            .env(
                "RUSTDOCFLAGS",
                "-D warnings -A rustdoc::private_intra_doc_links",
            )
            .current_dir(workspace::root()))
    });
    tally.step("fuzz targets", fuzz::briefly);
    tally.step("command line reference", || {
        docs::check(programs.get("assumerole")?)
    });
    tally.step("packages", || dist::quick(programs));
    tally.step("rooms", rooms::rooms);
    tally.step("shell scripts", || {
        run(Command::new("shellcheck")
            .arg(".ci/run")
            .args(scripts("findings")?)
            .current_dir(workspace::root()))
    });
    tally.step("spelling", || {
        run(Command::new(venv.program("typos"))
            .args(["--format", "brief"])
            .current_dir(workspace::root()))
    });
    tally.step("benchmark, for its form", || bench::for_form(programs));
    tally.step("demo", || demo::without_terminal(programs));
    tally.step("demo at a terminal", || demo::rehearse(programs));
}

/// The shell scripts in `folder`.
fn scripts(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = workspace::root().join(folder);
    let entries = folder.read_dir().context(folder.display())?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths
        .filter(|path| path.extension().is_some_and(|end| end == "sh"))
        .collect())
}

/// The checks against foreign programs, `tests/interop/NAME/check.py`, by name.
fn interop(filters: &[String]) -> Result<Vec<(String, PathBuf)>> {
    let folder = workspace::root().join("tests/interop");
    let mut checks = Vec::new();
    for entry in folder.read_dir().context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        let check = path.join("check.py");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let wanted = filters.is_empty() || filters.iter().any(|f| name.contains(f.as_str()));
        if wanted && check.is_file() {
            checks.push((name.into_owned(), check));
        }
    }
    checks.sort();
    Ok(checks)
}

/// What passed and what did not.
#[derive(Default)]
struct Tally {
    passed: Vec<String>,
    failed: Vec<String>,
}

impl Tally {
    /// Runs one part; a failure does not keep the next part from running.
    fn step(&mut self, name: &str, part: impl FnOnce() -> Result) {
        ui::heading(name);
        match part() {
            Ok(()) => self.passed.push(name.to_owned()),
            Err(failure) => {
                ui::say(format!("failed: {failure}"));
                self.failed.push(name.to_owned());
            }
        }
    }

    fn finish(self, started: Instant) -> Result {
        ui::heading("Result");
        let time = ui::span(started.elapsed());
        if !self.passed.is_empty() {
            ui::say(format!("passed in {time}: {}", self.passed.join(", ")));
        }
        if self.failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("failed: {}", self.failed.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_after_the_rest_has_run() {
        let mut tally = Tally::default();
        let mut ran = 0;
        tally.step("one", || Err(Failure::new("broken")));
        tally.step("two", || {
            ran += 1;
            Ok(())
        });
        assert_eq!(ran, 1);
        assert_eq!(tally.passed, ["two"]);
        let failure = tally.finish(Instant::now()).unwrap_err();
        assert_eq!(failure.to_string(), "failed: one");
        assert!(Tally::default().finish(Instant::now()).is_ok());
    }
}
