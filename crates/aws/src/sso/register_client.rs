//! `RegisterClient`: makes this program known to IAM Identity Center, so that a
//! person can allow it to act for them.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>

use assumerole_core::diagnostic::sent::Sent;
use jiff::Timestamp;

use super::create_token::Client;
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::{incomplete, token};

/// What a client says of itself.
#[derive(Debug)]
pub struct NewClient<'a> {
    /// `clientName`: the person reads it on the page that asks them.
    pub name: &'a str,
    /// `scopes`: what its tokens will be for; none: the portal, and no refresh
    /// token.
    pub scopes: &'a [String],
    /// Where a browser is sent back to, and the start URL of the portal; `None`
    /// for the sign-in on any device.
    pub browser: Option<(&'a str, &'a str)>,
}

/// Registers `new`. Not signed. Gives the client and when it ends.
///
/// # Errors
/// AWS's refusal or silence.
pub fn register_client(
    connection: &Connection,
    now: &Now,
    new: &NewClient<'_>,
) -> Result<(Client, Timestamp), CallError> {
    const OPERATION: &str = "RegisterClient";
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &Sent::default(),
        |_| None,
        |config, date| {
            let config = aws_sdk_ssooidc::config::Builder::from(&config);
            let mut request = aws_sdk_ssooidc::Client::from_conf(config.interceptor(date).build())
                .register_client()
                .client_name(new.name)
                .client_type("public");
            for scope in new.scopes {
                request = request.scopes(scope);
            }
            if let Some((redirect, issuer)) = new.browser {
                request = request
                    .grant_types("authorization_code")
                    .grant_types("refresh_token")
                    .redirect_uris(redirect)
                    .issuer_url(issuer);
            }
            request.send()
        },
    )?
    .value;
    let id = answer.client_id().unwrap_or_default();
    token(OPERATION, "a client ID", id)?;
    let ends = Timestamp::from_second(answer.client_secret_expires_at());
    Ok((
        Client {
            id: id.to_owned(),
            secret: token(
                OPERATION,
                "a client secret",
                answer.client_secret().unwrap_or_default(),
            )?,
        },
        ends.map_err(|_| incomplete(OPERATION, "an expiration that is not a date"))?,
    ))
}
