//! A server that answers whatever it likes, and often what it was sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request, whole, as it came.
pub(crate) struct Heard {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    /// Line, headers, body.
    pub(crate) fn whole(&self) -> String {
        format!("{}{}", self.head, self.body)
    }

    /// The path with its query.
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// What it does with a request: the bytes that it answers with.
pub(crate) type Manner = fn(&Heard) -> Vec<u8>;

/// A server on loopback; it lasts as long as the test.
pub(crate) struct Hostile {
    port: u16,
    count: Arc<AtomicUsize>,
}

impl Hostile {
    pub(crate) fn start(manner: Manner) -> Self {
        Self::serving(move |stream| answer(stream, manner))
    }

    /// One with a certificate of its own for `name`; and that certificate.
    pub(crate) fn over_tls(name: &str, manner: Manner) -> (Self, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = certificate.self_signed(&key).unwrap();
        let secret = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret.into())
            .unwrap();
        let config = Arc::new(config);
        let server = Self::serving(move |stream| {
            let session = ServerConnection::new(Arc::clone(&config));
            let session = session.map_err(std::io::Error::other)?;
            answer(StreamOwned::new(session, stream), manner)
        });
        (server, certificate.pem())
    }

    fn serving(serve: impl Fn(TcpStream) -> std::io::Result<()> + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let heard = Arc::clone(&count);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                heard.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                // A client that goes away in the middle is its own affair.
                thread::spawn(move || drop(serve(stream)));
            }
        });
        Self { port, count }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How many connections it had.
    pub(crate) fn connections(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

fn answer(stream: impl Read + Write + Ends, manner: Manner) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let fits = name.eq_ignore_ascii_case("content-length");
        value.trim().parse().ok().filter(|_| fits)
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let bytes = manner(&Heard { head, body });
    let mut stream = reader.into_inner();
    stream.write_all(&bytes)?;
    stream.flush()?;
    stream.ends();
    // Read to the end, so that closing does not reset the connection.
    std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
}

/// Says that nothing more will come.
trait Ends {
    fn ends(&mut self);
}

impl Ends for TcpStream {
    fn ends(&mut self) {
        let _ = self.set_read_timeout(Some(Duration::from_secs(30)));
        let _ = self.shutdown(Shutdown::Write);
    }
}

impl Ends for StreamOwned<ServerConnection, TcpStream> {
    fn ends(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
        self.sock.ends();
    }
}

/// An answer of HTTP: status and headers in `head`, its length added.
pub(crate) fn http(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
