//! Answers are read whole, within bounds of size and time, before the SDK sees
//! them: it reads without any, and takes what ended early for what was meant.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// Bytes. The longest that is asked for, a session of a role, has some
/// thousands.
const LARGEST: usize = 1024 * 1024;

/// How long the next part of an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is wrong with the body of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// It has more bytes than any answer of AWS.
    TooLarge,
    /// It stopped coming.
    Stalled,
    /// It came to its end, and is not all.
    Cut,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the answer has more than 1 MB",
            Self::Stalled => "the answer stopped in the middle",
            Self::Cut => "the answer ended in the middle",
        })
    }
}

impl Error for BodyFault {}

impl BodyFault {
    /// The one behind `error`, if there is one.
    pub(crate) fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(fault) = error.downcast_ref::<Self>() {
                return Some(*fault);
            }
            next = error.source();
        }
        None
    }
}

/// `client`, whose answers are whole.
pub(crate) fn whole_answers(client: SharedHttpClient) -> SharedHttpClient {
    BoundedClient(client).into_shared()
}

#[derive(Debug)]
struct BoundedClient(SharedHttpClient);

impl HttpClient for BoundedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        Connector(self.0.http_connector(settings, components)).into_shared()
    }
}

#[derive(Debug)]
struct Connector(SharedHttpConnector);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { whole(answer.await?).await })
    }
}

/// `response` with all of its body.
async fn whole(mut response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let stream = std::mem::replace(response.body_mut(), SdkBody::empty());
    let body = read(stream, LARGEST).await?;
    if response.status().is_success() && is_cut(&body) {
        return Err(ConnectorError::io(BodyFault::Cut.into()));
    }
    *response.body_mut() = SdkBody::from(body.as_slice());
    Ok(response)
}

/// All of `body`, if it has not more than `largest` bytes.
pub(crate) async fn read(
    body: SdkBody,
    largest: usize,
) -> Result<Zeroizing<Vec<u8>>, ConnectorError> {
    let too_large = || ConnectorError::other(BodyFault::TooLarge.into(), None);
    let mut stream = ByteStream::new(body);
    let mut bytes = Zeroizing::new(Vec::new());
    loop {
        let part = tokio::time::timeout(PATIENCE, stream.next())
            .await
            .map_err(|_| ConnectorError::timeout(BodyFault::Stalled.into()))?;
        let Some(part) = part else { return Ok(bytes) };
        let part = part.map_err(|error| ConnectorError::io(error.into()))?;
        if bytes.len() + part.len() > largest {
            return Err(too_large());
        }
        bytes.extend_from_slice(&part);
    }
}

/// Whether `body` is the beginning of an answer only. The length of an answer
/// may not have been said; and the SDK reads what XML there is.
pub(crate) fn is_cut(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    match body.first() {
        Some(b'{') => serde_json::from_slice::<IgnoredAny>(body).is_err_and(|why| why.is_eof()),
        Some(b'<') => is_cut_xml(body),
        _ => false,
    }
}

/// Of the query protocol, whose answers are in an element `…Response`.
fn is_cut_xml(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let root = match text.strip_prefix("<?") {
        None => &*text,
        Some(declaration) => match declaration.split_once("?>") {
            None => return true,
            Some((_, root)) => root.trim_start(),
        },
    };
    let name = root.strip_prefix('<').unwrap_or_default();
    let name = name.split(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/');
    let name = name.into_iter().next().unwrap_or_default();
    let end = text.strip_suffix('>').unwrap_or_default().trim_end();
    let is_whole = end
        .strip_suffix(name)
        .is_some_and(|before| before.ends_with("</"));
    // Of a page that something else sent it does not matter.
    let of_aws = name.ends_with("Response") || "AssumeRoleResponse".starts_with(name);
    of_aws && !is_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_goes_on_is_cut_wherever_it_ends() {
        let xml = "<?xml version=\"1.0\"?>\n<AssumeRoleResponse xmlns=\"https://x/\">\n<A>b</A></AssumeRoleResponse>";
        let json = r#"{"a": {"b": "c}"}, "d": [1]}"#;
        for whole in [xml, json, &format!("\n {xml}\n"), &format!("{json}\n")] {
            assert!(!is_cut(whole.as_bytes()), "{whole}");
        }
        // Before that nobody can tell whose it would have been.
        for end in 8..xml.len() {
            assert!(is_cut(&xml.as_bytes()[..end]), "{}", &xml[..end]);
        }
        for end in 1..json.len() {
            assert!(is_cut(&json.as_bytes()[..end]), "{}", &json[..end]);
        }
        for other in [
            "",
            " ",
            "no",
            "\0<",
            "<html><p>no",
            "<!DOCTYPE html>",
            "{x}",
            "[1",
        ] {
            assert!(!is_cut(other.as_bytes()), "{other}");
        }
    }
}
