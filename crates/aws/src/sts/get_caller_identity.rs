//! `GetCallerIdentity`: whose keys these are. Only `doctor` asks.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use assumerole_core::Credentials;
use jiff::SignedDuration;

use super::{CallError, call};
use crate::connection::{Connection, Now};

/// Whose keys they are.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The account's 12 digits.
    pub account: String,
    /// The user's or the role session's ARN.
    pub arn: String,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// Asks STS whose `keys` these are.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_caller_identity(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
) -> Result<Identity, CallError> {
    let answer = call(
        "GetCallerIdentity",
        connection,
        keys,
        now,
        false,
        |client| client.get_caller_identity().send(),
    )?;
    Ok(Identity {
        account: answer.value.account().unwrap_or_default().to_owned(),
        arn: answer.value.arn().unwrap_or_default().to_owned(),
        skew: answer.skew,
    })
}
