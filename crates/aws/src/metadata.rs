//! Credentials that AWS gives to what runs inside of it, by plain HTTP on a
//! link of the machine.
//!
//! `aws-config` has providers for both, which bring the whole crate along, look
//! for proxies and regions of their own, and tell most failures as one; the
//! SDK's HTTP client is linked anyway, and two GETs are all there is to it.

mod container;
pub(crate) mod http;
mod instance;

pub use container::container;
pub use instance::{InstanceRole, Service, instance};

use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::Timestamp;
use serde::Deserialize;

use http::HttpAnswer;

/// The credentials of a container.
#[derive(Debug)]
pub struct ContainerRole {
    /// The credentials; they need not say when they end.
    pub credentials: Credentials,
    /// The ARN of the role, which ECS says and a pod of EKS is not told.
    pub role_arn: Option<String>,
    /// The account, which a pod of EKS is told.
    pub account: Option<String>,
}

/// What both answer with.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
    /// Of a container.
    role_arn: Option<String>,
    /// Of a container.
    account_id: Option<String>,
    /// `Success`, of an instance.
    code: Option<String>,
    message: Option<String>,
}

/// The credentials in `answer`, which came from `url` at `now`. Nothing of it is
/// repeated in an error, but for the code and the message of a refusal.
fn read(
    url: &EndpointUrl,
    answer: &HttpAnswer,
    now: Timestamp,
    sent: &Sent<'_>,
) -> Result<ContainerRole> {
    let fail = |what: &str| {
        Error::new(Kind::Refused, format!("{url} returned no credentials")).because(what)
    };
    let given: Given =
        serde_json::from_slice(&answer.body).map_err(|_| fail("it is not a JSON object"))?;
    if let Some(code) = given.code.filter(|code| code != "Success") {
        return Err(match given.message {
            Some(message) => fail(&sent.line(&format!("{code}: {message}"))),
            None => fail(&sent.line(&code)),
        });
    }
    let filled = |part: Option<String>, name: &str| {
        part.filter(|part| !part.is_empty())
            .ok_or_else(|| fail(&format!("it has no {name}")))
    };
    // None is allowed: then they last until the service gives others.
    let expires = given.expiration.filter(|text| !text.is_empty());
    let expires = expires.map(|text| text.parse::<Timestamp>());
    let expires = expires
        .transpose()
        .map_err(|_| fail("its Expiration is not a time"))?;
    let now = answer.date.unwrap_or(now);
    if let Some(ends) = expires.filter(|ends| *ends <= now) {
        return Err(fail(&format!("they expired at {ends}")));
    }
    Ok(ContainerRole {
        credentials: Credentials {
            access_key_id: filled(given.access_key_id, "AccessKeyId")?,
            secret_access_key: filled(given.secret_access_key, "SecretAccessKey")?.into(),
            session_token: Some(filled(given.token, "Token")?.into()),
            expires,
        },
        role_arn: given.role_arn.filter(|arn| !arn.is_empty()),
        account: given.account_id.filter(|account| !account.is_empty()),
    })
}
