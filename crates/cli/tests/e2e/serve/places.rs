//! Where a server listens, whom it answers there, and what it takes to be one for
//! long: little memory, and nobody's patience.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;

use super::super::harness::Stage;
use super::super::support::Checks;
use super::{Server, ask, until};

/// The status for who asks at `place` for `host`.
fn status(place: &str, host: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(place).unwrap();
    let request = format!(
        "GET /role/plain HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

/// A port that nobody has.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// `--listen` adds its own name, and no other one.
#[test]
fn an_address_that_is_named_is_answered_by_its_name() {
    let stage = Stage::new();
    stage.warm("plain");
    let port = port();
    let number = port.to_string();
    let place = format!("127.0.0.2:{port}");
    let args = ["plain", "--listen", "127.0.0.2", "--port", &number];
    let mut checks = Checks::default();
    let mut before = String::new();
    // The address stays the same, and the token does not.
    for round in 0..2 {
        let server = Server::start(&stage, &args, "/role/plain\n");
        let env = server.sets(&[]);
        let uri = format!("http://{place}/role/plain");
        checks.same("uri", &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], &uri);
        let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
        checks.same("new", &(*token == before).to_string(), "false");
        before.clone_from(token);
        for (host, wanted) in [
            (place.clone(), "200"),
            (format!("localhost:{port}"), "200"),
            (format!("127.0.0.1:{port}"), "403"),
            ("127.0.0.2".to_owned(), "403"),
            (format!("127.0.0.2:{}", port ^ 1), "403"),
            (format!("evil.example:{port}"), "403"),
            (format!("127.0.0.2.evil.example:{port}"), "403"),
        ] {
            let case = format!("{round} {host}");
            checks.same(&case, &status(&place, &host, token), wanted);
        }
        checks.same("no token", &status(&place, &place, ""), "403");
        // Nobody listens elsewhere.
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        assert_eq!(server.end(), "");
    }
}

/// Who asks from another machine is nobody that the kernel knows.
#[test]
fn where_users_are_not_told_apart_that_is_said_once() {
    // Nothing is sent.
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.254:9")?;
        socket.local_addr()
    });
    let Ok(own) = own.map(|own| own.ip()) else {
        return;
    };
    if own.is_loopback() {
        return;
    }
    let stage = Stage::new();
    stage.warm("plain");
    let args = ["plain", "--listen", &own.to_string()];
    let server = Server::start(&stage, &args, "/role/plain\n");
    let env = server.sets(&[]);
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    assert!(uri.starts_with(&format!("http://{own}:")), "{uri}");
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    assert_eq!(ask(uri, token).0, 200);
    assert_eq!(ask(uri, "wrong").0, 403);
    assert_eq!(ask(uri, token).0, 200);
    assert_eq!(
        server.end(),
        "warning: the system does not tell which user asks here: the token alone decides\n"
    );
}

/// KiB of memory that are its own. (What the program itself takes, which depends on
/// how it was built, is measured with that for people.)
const MOST: usize = 8 * 1024;

/// What the process `pid` has of that.
fn own_memory(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse().unwrap()
}

#[test]
fn a_hundred_roles_take_little_memory() {
    let role = |n: usize| {
        let text = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain""#;
        format!(
            r#""role-{n}": {{{text}, "max_session_duration": {}}}"#,
            900 + n
        )
    };
    let roles: Vec<String> = (0..100).map(role).collect();
    let stage = Stage::of_roles(&roles.join(",\n"));
    let names: Vec<String> = (0..100).map(|n| format!("role-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let file = stage.path("token");
    let file = file.to_str().unwrap();
    let args = [names.as_slice(), &["--token-file", file]].concat();
    let server = Server::start(&stage, &args, "/role/role-99\n");
    let token = std::fs::read_to_string(file).unwrap();
    let uris = server.said.lines().filter_map(|line| {
        let (_, uri) = line.split_once("FULL_URI=")?;
        Some(uri)
    });
    let mut count = 0;
    for uri in uris {
        assert_eq!(ask(uri, &token).0, 200, "{uri}");
        count += 1;
    }
    assert_eq!(count, 100);
    let kib = own_memory(server.pid());
    assert!(kib < MOST, "{kib} KiB");
    assert_eq!(server.end(), "");
}

/// A desktop that does not answer stands in the way of nothing.
#[test]
fn a_message_that_hangs_is_not_waited_for() {
    let stage = Stage::new();
    let run = stage.path("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o700)).unwrap();
    stage.script(
        "desktop/notify-send",
        "#!/bin/sh\necho $$ >> $HOME/shown\nexec sleep 600\n",
    );
    let path = format!("{}:/usr/bin:/bin", stage.path("desktop").display());
    let env = [
        ("XDG_RUNTIME_DIR", run.to_str().unwrap()),
        ("PATH", path.as_str()),
    ];
    let file = stage.path("token");
    let file = file.to_str().unwrap();
    let args = ["serve", "--detach", "plain", "--token-file", file];
    let ran = stage.run_in(&args, &env);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let token = std::fs::read_to_string(file).unwrap();
    let (_, uri) = ran.stdout.split_once("FULL_URI=").unwrap();
    let uri = uri.lines().next().unwrap();
    let has = |wanted: u16| until(|| (ask(uri, &token).0 == wanted).then_some(()));
    has(200);
    for _ in 0..2 {
        assert_eq!(stage.run(&["logout", "plain"]).status, 0);
        has(403);
        assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
        has(200);
    }
    let shown = || std::fs::read_to_string(stage.path("shown")).unwrap_or_default();
    until(|| (shown().lines().count() == 2).then_some(()));
    for pid in shown().lines() {
        until(|| (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(()));
    }
    let ran = stage.run_in(&["serve", "--stop"], &env);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}
