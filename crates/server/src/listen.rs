//! The server: a thread that listens, and answers.

use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use assumerole_host::peer;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use crate::answer::Refusal;
use crate::doors::{Doors, Guest, Limits};
use crate::judge::{Asked, Peer, Rules, Verdict, judge};
use crate::offers::Offers;
use crate::wire::Wire;

/// Bytes of a request; the smallest that hyper takes.
const LARGEST: usize = 8192;

/// Headers of a request.
const MOST_HEADERS: usize = 48;

/// How long to wait where no connection can be had: all file descriptors are
/// taken.
const SHORT_OF: Duration = Duration::from_millis(20);

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// Where a server listens.
#[derive(Debug)]
pub enum Door {
    /// At a port.
    Port(TcpListener),
    /// At a socket in a folder.
    Socket(UnixListener),
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Begins to answer at `door` what `offers` have, to whom `rules` let.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start(
        door: Door,
        rules: Rules,
        limits: Limits,
        offers: Arc<Offers>,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let house = Arc::new(House {
            rules,
            offers,
            doors: Doors::new(limits),
        });
        let listener = {
            let _inside = runtime.enter();
            Listener::of(door)?
        };
        // A request needs little, and there may be no more for each process.
        let thread = Builder::new()
            .name("server".to_owned())
            .stack_size(512 * 1024);
        let thread = thread.spawn(move || runtime.block_on(listen(listener, house, stopped)))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What all connections go by.
struct House {
    rules: Rules,
    offers: Arc<Offers>,
    doors: Doors,
}

enum Listener {
    Port(tokio::net::TcpListener),
    Socket(tokio::net::UnixListener),
}

impl Listener {
    fn of(door: Door) -> io::Result<Self> {
        match door {
            Door::Port(listener) => {
                listener.set_nonblocking(true)?;
                Ok(Self::Port(tokio::net::TcpListener::from_std(listener)?))
            }
            Door::Socket(listener) => {
                listener.set_nonblocking(true)?;
                Ok(Self::Socket(tokio::net::UnixListener::from_std(listener)?))
            }
        }
    }

    /// Lets one in.
    async fn accept(&self, house: &Arc<House>) -> io::Result<()> {
        match self {
            Self::Port(listener) => {
                let (stream, from) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                let here = stream.local_addr()?;
                let peer = peer::user_at(here, from).map_or(Peer::Unknown, Peer::User);
                tokio::spawn(connection(stream, peer, Arc::clone(house)));
            }
            Self::Socket(listener) => {
                let (stream, _) = listener.accept().await?;
                let user = stream.peer_cred().map(|peer| peer.uid());
                let peer = user.map_or(Peer::Unknown, Peer::User);
                tokio::spawn(connection(stream, peer, Arc::clone(house)));
            }
        }
        Ok(())
    }
}

async fn listen(listener: Listener, house: Arc<House>, mut stop: oneshot::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept(&house) => accepted,
        };
        if accepted.is_err() {
            sleep(SHORT_OF).await;
        }
    }
}

async fn connection<S>(stream: S, peer: Peer, house: Arc<House>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let guest = house.doors.open(house.rules.is_ours(peer));
    let wire = Wire::new(stream, Arc::clone(&guest));
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(&request, peer, &house, &guest);
        async move { Ok::<_, Infallible>(response) }
    });
    let serving = http1::Builder::new()
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(wire), service);
    let mut serving = pin!(serving);
    let mut leaves = pin!(guest.leave.notified());
    let mut late = pin!(sleep_until(Instant::now()));
    // Only what it sends and is answered changes until when it has to ask: after
    // that has been looked at, that is what is waited for.
    poll_fn(|cx| {
        // Whoever leaves, or was cut off, is no failure of the server.
        if serving.as_mut().poll(cx).is_ready() || leaves.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let Some(deadline) = guest.deadline() else {
            return Poll::Pending;
        };
        if late.deadline() != deadline {
            late.as_mut().reset(deadline);
        }
        late.as_mut().poll(cx)
    })
    .await;
    house.doors.close(&guest);
}

fn answer(
    request: &Request<Incoming>,
    peer: Peer,
    house: &House,
    guest: &Arc<Guest>,
) -> Response<Full<Bytes>> {
    let asked = Asked {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        peer,
    };
    let verdict = judge(&asked, &house.rules);
    house.doors.has_asked(guest, verdict.is_trusted());
    match verdict {
        Verdict::Role(name, form) => match house.offers.body(name.as_deref(), form.0) {
            Ok(body) => respond(StatusCode::OK, JSON, body),
            Err(refusal) => refused(&refusal, false),
        },
        Verdict::Health => {
            let body = Bytes::from_static(b"{\"status\":\"running\"}");
            respond(StatusCode::OK, JSON, body)
        }
        Verdict::InstanceToken => instance_token(request, house),
        Verdict::InstanceRoles => text(&house.offers.names().join("\n")),
        Verdict::InstanceRegion => match house.offers.region() {
            Some(region) => text(&region),
            None => refused(&Refusal::nothing_to_give("the role has no region"), false),
        },
        Verdict::Refused(refusal) => refused(&refusal, true),
    }
}

/// The token of a metadata service is ours: it is shown to no other.
fn instance_token(request: &Request<Incoming>, house: &House) -> Response<Full<Bytes>> {
    const SECONDS: &str = "x-aws-ec2-metadata-token-ttl-seconds";
    let token = house.rules.token.secret().expose_secret();
    let mut response = text(token);
    if let Some(seconds) = request.headers().get(SECONDS) {
        response.headers_mut().insert(SECONDS, seconds.clone());
    }
    response
}

fn text(text: &str) -> Response<Full<Bytes>> {
    let body = Bytes::copy_from_slice(text.as_bytes());
    respond(StatusCode::OK, TEXT, body)
}

fn refused(refusal: &Refusal, ends: bool) -> Response<Full<Bytes>> {
    let mut response = respond(refusal.status, JSON, refusal.body());
    if ends {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

fn respond(status: StatusCode, kind: HeaderValue, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
