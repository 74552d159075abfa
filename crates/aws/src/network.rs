//! The process's way to the network: one runtime and, for each way of going
//! out, one HTTP client, made when they are first needed and kept, so that a
//! connection serves the next request to the same host too.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use assumerole_core::{Error, Kind, Result};
use aws_smithy_http_client::pool::{
    Client, ConnectionEvent, ConnectionPool, OriginKey, PartitionId,
};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::shared::IntoShared;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::body::whole_answers;
use crate::resolver::Resolver;
use crate::trust;

/// A connection that nobody used for so long is not used again: whoever is at
/// its other end, or between, may have forgotten it without a word.
const IDLE: Duration = Duration::from_secs(10);

/// How often a connection is looked at of which nothing is heard.
const LOOK: Duration = Duration::from_secs(1);

/// What two requests must have in common to share a client.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// Whether the endpoint is called in plain text.
    pub(crate) plain: bool,
    /// Path (for messages) and content of the certificates that alone are
    /// trusted, PEM.
    pub(crate) ca_bundle: Option<(String, Vec<u8>)>,
    /// The proxy, if there is one.
    pub(crate) proxy: Option<Through>,
}

/// A proxy's URL, whether it is reached in plain text, and who is reached
/// without it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Through {
    pub(crate) url: String,
    pub(crate) plain: bool,
    pub(crate) no_proxy: String,
}

/// One for the process: what it keeps belongs to no request, and is worth
/// something only to those that follow.
static NETWORK: Mutex<Network> = Mutex::new(Network {
    runtime: None,
    lines: Vec::new(),
});

struct Network {
    runtime: Option<Arc<Runtime>>,
    lines: Vec<(Way, Line)>,
}

fn network() -> MutexGuard<'static, Network> {
    // Every change is whole before anything can panic.
    NETWORK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> Result<Arc<Runtime>> {
    let mut network = network();
    if let Some(runtime) = &network.runtime {
        return Ok(Arc::clone(runtime));
    }
    let made = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| {
            Error::new(Kind::Failed, "the network runtime cannot be started").because(error)
        })?;
    Ok(Arc::clone(network.runtime.insert(Arc::new(made))))
}

/// The line that goes out by `way`.
///
/// # Errors
/// There is no trust to be had, or the proxy cannot be used.
pub(crate) fn line(way: Way) -> Result<Line> {
    let mut network = network();
    let known = network.lines.iter().find(|(known, _)| *known == way);
    if let Some((_, line)) = known {
        return Ok(line.clone());
    }
    let line = Line::new(&way)?;
    network.lines.push((way, line.clone()));
    Ok(line)
}

/// One HTTP client with its connections.
#[derive(Clone)]
pub(crate) struct Line {
    client: SharedHttpClient,
    pool: ConnectionPool,
    /// Told of whatever becomes of a connection.
    changes: watch::Receiver<()>,
    /// Whose connections [`Line::stage`] looks at.
    origin: Arc<OnceLock<OriginKey>>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may hold a password.
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

/// Whether there is a connection that waits for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Closed,
    Opening,
    Open,
}

impl Line {
    fn new(way: &Way) -> Result<Self> {
        let proxy_in_plain = way.proxy.as_ref().is_none_or(|proxy| proxy.plain);
        let context = match way.plain && proxy_in_plain {
            true => trust::nobody()?,
            false => trust::context(way.ca_bundle.as_ref())?,
        };
        let fail =
            |why: String| Error::new(Kind::Failed, "cannot create an HTTP client").because(why);
        let (tell, changes) = watch::channel(());
        let pool = ConnectionPool::builder()
            .idle_timeout(IDLE)
            .proxy_config(proxy_config(way)?)
            .dns_resolver(Resolver)
            .event_listener(move |_: &ConnectionEvent<'_>| tell.send_replace(()))
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build_https()
            .map_err(|error| fail(error.to_string()))?;
        let client = Client::new(&pool).map_err(|error| fail(error.to_string()))?;
        Ok(Self {
            client: whole_answers(client.into_shared()),
            pool,
            changes,
            origin: Arc::default(),
        })
    }

    pub(crate) fn client(&self) -> &SharedHttpClient {
        &self.client
    }

    /// Looks at the connections to the host of `uri` from now on.
    pub(crate) fn goes_to(&self, uri: &str) {
        let origin = uri.parse().ok();
        let origin = origin.and_then(|uri: http::Uri| OriginKey::from_uri(&uri).ok());
        if let Some(origin) = origin {
            self.origin.get_or_init(|| origin);
        }
    }

    /// How far the connections are.
    pub(crate) async fn stage(&self) -> Stage {
        // What was told of may still be in the making.
        let_others_go_on().await;
        let origin = self.origin.get();
        let stats =
            origin.and_then(|origin| self.pool.partition_stats(PartitionId::ANONYMOUS, origin));
        let Some(stats) = stats else {
            return Stage::Closed;
        };
        if stats.h1().idle() > 0 || stats.h2().accepting() > 0 {
            Stage::Open
        } else if stats.establishing_connections() > 0 || stats.h1().active() > 0 {
            Stage::Opening
        } else {
            Stage::Closed
        }
    }

    /// Waits while a connection is being opened; whether it is open then.
    pub(crate) async fn is_opened_or_not(&self) -> bool {
        self.while_at(Stage::Opening).await == Stage::Open
    }

    /// Waits until there is no open connection.
    pub(crate) async fn ends(&self) {
        self.while_at(Stage::Open).await;
    }

    async fn while_at(&self, stage: Stage) -> Stage {
        let mut changes = self.changes.clone();
        loop {
            let now = self.stage().await;
            if now != stage {
                return now;
            }
            // A connection may come to nothing without a word.
            let _ = timeout(LOOK, changes.changed()).await;
        }
    }
}

pub(crate) fn proxy_config(way: &Way) -> Result<ProxyConfig> {
    let Some(proxy) = &way.proxy else {
        return Ok(ProxyConfig::disabled());
    };
    let made = if way.plain {
        ProxyConfig::http(&proxy.url)
    } else {
        ProxyConfig::https(&proxy.url)
    };
    // The error's text would repeat the URL, which may hold a password.
    let config = made.map_err(|_| Error::new(Kind::Config, "the proxy cannot be used"))?;
    Ok(config.no_proxy(&proxy.no_proxy))
}

/// Runs one conversation to its end on this thread. Two threads may do so.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = runtime()?;
    Ok(runtime.block_on(async {
        // Between two conversations nobody looks after the connections. One
        // that was closed meanwhile, or that brought something that nobody
        // asked for, is found out now and replaced. Later it would be a
        // request that failed, and one with a code is not sent twice.
        let_others_go_on().await;
        work.await
    }))
}

/// Lets the runtime hear what the system has to say, and the connections act
/// on it.
pub(crate) async fn let_others_go_on() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// One to hear of it, one to act, one to spare.
const TURNS: usize = 3;
