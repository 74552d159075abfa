//! The server, asked by whoever means it ill.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests touch the machine and may panic"
)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use assumerole_core::Credentials;
use assumerole_host::clock::SystemClock;
use assumerole_host::peer::own_user;
use assumerole_server::{Door, Given, Limits, Offers, Refusal, Rules, Server, Token};
use secrecy::ExposeSecret as _;

/// Long enough for a machine that is busy, and short enough for a test.
const PATIENCE: Duration = Duration::from_millis(700);

struct Stage {
    _server: Server,
    address: SocketAddr,
    token: String,
}

impl Stage {
    fn of(user: u32, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let offers = Arc::new(Offers::new(Arc::new(SystemClock::new())));
        offers.give(
            "read",
            Given {
                credentials: Credentials {
                    access_key_id: "ASIA1".to_owned(),
                    secret_access_key: "secret".into(),
                    session_token: Some("token".into()),
                    expires: None,
                },
                ends: None,
                account: None,
                region: None,
                afterwards: Refusal::nothing_to_give("ended"),
            },
        );
        let token = Token::random().unwrap();
        let rules = Rules {
            hosts: Some(vec![address.to_string()]),
            token: token.clone(),
            user,
            instance: false,
        };
        Self {
            _server: Server::start(Door::Port(listener), rules, limits, offers).unwrap(),
            address,
            token: token.secret().expose_secret().to_owned(),
        }
    }

    fn new() -> Self {
        let patience = PATIENCE;
        Self::of(
            own_user(),
            Limits {
                patience,
                ..Limits::default()
            },
        )
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        let long = Some(Duration::from_secs(60));
        stream.set_read_timeout(long).unwrap();
        stream
    }

    fn request(&self) -> String {
        format!(
            "GET /role/read HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
            self.address, self.token
        )
    }
}

/// The first bytes of an answer; empty at the end of the connection.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4096];
    match stream.read(&mut bytes) {
        Ok(count) => String::from_utf8_lossy(&bytes[..count]).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => String::new(),
        Err(error) => panic!("{error}"),
    }
}

fn is_closed(stream: &mut TcpStream) -> bool {
    answer(stream).is_empty()
}

/// Asks, and gets the credentials.
fn is_served(stage: &Stage, stream: &mut TcpStream) -> bool {
    stream.write_all(stage.request().as_bytes()).unwrap();
    answer(stream).contains("ASIA1")
}

#[test]
fn an_answer_is_json_and_no_more() {
    let stage = Stage::new();
    let mut stream = stage.connect();
    stream.write_all(stage.request().as_bytes()).unwrap();
    let answer = answer(&mut stream);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines.sort_unstable();
    let length = format!("content-length: {}", body.len());
    assert_eq!(
        lines,
        [
            "HTTP/1.1 200 OK",
            "cache-control: no-store",
            &length,
            "content-type: application/json"
        ]
    );
    assert!(body.starts_with("{\"AccessKeyId\":\"ASIA1\","), "{body}");
}

#[test]
fn whoever_says_nothing_is_sent_away() {
    let stage = Stage::new();
    for sent in [
        "",
        "GET /role/read HTTP/1.1\r\n",
        "GET /healthcheck HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /role/read HTTP/1.1\r\nHost: HOST\r\nAuthorization: ",
    ] {
        let mut stream = stage.connect();
        let sent = sent.replace("HOST", &stage.address.to_string());
        stream.write_all(sent.as_bytes()).unwrap();
        if sent.contains("health") {
            assert!(answer(&mut stream).contains("running"));
        }
        assert!(is_closed(&mut stream), "{sent:?}");
    }
}

/// A byte now and then is no reason to wait longer.
#[test]
fn slow_senders_are_sent_away() {
    let stage = Stage::new();
    let mut trusted = stage.connect();
    assert!(is_served(&stage, &mut trusted));
    for mut stream in [stage.connect(), trusted] {
        let mut sender = stream.try_clone().unwrap();
        let slowly = std::thread::spawn(move || {
            // Until it is cut off.
            for byte in stage_bytes() {
                if sender.write_all(&[byte]).is_err() {
                    return true;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            false
        });
        assert!(is_closed(&mut stream));
        assert!(slowly.join().unwrap());
    }
}

fn stage_bytes() -> impl Iterator<Item = u8> {
    let head = b"GET /role/read HTTP/1.1\r\nX-Slow: ";
    head.iter().copied().chain(std::iter::repeat_n(b'x', 600))
}

#[test]
fn whoever_has_shown_the_token_may_idle() {
    let stage = Stage::new();
    let mut trusted = stage.connect();
    assert!(is_served(&stage, &mut trusted));
    let mut stranger = stage.connect();
    assert!(is_closed(&mut stranger));
    // As long as that took, and longer.
    assert!(is_served(&stage, &mut trusted));
}

#[test]
fn of_too_many_strangers_the_first_goes() {
    let limits = Limits {
        patience: Duration::from_secs(600),
        ..Limits::default()
    };
    let stage = Stage::of(own_user(), limits);
    let mut trusted = stage.connect();
    assert!(is_served(&stage, &mut trusted));
    let mut strangers: Vec<TcpStream> = (0..limits.strangers).map(|_| stage.connect()).collect();
    // All of them are in.
    let mut one_more = stage.connect();
    assert!(is_closed(&mut strangers[0]));
    assert!(is_served(&stage, &mut strangers[1]));
    assert!(is_served(&stage, &mut strangers[63]));
    assert!(is_served(&stage, &mut one_more));
    assert!(is_served(&stage, &mut trusted));
}

#[test]
fn five_hundred_idle_ones_are_held() {
    let stage = Stage::new();
    let mut guests: Vec<TcpStream> = Vec::new();
    for _ in 0..500 {
        let mut guest = stage.connect();
        assert!(is_served(&stage, &mut guest));
        guests.push(guest);
    }
    for guest in &mut guests {
        assert!(is_served(&stage, guest));
    }
}

#[test]
fn other_users_get_nothing() {
    let stage = Stage::of(own_user() + 1, Limits::default());
    let mut stream = stage.connect();
    stream.write_all(stage.request().as_bytes()).unwrap();
    let answer = answer(&mut stream);
    // Root may.
    match own_user() {
        0 => assert!(answer.contains("ASIA1"), "{answer}"),
        _ => assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}"),
    }
}

#[test]
fn what_is_too_large_or_no_request_is_refused() {
    let stage = Stage::new();
    let request = stage.request();
    let with = |header: &str| request.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
    let many: String = (0..100)
        .map(|number| format!("X-{number}: x\r\n"))
        .collect();
    for (sent, status) in [
        (with(&format!("X-Large: {}", "x".repeat(9000))), "431"),
        (with(many.trim_end()), "431"),
        ("\0\0\0\0\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
        (with("Content-Length: 100000000"), "413"),
        (with("Transfer-Encoding: chunked"), "413"),
        (with("Origin: http://evil.example"), "403"),
        (with("Authorization: x"), "403"),
        (with("Host: evil.example"), "403"),
        (request.replace("GET", "POST"), "405"),
        (
            request
                .replace("HTTP/1.1", "HTTP/1.0")
                .replace("read", "none"),
            "404",
        ),
    ] {
        let mut stream = stage.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let answer = answer(&mut stream);
        let line = answer.lines().next().unwrap_or_default();
        assert_eq!(line.split(' ').nth(1), Some(status), "{sent:.300?}: {line}");
        assert!(!answer.contains("secret") && !answer.contains(&stage.token));
    }
    let mut stream = stage.connect();
    assert!(is_served(&stage, &mut stream));
}
