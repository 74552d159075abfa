//! `CreateOAuth2Token`: credentials for a refresh token of `aws login`.
//!
//! <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>

use std::sync::Arc;

use assumerole_core::Credentials;
use assumerole_core::diagnostic::sent::Sent;
use aws_sdk_signin::operation::create_o_auth2_token::CreateOAuth2TokenError;
use aws_sdk_signin::types::{CreateOAuth2TokenRequestBody, OAuth2ErrorCode};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use super::proof::{Proof, ProofKey};
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::failure::Reason;
use crate::granted::{LONGEST, incomplete, token, token_type, whole};

/// A session that goes on.
#[derive(Debug)]
pub struct Renewed {
    /// The credentials; `expires` is reckoned by our clock.
    pub credentials: Credentials,
    /// The next refresh token.
    pub refresh: SecretString,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// Renews a session with the token `refresh` that `client_id` was given. Not
/// signed; a proof with `key` says that the token was not stolen.
///
/// # Errors
/// AWS's refusal or silence.
pub fn create_oauth2_token(
    connection: &Connection,
    now: &Now,
    client_id: &str,
    refresh: &SecretString,
    key: ProofKey,
) -> Result<Renewed, CallError> {
    const OPERATION: &str = "CreateOAuth2Token";
    let key = Arc::new(key);
    let input = CreateOAuth2TokenRequestBody::builder()
        .client_id(client_id)
        .grant_type("refresh_token")
        .refresh_token(refresh.expose_secret())
        .build()
        .map_err(|_| incomplete(OPERATION, "no whole request"))?;
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &Sent::default().with(refresh),
        refused,
        |config, date| {
            let config = aws_sdk_signin::config::Builder::from(&config)
                .interceptor(date)
                .interceptor(Proof::new(Arc::clone(&key), Arc::clone(now)));
            aws_sdk_signin::Client::from_conf(config.build())
                .create_o_auth2_token()
                .token_input(input.clone())
                .send()
        },
    )?;
    let output = answer.value.token_output();
    let given = output.and_then(|output| Some((output, output.access_token()?)));
    let (output, given) = given.ok_or_else(|| incomplete(OPERATION, "no credentials"))?;
    token_type(OPERATION, output.token_type(), "aws_sigv4")?;
    if let Some(id) = output.id_token() {
        token(OPERATION, "an ID token", id)?;
    }
    let refresh = token(OPERATION, "a refresh token", output.refresh_token())?;
    let life = answer.life(LONGEST);
    let seconds = life.seconds(OPERATION, output.expires_in().into())?;
    let begun = now();
    let ends = begun
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(begun);
    Ok(Renewed {
        credentials: whole(
            OPERATION,
            given.access_key_id(),
            given.secret_access_key(),
            given.session_token(),
            ends,
        )?,
        refresh,
        skew: answer.skew,
    })
}

/// One code stands for four reasons, which the answer names apart. A refresh
/// token that is good no more is told as a request that is not valid.
fn refused(error: &CreateOAuth2TokenError) -> Option<Reason> {
    match error {
        CreateOAuth2TokenError::AccessDeniedException(denied) => Some(match denied.error() {
            OAuth2ErrorCode::InsufficientPermissions => Reason::NotAuthorized,
            _ => Reason::LoggedOut,
        }),
        CreateOAuth2TokenError::ValidationException(_) => Some(Reason::LoggedOut),
        _ => None,
    }
}
