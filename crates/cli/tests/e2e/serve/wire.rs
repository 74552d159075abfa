//! The server, asked by those whom it is not for. (What it makes of single
//! requests is in the tests of its crate.)

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::super::harness::Stage;
use super::super::support::Checks;
use super::super::users::is_root;
use super::{Holds, Server, ask, until};

/// Asks as the user `uid`.
fn asked_by(uid: u32, uri: &str, token: &str) -> (i32, String) {
    let script = "import sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], headers={'Authorization': sys.argv[2]})
open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
try:
    answer = open(request)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())";
    let user = [format!("--reuid={uid}"), format!("--regid={uid}")];
    let output = Command::new("setpriv")
        .args(user)
        .args(["--clear-groups", "python3", "-c", script, uri, token])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (status, body) = said.split_once(' ').unwrap_or_else(|| panic!("{output:?}"));
    (status.parse().unwrap(), body.to_owned())
}

#[test]
fn another_user_of_the_machine_gets_nothing() {
    if !is_root() {
        let _ = writeln!(std::io::stderr(), "left out: only root can be another user");
        return;
    }
    let stage = Stage::new();
    stage.warm("plain");
    let server = Server::start(&stage, &["plain"], "/role/plain\n");
    let env = server.sets(&[]);
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    let health = uri.replace("/role/plain", "/healthcheck");
    let mut checks = Checks::default();
    for (uid, uri, token, status, has) in [
        (65_534, uri.as_str(), token.as_str(), 403, "another user's"),
        (65_534, uri, "", 403, "another user's"),
        (65_534, &health, "", 403, "another user's"),
        (0, uri, token, 200, "\"Token\""),
    ] {
        let (found, body) = asked_by(uid, uri, token);
        checks.says(&format!("{uid}"), (found, &body), status, has);
    }
    let file = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    let shown = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "cat",
            file,
        ])
        .output()
        .unwrap();
    checks.same("the token", &String::from_utf8_lossy(&shown.stdout), "");
    assert_eq!(server.end(), "");
}

/// However many connections another user opens, ours are not the ones that go.
#[test]
fn another_user_of_the_machine_pushes_nobody_out() {
    if !is_root() {
        let _ = writeln!(std::io::stderr(), "left out: only root can be another user");
        return;
    }
    let stage = Stage::new();
    stage.warm("plain");
    let server = Server::start(&stage, &["plain"], "/role/plain\n");
    let env = server.sets(&[]);
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    let host = uri.split('/').nth(2).unwrap();
    let script = "import socket, sys
host, port = sys.argv[1].split(':')
held = [socket.create_connection((host, int(port))) for _ in range(300)]
# The first ones are closed when all have come in.
held[0].settimeout(60)
held[0].recv(1)
print('held', flush=True)
sys.stdin.read()";
    let request = format!(
        "GET /role/plain HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    );
    until(|| {
        let mut ours = TcpStream::connect(host).unwrap();
        let begun = Instant::now();
        let mut flood = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args(["python3", "-c", script, host])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 5];
        flood
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut said)
            .unwrap();
        assert_eq!(&said, b"held\n");
        let _ = ours.write_all(request.as_bytes());
        let mut answer = String::new();
        let _ = ours.read_to_string(&mut answer);
        drop(flood.stdin.take());
        assert!(flood.wait().unwrap().success());
        // Whoever asks nothing for five seconds is sent away, on a busy machine
        // ours, too.
        let in_time = begun.elapsed() < Duration::from_secs(5);
        assert!(!in_time || answer.starts_with("HTTP/1.1 200 "), "{answer}");
        in_time.then_some(())
    });
    assert_eq!(server.end(), "");
}

/// An SDK asks three to five times whatever it is told, and starts anew for each
/// request of its program.
#[test]
fn a_refusal_costs_nothing_and_asks_nobody() {
    let stage = Stage::new();
    stage.warm("plain");
    let server = Server::start(&stage, &["plain"], "/role/plain\n");
    let env = server.sets(&[]);
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    let host = uri.split('/').nth(2).unwrap();
    let refused = |name: &str, token: &str| {
        let mut stream = TcpStream::connect(host).unwrap();
        let request =
            format!("GET /role/plain HTTP/1.1\r\nHost: {name}\r\nAuthorization: {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        // To the end: it closes by itself.
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    };
    let rounds = |count: usize| {
        for _ in 0..count {
            refused(host, "wrong");
            refused("evil.example", token);
        }
        assert_eq!(ask(uri, token).0, 200);
    };
    rounds(50);
    let (before, requests) = (Holds::of(server.pid()), stage.requests());
    rounds(500);
    let after = until(|| {
        let after = Holds::of(server.pid());
        (after.files <= before.files).then_some(after)
    });
    assert_eq!(after.threads, before.threads);
    assert!(after.kib < before.kib + 512, "{before:?}, {after:?}");
    assert_eq!(stage.requests(), requests);
    assert_eq!(server.end(), "");
}
