//! `AssumeRole`: the call everything here is for.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use assumerole_core::ids::{ExternalId, PolicyArn, SessionPolicy, SessionTag, SourceIdentity};
use assumerole_core::plan::AssumeRole;
use assumerole_core::{Credentials, Error, Kind};
use aws_sdk_sts::error::BuildError;
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{CallError, call};
use crate::connection::{Connection, Now};

/// What STS granted.
#[derive(Debug)]
pub struct Granted {
    /// The role session's credentials; `expires` is AWS's time.
    pub credentials: Credentials,
    /// How far AWS's clock is ahead of ours.
    pub skew: Option<SignedDuration>,
}

/// Assumes `role` with `keys`; `code` goes with `role.mfa`. One request, or
/// two when the clock had to be corrected.
///
/// # Errors
/// AWS's refusal or silence. [`Kind::Refused`] too when the answer names
/// another role than the one that was asked for; its credentials are dropped.
pub fn assume_role(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    role: &AssumeRole,
    code: Option<&SecretString>,
) -> Result<Granted, CallError> {
    let seconds = i32::try_from(role.duration).unwrap_or(i32::MAX);
    let tags = tags(&role.tags)?;
    let passed_on = role.tags.iter().filter(|tag| tag.transitive);
    let passed_on = list(passed_on.map(|tag| tag.key.to_string()).collect());
    let policy_arns = list(role.policy_arns.iter().map(descriptor).collect());
    let answer = call(
        "AssumeRole",
        connection,
        keys,
        now,
        code.is_some(),
        |client| {
            let device = role.mfa.as_ref().filter(|_| code.is_some());
            client
                .assume_role()
                .role_arn(role.arn.to_string())
                .role_session_name(role.session_name.as_str())
                .duration_seconds(seconds)
                .set_external_id(text(role.external_id.as_ref().map(ExternalId::as_str)))
                .set_source_identity(text(
                    role.source_identity.as_ref().map(SourceIdentity::as_str),
                ))
                .set_tags(tags.clone())
                .set_transitive_tag_keys(passed_on.clone())
                .set_policy_arns(policy_arns.clone())
                .set_policy(text(role.policy.as_ref().map(SessionPolicy::as_str)))
                .set_serial_number(device.map(ToString::to_string))
                .set_token_code(code.map(|code| code.expose_secret().to_owned()))
                .send()
        },
    )?;
    let credentials = credentials(role, &answer.value)?;
    Ok(Granted {
        credentials,
        skew: answer.skew,
    })
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

/// An empty list is none: AWS takes it for a mistake.
fn list<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn tags(tags: &[SessionTag]) -> Result<Option<Vec<Tag>>, Error> {
    let tag = |tag: &SessionTag| {
        Tag::builder()
            .key(tag.key.as_str())
            .value(tag.value.as_str())
            .build()
    };
    // Seen only if AWS's model asks for more one day.
    let fail =
        |why: BuildError| Error::new(Kind::Failed, "a session tag is not whole").because(why);
    let tags: Result<Vec<Tag>, BuildError> = tags.iter().map(tag).collect();
    tags.map(list).map_err(fail)
}

fn descriptor(arn: &PolicyArn) -> PolicyDescriptorType {
    PolicyDescriptorType::builder().arn(arn.as_str()).build()
}

fn credentials(role: &AssumeRole, output: &AssumeRoleOutput) -> Result<Credentials, Error> {
    let named = output.assumed_role_user().map_or("", |user| user.arn());
    role.check_granted(named)?;
    let given = output
        .credentials()
        .ok_or_else(|| incomplete("no credentials"))?;
    let expires = Timestamp::from_second(given.expiration().secs())
        .map_err(|_| incomplete("an expiration that is not a date"))?;
    let parts = [
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token(),
    ];
    if parts.iter().any(|part| part.is_empty()) {
        return Err(incomplete("credentials with a part missing"));
    }
    Ok(Credentials {
        access_key_id: given.access_key_id().to_owned(),
        secret_access_key: given.secret_access_key().into(),
        session_token: Some(given.session_token().into()),
        expires: Some(expires),
    })
}

fn incomplete(what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the answer to AssumeRole holds {what}; nothing was kept of it"),
    )
}
