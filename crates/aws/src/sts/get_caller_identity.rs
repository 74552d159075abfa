//! `GetCallerIdentity`: whose keys these are. Only `doctor` asks.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use assumerole_core::Credentials;
use assumerole_core::aws::ids::AccountId;
use assumerole_core::diagnostic::sent::Sent;
use jiff::SignedDuration;

use super::{CallError, call};
use crate::connection::{Connection, Now};
use crate::granted::incomplete;

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
        &Sent::default(),
        |client| client.get_caller_identity().send(),
    )?;
    let account = answer.value.account().unwrap_or_default();
    let arn = answer.value.arn().unwrap_or_default();
    if account.parse::<AccountId>().is_err() || !is_arn(arn) {
        return Err(incomplete("GetCallerIdentity", "no account and no ARN").into());
    }
    Ok(Identity {
        account: account.to_owned(),
        arn: arn.to_owned(),
        skew: answer.skew,
    })
}

/// Whether it can be the ARN of a user or of a session: it is shown to people.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
fn is_arn(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_:/-".contains(&b);
    text.starts_with("arn:") && text.len() <= 2048 && text.bytes().all(fits)
}
