//! Requests of every kind, byte for byte, and the answers.

use assumerole_host::peer::own_user;
use assumerole_server::Limits;
use serde_json::{Map, Value};

use super::Stage;
use super::line::{Answer, Line};

#[test]
fn an_answer_is_json_and_no_more() {
    let stage = Stage::new();
    let mut line = Line::to(&stage);
    line.send(stage.request().as_bytes());
    let answer = line.next(false).unwrap();
    let length = format!("content-length: {}", answer.body.len());
    assert_eq!(
        answer.head,
        [
            "cache-control: no-store",
            &length,
            "content-type: application/json"
        ]
    );
    let start = "{\"AccessKeyId\":\"ASIA1\",";
    assert!(answer.body.starts_with(start), "{}", answer.body);
}

/// What is wrong with a refusal, if anything. Java reads the small names, Rust
/// and Go the others, and Go only what is JSON by its name and to its end.
fn fault_of_refusal(answer: &Answer) -> Option<String> {
    if answer.header("content-type") != Some("application/json") {
        return Some(format!("its head: {:?}", answer.head));
    }
    let body: Result<Map<String, Value>, _> = serde_json::from_str(&answer.body);
    let Ok(body) = body else {
        return Some(format!("its body: {:?}", answer.body));
    };
    let text = |name| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let right = body.len() == 4
        && !text("code").is_empty()
        && !text("message").is_empty()
        && text("code") == text("Code")
        && text("message") == text("Message");
    (!right).then(|| format!("its body: {:?}", answer.body))
}

/// What differs when `sent` is sent, which is answered with `wanted`; 0 stands
/// for an end without an answer.
fn difference(stage: &Stage, sent: &[u8], wanted: &[u16]) -> Option<String> {
    let mut line = Line::to(stage);
    line.send(sent);
    let bare = sent.starts_with(b"HEAD");
    let of_old = sent.windows(8).any(|word| word == b"HTTP/1.0");
    let mut statuses = Vec::new();
    for _ in wanted {
        let Some(answer) = line.next(bare) else {
            statuses.push(0);
            break;
        };
        statuses.push(answer.status);
        let said = format!("{:?}{}", answer.head, answer.body);
        if said.contains(&stage.token) || answer.status != 200 && said.contains("hush") {
            return Some(format!("it says too much: {said}"));
        }
        match answer.status {
            200 if !answer.body.contains("ASIA1") => {
                return Some(format!("200 without credentials: {}", answer.body));
            }
            200 => {}
            _ if bare => {}
            _ => {
                if let Some(fault) = fault_of_refusal(&answer) {
                    return Some(fault);
                }
            }
        }
        if answer.closes(of_old) {
            if !line.is_closed() {
                return Some("it is answered once more".to_owned());
            }
            break;
        }
        if statuses.len() == wanted.len() && !line.is_served(stage) {
            return Some("there is something behind the answer".to_owned());
        }
    }
    (statuses != wanted).then(|| format!("{statuses:?}, not {wanted:?}"))
}

