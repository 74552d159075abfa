//! `serve ROLE…`: what it prints, and who is answered.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use super::super::harness::Stage;
use super::super::support::Checks;
use super::{Server, ask};

fn exchange(mut stream: impl std::io::Read + std::io::Write, request: &str) -> String {
    let text = format!("{request}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn each_role_has_a_path_and_the_lines_lead_there() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let file = stage.path("token");
    let file = file.to_str().unwrap();
    let args = ["read", "plain", "read", "--token-file", file];
    let server = Server::start(&stage, &args, "/role/plain\n");
    let env = server.sets(&[("AWS_PROFILE", "x"), ("no_proxy", "a.example")]);
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    assert!(!server.said.contains(token.as_str()), "the token is shown");
    assert_eq!(&fs::read_to_string(file).unwrap(), token);
    let mode = fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"], file);
    assert!(!env.contains_key("AWS_PROFILE"));
    assert_eq!(env["NO_PROXY"], "127.0.0.1");
    assert_eq!(env["no_proxy"], "a.example,127.0.0.1");
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let origin = uri.strip_suffix("/role/plain").unwrap();
    let mut checks = Checks::default();
    for (path, shown, status, has) in [
        ("/role/plain", token.as_str(), 200, "\"Token\""),
        ("/role/read", token, 200, "\"AccountId\":\"123456789012\""),
        ("/process/read", token, 200, "{\"Version\":1,"),
        ("/process/read", token, 200, "\"SessionToken\""),
        ("/role/other", token, 404, "no role of that name"),
        ("/", token, 404, "several roles"),
        ("/healthcheck", "", 200, "running"),
        ("/role/read", "", 403, "a wrong token"),
        ("/role/read", "x", 403, "a wrong token"),
        ("/latest/api/token", token, 405, "the method here is PUT"),
    ] {
        let (found, body) = ask(&format!("{origin}{path}"), shown);
        checks.says(path, (found.into(), &body), status, has);
    }
    let uri = uri.clone();
    assert_eq!(server.end(), "");
    assert!(fs::metadata(file).is_err(), "the token is left");
    assert!(TcpStream::connect(uri.split('/').nth(2).unwrap()).is_err());
    assert_eq!(stage.sandbox.count("AssumeRole"), 2);
}

#[test]
fn a_socket_is_for_commands() {
    let stage = Stage::new();
    stage.warm("plain");
    let path = stage.path("socket");
    let args = ["plain", "--unix", path.to_str().unwrap()];
    let killed = Server::start(&stage, &args, "credential_process");
    killed.kill();
    // What it has left is replaced.
    let server = Server::start(&stage, &args, "credential_process");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let answer = exchange(
        UnixStream::connect(&path).unwrap(),
        "GET /process/plain HTTP/1.1\r\nHost: localhost",
    );
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    if Command::new("curl").arg("--version").output().is_ok() {
        let (_, line) = server.said.split_once("credential_process = ").unwrap();
        let ran = Command::new("sh").args(["-c", line]).output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(said.starts_with("{\"Version\":1,"), "{said}");
    }
    assert_eq!(server.end(), "");
    assert!(fs::symlink_metadata(&path).is_err());
}

/// As an SDK asks the metadata service of an instance (IMDSv2).
#[test]
fn it_stands_in_for_the_metadata_service_of_an_instance() {
    let stage = Stage::new();
    stage.warm("read");
    let server = Server::start(&stage, &["read", "--imds"], "SERVICE_ENDPOINT=");
    let (_, uri) = server.said.split_once("ENDPOINT=http://").unwrap();
    let host = uri.trim_end().trim_end_matches('/');
    let asked = |request: &str| {
        let stream = TcpStream::connect(host).unwrap();
        exchange(stream, &format!("{request}\r\nHost: {host}"))
    };
    let path = "/latest/meta-data/iam/security-credentials/";
    let first = asked(&format!("GET {path} HTTP/1.1"));
    assert!(first.starts_with("HTTP/1.1 401"), "{first}");
    let answer = asked(
        "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\nContent-Length: 0",
    );
    let (head, token) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("ttl-seconds: 21600"), "{head}");
    let with = |path: &str| {
        asked(&format!(
            "GET {path} HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}"
        ))
    };
    assert!(with(path).ends_with("\r\n\r\nread"));
    let answer = with(&format!("{path}read"));
    assert!(answer.contains("\"Code\":\"Success\""), "{answer}");
    let region = with("/latest/meta-data/placement/region");
    assert!(region.ends_with("\r\n\r\neu-central-1"), "{region}");
    assert_eq!(server.end(), "");
}

