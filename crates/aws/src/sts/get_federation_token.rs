//! `GetFederationToken`: a user's temporary credentials that a browser can be
//! signed in with. They may do what the user may and the policies allow, and
//! nothing without a policy.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use assumerole_core::Credentials;
use assumerole_core::aws::ids::PolicyArn;
use assumerole_core::diagnostic::sent::Sent;

use super::{CallError, call, policy_arns};
use crate::connection::{Connection, Now};
use crate::granted::{Granted, of_sts};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct FederationToken<'a> {
    /// What CloudTrail calls the session: 2 to 32 characters.
    pub name: &'a str,
    /// Seconds, 900 to 129,600.
    pub duration: u32,
    /// What is granted, of what the user may.
    pub policies: &'a [PolicyArn],
}

/// Asks for a session of the user whose long-term `keys` these are.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_federation_token(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    wanted: &FederationToken<'_>,
) -> Result<Granted, CallError> {
    let seconds = i32::try_from(wanted.duration).unwrap_or(i32::MAX);
    let answer = call(
        "GetFederationToken",
        connection,
        keys,
        now,
        false,
        &Sent::default(),
        |client| {
            client
                .get_federation_token()
                .name(wanted.name)
                .duration_seconds(seconds)
                .set_policy_arns(policy_arns(wanted.policies))
                .send()
        },
    )?;
    let life = answer.life(wanted.duration);
    Ok(Granted {
        credentials: of_sts("GetFederationToken", answer.value.credentials(), life)?,
        skew: answer.skew,
    })
}
