//! `AssumeRole`: the call everything here is for.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use assumerole_core::aws::ids::SessionTag;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::AssumeRole;
use assumerole_core::{Credentials, Error, Kind};
use aws_sdk_sts::error::BuildError;
use aws_sdk_sts::types::Tag;
use secrecy::{ExposeSecret, SecretString};

use super::{CallError, call, list, policy_arns};
use crate::connection::{Connection, Now};
use crate::granted::{Granted, checked, incomplete, of_sts};

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
    let seconds = i32::try_from(role.duration.value).unwrap_or(i32::MAX);
    let tags = &role.tags.value;
    let passed_on = tags.iter().filter(|tag| tag.transitive);
    let passed_on = list(passed_on.map(|tag| tag.key.to_string()).collect());
    let tags = self::tags(tags)?;
    let policy_arns = policy_arns(&role.policy_arns.value);
    let id = role.external_id.as_ref().map(|id| id.value.as_str());
    let identity = role.source_identity.as_ref();
    let identity = identity.map(|identity| identity.value.as_str());
    let policy = role.policy.as_ref().map(|policy| policy.value.as_str());
    let sent = Sent::default().with_code(code);
    // A vendor may take the account for an external ID, which is no secret.
    let arn = role.arn.value.to_string();
    let sent = id
        .filter(|id| !arn.contains(id))
        .into_iter()
        .fold(sent, Sent::with_word);
    let answer = call(
        "AssumeRole",
        connection,
        keys,
        now,
        code.is_some(),
        &sent,
        |client| {
            let device = role.mfa.as_ref().filter(|_| code.is_some());
            client
                .assume_role()
                .role_arn(role.arn.value.to_string())
                .role_session_name(role.session_name.value.as_str())
                .duration_seconds(seconds)
                .set_external_id(text(id))
                .set_source_identity(text(identity))
                .set_tags(tags.clone())
                .set_transitive_tag_keys(passed_on.clone())
                .set_policy_arns(policy_arns.clone())
                .set_policy(text(policy))
                .set_serial_number(device.map(|device| device.value.to_string()))
                .set_token_code(code.map(|code| code.expose_secret().to_owned()))
                .send()
        },
    )?;
    let named = answer.value.assumed_role_user();
    let named = named
        .ok_or_else(|| incomplete("AssumeRole", "no role"))?
        .arn();
    let sent = sent
        .with(&keys.secret_access_key)
        .maybe(keys.session_token.as_ref());
    checked(named, &sent, |named| role.check_granted(named))?;
    match answer.value.source_identity() {
        Some(identity) => checked(identity, &sent, |named| role.check_identity(Some(named)))?,
        None => role.check_identity(None)?,
    }
    let life = answer.life(role.duration.value);
    Ok(Granted {
        credentials: of_sts("AssumeRole", answer.value.credentials(), life)?,
        skew: answer.skew,
    })
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
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
