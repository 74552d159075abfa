//! The program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use aws_sandbox::World;

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-sandbox"));
    command.args(args).env_clear();
    command
}

fn output(args: &[&str]) -> Output {
    program(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file that goes when the test ends.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Self {
        let name = format!("aws-sandbox-{}-{name}", std::process::id());
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn it_prints_a_code_its_version_its_help_and_its_world() {
    let code = output(&["code", "JBSWY3DPEHPK3PXP"]);
    let shown = text(&code.stdout);
    assert!(code.status.success());
    assert_eq!(shown.trim_end().len(), 6, "{shown}");
    assert!(shown.trim_end().bytes().all(|b| b.is_ascii_digit()));

    let world = output(&["--print-world"]);
    let read: World = serde_json::from_slice(&world.stdout).unwrap();
    assert_eq!(read, World::sample());
    let provider = "arn:aws:iam::345678901234:oidc-provider/token.example.com";
    let token = output(&["token", provider, "repo:acme/shop"]);
    assert_eq!(text(&token.stdout).matches('.').count(), 2);
    assert!(text(&output(&["--help"]).stdout).contains("--world FILE"));
    assert!(text(&output(&["-V"]).stdout).starts_with("aws-sandbox "));
}

#[test]
fn what_makes_no_sense_is_said() {
    let half = Scratch::new("half.json", "{\n  \"roles\": [\n");
    let wrong = Scratch::new("wrong.json", r#"{"roles": [{"arn": "read"}]}"#);
    for (args, status, about) in [
        (vec!["--prot", "1"], 2, "--prot"),
        (vec!["code", "0189"], 1, "base32"),
        (vec!["token", "arn:x", "me"], 1, "arn:x"),
        (
            vec!["--world", "/nonexistent/w.json"],
            1,
            "/nonexistent/w.json",
        ),
        (vec!["--world", half.path()], 1, "line 3"),
        (vec!["--world", wrong.path()], 1, "role \"read\""),
        (
            vec!["--world", wrong.path(), "--print-world"],
            1,
            "role \"read\"",
        ),
    ] {
        let done = output(&args);
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(status), "{args:?}: {said}");
        assert!(said.starts_with("aws-sandbox: "), "{said}");
        assert!(said.contains(about), "{args:?}: {said}");
        assert!(done.stdout.is_empty());
    }
}

/// Its first line, while it runs.
fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    line
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(done.unwrap().success());
}

#[cfg(unix)]
#[test]
fn it_serves_until_it_is_told_to_stop() {
    for name in ["-TERM", "-INT"] {
        let mut child = program(&["--log"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let line = first_line(&mut child);
        let address = line.trim_end().strip_prefix("endpoint http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 17\r\n\r\nAction=A%1b%5b31m")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("MissingAuthenticationToken"), "{answer}");
        signal(&child, name);
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{name}: {:?}", done.status);
        let log = text(&done.stderr);
        assert!(
            log.contains(" A?[31m 403 MissingAuthenticationToken -\n"),
            "{log}"
        );
    }
}

#[cfg(unix)]
#[test]
fn it_says_in_json_where_it_is_and_writes_its_authority() {
    let world = Scratch::new("world.json", "{}");
    let ca = Scratch::new("ca.pem", "");
    let mut child = program(&["--world", world.path(), "--ca-file", ca.path(), "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let facts: serde_json::Value = serde_json::from_str(&first_line(&mut child)).unwrap();
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());
    let endpoint = facts["endpoint"].as_str().unwrap();
    assert_eq!(endpoint, format!("https://127.0.0.1:{}", facts["port"]));
    let pem = std::fs::read_to_string(ca.path()).unwrap();
    assert_eq!(facts["ca_pem"].as_str(), Some(pem.as_str()));
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
}
