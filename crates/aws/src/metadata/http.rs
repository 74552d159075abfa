//! Plain HTTP, without a signature and with short waits: to what is beside this
//! process, and to the endpoint of federation.

use std::time::Duration;

use assumerole_core::aws::url::masked;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Error, Kind, Result};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::body::{self, BodyFault};
use crate::dates;
use crate::failure::chain;
use crate::network::block_on;
use crate::resolver::Resolver;
use crate::trust;

/// Bytes; a session token has a few thousand.
const LARGEST: usize = 256 * 1024;

/// A request that nothing signs.
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'static str, &'a SecretString)],
    /// A form.
    pub(crate) body: Option<&'a SecretString>,
    /// For the connection, for the answer, and twice that for all of it.
    pub(crate) wait: Duration,
    /// The certificates that alone are trusted, and their path.
    pub(crate) ca_bundle: Option<&'a (String, Vec<u8>)>,
    pub(crate) proxy: ProxyConfig,
}

impl Request<'_> {
    /// What of it is secret.
    pub(crate) fn sent(&self) -> Sent<'_> {
        let headers = self
            .headers
            .iter()
            .filter(|(name, _)| SECRET.contains(name));
        headers.fold(Sent::default(), |sent, (_, value)| sent.with(value))
    }
}

/// Headers whose values are shown to nobody.
const SECRET: [&str; 2] = ["authorization", "x-aws-ec2-metadata-token"];

/// What came back.
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// What time it is there, if it says so.
    pub(crate) date: Option<Timestamp>,
    /// Where it leads, if it is a redirect.
    pub(crate) location: Option<String>,
}

impl HttpAnswer {
    /// The body as text; what somebody else wrote.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim().to_owned()
    }
}

/// Sends `request`; `Err` inside says why nothing came back.
///
/// # Errors
/// There is no such request, or no trust to be had.
pub(crate) fn send(request: &Request<'_>) -> Result<Result<HttpAnswer, String>> {
    let connector = connector(request)?;
    let body = request.body.map(|body| body.expose_secret().as_bytes());
    let mut http = HttpRequest::new(body.map_or_else(SdkBody::empty, SdkBody::from));
    // What is wrong with a header would repeat it.
    let fail = |what: String| Error::new(Kind::Config, what);
    http.set_method(request.method)
        .map_err(|_| fail(format!("{} is no method", request.method)))?;
    http.set_uri(request.url)
        .map_err(|_| fail(format!("{} is not a URL", masked(request.url))))?;
    for (name, value) in request.headers {
        http.headers_mut()
            .try_insert(*name, value.expose_secret().to_owned())
            .map_err(|_| fail(format!("the value for {name} cannot be sent in a header")))?;
    }
    block_on(async {
        let whole = async {
            let response = connector
                .call(http)
                .await
                .map_err(|error| request.sent().line(&why(&error)))?;
            answer(response).await
        };
        match tokio::time::timeout(request.wait * 2, whole).await {
            Ok(answer) => answer,
            Err(_) => Err("no answer in time".to_owned()),
        }
    })
}

fn connector(request: &Request<'_>) -> Result<Connector> {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(request.wait)
        .read_timeout(request.wait)
        .build();
    let mut builder = ConnectorBuilder::default();
    builder.set_connector_settings(Some(settings));
    builder.set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
    builder.set_proxy_config(Some(request.proxy.clone()));
    let tls = request
        .url
        .get(..8)
        .is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    let context = match tls {
        true => trust::context(request.ca_bundle)?,
        false => trust::nobody()?,
    };
    Ok(builder
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build_with_resolver(Resolver))
}

async fn answer(response: HttpResponse) -> Result<HttpAnswer, String> {
    let status = response.status().as_u16();
    let date = response.headers().get("date").and_then(dates::read);
    let location = response.headers().get("location").map(str::to_owned);
    match body::read(response.into_body(), LARGEST).await {
        Ok(body) => Ok(HttpAnswer {
            status,
            body,
            date,
            location,
        }),
        Err(error) => Err(match BodyFault::behind(&error) {
            Some(BodyFault::TooLarge) => format!("the answer has more than {LARGEST} bytes"),
            Some(fault) => fault.to_string(),
            None => "the answer ended early".to_owned(),
        }),
    }
}

fn why(error: &ConnectorError) -> String {
    match error.is_timeout() {
        true => "no answer in time".to_owned(),
        false => chain(error),
    }
}