#[test]
fn a_container_is_told_what_it_needs() {
    let stage = Stage::new();
    stage.warm("plain");
    let args = ["plain", "--docker"];
    let server = Server::start(&stage, &args, "docker run --network credentials");
    for part in [
        "docker run --network host -v ",
        ".token:/run/assumerole-token:ro",
        "/role/plain IMAGE\n",
        "credential_process = sh -c ",
        "/process/plain",
        "--listen 169.254.170.2",
    ] {
        assert!(server.said.contains(part), "{part}: {}", server.said);
    }
    assert_eq!(server.end(), "");
}

/// The printed lines do in a container what they say: a stand-in of `docker` has the
/// variables and the mounts that they give, and asks as an SDK would.
#[test]
fn the_lines_for_a_container_give_it_credentials() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let stage = Stage::new();
    stage.warm("plain");
    let server = Server::start(
        &stage,
        &["plain", "--docker"],
        "docker run --network credentials",
    );
    let docker = stage.script(
        "docker",
        r#"#!/bin/sh
while [ $# -gt 1 ]; do
  case $1 in
  -v) mount=$2; shift ;;
  -e) export "$2"; shift ;;
  esac
  shift
done
[ "$1" = IMAGE ] && [ "${mount#*:}" = "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:ro" ] || exit 3
token=$(cat "${mount%%:*}") || exit 4
exec curl -sSf -H "Authorization: $token" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
"#,
    );
    let (_, rest) = server.said.split_once("docker run --network host").unwrap();
    let (options, rest) = rest.split_once(" IMAGE\n").unwrap();
    let (_, mount) = options.split_once(" -v ").unwrap();
    let (token, _) = mount.split_once(':').unwrap();
    let (_, process) = rest.split_once("credential_process = ").unwrap();
    let (process, _) = process.split_once('\n').unwrap();
    for (line, start) in [
        (
            format!("'{docker}' run --network host{options} IMAGE"),
            "{\"AccessKeyId\":",
        ),
        (
            process.replace("/run/assumerole-token", token),
            "{\"Version\":1,",
        ),
    ] {
        let ran = Command::new("sh").args(["-c", &line]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(said.starts_with(start), "{line}: {ran:?}");
    }
    assert_eq!(server.end(), "");
}

/// A container that has the folder sees the token of the next server, too.
#[test]
fn a_container_is_given_the_folder_of_a_token_that_is_named() {
    let stage = Stage::new();
    stage.warm("plain");
    fs::create_dir(stage.path("tokens")).unwrap();
    let args = ["plain", "--docker", "--token-file", "tokens/aws"];
    let server = Server::start(&stage, &args, "docker run --network credentials");
    let folder = stage.path("tokens");
    for part in [
        &format!("-v {}:/run/assumerole:ro ", folder.display()),
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/assumerole/aws ",
        "cat /run/assumerole/aws",
    ] {
        assert!(server.said.contains(part), "{part}: {}", server.said);
    }
    assert_eq!(server.end(), "");
}

/// The address of IPv6 stands in brackets in a URL.
#[test]
fn it_listens_at_an_address_of_ipv6() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let stage = Stage::new();
    stage.warm("plain");
    let server = Server::start(&stage, &["plain", "--listen", "::1"], "/role/plain\n");
    assert!(
        server.said.contains("FULL_URI=http://[::1]:"),
        "{}",
        server.said
    );
    assert!(server.said.contains("::1,[::1]\""), "{}", server.said);
    assert_eq!(server.end(), "");
}

