//! What an SDK reads from its `credential_process`.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::format::Format;
use super::handover::{Handover, Rendered};
use crate::aws::ids::AccountId;
use crate::diagnostic::Result;

pub(super) const FORMAT: Format = Format {
    credentials_only: true,
    answers: true,
    ..Format::data(
        "credential-process",
        "JSON as credential_process of ~/.aws/config prints it",
        render,
    )
};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

fn render(handover: &Handover<'_>) -> Result<Rendered> {
    let credentials = handover.credentials;
    let token = credentials.session_token.as_ref();
    Ok(super::json::write(&Answer {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose_secret(),
        session_token: token.map(ExposeSecret::expose_secret),
        expiration: credentials.expires.map(in_seconds),
        account_id: handover.account.map(AccountId::as_str),
    })
    .into())
}

/// Whole seconds, which every SDK reads, and never later than the end.
fn in_seconds(end: Timestamp) -> String {
    let whole = Timestamp::from_second(end.as_millisecond().div_euclid(1000));
    whole.unwrap_or(end).to_string()
}
