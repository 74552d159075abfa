//! What a request costs here, beside a bare hyper server that answers the same
//! bytes: pairs of requests in turns, one at a time.
//!
//! `cargo run --release -p assumerole-server --example beside_hyper [ROUNDS]`

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example touches the machine, and prints"
)]

use std::convert::Infallible;
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use assumerole_core::Credentials;
use assumerole_host::clock::SystemClock;
use assumerole_host::peer::own_user;
use assumerole_server::{Door, Given, Limits, Offers, Refusal, Rules, Server, Token};
use bytes::Bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// As long as those of STS.
const SESSION_TOKEN: usize = 900;

/// Pairs of requests when nobody says.
const ROUNDS: usize = 5000;

fn main() -> Result {
    let rounds = match std::env::args().nth(1) {
        Some(rounds) => rounds.parse()?,
        None => ROUNDS,
    };
    let (_server, ours, token) = ours()?;
    let request = |host: SocketAddr| {
        format!("GET /role/read HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n")
    };
    // What it answers, the other one answers, too.
    let mut answer = Vec::new();
    ask(&mut TcpStream::connect(ours)?, &request(ours), &mut answer)?;
    let answer = String::from_utf8(answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
    let bare = bare(Bytes::copy_from_slice(body.as_bytes()))?;
    let mut same = Vec::new();
    ask(&mut TcpStream::connect(bare)?, &request(bare), &mut same)?;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    if sorted(&answer) != sorted(&String::from_utf8(same)?) {
        return Err("the two do not answer the same".into());
    }
    for (what, kept) in [("kept connection", true), ("new connection", false)] {
        // A port is not used again at once.
        let rounds = if kept { rounds } else { rounds.min(5000) };
        let (ours, bare, ratio) = measured(
            [
                &mut Line::to(ours, request(ours)),
                &mut Line::to(bare, request(bare)),
            ],
            rounds,
            kept,
        )?;
        println!(
            "request to a server, {what}: {ours:.1} us, bare hyper {bare:.1} us, ratio {ratio:.2}"
        );
    }
    Ok(())
}

/// A server of ours: where it is, and its token.
fn ours() -> Result<(Server, SocketAddr, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let offers = Arc::new(Offers::new(Arc::new(SystemClock::new())));
    let ends = "2999-01-01T00:00:00Z".parse()?;
    offers.give(
        "read",
        Given {
            credentials: Credentials {
                access_key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
                session_token: Some("t".repeat(SESSION_TOKEN).into()),
                expires: Some(ends),
            },
            ends: Some(ends),
            account: Some("123456789012".to_owned()),
            region: None,
            afterwards: Refusal::nothing_to_give("they have ended"),
        },
    );
    let token = Token::random()?;
    let rules = Rules {
        hosts: Some(vec![address.to_string()]),
        token: token.clone(),
        user: own_user(),
        instance: false,
    };
    let server = Server::start(Door::Port(listener), rules, Limits::default(), offers)?;
    Ok((server, address, token.secret().expose_secret().to_owned()))
}

/// A server of hyper alone that answers with `body`.
fn bare(body: Bytes) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                let body = body.clone();
                let service = service_fn(move |_| {
                    let mut response = Response::new(Full::new(body.clone()));
                    let headers = response.headers_mut();
                    for (name, value) in [
                        (CONTENT_TYPE, "application/json"),
                        (CACHE_CONTROL, "no-store"),
                    ] {
                        headers.insert(name, http::HeaderValue::from_static(value));
                    }
                    async move { Ok::<_, Infallible>(response) }
                });
                let mut serving = http1::Builder::new();
                serving.auto_date_header(false);
                let serving = serving.serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { serving.await.is_ok() });
            }
            #[expect(unreachable_code, reason = "says which error it is")]
            Ok::<_, std::io::Error>(())
        })
    });
    Ok(address)
}

/// A client of one of them.
struct Line {
    address: SocketAddr,
    request: String,
    kept: Option<TcpStream>,
    bytes: Vec<u8>,
}

impl Line {
    fn to(address: SocketAddr, request: String) -> Self {
        let bytes = Vec::with_capacity(4096);
        Self {
            address,
            request,
            kept: None,
            bytes,
        }
    }

    /// Microseconds that a request takes.
    fn takes(&mut self, keeps: bool) -> Result<f64> {
        let begun = Instant::now();
        let mut stream = match self.kept.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        self.bytes.clear();
        ask(&mut stream, &self.request, &mut self.bytes)?;
        let took = begun.elapsed();
        self.kept = keeps.then_some(stream);
        Ok(took.as_secs_f64() * 1e6)
    }
}

/// Reads one answer to its end.
fn ask(stream: &mut TcpStream, request: &str, bytes: &mut Vec<u8>) -> Result {
    stream.write_all(request.as_bytes())?;
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer)?;
        bytes.extend(buffer.get(..count).unwrap_or_default());
        if count == 0 || bytes.ends_with(b"}") {
            return Ok(());
        }
    }
}

/// The medians of both, and the median of their ratios.
fn measured(lines: [&mut Line; 2], rounds: usize, keeps: bool) -> Result<(f64, f64, f64)> {
    let [ours, bare] = lines;
    let (mut first, mut second, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds + rounds / 10 {
        let (one, other) = match round % 2 {
            0 => {
                let one = ours.takes(keeps)?;
                (one, bare.takes(keeps)?)
            }
            _ => {
                let other = bare.takes(keeps)?;
                (ours.takes(keeps)?, other)
            }
        };
        // The first tenth warms both.
        if round >= rounds / 10 {
            first.push(one);
            second.push(other);
            ratios.push(one / other);
        }
    }
    Ok((median(first), median(second), median(ratios)))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
