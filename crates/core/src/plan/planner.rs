//! From the person's files and the settings to a plan.

use crate::aws_files::{AwsFile, AwsFiles, Profile};
use crate::config::{Config, Policy, Role};
use crate::error::{Error, Kind, Result};
use crate::ids::{
    MOST_TAGS, Partition, PolicyArn, Region, RoleArn, SessionName, SessionPolicy, SessionTag,
};
use crate::near::nearest;
use crate::request::{Policies, Request};
use crate::settings::Settings;
use crate::text::Spanned;

use super::connection::region_of;
use super::{AssumeRole, Origin, Plan, Source, StaticKeys, StsConnection};

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// `~/.assumerole`.
    pub config: &'a Config,
    /// `~/.aws`.
    pub aws: &'a AwsFiles,
    /// The environment.
    pub settings: &'a Settings,
    /// The command line.
    pub request: &'a Request,
    /// What the file that the role's `policy` names holds, if it names one
    /// and [`policy_file`] says that it is wanted.
    pub policy: Option<&'a SessionPolicy>,
}

/// STS's default, and the script's.
const DURATION: u32 = 3600;

/// The longest that STS gives a role assumed from temporary credentials.
const CHAINED: u32 = 3600;

/// The plan for `role`.
///
/// # Errors
/// The base profile does not exist or has no keys, or a value makes no sense.
pub fn plan(inputs: Inputs<'_>, role: &Role) -> Result<Plan> {
    let profile = profile(inputs, role)?;
    let source = source(inputs, role, &profile)?;
    let region = role_region(inputs.config, role, &profile)?;
    let arn = role_arn(role, region.as_ref());
    let sts = StsConnection::resolve(
        inputs.aws,
        &profile,
        inputs.settings,
        region.as_ref(),
        &arn.partition,
    )?;
    let (asked, duration_from) = duration(inputs, role);
    let duration = match &source {
        Source::Profile {
            temporary: true, ..
        } => asked.min(CHAINED),
        Source::Profile { .. } => asked,
    };
    let mfa = value(role.aws_mfa_arn.as_ref());
    let session_name = session_name(inputs, role);
    let (policy_arns, policy) = policies(inputs, role, &arn.partition)?;
    Ok(Plan {
        role: role.name.value.clone(),
        source,
        assume: AssumeRole {
            arn,
            session_name,
            duration,
            duration_from,
            mfa,
            external_id: value(role.session.external_id.as_ref()),
            source_identity: value(role.session.source_identity.as_ref()),
            tags: tags(inputs, role)?,
            policy_arns,
            policy,
        },
        sts,
        region: inputs.request.region.clone().or(region),
        capped: (duration < asked).then_some(asked),
    })
}

fn profile<'a>(inputs: Inputs<'a>, role: &Role) -> Result<Profile<'a>> {
    let name = &role.aws_profile.value;
    if let Some(profile) = inputs.aws.profile(name) {
        return Ok(profile);
    }
    let error = Error::new(
        Kind::UnknownName,
        format!(
            "role {} uses profile {name}, which does not exist",
            role.name.value
        ),
    )
    .maybe_at(inputs.config.snippet(role.aws_profile.span.clone()).ok());
    let error = error.because(looked_in(inputs.aws));
    let names = inputs.aws.profile_names();
    let near = nearest(name, names.iter().map(|name| &**name), 3);
    let error = match near.is_empty() {
        true => error,
        false => error.hint(format!("did you mean {}?", near.join(" or "))),
    };
    Err(error.hint(format!("make it: aws configure --profile {name}")))
}

/// Which files there are: one that a variable names may not be there.
fn looked_in(files: &AwsFiles) -> String {
    let read: Vec<&str> = files.files().map(AwsFile::path).collect();
    match read.as_slice() {
        [] => "neither ~/.aws/credentials nor ~/.aws/config could be found".to_owned(),
        read => format!("looked in {}", read.join(" and ")),
    }
}

/// What a profile without keys of its own may use instead; none of these is
/// a user's long-term key.
const OTHER_SOURCES: [&str; 6] = [
    "role_arn",
    "credential_process",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "login_session",
];

fn source(inputs: Inputs<'_>, role: &Role, profile: &Profile<'_>) -> Result<Source> {
    let Some(keys) = StaticKeys::of(profile)? else {
        return Err(no_keys(inputs, role, profile));
    };
    Ok(Source::Profile {
        name: role.aws_profile.value.clone(),
        access_key_id: keys.id.text().to_owned(),
        temporary: keys.token.is_some(),
    })
}

