//! The credentials server: `serve`, `exec --serve` and `assumerole ROLE --serve`:
//! what programs find, and what becomes of the server.

mod at_terminal;
mod check;
mod command;
mod detached;
mod forgotten;
mod lasting;
mod own;
mod places;
mod stale;
mod wire;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::harness::Stage;
use super::in_place::fake_time_library as library;
use super::support::{Checks, environment};

/// What a command under `exec --serve` is given.
pub(crate) fn served(stage: &Stage, args: &[&str]) -> BTreeMap<String, String> {
    let mut all = vec!["exec", "--serve"];
    all.extend(args);
    all.extend(["--", "env", "-0"]);
    let ran = stage.run(&all);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    environment(&ran.stdout)
}

/// Time as the program sees it, and the private AWS.
pub(crate) struct Time<'s> {
    stage: &'s Stage,
    file: std::path::PathBuf,
}

impl<'s> Time<'s> {
    pub(crate) fn new(stage: &'s Stage) -> Self {
        Self::set(stage, 0);
        Self {
            stage,
            file: stage.path("time"),
        }
    }

    /// `command`, told the time by this.
    pub(crate) fn tell(&self, command: &mut Command) {
        command
            .env(
                "LD_PRELOAD",
                library().replace("faketime.so", "faketimeMT.so"),
            )
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /// It is so many minutes later than at the start.
    pub(crate) fn is(&self, later: i64) {
        Self::set(self.stage, later);
    }

    /// The same, for whoever was told the time on `stage`.
    pub(crate) fn set(stage: &Stage, later: i64) {
        let (file, new) = (stage.path("time"), stage.path("time.new"));
        std::fs::write(&new, format!("+{}s\n", later * 60)).unwrap();
        std::fs::rename(&new, &file).unwrap();
        let later = SignedDuration::from_mins(later);
        stage.sandbox.set_clock_offset(later);
    }
}

/// A server of its own, and what it has printed up to a line that holds `last`.
pub(crate) struct Server {
    child: Child,
    pub(crate) said: String,
}

impl Server {
    pub(crate) fn start(stage: &Stage, args: &[&str], last: &str) -> Self {
        Self::of(stage.command(&["serve"]).args(args), last)
    }

    pub(crate) fn of(command: &mut Command, last: &str) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains(last) {
            assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
        }
        Self { child, said }
    }

    /// What its lines set, the last one counts; on a clean slate but for `more`.
    pub(crate) fn sets(&self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let output = Command::new("sh")
            .args(["-c", &format!("{}env -0", self.said)])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(more.iter().copied())
            .output()
            .unwrap();
        assert!(output.stderr.is_empty());
        environment(&String::from_utf8(output.stdout).unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it; what it said then. (Whoever runs tests in the background may
    /// have them ignore Ctrl-C.)
    pub(crate) fn end(mut self) -> String {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.unwrap().success());
        assert_eq!(self.child.wait().unwrap().signal(), Some(15));
        let mut stderr = String::new();
        let pipe = self.child.stderr.as_mut().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        stderr
    }
}

impl Drop for Server {
    /// A test that fails leaves none behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process holds of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holds {
    pub(crate) files: usize,
    pub(crate) threads: usize,
    /// Of memory.
    pub(crate) kib: usize,
}

impl Holds {
    pub(crate) fn of(pid: u32) -> Self {
        let count = |what| {
            std::fs::read_dir(format!("/proc/{pid}/{what}"))
                .unwrap()
                .count()
        };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Self {
            files: count("fd"),
            threads: count("task"),
            kib: line
                .unwrap()
                .trim()
                .trim_end_matches(" kB")
                .parse()
                .unwrap(),
        }
    }
}

impl Checks {
    /// A status, and a part of what was said with it.
    pub(crate) fn says(&mut self, case: &str, is: (i32, &str), status: i32, has: &str) {
        let case = format!("{case}: {}", is.1);
        self.same(&case, &is.0.to_string(), &status.to_string());
        self.same(&case, &is.1.contains(has).to_string(), "true");
    }
}

/// A program that prints its environment, and goes on until its input ends.
pub(crate) struct Running {
    child: Child,
    pub(crate) env: BTreeMap<String, String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .args(["--", "sh", "-c", "env -0; echo; read line"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.as_mut().unwrap();
        let (mut bytes, mut byte) = (Vec::new(), [0]);
        while stdout.read(&mut byte).unwrap() > 0 && byte != *b"\n" {
            bytes.push(byte[0]);
        }
        let env = environment(&String::from_utf8(bytes).unwrap());
        Self { child, env }
    }

    /// Ends it; what it and its server said.
    pub(crate) fn end(mut self) -> String {
        drop(self.child.stdin.take());
        let output = self.child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Asks its server.
    pub(crate) fn ask(&self) -> (u16, String) {
        let uri = &self.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        ask(uri, &self.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    }

    /// Asks until the answer is so.
    pub(crate) fn asks_until(&self, is: impl Fn(u16, &str) -> bool) -> String {
        until(|| {
            let (status, body) = self.ask();
            is(status, &body).then_some(body)
        })
    }
}

/// Looks again and again, and not for ever.
pub(crate) fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "in vain");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Asks the server at `uri`; status and body.
pub(crate) fn ask(uri: &str, token: &str) -> (u16, String) {
    let rest = uri.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
