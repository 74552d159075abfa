//! `AssumeRoleWithWebIdentity`: a role, by the token of an identity provider
//! that the role trusts.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::{WebIdentity, check_granted};
use secrecy::{ExposeSecret, SecretString};

use super::{CallError, client, policy_arns};
use crate::call;
use crate::connection::{Connection, Now};
use crate::granted::{Granted, checked, incomplete, of_sts};

/// Assumes the role of `identity` with `token`. Not signed: the token says who
/// asks.
///
/// # Errors
/// AWS's refusal or silence. Also when the answer names another role than the
/// one that was asked for; its credentials are dropped.
pub fn assume_role_with_web_identity(
    connection: &Connection,
    now: &Now,
    identity: &WebIdentity,
    token: &SecretString,
) -> Result<Granted, CallError> {
    const OPERATION: &str = "AssumeRoleWithWebIdentity";
    let seconds = i32::try_from(identity.duration.value).unwrap_or(i32::MAX);
    let sent = Sent::default().with(token);
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &sent,
        |_| None,
        |config, date| {
            client(&config, date)
                .assume_role_with_web_identity()
                .role_arn(identity.arn.value.to_string())
                .role_session_name(identity.session_name.value.as_str())
                .duration_seconds(seconds)
                .set_policy_arns(policy_arns(&identity.policy_arns.value))
                .web_identity_token(token.expose_secret())
                .send()
        },
    )?;
    let named = answer.value.assumed_role_user();
    let named = named.ok_or_else(|| incomplete(OPERATION, "no role"))?.arn();
    let check =
        |named: &str| check_granted(&identity.arn.value, &identity.session_name.value, named);
    checked(named, &sent, check)?;
    let life = answer.life(identity.duration.value);
    Ok(Granted {
        credentials: of_sts(OPERATION, answer.value.credentials(), life)?,
        skew: answer.skew,
    })
}
