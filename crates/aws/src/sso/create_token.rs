//! `CreateToken`: a new access token for a refresh token.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

use assumerole_core::diagnostic::sent::Sent;
use secrecy::{ExposeSecret, SecretString};

use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::{token, token_type};

/// Seconds: a session of IAM Identity Center lasts 90 days at most, and no
/// token of it longer.
///
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/configure-user-session.html>
const LONGEST: u32 = 90 * 24 * 60 * 60;

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
    let sent = Sent::default().with(&client.secret).with(refresh);
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &sent,
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
    let life = answer.life(LONGEST);
    let answer = answer.value;
    if let Some(given) = answer.token_type() {
        token_type(OPERATION, given, "Bearer")?;
    }
    // Not kept, but a part of the answer that is damaged speaks against the
    // others.
    if let Some(id) = answer.id_token() {
        token(OPERATION, "an ID token", id)?;
    }
    let refresh = answer.refresh_token();
    Ok(Tokens {
        access: token(
            OPERATION,
            "an access token",
            answer.access_token().unwrap_or_default(),
        )?,
        seconds: life.seconds(OPERATION, answer.expires_in().into())?,
        refresh: refresh
            .map(|refresh| token(OPERATION, "a refresh token", refresh))
            .transpose()?,
    })
}
