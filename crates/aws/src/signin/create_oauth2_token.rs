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

/// What a session's credentials are asked for with.
#[derive(Clone, Copy, Debug)]
pub enum LoginGrant<'a> {
    /// The refresh token of a session that goes on.
    Refresh(&'a SecretString),
    /// What a browser brought back: a new session.
    Code {
        /// The code.
        code: &'a SecretString,
        /// What proves that we sent the browser.
        verifier: &'a SecretString,
        /// Where it was sent back to.
        redirect: &'a str,
    },
}

/// A session that begins or goes on.
#[derive(Debug)]
pub struct Renewed {
    /// The credentials; `expires` is reckoned by our clock.
    pub credentials: Credentials,
    /// The next refresh token.
    pub refresh: SecretString,
    /// Who signed in, as a JSON Web Token; of a new session alone.
    pub id_token: Option<SecretString>,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// Credentials for what `client_id` was given, `grant`. Not signed; a proof with `key`
/// says that it was not stolen, and binds a new session to the key.
///
/// # Errors
/// AWS's refusal or silence.
pub fn create_oauth2_token(
    connection: &Connection,
    now: &Now,
    client_id: &str,
    grant: LoginGrant<'_>,
    key: ProofKey,
) -> Result<Renewed, CallError> {
    const OPERATION: &str = "CreateOAuth2Token";
    let key = Arc::new(key);
    let input = CreateOAuth2TokenRequestBody::builder().client_id(client_id);
    let (input, sent) = match grant {
        LoginGrant::Refresh(refresh) => (
            input
                .grant_type("refresh_token")
                .refresh_token(refresh.expose_secret()),
            Sent::default().with(refresh),
        ),
        LoginGrant::Code {
            code,
            verifier,
            redirect,
        } => (
            input
                .grant_type("authorization_code")
                .code(code.expose_secret())
                .code_verifier(verifier.expose_secret())
                .redirect_uri(redirect),
            Sent::default().with(code).with(verifier),
        ),
    };
    let input = input
        .build()
        .map_err(|_| incomplete(OPERATION, "no whole request"))?;
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &sent,
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
    let id_token = output.id_token();
    let id_token = id_token.map(|id| token(OPERATION, "an ID token", id));
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
        id_token: id_token.transpose()?,
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
