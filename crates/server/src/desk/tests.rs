use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri};

use super::judge::{Admission, Visit, judge};
use super::pages::{Found, PageState};
use super::*;
use crate::judge::Peer;

const ME: u32 = 1000;

const URL: &str = "https://signin.aws.amazon.com/federation?SigninToken=SECRET";

fn rules(peers: Peers) -> DeskRules {
    DeskRules {
        host: "127.0.0.1:4000".to_owned(),
        user: ME,
        peers,
    }
}

fn verdict(
    line: &str,
    headers: &[(&str, &str)],
    peer: Peer,
    peers: Peers,
    found: &Found,
) -> String {
    let (method, uri) = line.split_once(' ').unwrap();
    let (method, uri): (Method, Uri) = (method.parse().unwrap(), uri.parse().unwrap());
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    let visit = Visit {
        method: &method,
        uri: &uri,
        headers: &map,
        peer,
    };
    match judge(&visit, &rules(peers), found) {
        Admission::Refused(refused) => refused.status.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn hostile_visitors_are_turned_away() {
    let host = ("host", "127.0.0.1:4000");
    let me = Peer::User(ME);
    let open = Found::Page(0, PageState::Open, false);
    let browser = [
        host,
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-site", "none"),
        ("accept-encoding", "gzip"),
    ];
    let get = "GET /00ff";
    type Case<'c> = (&'c str, &'c str, Vec<(&'c str, &'c str)>, Peer, &'c str);
    let cases: Vec<Case<'_>> = vec![
        ("the browser", get, browser.to_vec(), me, "Take(0)"),
        ("a plain one", get, vec![host], me, "Take(0)"),
        (
            "another user",
            get,
            browser.to_vec(),
            Peer::User(1001),
            "Foreign(0, Some(1001))",
        ),
        (
            "the system",
            get,
            browser.to_vec(),
            Peer::User(0),
            "Foreign(0, Some(0))",
        ),
        (
            "nobody knows who",
            get,
            browser.to_vec(),
            Peer::Unknown,
            "Foreign(0, None)",
        ),
        (
            "another user's HEAD",
            "HEAD /00ff",
            vec![],
            Peer::User(7),
            "Foreign(0, Some(7))",
        ),
        ("no Host", get, vec![], me, "403"),
        (
            "a name that leads here",
            get,
            vec![("host", "evil.example:4000")],
            me,
            "403",
        ),
        (
            "another name of here",
            get,
            vec![("host", "localhost:4000")],
            me,
            "403",
        ),
        (
            "another port",
            get,
            vec![("host", "127.0.0.1:80")],
            me,
            "403",
        ),
        ("no port", get, vec![("host", "127.0.0.1")], me, "403"),
        ("two Hosts", get, vec![host, host], me, "403"),
        (
            "as to a proxy",
            "GET http://127.0.0.1:4000/00ff",
            vec![host],
            me,
            "403",
        ),
        ("HEAD", "HEAD /00ff", vec![host], me, "405"),
        ("POST", "POST /00ff", vec![host], me, "405"),
        ("OPTIONS", "OPTIONS /00ff", vec![host], me, "405"),
        (
            "a body",
            get,
            vec![host, ("content-length", "1")],
            me,
            "413",
        ),
        (
            "no body",
            get,
            vec![host, ("content-length", "0")],
            me,
            "Take(0)",
        ),
        (
            "chunks",
            get,
            vec![host, ("transfer-encoding", "chunked")],
            me,
            "413",
        ),
        (
            "expects",
            get,
            vec![host, ("expect", "100-continue")],
            me,
            "413",
        ),
        (
            "an upgrade",
            get,
            vec![host, ("upgrade", "websocket")],
            me,
            "413",
        ),
        (
            "a script",
            get,
            vec![host, ("origin", "https://evil.example")],
            me,
            "403",
        ),
        ("no origin", get, vec![host, ("origin", "null")], me, "403"),
        (
            "fetch",
            get,
            vec![host, ("sec-fetch-mode", "cors")],
            me,
            "403",
        ),
        (
            "an image",
            get,
            vec![
                host,
                ("sec-fetch-mode", "no-cors"),
                ("sec-fetch-dest", "image"),
            ],
            me,
            "403",
        ),
        (
            "a frame",
            get,
            vec![
                host,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ],
            me,
            "403",
        ),
        (
            "ahead of time",
            get,
            vec![host, ("sec-purpose", "prefetch;prerender")],
            me,
            "403",
        ),
        (
            "ahead of time, of old",
            get,
            vec![host, ("purpose", "prefetch")],
            me,
            "403",
        ),
        ("a query", "GET /00ff?x=1", vec![host], me, "404"),
    ];
    for (name, line, headers, peer, wanted) in cases {
        let told = verdict(line, &headers, peer, Peers::Known, &open);
        assert_eq!(told, wanted, "{name}");
    }
}

