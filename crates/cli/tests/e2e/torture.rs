//! Every kind of edit, killed again and again: the file has the old content or
//! the new one, byte for byte, with its mode, and what is left beside it goes
//! with the next run.
//!
//! A round kills the program right before one of its system calls, each in
//! turn and those that change files first; `cargo xtask torture` has more rounds, every other one of them at a
//! moment by the clock.

mod each;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::harness::{Stage, program};
use super::users::Someone;

/// How often each edit is killed when nobody says.
const ROUNDS: usize = 100;

/// Says how often, for `cargo xtask torture`.
const VARIABLE: &str = "ASSUMEROLE_TORTURE_ROUNDS";

/// System calls that change files.
const CHANGES: [&str; 16] = [
    "fchmod",
    "fchmodat",
    "fchown",
    "fdatasync",
    "fremovexattr",
    "fsetxattr",
    "fsync",
    "ftruncate",
    "linkat",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "write",
];

/// What is done with a stage in a round.
type Of<T> = Box<dyn Fn(&Stage, usize) -> T>;

/// An edit.
struct Edit {
    name: &'static str,
    stage: Stage,
    args: Vec<&'static str>,
    env: Vec<(&'static str, String)>,
    /// Makes everything as it was before the edit of this round.
    reset: Of<()>,
    /// Whether the edit has been made; fails if it is neither made nor not.
    made: Of<bool>,
    /// What an unfinished edit has left: paths below the home folder.
    left: Of<Vec<String>>,
    /// Whether a run that nobody kills must succeed.
    succeeds: bool,
}

/// What came of an edit's rounds.
#[derive(Default)]
struct Figures {
    killed: usize,
    by_call: usize,
    made: usize,
    left: usize,
}

fn rounds() -> usize {
    match std::env::var(VARIABLE) {
        Ok(rounds) => rounds.parse().expect("a number"),
        Err(_) => ROUNDS,
    }
}

impl Edit {
    fn torture(&self) {
        let started = Instant::now();
        self.whole(0);
        let whole = started.elapsed();
        let points = self.points();
        let (rounds, mut figures) = (rounds(), Figures::default());
        let mut attempt = 0;
        while figures.killed < rounds {
            assert!(
                attempt < rounds * 4,
                "{}: it is hardly ever killed",
                self.name
            );
            attempt += 1;
            (self.reset)(&self.stage, attempt);
            let by_call = rounds <= ROUNDS || attempt.is_multiple_of(2);
            let killed = if by_call {
                let (call, number) = &points[attempt % points.len()];
                self.killed_before(call, *number)
            } else {
                let part = u32::try_from(attempt * 7919 % 1000).unwrap();
                self.killed_after(whole * part / 900)
            };
            if !killed {
                continue;
            }
            figures.killed += 1;
            figures.by_call += usize::from(by_call);
            figures.made += usize::from((self.made)(&self.stage, attempt));
            let left = (self.left)(&self.stage, attempt);
            figures.left += usize::from(!left.is_empty());
            if !left.is_empty() || attempt.is_multiple_of(50) {
                self.whole(attempt);
            }
        }
        self.whole(attempt);
        self.say(&figures, points.len());
    }

    /// A run that nobody kills makes the edit, and leaves nothing, whatever is
    /// beside the file.
    fn whole(&self, round: usize) {
        (self.reset)(&self.stage, round);
        let ran = self.stage.ran(&mut self.command());
        if self.succeeds {
            assert_eq!(ran.status, 0, "{}: {}", self.name, ran.stderr);
            assert!((self.made)(&self.stage, round), "{}", self.name);
        }
        assert_eq!((self.left)(&self.stage, round), [""; 0], "{}", self.name);
    }

    fn command(&self) -> Command {
        let mut command = self.stage.command(&self.args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn traced(&self, words: &[&str]) -> Command {
        let mut command = Someone::who_may_trace().command("strace");
        command
            .arg("-qq")
            .args(words)
            .arg(program())
            .args(&self.args);
        self.stage.clear(&mut command);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The system calls of one edit: each with how often it was made before.
    fn points(&self) -> Vec<(String, usize)> {
        (self.reset)(&self.stage, 0);
        let log = self.stage.path("strace.log");
        let ran = self
            .stage
            .ran(&mut self.traced(&["-o", log.to_str().unwrap()]));
        assert!(!self.succeeds || ran.status == 0, "{}", ran.stderr);
        let text = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let calls = text.lines().filter_map(|line| line.split_once('('));
        let calls = calls.map(|(name, _)| name.to_owned()).filter(|name| {
            let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            // With that of strace itself it starts.
            !name.is_empty() && name.bytes().all(letter) && name != "execve"
        });
        let numbered = calls.map(|name| {
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            (name, *count)
        });
        let mut points: Vec<_> = numbered.collect();
        assert!(points.len() > 50, "{}: {text}", self.name);
        // However few rounds there are: those that change a file.
        points.sort_by_key(|(name, _)| !CHANGES.contains(&name.as_str()));
        points
    }

    /// Runs it, and kills it right before it makes a system call for the
    /// `number`th time; whether it did.
    fn killed_before(&self, call: &str, number: usize) -> bool {
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=KILL:when={number}");
        let words = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let status = self.traced(&words).output().unwrap().status;
        status.signal() == Some(9)
    }

    /// Runs it, and kills it after this time; whether it was still there.
    fn killed_after(&self, time: Duration) -> bool {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(time);
        let _ = child.kill();
        child.wait().unwrap().signal() == Some(9)
    }

    #[expect(
        clippy::print_stdout,
        clippy::disallowed_macros,
        reason = "who asks for more rounds wants figures"
    )]
    fn say(&self, figures: &Figures, points: usize) {
        println!(
            "{}: killed {} times ({} before one of {points} system calls, {} by the clock): \
             {} old, {} new, 0 torn; {} left something, which went with the next run",
            self.name,
            figures.killed,
            figures.by_call,
            figures.killed - figures.by_call,
            figures.killed - figures.made,
            figures.made,
            figures.left,
        );
    }
}

fn mode(stage: &Stage, file: &str) -> u32 {
    let found = fs::metadata(stage.path(file)).unwrap();
    found.permissions().mode() & 0o7777
}

/// The unfinished files beside `file`, and those of `~/.assumerole.d`; others
/// may read one only if they may read the file, and then it is whole.
fn left_beside(stage: &Stage, file: &str, new: &[u8]) -> Vec<String> {
    let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
    // Of a long name, as much as leaves room for the rest.
    let prefix = format!(".{}.", &name[..name.len().min(32)]);
    let beside = stage.list(folder).into_iter();
    let beside = beside.filter(|name| name.starts_with(&prefix) && name.ends_with(".tmp"));
    let mut left: Vec<String> = beside.map(|name| format!("{folder}/{name}")).collect();
    for path in &left {
        let is = mode(stage, path);
        let whole = is == mode(stage, file) && fs::read(stage.path(path)).unwrap() == new;
        assert!(is == 0o600 || whole, "{path}: {is:o}");
    }
    left.extend(left_in_state(stage));
    left
}

fn left_in_state(stage: &Stage) -> Vec<String> {
    let folders = [".assumerole.d", ".assumerole.d/cache"];
    let files = |folder| {
        let names = stage.list(folder).into_iter();
        let names = names.filter(|name| name.starts_with(".tmp-"));
        names.map(move |name| format!("{folder}/{name}"))
    };
    folders.into_iter().flat_map(files).collect()
}
