//! The steps a plan is made of.

use crate::aws::ids::{
    AccountId, ExternalId, MfaDevice, PolicyArn, Region, RoleArn, SessionName, SessionPolicy,
    SessionTag, SourceIdentity,
};
use crate::diagnostic::Id;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::consumer::Consumer;
use crate::plan::origin::{Origin, Sourced};

use super::{CacheKey, Route, Source, SourceKind, Whose, carry};

/// The longest that STS gives a role assumed from temporary credentials,
/// seconds.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html>
pub(super) const CHAINED: u32 = 3600;

/// `GetSessionToken`: temporary credentials of a user, with MFA where there is
/// a device. All roles of the user are assumed from them without another code.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// The device whose code goes with the request; none: no code is asked.
    pub device: Option<Sourced<MfaDevice>>,
    /// Seconds, 900 to 129,600.
    pub duration: Sourced<u32>,
}

/// One `AssumeRole`.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// The role's name in the person's files.
    pub name: String,
    /// The role.
    pub arn: Sourced<RoleArn>,
    /// Who decided the role's account.
    pub account_from: Origin,
    /// Who decided the role's partition.
    pub partition_from: Origin,
    /// The session's name in CloudTrail.
    pub session_name: Sourced<SessionName>,
    /// Seconds, 900 to 43,200.
    pub duration: Sourced<u32>,
    /// What was asked for, seconds, where STS gives less: a role assumed from
    /// temporary credentials lasts an hour at most.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
    pub capped: Option<Sourced<u32>>,
    /// The device whose code goes with the request; none: no code is asked.
    pub mfa: Option<Sourced<MfaDevice>>,
    /// Who decided that the files name no device, where they do not.
    pub no_device_from: Origin,
    /// What became of the MFA device that the files name for the role.
    pub way: MfaWay,
    /// What the role's owner wants to hear.
    pub external_id: Option<Sourced<ExternalId>>,
    /// Who is behind the session.
    pub source_identity: Option<Sourced<SourceIdentity>>,
    /// The session's tags, sorted by key; AWS gives their order no meaning.
    pub tags: Sourced<Vec<SessionTag>>,
    /// Managed policies that narrow the session, sorted, each once.
    pub policy_arns: Sourced<Vec<PolicyArn>>,
    /// A policy that narrows the session.
    pub policy: Option<Sourced<SessionPolicy>>,
}

/// How MFA comes into an `AssumeRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaWay {
    /// No device is named.
    None,
    /// The session before this step has it.
    Session,
    /// The code goes with this request, because `mfa_session` is off.
    DirectAsSaid,
    /// The code goes with this request, because the role shall last longer
    /// than what STS gives from a session.
    DirectForLong,
    /// The code goes with this request: the keys are temporary themselves.
    DirectFromTemporary,
    /// The device is left out: only a user has one, and what calls is none.
    NoUser,
}

impl MfaWay {
    /// The reason, for a person; `None` where there is nothing to explain.
    pub fn why(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Session => None,
            Self::DirectAsSaid => Some("mfa_session is off"),
            Self::DirectForLong => Some("longer than the hour that STS gives from an MFA session"),
            Self::DirectFromTemporary => {
                Some("the keys are temporary: STS gives no session for them")
            }
            Self::NoUser => Some("left out: what calls here is no user and has no MFA device"),
        }
    }
}

impl AssumeRole {
    /// Compares the role that STS says it granted with the one asked for.
    ///
    /// # Errors
    /// They differ: nothing of the answer may be used.
    pub fn check_granted(&self, assumed: &str) -> Result<()> {
        check_granted(&self.arn.value, &self.session_name.value, assumed)
    }

    /// Compares the source identity that STS says it set with the one asked
    /// for. (Where none is asked for, there may be one from the session before.)
    ///
    /// # Errors
    /// They differ: nothing of the answer may be used.
    pub fn check_identity(&self, identity: Option<&str>) -> Result<()> {
        let Some(asked) = self
            .source_identity
            .as_ref()
            .map(|asked| asked.value.as_str())
        else {
            return Ok(());
        };
        if identity == Some(asked) {
            return Ok(());
        }
        let answer = match identity {
            Some(other) => {
                // AWS's own are no longer.
                let other: String = other.chars().take(64).collect();
                format!("the answer says {other:?}")
            }
            None => "the answer names none".to_owned(),
        };
        let arn = &self.arn.value;
        Err(Error::new(
            Kind::Refused,
            format!("asked for {arn} with the source identity {asked}, but {answer}"),
        )
        .called(Id::AnswerUnusable)
        .because("what is done in the session would be recorded under another identity")
        .hint("check endpoint_url and the proxy; nothing was exported or cached"))
    }
}

