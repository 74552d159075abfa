//! A connection that says when something came, and that has something to say of
//! what is no request.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::answer::Refusal;
use crate::doors::Guest;

/// A stream whose guest is told that it has sent something.
pub(crate) struct Wire<S> {
    stream: S,
    guest: Arc<Guest>,
    /// What is sent in the place of hyper's own answer, as far as it was not.
    instead: Option<Bytes>,
}

impl<S> Wire<S> {
    pub(crate) fn new(stream: S, guest: Arc<Guest>) -> Self {
        Self {
            stream,
            guest,
            instead: None,
        }
    }
}

/// Where hyper's own answer begins at the end of `sent`: to what it cannot read
/// it answers by itself, with a status and nothing else. Ours never are empty.
fn own_answer(sent: &[u8]) -> Option<(usize, StatusCode)> {
    const LENGTH: &[u8] = b"\r\ncontent-length: 0\r\n";
    if !sent.ends_with(b"\r\n\r\n") {
        return None;
    }
    let start = sent.windows(7).rposition(|word| word == b"HTTP/1.")?;
    let head = &sent[start..];
    let status = StatusCode::from_bytes(head.get(9..12)?).ok()?;
    let empty = head.windows(LENGTH.len()).any(|line| line == LENGTH);
    (empty && status.is_client_error()).then_some((start, status))
}

/// What SDKs read, with `status`. The connection ends with it.
fn refusal(status: StatusCode) -> Bytes {
    let why = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "the headers are too large or too many",
        StatusCode::URI_TOO_LONG => "the path is too long",
        _ => "this is not a request that HTTP/1.1 knows",
    };
    let body = Refusal::new(status, "BadRequest", why).body();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat().into()
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.guest.has_sent();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        if wire.instead.is_none() {
            match own_answer(bytes) {
                Some((0, status)) => wire.instead = Some(refusal(status)),
                // What stands before it is ours.
                Some((start, _)) => {
                    return Pin::new(&mut wire.stream).poll_write(cx, &bytes[..start]);
                }
                None => return Pin::new(&mut wire.stream).poll_write(cx, bytes),
            }
        }
        while let Some(rest) = wire.instead.as_mut().filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut wire.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => rest.advance(count),
            }
        }
        wire.instead = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