#[test]
fn a_page_is_had_once_and_not_for_ever() {
    let host = [("host", "127.0.0.1:4000")];
    let page = |state, late| Found::Page(3, state, late);
    let me = Peer::User(ME);
    let other = Peer::User(1001);
    for (found, peer, wanted) in [
        (page(PageState::Open, false), me, "Take(3)"),
        (page(PageState::Open, true), me, "403"),
        (page(PageState::Taken, false), me, "Again(3)"),
        (page(PageState::Taken, true), me, "Again(3)"),
        (page(PageState::Spent, false), me, "403"),
        (page(PageState::Open, true), other, "403"),
        (page(PageState::Taken, false), other, "403"),
        (page(PageState::Spent, false), other, "403"),
        (Found::Nothing, me, "404"),
        (Found::Nothing, other, "403"),
        (Found::Return(false), me, "Back"),
        (Found::Return(true), me, "403"),
        (Found::Return(false), other, "403"),
    ] {
        let told = verdict("GET /00ff", &host, peer, Peers::Known, &found);
        assert_eq!(told, wanted);
    }
    // A sign-in sends the browser from another page, with a query.
    let back = [host[0], ("sec-fetch-site", "cross-site")];
    let line = "GET /oauth/callback?code=a&state=b";
    let told = verdict(line, &back, me, Peers::Known, &Found::Return(false));
    assert_eq!(told, "Back");
}