/// The ARN of the session `session_name` of role `arn`, without the role's path.
pub fn session_arn(arn: &RoleArn, session_name: &SessionName) -> String {
    let RoleArn {
        partition, account, ..
    } = arn;
    let role = arn.base_name();
    format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session_name}")
}

/// Compares the session that STS says it granted with the one asked for.
/// `AssumedRoleUser.Arn` leaves out the role's path.
///
/// # Errors
/// They differ: nothing of the answer may be used.
pub fn check_granted(arn: &RoleArn, session_name: &SessionName, assumed: &str) -> Result<()> {
    let expected = session_arn(arn, session_name);
    if assumed == expected {
        return Ok(());
    }
    Err(Error::new(
        Kind::Refused,
        format!("asked for {arn}, but the answer names another role"),
    )
    .called(Id::AnswerUnusable)
    .because(format!("expected {expected}, got {assumed:?}"))
    .hint("check endpoint_url and the proxy; nothing was exported or cached"))
}

/// What a step calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `GetSessionToken`.
    Session(SessionToken),
    /// `AssumeRole`.
    Assume(Box<AssumeRole>),
}

/// A call to STS, with the credentials of the step before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is called.
    pub call: Call,
    /// How STS is reached.
    pub route: Route,
}

impl Step {
    /// Fits the step to keys that turned out to be temporary when they were
    /// there, as those of a process may: a role lasts an hour at most, and
    /// where there is no MFA session the code of its `device` goes with it.
    ///
    /// # Errors
    /// A flag asks for more than that hour.
    pub fn from_temporary(&mut self, device: Option<Sourced<MfaDevice>>) -> Result<()> {
        let Call::Assume(assume) = &mut self.call else {
            return Ok(());
        };
        carry::length(&assume.name, &assume.duration, "temporary keys")?;
        if device.is_some() {
            assume.mfa = device;
            assume.way = MfaWay::DirectFromTemporary;
        }
        if assume.way == MfaWay::DirectForLong {
            assume.way = MfaWay::DirectFromTemporary;
        }
        if assume.duration.value > CHAINED {
            let capped = Sourced::new(CHAINED, Origin::Rule("the keys are temporary"));
            assume.capped = Some(std::mem::replace(&mut assume.duration, capped));
        }
        Ok(())
    }

    /// The device whose code goes with the request.
    pub fn device(&self) -> Option<&MfaDevice> {
        let device = match &self.call {
            Call::Session(session) => session.device.as_ref(),
            Call::Assume(assume) => assume.mfa.as_ref(),
        };
        device.map(|device| &device.value)
    }

    /// The call, as AWS names it.
    pub fn operation(&self) -> &'static str {
        match &self.call {
            Call::Session(_) => "GetSessionToken",
            Call::Assume(_) => "AssumeRole",
        }
    }
}

/// What shall be new, though it is cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// Everything but the MFA session that roles come from (`--fresh`).
    pub role: bool,
    /// That session, and all that comes from it (`--fresh-mfa`).
    pub mfa: bool,
}

/// Everything that will be done for one role or profile.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name in the person's files.
    pub name: String,
    /// The first credentials.
    pub source: Source,
    /// What is made of them, in order; none: they are handed over as they are.
    pub steps: Vec<Step>,
    /// The region to export.
    pub region: Sourced<Option<Region>>,
    /// Who uses the credentials that come out.
    pub consumer: Consumer,
}

impl Plan {
    /// The role whose credentials come out at the end; `None` for a plain
    /// profile.
    pub fn role(&self) -> Option<&AssumeRole> {
        match &self.steps.last()?.call {
            Call::Assume(assume) => Some(assume),
            Call::Session(_) => None,
        }
    }

    /// The first role on the way.
    pub fn first_role(&self) -> Option<&AssumeRole> {
        self.steps.iter().find_map(|step| match &step.call {
            Call::Assume(assume) => Some(&**assume),
            Call::Session(_) => None,
        })
    }

    /// The ARN of the role whose credentials come out, where it is known.
    pub fn role_arn(&self) -> Option<&RoleArn> {
        match self.role() {
            Some(role) => Some(&role.arn.value),
            None if self.steps.is_empty() => self.source.role_arn(),
            None => None,
        }
    }

