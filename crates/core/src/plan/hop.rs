//! What a file says of one role on the way, in one shape for both files.

use std::collections::BTreeMap;

use crate::aws::ids::{
    ExternalId, Invalid, MfaDevice, Partition, PolicyArn, Region, RoleArn, SessionName,
    SessionPolicy, SessionTag, SourceIdentity,
};
use crate::aws_config::{Profile, Value};
use crate::config::{Policy, Role};
use crate::diagnostic::text::Spanned;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};
use crate::plan::request::SESSION_SECONDS;

use super::ways::plain;

/// A role as a file describes it.
#[derive(Debug)]
pub(super) struct Hop {
    /// Its name in the file.
    pub(super) name: String,
    pub(super) arn: Sourced<RoleArn>,
    pub(super) account_from: Origin,
    pub(super) partition_from: Origin,
    pub(super) device: Option<Sourced<MfaDevice>>,
    pub(super) no_device_from: Origin,
    pub(super) duration: Option<Sourced<u32>>,
    pub(super) session_name: Option<Sourced<SessionName>>,
    pub(super) external_id: Option<Sourced<ExternalId>>,
    pub(super) source_identity: Option<Sourced<SourceIdentity>>,
    pub(super) tags: Sourced<Vec<SessionTag>>,
    pub(super) policy_arns: Sourced<Vec<PolicyArn>>,
    pub(super) policy: Option<Sourced<SessionPolicy>>,
    pub(super) mfa_session: Option<Sourced<bool>>,
    pub(super) mfa_session_seconds: Option<Sourced<u32>>,
}

impl Hop {
    /// A role of `~/.assumerole`. `region` is the one it is used in: it names
    /// the partition where nobody else does. `policies` holds the content of
    /// policy files by their names.
    pub(super) fn of_role(
        role: &Role,
        region: Option<&Sourced<Region>>,
        policies: &BTreeMap<String, SessionPolicy>,
    ) -> Result<Self> {
        let device = role.aws_mfa_arn.as_ref().map(Sourced::of);
        let partition = partition(role, device.as_ref(), region);
        let session = &role.session;
        Ok(Self {
            name: role.name.value.clone(),
            arn: Sourced::new(
                role.arn(&partition.value),
                Origin::Config(role.aws_role.span.clone()),
            ),
            account_from: Origin::Config(role.aws_account.span.clone()),
            partition_from: partition.from,
            device,
            no_device_from: match &role.no_device {
                Some(span) => Origin::Config(span.clone()),
                None => Origin::Default,
            },
            duration: role.max_session_duration.as_ref().map(Sourced::of),
            session_name: session.name.as_ref().map(Sourced::of),
            external_id: session.external_id.as_ref().map(Sourced::of),
            source_identity: session.source_identity.as_ref().map(Sourced::of),
            tags: listed(session.tags.as_ref()),
            policy_arns: listed(session.policy_arns.as_ref()),
            policy: policy(role, policies)?,
            mfa_session: role.mfa_session.as_ref().map(Sourced::of),
            mfa_session_seconds: role.mfa_session_seconds.as_ref().map(Sourced::of),
        })
    }

    /// A profile with `role_arn`.
    ///
    /// # Errors
    /// A value of it makes no sense.
    pub(super) fn of_profile(profile: &Profile<'_>, arn: &Value<'_>) -> Result<Self> {
        let from = at(arn);
        let arn = parsed::<RoleArn>(profile, arn)?;
        Ok(Self {
            name: profile.name().to_owned(),
            arn,
            account_from: from.clone(),
            partition_from: from,
            device: sent(profile, "mfa_serial")?,
            no_device_from: Origin::Default,
            duration: duration(profile)?,
            // An empty one is none, to the AWS CLI too.
            session_name: optional(profile, "role_session_name")?,
            external_id: sent(profile, "external_id")?,
            source_identity: None,
            tags: Sourced::default(Vec::new()),
            policy_arns: Sourced::default(Vec::new()),
            policy: None,
            mfa_session: None,
            mfa_session_seconds: None,
        })
    }
}

