//! Credentials that AWS gives to what runs inside of it, by plain HTTP on a
//! link of the machine.
//!
//! `aws-config` has providers for both, which bring the whole crate along, look
//! for proxies and regions of their own, and tell most failures as one; the
//! SDK's HTTP client is linked anyway, and two GETs are all there is to it.

mod container;
mod http;
mod instance;

pub use container::container;
pub use instance::instance;

use assumerole_core::sent::Sent;
use assumerole_core::url::EndpointUrl;
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::Timestamp;
use serde::Deserialize;

/// What both answer with.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
    /// `Success`, of an instance.
    code: Option<String>,
    message: Option<String>,
}

/// The credentials in `body`, which came from `url`. Nothing of it is repeated
/// in an error, but for the code and the message of a refusal.
fn read(url: &EndpointUrl, body: &[u8], sent: &Sent<'_>) -> Result<Credentials> {
    let fail = |what: &str| {
        Error::new(
            Kind::Refused,
            format!("{url} gave an answer without credentials"),
        )
        .because(what)
    };
    let given: Given = serde_json::from_slice(body).map_err(|_| fail("it is no JSON object"))?;
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
    let expires = filled(given.expiration, "Expiration")?;
    let expires: Timestamp = expires
        .parse()
        .map_err(|_| fail("its Expiration is no time"))?;
    Ok(Credentials {
        access_key_id: filled(given.access_key_id, "AccessKeyId")?,
        secret_access_key: filled(given.secret_access_key, "SecretAccessKey")?.into(),
        session_token: Some(filled(given.token, "Token")?.into()),
        expires: Some(expires),
    })
}
