//! `Logout`: ends the login that a token belongs to, at AWS.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html>

use assumerole_core::diagnostic::sent::Sent;
use secrecy::{ExposeSecret, SecretString};

use crate::call::{self, CallError};
use crate::connection::{Connection, Now};

/// Ends the login of `token`. Not signed: the token says whose it is.
///
/// # Errors
/// AWS's refusal or silence.
pub fn logout(connection: &Connection, now: &Now, token: &SecretString) -> Result<(), CallError> {
    call::unsigned(
        "Logout",
        connection,
        now,
        &Sent::default().with(token),
        |_| None,
        |config, date| {
            let config = aws_sdk_sso::config::Builder::from(&config);
            aws_sdk_sso::Client::from_conf(config.interceptor(date).build())
                .logout()
                .access_token(token.expose_secret())
                .send()
        },
    )
    .map(drop)
}
