//! What the tests of several topics share.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_sandbox::Options;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::harness::{KEY, Ran, SECRET, Stage, world};

/// A time zone where it is some minutes past `hour` now: so that what ends today
/// and what ends tomorrow does not depend on when a test runs.
pub(crate) fn zone_where_it_is(hour: i8) -> String {
    let now = TimeZone::UTC.to_datetime(Timestamp::now()).hour();
    format!("HERE{:+}", now - hour)
}

/// The folder of the checkout.
pub(crate) fn checkout() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap().to_owned()
}

/// Collects what differs, so that one run of a table shows every row that is
/// wrong. Fails when it is dropped.
#[derive(Default)]
pub(crate) struct Checks {
    differences: String,
    made: usize,
}

impl Checks {
    /// Everything that a run left.
    pub(crate) fn ran(&mut self, case: &str, ran: &Ran, stdout: &str, stderr: &str, status: i32) {
        self.same(&format!("{case}: stdout"), &ran.stdout, stdout);
        self.same(&format!("{case}: stderr"), &ran.stderr, stderr);
        self.same(
            &format!("{case}: status"),
            &ran.status.to_string(),
            &status.to_string(),
        );
    }

    /// Two texts.
    pub(crate) fn same(&mut self, case: &str, is: &str, should_be: &str) {
        self.made += 1;
        if is != should_be {
            let _ = write!(
                self.differences,
                "\n=== {case}\n--- should be\n{should_be}\n--- is\n{is}\n---\n"
            );
        }
    }

    /// Two numbers.
    pub(crate) fn number(&mut self, case: &str, is: usize, should_be: usize) {
        self.same(case, &is.to_string(), &should_be.to_string());
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert!(self.made > 0, "nothing was checked");
        assert!(self.differences.is_empty(), "{}", self.differences);
    }
}

/// A run, whole.
#[track_caller]
pub(crate) fn check(ran: &Ran, stdout: &str, stderr: &str, status: i32) {
    Checks::default().ran("the run", ran, stdout, stderr, status);
}

/// What `env -0` printed.
pub(crate) fn environment(text: &str) -> BTreeMap<String, String> {
    text.split_terminator('\0')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// The keys of `[base]`, whatever region and endpoint it has.
pub(crate) fn base_keys() -> String {
    format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
}

impl Stage {
    /// The usual stage, with a `~/.assumerole` whose roles are `roles`: the
    /// inside of the JSON object.
    pub(crate) fn of_roles(roles: &str) -> Self {
        let stage = Self::with(world(), Options::default());
        stage.roles(roles);
        stage
    }

    /// Replaces the roles of `~/.assumerole`.
    pub(crate) fn roles(&self, roles: &str) {
        self.write(
            ".assumerole",
            &format!("{{\"assume_roles\": {{{roles}}}}}\n"),
        );
    }

    /// Runs the program with more variables in its environment.
    pub(crate) fn run_in(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.ran(self.command(args).envs(env.iter().copied()))
    }

    /// How many requests came so far.
    pub(crate) fn requests(&self) -> usize {
        self.sandbox.journal().len()
    }

    /// A parameter of the latest request.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.sandbox.journal().last()?.parameters.get(name).cloned()
    }

    /// Writes a program below the home folder; returns its path.
    pub(crate) fn script(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        let path = self.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.into_os_string().into_string().unwrap()
    }

    /// The names of the files in a folder below the home folder, sorted.
    pub(crate) fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else {
            return Vec::new();
        };
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The files of cached entries.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut names = self.list(".assumerole.d/cache");
        names.retain(|name| name.len() == 32);
        names
    }
}