#[test]
fn every_request_is_answered_or_refused() {
    let stage = Stage::new();
    let right = stage.request();
    let with = |header: &str| right.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"));
    let to = |path: &str| right.replace("/role/read", path);
    let by = |method: &str| right.replacen("GET", method, 1);
    let host = stage.address.to_string();
    let other = |name: &str| right.replace(&format!("Host: {host}"), &format!("Host: {name}"));
    let token = |text: &str| {
        let line = format!("Authorization: {}", stage.token);
        right.replace(&line, text)
    };
    let shown = |text: &str| token(&format!("Authorization: {text}"));
    let old = right.replace("HTTP/1.1", "HTTP/1.0");
    let without = |line: &str, text: &str| text.replace(&format!("{line}\r\n"), "");
    let host_line = format!("Host: {host}");
    let port = stage.address.port();
    let many: String = (0..60).map(|n| format!("X-{n}: x\r\n")).collect();
    let wrong_digit = match stage.token.starts_with('0') {
        true => format!("1{}", &stage.token[1..]),
        false => format!("0{}", &stage.token[1..]),
    };
    let wrong = shown(&wrong_digit);
    let two = |first: &str, second: &str| format!("{first}{second}");
    let behind = |header: &str, body: &str| format!("{}{body}{right}", with(header));
    let rows: Vec<(&str, String, &[u16])> = vec![
        ("right", right.clone(), &[200]),
        (
            "names in capitals",
            right
                .to_uppercase()
                .replace("/ROLE/READ", "/role/read")
                .replace(&stage.token.to_uppercase(), &stage.token),
            &[200],
        ),
        (
            "the name of loopback",
            other(&format!("127.0.0.1:{port}")),
            &[200],
        ),
        ("letters of a path in digits", to("/role/re%61d"), &[200]),
        ("a query", to("/role/read?x=1"), &[200]),
        ("the only role", to("/"), &[200]),
        ("a length of nothing", with("Content-Length: 0"), &[200]),
        (
            "the same twice",
            with("Content-Length: 0\r\nContent-Length: 0"),
            &[200],
        ),
        (
            "a blank behind the token",
            shown(&format!("{} ", stage.token)),
            &[200],
        ),
        ("a line before it", format!("\r\n{right}"), &[200]),
        // The token.
        ("no token", token("X: x"), &[403]),
        ("an empty token", shown(""), &[403]),
        ("a wrong token", wrong.clone(), &[403]),
        (
            "a token and a digit",
            shown(&format!("{}0", stage.token)),
            &[403],
        ),
        ("a part of it", shown(&stage.token[1..]), &[403]),
        (
            "with a word",
            shown(&format!("Bearer {}", stage.token)),
            &[403],
        ),
        (
            "two tokens",
            with(&format!("Authorization: {}", stage.token)),
            &[403],
        ),
        (
            "in the path",
            to(&format!("/role/read?token={}", stage.token))
                .replace(&format!("Authorization: {}", stage.token), "X: x"),
            &[403],
        ),
        // A name that leads here, and who uses such names.
        ("another's name", other("evil.example"), &[403]),
        (
            "with our port",
            other(&format!("evil.example:{port}")),
            &[403],
        ),
        ("another port", other("127.0.0.1:1"), &[403]),
        ("no port", other("127.0.0.1"), &[403]),
        ("a dot", other(&format!("127.0.0.1.:{port}")), &[403]),
        (
            "the address in another way",
            other(&format!("2130706433:{port}")),
            &[403],
        ),
        ("all addresses", other(&format!("0.0.0.0:{port}")), &[403]),
        ("an empty name", other(""), &[403]),
        ("no name", without(&host_line, &right), &[403]),
        ("two names", with(&host_line), &[403]),
        (
            "two names, another's last",
            with("Host: evil.example"),
            &[403],
        ),
        ("a page", with("Origin: http://evil.example"), &[403]),
        (
            "a page of this machine",
            with(&format!("Origin: http://{host}")),
            &[403],
        ),
        ("a page of nowhere", with("Origin: null"), &[403]),
        ("a browser", with("Sec-Fetch-Site: none"), &[403]),
        (
            "a browser's first question",
            with("Origin: http://evil.example\r\nAccess-Control-Request-Method: GET")
                .replacen("GET", "OPTIONS", 1),
            &[403],
        ),
        // What is asked for, and how.
        ("nothing that there is", to("/credentials"), &[404]),
        ("another role", to("/role/none"), &[404]),
        ("up and down", to("/role/../role/read"), &[404]),
        ("two slashes", to("//role/read"), &[404]),
        (
            "a metadata service",
            to("/latest/api/token").replacen("GET", "PUT", 1),
            &[404],
        ),
        (
            "a long path",
            to(&format!("/role/{}", "a".repeat(3000))),
            &[414],
        ),
        (
            "a path beyond all",
            to(&format!("/role/{}", "a".repeat(9000))),
            &[431],
        ),
        ("POST", by("POST"), &[405]),
        ("PUT", by("PUT"), &[405]),
        ("DELETE", by("DELETE"), &[405]),
        ("HEAD", by("HEAD"), &[405]),
        ("PATCH", by("PATCH"), &[405]),
        ("OPTIONS", by("OPTIONS"), &[405]),
        (
            "of the server",
            by("OPTIONS").replace("/role/read", "*"),
            &[405],
        ),
        ("TRACE", by("TRACE"), &[405]),
        ("a method of one's own", by("BREW"), &[405]),
        (
            "CONNECT",
            by("CONNECT").replace("/role/read", "evil.example:443"),
            &[403],
        ),
        (
            "CONNECT to us",
            by("CONNECT").replace("/role/read", &host),
            &[405],
        ),
        // To a proxy.
        (
            "the whole address",
            to(&format!("http://{host}/role/read")),
            &[200],
        ),
        (
            "another's address",
            to("http://evil.example/role/read"),
            &[403],
        ),
        (
            "another's name beside ours",
            other("evil.example").replace("/role/read", &format!("http://{host}/role/read")),
            &[403],
        ),
        (
            "somebody at our address",
            to(&format!("http://x@{host}/role/read")),
            &[403],
        ),
        // Old ones.
        ("HTTP/1.0", old.clone(), &[200]),
        ("HTTP/1.0 without a name", without(&host_line, &old), &[403]),
        (
            "HTTP/1.0, kept",
            old.replace("\r\n\r\n", "\r\nConnection: x\r\n\r\n"),
            &[200],
        ),
        ("HTTP/0.9", "GET /role/read\r\n\r\n".to_owned(), &[400]),
        ("HTTP/9.9", right.replace("HTTP/1.1", "HTTP/9.9"), &[400]),
        (
            "HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            &[0],
        ),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n".to_owned(),
            &[400],
        ),
        ("nothing", "\0\0\0\0\r\n\r\n".to_owned(), &[400]),
        // Too much.
        (
            "a large header",
            with(&format!("X: {}", "x".repeat(9000))),
            &[431],
        ),
        ("many headers", with(many.trim_end()), &[431]),
        ("a body", behind("Content-Length: 5", "12345"), &[413]),
        ("a body to come", with("Content-Length: 100000000"), &[413]),
        (
            "a body in parts",
            behind("Transfer-Encoding: chunked", "5\r\n12345\r\n0\r\n\r\n"),
            &[413],
        ),
        (
            "an empty body in parts",
            behind("Transfer-Encoding: chunked", "0\r\n\r\n"),
            &[413],
        ),
        (
            "asking before",
            with("Content-Length: 5\r\nExpect: 100-continue"),
            &[413],
        ),
        ("asking for nothing", with("Expect: 100-continue"), &[413]),
        (
            "another protocol",
            with("Connection: upgrade\r\nUpgrade: h2c"),
            &[413],
        ),
        // Two that could be read as one, or one that could be read as two.
        ("one after the other", two(&right, &right), &[200, 200]),
        ("a wrong one last", two(&right, &wrong), &[200, 403]),
        ("a wrong one first", two(&wrong, &right), &[403]),
        (
            "two lengths",
            behind("Content-Length: 0\r\nContent-Length: 5", "12345"),
            &[400],
        ),
        (
            "two in one",
            behind("Content-Length: 0, 5", "12345"),
            &[400],
        ),
        (
            "more than a number",
            behind("Content-Length: +5", "12345"),
            &[400],
        ),
        ("less than nothing", with("Content-Length: -1"), &[400]),
        (
            "length and parts",
            behind(
                "Content-Length: 0\r\nTransfer-Encoding: chunked",
                "0\r\n\r\n",
            ),
            &[413],
        ),
        (
            "parts and length",
            behind(
                "Transfer-Encoding: chunked\r\nContent-Length: 5",
                "0\r\n\r\n",
            ),
            &[413],
        ),
        (
            "parts by another name",
            behind("Transfer-Encoding: xchunked", "0\r\n\r\n"),
            &[400],
        ),
        (
            "a blank behind a name",
            behind("Transfer-Encoding : chunked", "0\r\n\r\n"),
            &[400],
        ),
        (
            "a blank before a name",
            with(" Transfer-Encoding: chunked"),
            &[400],
        ),
        (
            "a folded value",
            shown(&format!("\r\n {}", stage.token)),
            &[400],
        ),
        ("no colon", with("X"), &[400]),
        ("no name at all", with(": x"), &[400]),
        ("a zero", with("X: a\0b"), &[400]),
        ("a lone CR", with("X: a\rX-Y: b"), &[400]),
        (
            "an underscore",
            token(&format!("Authorization_: {}", stage.token)),
            &[403],
        ),
        (
            "blanks in the line",
            right.replacen("GET ", "GET  ", 1),
            &[400],
        ),
        (
            "three words more",
            right.replacen("HTTP/1.1", "x HTTP/1.1", 1),
            &[400],
        ),
    ];
    let mut differences = String::new();
    for (case, sent, wanted) in &rows {
        if let Some(why) = difference(&stage, sent.as_bytes(), wanted) {
            differences.push_str(&format!("{case}: {why}\n"));
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
    assert!(Line::to(&stage).is_served(&stage));
}

#[test]
fn other_users_get_nothing() {
    let stage = Stage::of(own_user() + 1, Limits::default());
    // Root may.
    let wanted = if own_user() == 0 { 200 } else { 403 };
    let why = difference(&stage, stage.request().as_bytes(), &[wanted]);
    assert_eq!(why, None);
}
