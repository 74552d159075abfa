//! `CreateToken`: an access token for what proves that a person has signed in.
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

/// What a token is asked for with.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// The refresh token that came with the last one.
    Refresh(&'a SecretString),
    /// The code of a device whose person signs in elsewhere.
    Device(&'a SecretString),
    /// The code that a browser brought back.
    Browser {
        /// The code.
        code: &'a SecretString,
        /// What proves that the browser was sent by us (RFC 7636).
        verifier: &'a SecretString,
        /// Where the browser was sent back to.
        redirect: &'a str,
    },
}

/// Asks for an access token that `client` has a `grant` for. Not signed.
///
/// # Errors
/// AWS's refusal or silence.
pub fn create_token(
    connection: &Connection,
    now: &Now,
    client: &Client,
    grant: Grant<'_>,
) -> Result<Tokens, CallError> {
    const OPERATION: &str = "CreateToken";
    let sent = Sent::default().with(&client.secret);
    let sent = match grant {
        Grant::Refresh(secret) | Grant::Device(secret) => sent.with(secret),
        Grant::Browser { code, verifier, .. } => sent.with(code).with(verifier),
    };
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &sent,
        |_| None,
        |config, date| {
            let config = aws_sdk_ssooidc::config::Builder::from(&config);
            let request = aws_sdk_ssooidc::Client::from_conf(config.interceptor(date).build())
                .create_token()
                .client_id(&client.id)
                .client_secret(client.secret.expose_secret());
            let request = match grant {
                Grant::Refresh(token) => request
                    .grant_type("refresh_token")
                    .refresh_token(token.expose_secret()),
                Grant::Device(code) => request
                    .grant_type("urn:ietf:params:oauth:grant-type:device_code")
                    .device_code(code.expose_secret()),
                Grant::Browser {
                    code,
                    verifier,
                    redirect,
                } => request
                    .grant_type("authorization_code")
                    .code(code.expose_secret())
                    .code_verifier(verifier.expose_secret())
                    .redirect_uri(redirect),
            };
            request.send()
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
