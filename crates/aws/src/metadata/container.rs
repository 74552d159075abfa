//! The credentials of a container: of a task of ECS, or of a pod of EKS.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::time::Duration;

use assumerole_core::aws::url::{ContainerUrl, EndpointUrl};
use assumerole_core::diagnostic::sent::{Sent, shortened};
use assumerole_core::{Error, Kind, Result};
use aws_smithy_http_client::proxy::ProxyConfig;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::http::{HttpAnswer, Request, send};
use super::{ContainerRole, read};

/// As in the AWS CLI.
const WAIT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 3;

/// Between two attempts; an agent that starts needs a moment.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks `url` for the credentials of this container, showing `authorization`
/// where there is some. `ca_bundle`: the certificates that alone are trusted,
/// and their path. `pause` waits between two attempts, and `left` says how long
/// may be waited at all. `now` counts where the answer does not say what time it
/// is.
///
/// # Errors
/// No answer; no credentials.
pub fn container(
    url: &ContainerUrl,
    authorization: Option<&SecretString>,
    ca_bundle: Option<&(String, Vec<u8>)>,
    pause: impl Fn(Duration),
    left: impl Fn() -> Duration,
    now: Timestamp,
) -> Result<ContainerRole> {
    let url = url.url();
    let accept = SecretString::from("application/json");
    let mut headers = vec![("accept", &accept)];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let request = |wait| Request {
        method: "GET",
        url: url.as_str(),
        headers: &headers,
        wait,
        ca_bundle,
        body: None,
        proxy: ProxyConfig::disabled(),
    };
    let first = request(WAIT);
    let sent = url.secrets().fold(first.sent(), Sent::with_text);
    let mut attempts = ATTEMPTS;
    loop {
        // All of a request takes twice that.
        let answer = send(&request(WAIT.min(left() / 2)))?;
        attempts -= 1;
        let again = match &answer {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(_) => true,
        };
        if again && attempts > 0 && left() > PAUSE {
            pause(PAUSE);
            continue;
        }
        return match answer {
            Ok(answer) if answer.status == 200 => read(url, &answer, now, &sent),
            Ok(answer) => Err(refused(url, &answer, &sent)),
            Err(why) => Err(Error::new(
                Kind::Unreachable,
                format!("cannot get the container's credentials from {url}"),
            )
            .because(why)
            .hint(
                "check that this container has a role: it is set up where the container is started",
            )),
        };
    }
}

/// A refusal in the words of whoever answers there.
fn refused(url: &EndpointUrl, answer: &HttpAnswer, sent: &Sent<'_>) -> Error {
    #[derive(Deserialize)]
    struct Said {
        code: Option<String>,
        message: Option<String>,
    }
    const LONGEST: usize = 300;
    let said = serde_json::from_slice(&answer.body).ok();
    let words = match said {
        Some(Said {
            code: Some(code),
            message: Some(message),
        }) => format!("{code}: {message}"),
        Some(Said {
            message: Some(message),
            ..
        }) => message,
        _ => answer.text(),
    };
    let words = shortened(&sent.line(&words), LONGEST);
    let error = Error::new(
        Kind::Refused,
        format!("the container's credentials were refused by {url}"),
    );
    match words.is_empty() {
        true => error.because(format!("HTTP status {}", answer.status)),
        false => error.because(format!("HTTP status {}: {words}", answer.status)),
    }
}
