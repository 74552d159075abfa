//! `StartDeviceAuthorization`: a code that a person types on a page of AWS, on
//! whichever device.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>

use assumerole_core::diagnostic::sent::Sent;
use secrecy::{ExposeSecret, SecretString};

use super::create_token::Client;
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::{incomplete, token};

/// Seconds between two questions, where the answer says nothing.
///
/// <https://datatracker.ietf.org/doc/html/rfc8628#section-3.2>
const INTERVAL: u32 = 5;

/// Seconds: nobody is waited for longer.
const LONGEST: u32 = 3600;

/// A sign-in that waits for a person.
#[derive(Debug)]
pub struct Device {
    /// What the token is asked for with: `deviceCode`.
    pub code: SecretString,
    /// What the person types: `userCode`.
    pub user_code: String,
    /// Where: `verificationUri`.
    pub page: String,
    /// The same page with the code in it: `verificationUriComplete`.
    pub page_with_code: Option<String>,
    /// How long it is good, seconds.
    pub seconds: u32,
    /// How long to wait between two questions, seconds.
    pub interval: u32,
}

/// Begins a sign-in of `client` at the portal `start_url`. Not signed.
///
/// # Errors
/// AWS's refusal or silence.
pub fn start_device_authorization(
    connection: &Connection,
    now: &Now,
    client: &Client,
    start_url: &str,
) -> Result<Device, CallError> {
    const OPERATION: &str = "StartDeviceAuthorization";
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &Sent::default().with(&client.secret),
        |_| None,
        |config, date| {
            let config = aws_sdk_ssooidc::config::Builder::from(&config);
            aws_sdk_ssooidc::Client::from_conf(config.interceptor(date).build())
                .start_device_authorization()
                .client_id(&client.id)
                .client_secret(client.secret.expose_secret())
                .start_url(start_url)
                .send()
        },
    )?
    .value;
    let user_code = answer.user_code().unwrap_or_default();
    // A person reads it and types it.
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if user_code.is_empty() || user_code.len() > 40 || !user_code.chars().all(plain) {
        return Err(incomplete(OPERATION, "a user code that is missing or damaged").into());
    }
    let seconds = u32::try_from(answer.expires_in()).unwrap_or(0);
    if seconds == 0 {
        return Err(incomplete(OPERATION, "a code that has already expired").into());
    }
    Ok(Device {
        code: token(
            OPERATION,
            "a device code",
            answer.device_code().unwrap_or_default(),
        )?,
        user_code: user_code.to_owned(),
        page: answer.verification_uri().unwrap_or_default().to_owned(),
        page_with_code: answer.verification_uri_complete().map(str::to_owned),
        seconds: seconds.min(LONGEST),
        interval: match u32::try_from(answer.interval()) {
            Ok(seconds @ 1..) => seconds.min(60),
            _ => INTERVAL,
        },
    })
}