#[test]
fn what_cannot_be_served_is_said_before_anybody_is_asked() {
    let stage = Stage::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let file = stage.path("mine");
    fs::write(&file, "mine").unwrap();
    let mut checks = Checks::default();
    let mine = file.to_str().unwrap();
    for (args, status, has) in [
        (vec!["plain", "read", "--imds"], 2, "--imds takes one role"),
        (
            vec!["plain", "--listen", "0.0.0.0"],
            2,
            "not the IP address",
        ),
        (
            vec!["plain", "--listen", "no.example"],
            2,
            "not the IP address",
        ),
        (
            vec!["plain", "--unix", "s", "--port", "1"],
            2,
            "cannot be used with",
        ),
        (
            vec!["plain", "--listen", "224.0.0.1"],
            2,
            "not the IP address",
        ),
        (
            vec!["plain", "--listen", "192.0.2.1"],
            1,
            "see the addresses of this machine: ip address",
        ),
        (
            vec!["plain", "--imds", "--listen", "127.0.0.1"],
            2,
            "cannot be used with",
        ),
        (
            vec!["plain", "--imds", "--docker"],
            2,
            "cannot be used with",
        ),
        (vec![], 2, "ROLE"),
        (vec!["none"], 4, "none"),
        (
            vec!["plain", "--port", &port],
            1,
            "name another port: --port PORT",
        ),
        (vec!["plain", "--unix", mine], 1, "cannot listen at"),
        (
            vec!["plain", "--token-file", mine],
            1,
            "name another file: --token-file FILE",
        ),
        (vec!["plain", "--token-file", "/"], 1, "Is a directory"),
    ] {
        let ran = stage.run(&[&["serve"], args.as_slice()].concat());
        let case = args.join(" ");
        checks.says(&case, (ran.status, &ran.stderr), status, has);
        checks.same(&case, &ran.stdout, "");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(stage.sandbox.count("AssumeRole"), 0);
}

/// What a killed server has left is replaced, what is another's by then stays.
#[test]
fn the_file_of_a_token_is_its_servers() {
    let stage = Stage::new();
    stage.warm("plain");
    let file = stage.path("token");
    let args = ["plain", "--token-file", file.to_str().unwrap()];
    let killed = Server::start(&stage, &args, "/role/plain\n");
    killed.kill();
    let first = fs::read_to_string(&file).unwrap();
    let server = Server::start(&stage, &args, "/role/plain\n");
    assert_ne!(fs::read_to_string(&file).unwrap(), first);
    fs::write(&file, "mine").unwrap();
    assert_eq!(server.end(), "");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

/// Also while AWS lets it wait for new credentials.
#[test]
fn a_signal_leaves_nothing_behind_whenever_it_comes() {
    let stage = Stage::new();
    let role = |more: &str| {
        let text = "\"plain\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"";
        stage.roles(&format!("{text}{more}}}"));
    };
    role("");
    let file = stage.path("token");
    let socket = stage.path("socket");
    for args in [
        ["plain", "--token-file", file.to_str().unwrap()],
        ["plain", "--unix", socket.to_str().unwrap()],
    ] {
        role("");
        let server = Server::start(&stage, &args, "/plain");
        let before = stage.requests();
        let hang = std::time::Duration::from_secs(20);
        stage.sandbox.inject(aws_sandbox::Fault::hang(hang));
        role(", \"max_session_duration\": 1800");
        super::until(|| (stage.requests() > before).then_some(()));
        server.end();
        let left = stage.list(".assumerole.d");
        assert!(!left.iter().any(|name| name.contains("serve-")), "{left:?}");
        assert!(!file.exists() && !socket.exists());
    }
}

/// Also while AWS lets the role wait, before there is a server.
#[test]
fn a_signal_before_it_serves_leaves_no_socket() {
    let stage = Stage::new();
    let socket = stage.path("socket");
    let hang = std::time::Duration::from_secs(20);
    stage.sandbox.inject(aws_sandbox::Fault::hang(hang));
    let mut child = stage
        .command(&["serve", "plain", "--unix", socket.to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    super::until(|| (stage.requests() > 0 && socket.exists()).then_some(()));
    let pid = child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    super::until(|| (!socket.exists()).then_some(()));
}
