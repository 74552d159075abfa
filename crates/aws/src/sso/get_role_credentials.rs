//! `GetRoleCredentials`: a role of an account that the holder of a token was
//! assigned.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>

use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::Sso;
use secrecy::{ExposeSecret, SecretString};

use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::{Granted, LONGEST, incomplete, whole};

/// Asks the portal for the role of `sso`. Not signed: `token` says who asks.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_role_credentials(
    connection: &Connection,
    now: &Now,
    sso: &Sso,
    token: &SecretString,
) -> Result<Granted, CallError> {
    const OPERATION: &str = "GetRoleCredentials";
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &Sent::default().with(token),
        |_| None,
        |config, date| {
            let config = aws_sdk_sso::config::Builder::from(&config);
            aws_sdk_sso::Client::from_conf(config.interceptor(date).build())
                .get_role_credentials()
                .account_id(sso.account.value.as_str())
                .role_name(&sso.role.value)
                .access_token(token.expose_secret())
                .send()
        },
    )?;
    let given = answer.value.role_credentials();
    let given = given.ok_or_else(|| incomplete(OPERATION, "no credentials"))?;
    let life = answer.life(LONGEST);
    Ok(Granted {
        credentials: whole(
            OPERATION,
            given.access_key_id().unwrap_or_default(),
            given.secret_access_key().unwrap_or_default(),
            given.session_token().unwrap_or_default(),
            // Milliseconds, unlike everywhere else.
            life.end(OPERATION, given.expiration().div_euclid(1000))?,
        )?,
        skew: answer.skew,
    })
}