    /// The name of the role whose credentials come out, with its path; of a
    /// permission set of IAM Identity Center, its name.
    pub fn role_name(&self) -> Option<String> {
        match (self.role_arn(), &self.source.kind) {
            (Some(arn), _) => Some(arn.name.clone()),
            (None, SourceKind::Sso(sso)) => Some(sso.role.value.clone()),
            (None, _) => None,
        }
    }

    /// The session of IAM Identity Center that the first credentials come from.
    pub fn sso_session(&self) -> Option<&str> {
        match &self.source.kind {
            SourceKind::Sso(sso) => sso.at.session.as_ref().map(|named| named.value.as_str()),
            _ => None,
        }
    }

    /// The account of what comes out, where it is known.
    pub fn account(&self) -> Option<AccountId> {
        if let Some(arn) = self.role_arn() {
            return Some(arn.account.clone());
        }
        let device = self.steps.last().and_then(Step::device);
        device
            .and_then(MfaDevice::account)
            .or_else(|| self.source.account().cloned())
    }

    /// What each result is cached under: first that of the source, then that
    /// of each step. `None` where that cannot be said, because it is not known
    /// who calls.
    pub fn keys(&self, whose: &Whose) -> Vec<Option<CacheKey>> {
        let of_source = |caller| Some(CacheKey::of_source(&self.source, caller));
        let (first, mut before) = match whose {
            Whose::Said => (of_source(None), of_source(None)),
            Whose::Caller(caller) => (of_source(Some(caller)), of_source(Some(caller))),
            Whose::Process { run, printed } => (
                of_source(Some(run)),
                printed.as_ref().map(CacheKey::of_printed),
            ),
            Whose::Unknown => (None, None),
        };
        let mut keys = vec![first];
        for step in &self.steps {
            before = before.map(|before| CacheKey::of_step(&before, step));
            keys.push(before);
        }
        keys
    }

    /// A digest of where the first credentials come from, as far as the plan
    /// says it: the access key ID of keys, the place of everything else.
    pub fn source_key(&self) -> CacheKey {
        CacheKey::of_source(&self.source, None)
    }

    /// A digest of everything that the plan says of the credentials at its end.
    /// Two plans with the same one do the same. Nothing is cached under it: it
    /// does not say whose login, token or process that is.
    pub fn fingerprint(&self) -> CacheKey {
        let of_step = |before, step| CacheKey::of_step(&before, step);
        self.steps.iter().fold(self.source_key(), of_step)
    }

    /// As [`Self::fingerprint`], of each result: first that of the source. A
    /// login that is renewed, or a token that is replaced, changes none of them.
    pub fn fingerprints(&self) -> Vec<CacheKey> {
        let mut all = vec![self.source_key()];
        for step in &self.steps {
            let before = all[all.len() - 1];
            all.push(CacheKey::of_step(&before, step));
        }
        all
    }

    /// The steps that have to be done, where `is_there` tells which results
    /// (numbered as [`Plan::keys`] has them) can be used: those behind the
    /// last one that is there.
    pub fn needed(&self, is_there: impl Fn(usize) -> bool) -> &[Step] {
        let last = self.steps.len();
        let start = (0..=last).rev().find(|number| is_there(*number));
        &self.steps[start.unwrap_or(0)..]
    }

    /// Whether result `number` shall be new, though it is cached.
    pub fn wants_new(&self, number: usize, fresh: Fresh) -> bool {
        let step = number.checked_sub(1).and_then(|at| self.steps.get(at));
        match step.map(|step| &step.call) {
            Some(Call::Session(_)) if number < self.steps.len() => fresh.mfa,
            _ => fresh.role || fresh.mfa,
        }
    }

    /// Whether obtaining result `number`, with all that it comes from, may ask a
    /// person for a code, or run a program of theirs.
    pub fn asks_people(&self, number: usize) -> bool {
        let wants_code = |step: &Step| match &step.call {
            Call::Session(session) => session.device.is_some(),
            Call::Assume(assume) => assume.mfa.is_some(),
        };
        // A store that is locked asks for its passphrase.
        let source = &self.source.kind;
        matches!(
            source,
            SourceKind::Process { .. } | SourceKind::Stored { .. }
        ) || self.steps.iter().take(number).any(wants_code)
    }

    /// Which results are kept, as [`Plan::keys`] has them: those of steps are,
    /// and those of sources that cost a request or a process.
    pub fn is_kept(&self, number: usize) -> bool {
        number > 0 || self.source.is_kept()
    }
}
