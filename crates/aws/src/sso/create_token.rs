//! `CreateToken`: a new access token for a refresh token.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

use secrecy::{ExposeSecret, SecretString};

use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::incomplete;

/// Who asks: the client that was registered at login.
#[derive(Debug)]
pub struct Client {
    /// `clientId`.
    pub id: String,
    /// `clientSecret`.
    pub secret: SecretString,
}

/// New tokens.
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access: SecretString,
    /// How long it is good, seconds.
    pub seconds: i64,
    /// The next refresh token, if there is one.
    pub refresh: Option<SecretString>,
}

/// Renews an access token with the token `refresh` that `client` was given.
/// Not signed.
///
/// # Errors
/// AWS's refusal or silence.
pub fn create_token(
    connection: &Connection,
    now: &Now,
    client: &Client,
    refresh: &SecretString,
) -> Result<Tokens, CallError> {
    const OPERATION: &str = "CreateToken";
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        |_| None,
        |config, date| {
            let config = aws_sdk_ssooidc::config::Builder::from(&config);
            aws_sdk_ssooidc::Client::from_conf(config.interceptor(date).build())
                .create_token()
                .client_id(&client.id)
                .client_secret(client.secret.expose_secret())
                .grant_type("refresh_token")
                .refresh_token(refresh.expose_secret())
                .send()
        },
    )?;
    let access = answer.value.access_token().unwrap_or_default();
    if access.is_empty() {
        return Err(incomplete(OPERATION, "no access token").into());
    }
    Ok(Tokens {
        access: access.into(),
        seconds: answer.value.expires_in().into(),
        refresh: answer.value.refresh_token().map(Into::into),
    })
}
