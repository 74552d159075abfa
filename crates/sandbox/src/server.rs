//! HTTP on loopback: reads requests within bounds, sends answers as they are
//! to be sent, cut short where a fault says so.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::exchange::{self, Ending, Reply};
use crate::journal::Entry;
use crate::refusal::Refusal;
use crate::sigv4::Wire;
use crate::state::State;

/// More than any request of the services needs.
const LARGEST_BODY: usize = 256 * 1024;
/// For the head of a request: line and headers.
const LARGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;
/// How long a client may take to send a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Hears of every request.
pub(crate) type Watcher = Arc<dyn Fn(&Entry) + Send + Sync>;

/// What the server and whoever controls it have in common.
pub(crate) struct Shared {
    state: Mutex<State>,
    watcher: Mutex<Option<Watcher>>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            watcher: Mutex::new(None),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch(&self, watcher: Watcher) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    fn tell(&self, entry: &Entry) {
        let watcher = self
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(watcher) = watcher {
            watcher(entry);
        }
    }
}

/// Serves until `stop` is told or dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut count = 0;
    loop {
        let accepted = tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors: wait until one is free.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Small answers at once; without it they merely come later.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        count += 1;
        let number = count;
        match tls.clone() {
            None => drop(tokio::spawn(connection(stream, number, shared))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                    connection(stream, number, shared).await;
                }
            })),
        }
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin, number: u64, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(request, number, Arc::clone(&shared)));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    // A client that leaves, or was cut off, is no failure of the sandbox.
    drop(served);
}

async fn answer(
    request: Request<Incoming>,
    connection: u64,
    shared: Arc<Shared>,
) -> Result<Response<Answer>, Cut> {
    let (head, body) = request.into_parts();
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST_BODY).collect()).await;
    let reply = match read {
        Ok(Ok(body)) => {
            let body = body.to_bytes();
            let wire = Wire {
                connection,
                method: head.method.as_str(),
                path: head.uri.path(),
                query: head.uri.query().unwrap_or_default(),
                headers: &head.headers,
                body: &body,
            };
            exchange::exchange(&mut shared.state(), wire)
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let refusal = Refusal::new(413, "RequestEntityTooLarge", "Request Entity Too Large");
            exchange::reject(&mut shared.state(), connection, &refusal)
        }
        // The client went away, or sends nothing more.
        Ok(Err(_)) | Err(_) => return Err(Cut),
    };
    shared.tell(&reply.entry);
    if !reply.late.is_zero() {
        tokio::time::sleep(reply.late).await;
    }
    if reply.ending == Ending::Cut {
        return Err(Cut);
    }
    Ok(response(reply))
}

fn response(reply: Reply) -> Response<Answer> {
    let whole = reply.ending == Ending::Whole;
    let mut response = Response::new(Answer::new(reply.body.bytes.into(), whole));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(reply.body.content_type),
    );
    if let Ok(id) = HeaderValue::from_str(&reply.request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Ok(date) = HeaderValue::from_str(&reply.date) {
        headers.insert(DATE, date);
    }
    for (name, value) in reply.body.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(name, value);
        }
    }
    response
}

/// The connection ends here, on purpose.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The body of an answer, of which only half may arrive.
struct Answer {
    length: u64,
    left: Bytes,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Send what is left.
    Send,
    /// Let the half that was sent leave, then cut.
    Flush,
    Cut,
    End,
}

impl Answer {
    fn new(body: Bytes, whole: bool) -> Self {
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if whole {
            return Self {
                length,
                left: body,
                stage: Stage::End,
            };
        }
        Self {
            length,
            left: body.slice(..body.len() / 2),
            stage: Stage::Send,
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if !self.left.is_empty() {
            if self.stage == Stage::Send {
                self.stage = Stage::Flush;
            }
            let all = std::mem::take(&mut self.left);
            return Poll::Ready(Some(Ok(Frame::data(all))));
        }
        match self.stage {
            Stage::End => Poll::Ready(None),
            Stage::Cut => Poll::Ready(Some(Err(Cut))),
            Stage::Send | Stage::Flush => {
                self.stage = Stage::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.stage == Stage::End && self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
