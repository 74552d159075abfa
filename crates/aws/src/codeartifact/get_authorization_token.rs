//! `GetAuthorizationToken`: what lets package tools into a domain.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetAuthorizationToken.html>

use assumerole_core::Credentials;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::codeartifact::Artifacts;
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::{client, unusable};
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::LONGEST;

/// A token.
#[derive(Debug)]
pub struct Token {
    /// What package tools send.
    pub token: SecretString,
    /// When AWS says it ends.
    pub expires: Timestamp,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

const NAME: &str = "GetAuthorizationToken";

/// Asks for a token for the domain of `artifacts`, with the `keys` of a role.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_authorization_token(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    artifacts: &Artifacts,
) -> Result<Token, CallError> {
    let seconds = artifacts.duration.map(i64::from);
    let answer = call::signed(
        NAME,
        connection,
        keys,
        now,
        false,
        &Sent::default(),
        |config, date| {
            let client = client(&config, date);
            client
                .get_authorization_token()
                .domain(&artifacts.domain)
                .domain_owner(&artifacts.domain_owner)
                .set_duration_seconds(seconds)
                .send()
        },
    )?;
    let token = answer.value.authorization_token().unwrap_or_default();
    if !fits_everywhere(token) {
        return Err(unusable(NAME, "no token").into());
    }
    let expires = answer.value.expiration().map_or(0, DateTime::secs);
    let expires = answer
        .life(longest(artifacts, keys, answer.now))
        .end(NAME, expires)?;
    Ok(Token {
        token: token.into(),
        expires,
        skew: answer.skew,
    })
}

/// What was asked for, seconds.
fn longest(artifacts: &Artifacts, keys: &Credentials, now: Timestamp) -> u32 {
    let left = |ends: Timestamp| u32::try_from(ends.duration_since(now).as_secs()).ok();
    match artifacts.duration {
        // As long as the credentials.
        Some(0) => keys.expires.and_then(left).unwrap_or(LONGEST).min(LONGEST),
        Some(seconds) => seconds,
        None => LONGEST,
    }
}

/// Whether `token` is one as RFC 6750 has them (`b64token`): then it can stand
/// in every file and variable as it is.
fn fits_everywhere(token: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    !token.is_empty() && token.bytes().all(fits)
}
