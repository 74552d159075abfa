//! The credentials server: `serve`, `exec --serve` and `assumerole ROLE --serve`:
//! what programs find, and what becomes of the server.

mod command;
mod own;
mod stale;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::harness::Stage;
use super::in_place::fake_time_library as library;
use super::support::environment;

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
        let time = Self {
            stage,
            file: stage.path("time"),
        };
        time.is(0);
        time
    }

    /// `command`, told the time by this.
    pub(crate) fn tell(&self, command: &mut std::process::Command) {
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
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("+{}s\n", later * 60)).unwrap();
        std::fs::rename(&new, &self.file).unwrap();
        let later = SignedDuration::from_mins(later);
        self.stage.sandbox.set_clock_offset(later);
    }
}

/// A program that prints its environment, and goes on until its input ends.
pub(crate) struct Running {
    child: std::process::Child,
    pub(crate) env: BTreeMap<String, String>,
}

impl Running {
    pub(crate) fn start(command: &mut std::process::Command) -> Self {
        let mut child = command
            .args(["--", "sh", "-c", "env -0; echo; read line"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
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