/// A list of the file; an empty one decides nothing.
fn listed<T: Clone>(list: Option<&Spanned<Vec<T>>>) -> Sourced<Vec<T>> {
    list.filter(|list| !list.value.is_empty())
        .map_or_else(|| Sourced::default(Vec::new()), Sourced::of)
}

/// The partition is that of the ARN, else of the MFA device's ARN, else of the
/// region, else `aws`.
fn partition(
    role: &Role,
    device: Option<&Sourced<MfaDevice>>,
    region: Option<&Sourced<Region>>,
) -> Sourced<Partition> {
    if let Some(partition) = &role.partition {
        return Sourced::new(
            partition.clone(),
            Origin::Config(role.aws_role.span.clone()),
        );
    }
    let of_device =
        device.and_then(|found| Some(Sourced::new(found.value.partition()?, found.from.clone())));
    of_device
        .or_else(|| region.map(|region| region.clone().map(|r| Partition::of_region(&r))))
        .unwrap_or_else(|| Sourced::default(Partition::aws()))
}

fn policy(
    role: &Role,
    policies: &BTreeMap<String, SessionPolicy>,
) -> Result<Option<Sourced<SessionPolicy>>> {
    let Some(said) = &role.session.policy else {
        return Ok(None);
    };
    let policy = match &said.value {
        Policy::Inline(policy) => policy,
        // Without it the session would be allowed more than it should be.
        Policy::File(path) => policies.get(path).ok_or_else(|| {
            Error::new(Kind::Config, format!("the policy in {path} was not read"))
        })?,
    };
    Ok(Some(Sourced::new(
        policy.clone(),
        Origin::Config(said.span.clone()),
    )))
}

/// A value of a profile, as AWS's rules have it.
pub(super) fn parsed<T: std::str::FromStr<Err = Invalid>>(
    profile: &Profile<'_>,
    value: &Value<'_>,
) -> Result<Sourced<T>> {
    let parsed = value.text().trim().parse().map_err(|why| {
        let message = format!("{} of profile {} is not valid", value.key(), profile.name());
        Error::new(Kind::Config, message)
            .at(value.snippet())
            .because(why)
    })?;
    Ok(Sourced::new(parsed, at(value)))
}

pub(super) fn optional<T: std::str::FromStr<Err = Invalid>>(
    profile: &Profile<'_>,
    key: &str,
) -> Result<Option<Sourced<T>>> {
    let value = plain(profile, key)?;
    value.map(|value| parsed(profile, &value)).transpose()
}

/// As [`optional`], of a key that goes with a request for a role.
///
/// # Errors
/// The key is there and empty, besides.
pub(super) fn sent<T: std::str::FromStr<Err = Invalid>>(
    profile: &Profile<'_>,
    key: &str,
) -> Result<Option<Sourced<T>>> {
    match (optional(profile, key)?, profile.property(key)) {
        (None, Some(property)) => {
            let message = format!("{key} of profile {} is empty", profile.name());
            Err(Error::new(Kind::Config, message)
                .at(property.snippet())
                .because("the AWS CLI takes an empty value as set, and gets no role with it")
                .hint(format!("remove the line, or give {key} a value")))
        }
        (found, _) => Ok(found),
    }
}

/// `duration_seconds` of a profile.
pub(super) fn duration(profile: &Profile<'_>) -> Result<Option<Sourced<u32>>> {
    let Some(value) = plain(profile, "duration_seconds")? else {
        return Ok(None);
    };
    let seconds = value.text().trim().parse().ok();
    match seconds.filter(|seconds| SESSION_SECONDS.contains(seconds)) {
        Some(seconds) => Ok(Some(Sourced::new(seconds, at(&value)))),
        None => {
            let message = format!(
                "duration_seconds of profile {} is not a session's length",
                profile.name()
            );
            Err(Error::new(Kind::Config, message)
                .at(value.snippet())
                .because(
                    "AWS grants a role session of 15 minutes to 12 hours, in seconds: 900 to 43200",
                ))
        }
    }
}
