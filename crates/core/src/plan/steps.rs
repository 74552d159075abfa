//! The steps a plan is made of.

use std::ops::Range;

use crate::error::{Error, Kind, Result};
use crate::ids::{
    ExternalId, MfaDevice, PolicyArn, Region, RoleArn, SessionName, SessionPolicy, SessionTag,
    SourceIdentity,
};

use super::{CacheKey, StsConnection};

/// Where a value comes from, for `plan` and for hints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of `~/.assumerole`; [`Config::snippet`] makes them a place.
    ///
    /// [`Config::snippet`]: crate::config::Config::snippet
    Config(Range<usize>),
    /// An option of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// Nobody said anything.
    Default,
}

/// Where the first credentials of a plan come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The keys of a profile of `~/.aws`.
    Profile {
        /// The profile.
        name: String,
        /// Its access key: part of the cache key, so that another user's keys
        /// in the same profile never get the first one's session.
        access_key_id: String,
        /// Whether a session token stands beside them (temporary keys).
        temporary: bool,
    },
}

/// One `AssumeRole`.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// The role.
    pub arn: RoleArn,
    /// The session's name in CloudTrail.
    pub session_name: SessionName,
    /// Seconds, 900 to 43,200.
    pub duration: u32,
    /// Where the duration was set.
    pub duration_from: Origin,
    /// The device whose code goes with the request; none: no code is asked.
    pub mfa: Option<MfaDevice>,
    /// What the role's owner wants to hear.
    pub external_id: Option<ExternalId>,
    /// Who is behind the session.
    pub source_identity: Option<SourceIdentity>,
    /// The session's tags, sorted by key; AWS gives their order no meaning.
    pub tags: Vec<SessionTag>,
    /// Managed policies that narrow the session, sorted, each once.
    pub policy_arns: Vec<PolicyArn>,
    /// A policy that narrows the session.
    pub policy: Option<SessionPolicy>,
}

impl AssumeRole {
    /// Compares the role that STS says it granted with the one asked for.
    /// `AssumedRoleUser.Arn` leaves out the role's path.
    ///
    /// # Errors
    /// They differ: nothing of the answer may be used.
    pub fn check_granted(&self, assumed: &str) -> Result<()> {
        let expected = format!(
            "arn:{}:sts::{}:assumed-role/{}/{}",
            self.arn.partition,
            self.arn.account,
            self.arn.base_name(),
            self.session_name
        );
        if assumed == expected {
            return Ok(());
        }
        Err(Error::new(
            Kind::Refused,
            format!("asked for {}, but the answer names another role", self.arn),
        )
        .because(format!("expected {expected}, got {assumed:?}"))
        .hint("nothing was exported or cached; check endpoint_url and the proxy"))
    }
}

/// Everything that will be done for one role.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The role's name in the person's file.
    pub role: String,
    /// The first credentials.
    pub source: Source,
    /// What is assumed from them.
    pub assume: AssumeRole,
    /// How STS is reached.
    pub sts: StsConnection,
    /// The region to export, if any.
    pub region: Option<Region>,
    /// The duration that was asked for, seconds, where STS gives less: roles
    /// assumed from temporary credentials last an hour at most.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
    pub capped: Option<u32>,
}

impl Plan {
    /// What the role session is cached under.
    pub fn key(&self) -> CacheKey {
        CacheKey::of(&self.source, &self.assume, &self.sts)
    }
}
