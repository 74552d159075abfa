//! A connection that is opened while somebody looks for a code: name, TCP and
//! TLS are done with when it is there.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use assumerole_core::Result;
use assumerole_core::aws::service::Service;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::connection::{Connection, Now};
use crate::network::{self, Line, Stage};

/// Nobody looks longer for a code; a program is given up earlier. Until then
/// a connection that ends is opened anew.
const LONGEST: Duration = Duration::from_secs(180);

/// A connection that ends sooner is not wanted there: it is not opened anew
/// before there is something to send.
const BRIEF: Duration = Duration::from_secs(2);

/// As long as one that is still being opened is waited for: it has a time-out
/// of its own, which comes first.
const LAST_WAIT: Duration = Duration::from_secs(6);

/// A connection that is opened, and kept open, by a thread of its own. What
/// goes wrong with it is nobody's business: the request opens its own then,
/// and tells what is wrong. Dropped, it is left to itself.
pub struct Early {
    code_is_there: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl fmt::Debug for Early {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Early").finish_non_exhaustive()
    }
}

impl Early {
    /// Begins to open what `connection` describes. None where that is not
    /// known beforehand, or no thread can be had.
    pub fn open(connection: &Connection) -> Option<Self> {
        if connection.route.service != Service::Sts {
            return None;
        }
        let (code_is_there, told) = oneshot::channel();
        let connection = connection.clone();
        let thread = thread::Builder::new()
            .name("early connection".to_owned())
            .spawn(move || drop(keep_open(&connection, told)))
            .ok()?;
        Some(Self {
            code_is_there,
            thread,
        })
    }

    /// To be called before a request: one connection that is still being opened
    /// is better than two.
    pub fn ready(self) {
        // Told or gone, the thread comes to its end.
        let _ = self.code_is_there.send(());
        let _ = self.thread.join();
    }
}

fn keep_open(connection: &Connection, told: oneshot::Receiver<()>) -> Result<()> {
    let line = connection.line()?;
    network::block_on(async {
        let keeping = timeout(LONGEST, keep(connection, line.clone()));
        let code_is_there = match first(keeping, told).await {
            First::Other(told) => told.is_ok(),
            First::One(_) => return,
        };
        if code_is_there {
            let _ = timeout(connection.left.of(LAST_WAIT), line.is_opened_or_not()).await;
        }
    })
}

async fn keep(connection: &Connection, line: Line) {
    loop {
        if open(connection, line.clone()).await.is_err() || !line.is_opened_or_not().await {
            return;
        }
        let opened = Instant::now();
        line.ends().await;
        if opened.elapsed() < BRIEF {
            return;
        }
    }
}

/// Has the SDK say where a call would go, and begins to open a connection to
/// there. The call itself is one that nobody signs, and is not sent.
async fn open(connection: &Connection, line: Line) -> Result<()> {
    let no_time: Now = Arc::new(|| Timestamp::UNIX_EPOCH);
    let config = connection.sdk_config(None, &no_time, SignedDuration::ZERO, true)?;
    let config = config.into_builder().http_client(Opener(line)).build();
    let call = aws_sdk_sts::Client::new(&config).assume_role_with_web_identity();
    let call = call
        .role_arn("")
        .role_session_name("")
        .web_identity_token("");
    // It fails, as it must: nothing was sent.
    drop(call.send().await);
    Ok(())
}

/// Opens connections, and sends nothing.
#[derive(Debug)]
struct Opener(Line);

impl HttpClient for Opener {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.0.client().http_connector(settings, components);
        OpenerAt(self.0.clone(), connector).into_shared()
    }
}

#[derive(Debug)]
struct OpenerAt(Line, SharedHttpConnector);

impl HttpConnector for OpenerAt {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self(line, connector) = self;
        let (line, connector) = (line.clone(), connector.clone());
        HttpConnectorFuture::new(async move {
            line.goes_to(request.uri());
            // With an open one, the pool would take it and send.
            if line.stage().await == Stage::Closed {
                let mut bare = HttpRequest::new(SdkBody::empty());
                if bare.set_uri(request.uri()).is_ok() {
                    begin(connector.call(bare)).await;
                }
            }
            Err(ConnectorError::other("nothing is sent".into(), None))
        })
    }
}

/// Polls `call` once, and drops it. The pool opens a connection in a task of
/// its own by then, and keeps it for the next one who wants it; a request is
/// not handed to a connection before the second poll.
async fn begin(call: HttpConnectorFuture) {
    let mut call = pin!(call);
    let once = |context: &mut Context<'_>| Poll::Ready(call.as_mut().poll(context).is_ready());
    // It cannot be: there is nothing yet that it could be sent over.
    let _is_ready = std::future::poll_fn(once).await;
    network::let_others_go_on().await;
}

enum First<A, B> {
    One(A),
    Other(B),
}

async fn first<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> First<A, B> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    std::future::poll_fn(|context| {
        if let Poll::Ready(other) = other.as_mut().poll(context) {
            return Poll::Ready(First::Other(other));
        }
        one.as_mut().poll(context).map(First::One)
    })
    .await
}