fn no_keys(inputs: Inputs<'_>, role: &Role, profile: &Profile<'_>) -> Error {
    let name = &role.aws_profile.value;
    let missing: Vec<&str> = ["aws_access_key_id", "aws_secret_access_key"]
        .into_iter()
        .filter(|key| profile.get(key).is_none_or(|v| v.text().is_empty()))
        .collect();
    let error = Error::new(
        Kind::Config,
        format!(
            "profile {name} of role {} has no {}",
            role.name.value,
            missing.join(" and no ")
        ),
    )
    .maybe_at(inputs.config.snippet(role.aws_profile.span.clone()).ok());
    match OTHER_SOURCES
        .iter()
        .find_map(|key| Some((key, profile.get(key)?)))
    {
        Some((key, value)) => error
            .because(format!(
                "it has {key} ({}) instead",
                value.snippet().place()
            ))
            .hint("name a profile with access keys in \"aws_profile\""),
        None => error
            .because(looked_in(inputs.aws))
            .hint(format!("give it keys: aws configure --profile {name}")),
    }
}

/// The role's region, the file's default, the profile's; else none.
fn role_region(config: &Config, role: &Role, profile: &Profile<'_>) -> Result<Option<Region>> {
    if let Some(region) = &role.aws_region {
        return Ok(Some(region.value.clone()));
    }
    match config.aws_region() {
        Some(region) => Ok(Some(region.value.clone())),
        None => region_of(profile),
    }
}

/// The ARN as it stands, or put together: the partition is that of the MFA
/// device's ARN, else of the region, else `aws`.
fn role_arn(role: &Role, region: Option<&Region>) -> RoleArn {
    let device = role
        .aws_mfa_arn
        .as_ref()
        .and_then(|device| device.value.partition());
    let partition = device
        .or_else(|| region.map(Partition::of_region))
        .unwrap_or_else(Partition::aws);
    role.arn(&partition)
}

fn duration(inputs: Inputs<'_>, role: &Role) -> (u32, Origin) {
    if let Some(seconds) = inputs.request.duration {
        return (seconds, Origin::Flag("--duration"));
    }
    match (&role.max_session_duration, inputs.settings.duration) {
        (Some(own), _) => (own.value, Origin::Config(own.span.clone())),
        (None, Some(seconds)) => (seconds, Origin::Variable("AWS_STS_DURATION_SECONDS")),
        (None, None) => (DURATION, Origin::Default),
    }
}

fn value<T: Clone>(of: Option<&Spanned<T>>) -> Option<T> {
    of.map(|spanned| spanned.value.clone())
}

/// What the flag says, the role, the device; else the person's name here.
fn session_name(inputs: Inputs<'_>, role: &Role) -> SessionName {
    let said = inputs.request.session_name.clone();
    if let Some(name) = said.or_else(|| value(role.session.name.as_ref())) {
        return name;
    }
    let device = role.aws_mfa_arn.as_ref();
    let user = device.and_then(|device| device.value.user());
    SessionName::lossy(user.unwrap_or(&inputs.settings.user))
}

/// The role's tags with those of the command line, which keep what is said of
/// passing them on.
fn tags(inputs: Inputs<'_>, role: &Role) -> Result<Vec<SessionTag>> {
    let mut tags = role.session.tags.clone();
    for (key, value) in &inputs.request.tags {
        let same = tags.iter().position(|tag| tag.key.same(key.as_str()));
        let old = same.map(|at| tags.remove(at));
        tags.push(SessionTag {
            key: key.clone(),
            value: value.clone(),
            transitive: old.is_some_and(|old| old.transitive),
        });
    }
    if tags.len() > MOST_TAGS {
        let message = format!(
            "with --tag, role {} has {} session tags",
            role.name.value,
            tags.len()
        );
        return Err(Error::new(Kind::Usage, message)
            .because(format!("AWS takes at most {MOST_TAGS} a session")));
    }
    tags.sort_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
    Ok(tags)
}

/// The path of the file that has to be read before `role` can be planned: what
/// its `policy` names, unless `request` puts another in its place.
pub fn policy_file<'r>(role: &'r Role, request: &Request) -> Option<Spanned<&'r str>> {
    let policy = role.session.policy.as_ref()?;
    match &policy.value {
        Policy::File(path) if request.policies != Policies::ReadOnly => {
            Some(Spanned::new(path, policy.span.clone()))
        }
        _ => None,
    }
}

fn policies(
    inputs: Inputs<'_>,
    role: &Role,
    partition: &Partition,
) -> Result<(Vec<PolicyArn>, Option<SessionPolicy>)> {
    let mut arns = match &inputs.request.policies {
        Policies::OfTheFile => role.session.policy_arns.clone(),
        Policies::Managed(arns) => arns.clone(),
        Policies::ReadOnly => return Ok((vec![PolicyArn::read_only(partition)], None)),
    };
    arns.sort();
    arns.dedup();
    let policy = match role.session.policy.as_ref().map(|policy| &policy.value) {
        None => None,
        Some(Policy::Inline(policy)) => Some(policy),
        // Without it the session would be allowed more than it should be.
        Some(Policy::File(path)) => Some(inputs.policy.ok_or_else(|| {
            Error::new(Kind::Config, format!("the policy in {path} was not read"))
        })?),
    };
    Ok((arns, policy.cloned()))
}