#[test]
fn what_the_system_does_not_tell_decides_only_where_it_never_does() {
    let host = [("host", "127.0.0.1:4000")];
    let open = Found::Page(0, PageState::Open, false);
    for (peers, peer, wanted) in [
        (Peers::Unknown, Peer::Unknown, "Take(0)"),
        (Peers::Unknown, Peer::User(1001), "Foreign(0, Some(1001))"),
        (Peers::Relayed, Peer::Unknown, "Take(0)"),
        (Peers::Relayed, Peer::User(0), "Take(0)"),
        (Peers::Relayed, Peer::User(1001), "Foreign(0, Some(1001))"),
        (Peers::Known, Peer::Unknown, "Foreign(0, None)"),
    ] {
        let told = verdict("GET /00ff", &host, peer, peers, &open);
        assert_eq!(told, wanted, "{peers:?} {peer:?}");
    }
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn path(laid: &Laid) -> &str {
    let at = laid.address.rfind('/').unwrap();
    &laid.address[at..]
}

#[test]
fn a_page_sends_on_once() {
    let desk = Desk::open_for(known().unwrap()).unwrap();
    let (one, other) = (
        desk.lay_out(URL.into()).unwrap(),
        desk.lay_out("https://x/".into()).unwrap(),
    );
    assert_ne!(one.address, other.address);
    let start = format!("http://127.0.0.1:{}/", desk.port());
    let random = one.address.strip_prefix(&start).unwrap();
    assert_eq!(random.len(), 32);
    assert!(random.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let taken = get(desk.port(), path(&one));
    let (head, body) = taken.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 303 See Other\r\n"), "{head}");
    for line in [
        &format!("location: {URL}"),
        "cache-control: no-store",
        "referrer-policy: no-referrer",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert_eq!(body, "");
    let soon = Duration::from_secs(20);
    assert!(matches!(desk.wait(soon), Some(Event::Taken(0))));
    let again = get(desk.port(), path(&one));
    assert!(
        again.starts_with("HTTP/1.1 403 ") && !again.contains("SECRET"),
        "{again}"
    );
    assert!(matches!(desk.wait(soon), Some(Event::Again(0))));
    assert!(get(desk.port(), "/").starts_with("HTTP/1.1 404 "));
    assert!(get(desk.port(), path(&other)).starts_with("HTTP/1.1 303 "));
    assert!(matches!(desk.wait(soon), Some(Event::Taken(1))));
    let port = desk.port();
    drop(desk);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

#[test]
fn a_sign_in_comes_back_once_with_its_state() {
    let desk = Desk::open_for(known().unwrap()).unwrap();
    let port = desk.port();
    let soon = Duration::from_secs(20);
    assert!(get(port, "/oauth/callback?state=s&code=c").starts_with("HTTP/1.1 404 "));
    desk.expect("/oauth/callback", "s".into());
    assert!(get(port, "/oauth/done").starts_with("HTTP/1.1 404 "));
    for wrong in ["", "?code=c", "?code=c&state=x", "?state=s&state=s&code=c"] {
        let answer = get(port, &format!("/oauth/callback{wrong}"));
        assert!(answer.starts_with("HTTP/1.1 403 "), "{wrong} {answer}");
    }
    let right = get(port, "/oauth/callback?code=a%2Fb+c&state=s");
    assert!(right.starts_with("HTTP/1.1 303 ") && right.contains("location: /oauth/done\r\n"));
    let Some(Event::Back(back)) = desk.wait(soon) else {
        panic!("nothing came back")
    };
    assert_eq!(format!("{back:?}"), "Back { error: None }");
    use secrecy::ExposeSecret as _;
    assert_eq!(back.code.unwrap().expose_secret(), "a/b c");
    let end = get(port, "/oauth/done");
    assert!(end.starts_with("HTTP/1.1 200 ") && end.contains("close this window"));
    assert!(matches!(desk.wait(soon), Some(Event::Ended)));
    let second = get(port, "/oauth/callback?code=d&state=s");
    assert!(second.starts_with("HTTP/1.1 403 "));
    desk.expect("/oauth/callback", "t".into());
    get(
        port,
        "/oauth/callback?error=access_denied&error_description=not+now&state=t",
    );
    let Some(Event::Back(back)) = desk.wait(soon) else {
        panic!("nothing came back")
    };
    assert_eq!(back.code.unwrap_err(), "access_denied: not now");
}

/// Another user of the machine who knows every address, and asks for it as soon
/// as the person's browser does.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "the other user's process")]
#[expect(
    clippy::disallowed_macros,
    clippy::print_stderr,
    reason = "what is left out is said"
)]
fn another_user_never_wins_the_race() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    if peer::own_user() != 0 {
        eprintln!("left out: only root can run a process as another user");
        return;
    }
    let script = r#"while read -r port path; do
        exec 3<>"/dev/tcp/127.0.0.1/$port" || exit
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n' "$path" "$port" >&3
        read -r line <&3; printf '%s\n' "$line"; exec 3<&-
    done"#;
    let mut racer = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .args(["bash", "-c", script])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = racer.stdin.take().unwrap();
    let mut answers = BufReader::new(racer.stdout.take().unwrap()).lines();
    let desk = Desk::open_for(known().unwrap()).unwrap();
    let (mut ours, mut foreign) = (0, 0);
    for round in 0..1000 {
        let laid = desk.lay_out(URL.into()).unwrap();
        writeln!(orders, "{} {}", desk.port(), path(&laid)).unwrap();
        // By turns, so that either is first at times.
        let theirs = (round % 2 == 0).then(|| answers.next().unwrap().unwrap());
        let answer = get(desk.port(), path(&laid));
        let theirs = theirs.unwrap_or_else(|| answers.next().unwrap().unwrap());
        assert!(theirs.starts_with("HTTP/1.1 403 "), "{round}: {theirs}");
        match desk.wait(Duration::from_secs(20)) {
            Some(Event::Taken(_)) => {
                assert!(answer.starts_with("HTTP/1.1 303 "));
                ours += 1;
            }
            Some(Event::Foreign(number, Some(65534))) => {
                assert_eq!(number, laid.number);
                assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains("SECRET"));
                foreign += 1;
            }
            other => panic!("{round}: {other:?}"),
        }
    }
    drop(orders);
    racer.wait().unwrap();
    assert!(foreign >= 500 && ours + foreign == 1000, "{ours} {foreign}");
}
