//! Hostile input, and TLS.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use aws_sandbox::{Options, Sandbox, World};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{Client, form, raw, sandbox};

#[test]
fn what_is_no_request_is_refused_and_the_next_one_answered() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let large = "x".repeat(70_000);
    let many: String = (0..200).map(|n| format!("h{n}: v\r\n")).collect();
    for hostile in [
        "\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(),
        format!("POST /{large} HTTP/1.1\r\nhost: x\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nhost: x\r\nauthorization: {large}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{many}\r\n"),
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
    ] {
        let start: String = hostile.chars().take(60).collect();
        let answer = said_and_gone(&sandbox, hostile.as_bytes());
        let text = String::from_utf8_lossy(&answer);
        let refused =
            text.is_empty() || text.starts_with("HTTP/1.1 4") || text.starts_with("HTTP/1.0 4");
        assert!(refused, "{start:?}: {text}");
        client.call("GetCallerIdentity", &[]).good();
    }
}

/// What comes back to a client that says this and then no more.
fn said_and_gone(sandbox: &Sandbox, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", sandbox.port())).unwrap();
    // The other side may leave before it read, or the client before it wrote,
    // everything.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

#[test]
fn a_body_has_a_limit() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let large = form("GetCallerIdentity", &[("X", &"x".repeat(300_000))]);
    let answer = client.send(&client.request(&large)).unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.text("Code"), "RequestEntityTooLarge");
    assert_eq!(sandbox.journal().pop().unwrap().status, 413);
    let fits = form("GetCallerIdentity", &[("X", &"x".repeat(200_000))]);
    client.send(&client.request(&fits)).unwrap().good();
}

#[test]
fn there_is_nothing_but_the_root() {
    let sandbox = sandbox();
    for (method, path) in [("GET", "/favicon.ico"), ("PUT", "/"), ("POST", "/a/../b?c")] {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        let text = String::from_utf8(raw(&sandbox, request.as_bytes()).unwrap()).unwrap();
        assert!(text.starts_with("HTTP/1.1 404"), "{text}");
        assert!(text.contains("UnknownOperationException"), "{text}");
    }
}

#[test]
fn a_client_that_leaves_in_the_middle_hurts_nobody() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let request = client.request(&form("GetCallerIdentity", &[]));
    for part in [1, request.len() / 2, request.len() - 1] {
        let mut stream = TcpStream::connect(("127.0.0.1", sandbox.port())).unwrap();
        stream.write_all(&request[..part]).unwrap();
        drop(stream);
    }
    client.call("GetCallerIdentity", &[]).good();
    assert_eq!(sandbox.count("GetCallerIdentity"), 1);
}

#[test]
fn tls_is_trusted_by_whoever_trusts_its_authority() {
    let options = Options {
        tls: true,
        ..Options::default()
    };
    let sandbox = Sandbox::start(World::sample(), options).unwrap();
    assert!(sandbox.endpoint().starts_with("https://127.0.0.1:"));
    let client = Client::new(&sandbox);
    let request = client.request(&form("GetCallerIdentity", &[]));
    let ca = CertificateDer::from_pem_slice(sandbox.ca_pem().unwrap().as_bytes()).unwrap();
    for name in ["127.0.0.1", "localhost"] {
        let answer = over_tls(&sandbox, Some(ca.clone()), name, &request).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    over_tls(&sandbox, Some(ca), "example.com", &request).unwrap_err();
    over_tls(&sandbox, None, "127.0.0.1", &request).unwrap_err();
    // Plain HTTP is no TLS.
    let answer = raw(&sandbox, &request).unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(sandbox.count("GetCallerIdentity"), 2);
}

fn over_tls(
    sandbox: &Sandbox,
    ca: Option<CertificateDer<'static>>,
    name: &str,
    request: &[u8],
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(ca);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", sandbox.port()))?;
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(request)?;
    let mut text = String::new();
    // The end may come without a word of farewell.
    match stream.read_to_string(&mut text) {
        Err(error) if text.is_empty() => Err(error),
        _ => Ok(text),
    }
}
