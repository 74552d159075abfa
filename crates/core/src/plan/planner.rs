//! From the person's files and the settings to a plan.

use std::collections::BTreeMap;
use std::fmt;

use crate::aws::ids::{
    MOST_TAGS, MfaDevice, Partition, Region, SessionName, SessionPolicy, SessionTag,
};
use crate::aws_config::{AwsFiles, Profile};
use crate::config::{Config, Policy, Role};
use crate::diagnostic::text::Spanned;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::consumer::Consumer;
use crate::plan::origin::{Origin, Sourced};
use crate::plan::request::Request;
use crate::plan::settings::RunSettings;

use super::carry;
use super::chain::{self, Chain, MOST_BEFORE, role_region};
use super::hop::{self, Hop};
use super::portal::{check_session, check_written_once};
use super::route::region_of;
use super::steps::{CHAINED, MfaWay};
use super::{AssumeRole, Call, Plan, Route, SessionToken, SourceKind, Step, Target};

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `~/.assumerole`.
    pub config: &'a Config,
    /// `~/.aws`.
    pub aws: &'a AwsFiles,
    /// The environment.
    pub settings: &'a RunSettings,
    /// The command line.
    pub request: &'a Request,
    /// What the files that [`policy_files`] names hold, by their names.
    pub policies: &'a BTreeMap<String, SessionPolicy>,
    /// The keys that are stored sealed.
    pub stored: &'a dyn StoredKeyIds,
}

/// What a plan has to know of the keys that are stored sealed. They are looked
/// up where a profile names one, which most plans never do.
pub trait StoredKeyIds: fmt::Debug {
    /// The access key ID of the key that is stored under `name`; `None` if
    /// there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    fn access_key_id(&self, name: &str) -> Result<Option<String>>;
}

/// Names and access key IDs.
impl StoredKeyIds for BTreeMap<String, String> {
    fn access_key_id(&self, name: &str) -> Result<Option<String>> {
        Ok(self.get(name).cloned())
    }
}

/// STS's default, and the script's.
pub(super) const DURATION: u32 = 3600;

/// How long an MFA session lasts unless somebody says otherwise: a working
/// day, and AWS's own default.
const MFA_SESSION: u32 = 43_200;

/// The plan for `target`.
///
/// # Errors
/// A profile does not exist or has no credentials, or a value makes no sense.
pub fn plan(inputs: Inputs<'_>, target: &Target) -> Result<Plan> {
    match target {
        Target::Role(role) => of_role(inputs, role),
        Target::Profile(name) => of_profile(inputs, name),
    }
}

fn of_role(inputs: Inputs<'_>, role: &Role) -> Result<Plan> {
    let chain = chain::of_role(inputs, role)?;
    let named = inputs.aws.profile(&chain.named);
    let region = role_region(inputs, role, named.as_ref())?;
    Planner {
        inputs,
        profile: named,
        region,
    }
    .plan(role.name.value.clone(), chain)
}

fn of_profile(inputs: Inputs<'_>, name: &str) -> Result<Plan> {
    let chain = chain::of_profile(inputs, name)?;
    let profile = inputs.aws.profile(name);
    if let Some(profile) = &profile {
        check_session(inputs.aws, profile)?;
    }
    let own = profile.as_ref().map(region_of).transpose()?.flatten();
    let base = || inputs.aws.profile(&chain.source.profile.value);
    let region = match own {
        Some(region) => Some(region),
        None => base().as_ref().map(region_of).transpose()?.flatten(),
    };
    Planner {
        inputs,
        profile,
        region,
    }
    .plan(name.to_owned(), chain)
}

struct Planner<'a> {
    inputs: Inputs<'a>,
    /// Whose settings say how AWS is reached.
    profile: Option<Profile<'a>>,
    /// The region of what comes out.
    region: Option<Sourced<Region>>,
}

impl<'a> Planner<'a> {
    fn plan(&self, name: String, mut chain: Chain) -> Result<Plan> {
        if let Some(base) = self.inputs.aws.profile(&chain.source.profile.value) {
            check_written_once(self.inputs.aws, &base)?;
        }
        let steps = match chain.hops.is_empty() {
            true => self.session_alone(&chain)?,
            false => self.roles(&chain)?,
        };
        carry::check(self.inputs, &name, &chain.source, &steps)?;
        if let (SourceKind::WebIdentity(web), []) = (&mut chain.source.kind, steps.as_slice()) {
            carry::into_web_identity(web, self.inputs.request, self.inputs.settings.duration);
        }
        if let (SourceKind::Sso(sso), []) = (&mut chain.source.kind, steps.as_slice())
            && let Some(access) = &mut sso.access
        {
            carry::into_access(access, self.inputs.request, self.inputs.settings.duration);
        }
        let region = match (&self.inputs.request.region, &self.region) {
            (Some(flag), _) => Sourced::new(Some(flag.clone()), Origin::Flag("--region")),
            (None, Some(region)) => region.clone().map(Some),
            (None, None) => Sourced::default(None),
        };
        Ok(Plan {
            name,
            source: chain.source,
            steps,
            region,
            consumer: self.inputs.settings.consumer,
        })
    }

    /// A plain profile: a user's keys become temporary ones, everything else
    /// is temporary already. What a process prints may be either: what is
    /// temporary goes on as it is when it is there.
    fn session_alone(&self, chain: &Chain) -> Result<Vec<Step>> {
        let device = self.device_of_profile()?;
        if !chain.source.is_user() {
            return Ok(Vec::new());
        }
        let partition = device.as_ref().and_then(|device| device.value.partition());
        let partition = partition
            .or_else(|| self.region.as_ref().map(|r| Partition::of_region(&r.value)))
            .unwrap_or_else(Partition::aws);
        let mut session = self.session(chain, None, device, &partition)?;
        if let (Some(seconds), Call::Session(token)) =
            (self.inputs.request.duration, &mut session.call)
        {
            token.duration = Sourced::new(seconds, Origin::Flag("--duration"));
        }
        Ok(vec![session])
    }

    fn device_of_profile(&self) -> Result<Option<Sourced<MfaDevice>>> {
        match &self.profile {
            Some(profile) => hop::optional(profile, "mfa_serial"),
            None => Ok(None),
        }
    }

    /// The MFA session of `device`. Its region is that of the profile with
    /// the keys, so that roles in all regions share it.
    fn session(
        &self,
        chain: &Chain,
        hop: Option<&Hop>,
        device: Option<Sourced<MfaDevice>>,
        partition: &Partition,
    ) -> Result<Step> {
        let own = hop.and_then(|hop| hop.mfa_session_seconds.clone());
        let duration = own
            .or_else(|| self.inputs.config.mfa_session_seconds().map(Sourced::of))
            .unwrap_or(Sourced::default(MFA_SESSION));
        let mut route = self.route(None, partition)?;
        if let Some(base) = self.inputs.aws.profile(&chain.source.profile.value) {
            route = route.for_keys_of(&base, self.inputs.settings, partition)?;
        }
        Ok(Step {
            call: Call::Session(SessionToken { device, duration }),
            route,
        })
    }

    fn route(&self, region: Option<&Sourced<Region>>, partition: &Partition) -> Result<Route> {
        let Some(profile) = &self.profile else {
            return Err(Error::new(Kind::Config, "the base profile does not exist").lacking());
        };
        Route::to_sts(
            self.inputs.aws,
            profile,
            self.inputs.settings,
            region,
            partition,
        )
    }

    fn roles(&self, chain: &Chain) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        let last = chain.hops.len() - 1;
        for (number, hop) in chain.hops.iter().enumerate() {
            let (asked, alone) = (self.duration(hop, number == last), last == 0);
            let way = match number {
                0 => self.way(chain, hop, alone.then_some(&asked)),
                _ if hop.device.is_some() => MfaWay::NoUser,
                _ => MfaWay::None,
            };
            if way == MfaWay::Session {
                let partition = &hop.arn.value.partition;
                steps.push(self.session(chain, Some(hop), hop.device.clone(), partition)?);
            }
            let chained = number > 0 || way == MfaWay::Session || chain.source.is_temporary();
            if chained && number == last {
                let source = match number.checked_sub(1).map(|before| &chain.hops[before]) {
                    Some(before) => format!("the session of role {}", before.name),
                    None => chain.source.describe(),
                };
                carry::length(&hop.name, &asked, &source)?;
            }
            // What only leads on need not last longer than what it leads to.
            let most = if chained || number < last {
                CHAINED
            } else {
                u32::MAX
            };
            steps.push(Step {
                route: self.route(self.region.as_ref(), &hop.arn.value.partition)?,
                call: Call::Assume(Box::new(self.assume(
                    hop,
                    number == last,
                    way,
                    asked,
                    most,
                )?)),
            });
        }
        Ok(steps)
    }

    /// How MFA comes into the first role. `alone`: how long it shall last, if
    /// it is the only one.
    fn way(&self, chain: &Chain, hop: &Hop, alone: Option<&Sourced<u32>>) -> MfaWay {
        let said = || {
            let own = hop.mfa_session.as_ref().map(|flag| flag.value);
            own.or_else(|| self.inputs.config.mfa_session().map(|flag| flag.value))
        };
        if hop.device.is_none() {
            return MfaWay::None;
        }
        if !chain.source.is_user() {
            return match chain.source.kind {
                SourceKind::Keys { .. } | SourceKind::Environment { .. } => {
                    MfaWay::DirectFromTemporary
                }
                _ => MfaWay::NoUser,
            };
        }
        if said() == Some(false) {
            return MfaWay::DirectAsSaid;
        }
        match alone {
            Some(asked) if self.is_direct_for_long(asked) => MfaWay::DirectForLong,
            _ => MfaWay::Session,
        }
    }

    /// Whether a role that shall last `asked` takes a code of its own for that.
    /// A program renews: an hour at a time does, unless a flag asks for more.
    fn is_direct_for_long(&self, asked: &Sourced<u32>) -> bool {
        let by_flag = matches!(asked.from, Origin::Flag(_));
        let wants_it = self.inputs.settings.consumer == Consumer::Shell || by_flag;
        asked.value > CHAINED && wants_it
    }

    fn duration(&self, hop: &Hop, last: bool) -> Sourced<u32> {
        let settings = self.inputs.settings;
        if let Some(seconds) = self.inputs.request.duration.filter(|_| last) {
            return Sourced::new(seconds, Origin::Flag("--duration"));
        }
        match (&hop.duration, settings.duration) {
            (Some(own), _) => own.clone(),
            (None, Some(seconds)) => {
                Sourced::new(seconds, Origin::Variable("AWS_STS_DURATION_SECONDS"))
            }
            (None, None) => Sourced::default(DURATION),
        }
    }

    /// The request for one role. Flags are for the last one.
    fn assume(
        &self,
        hop: &Hop,
        last: bool,
        way: MfaWay,
        asked: Sourced<u32>,
        most: u32,
    ) -> Result<AssumeRole> {
        let (tags, policy_arns) = match last {
            true => (
                carry::tags(self.inputs, hop)?,
                carry::policy_arns(self.inputs, hop)?,
            ),
            false => (hop.tags.clone(), carry::unique(hop.policy_arns.clone())),
        };
        let direct = matches!(
            way,
            MfaWay::DirectAsSaid | MfaWay::DirectForLong | MfaWay::DirectFromTemporary
        );
        let (duration, capped) = match asked.value > most {
            true => {
                let rule = Origin::Rule("all that STS gives from temporary credentials");
                (Sourced::new(most, rule), last.then_some(asked))
            }
            false => (asked, None),
        };
        Ok(AssumeRole {
            name: hop.name.clone(),
            arn: hop.arn.clone(),
            account_from: hop.account_from.clone(),
            partition_from: hop.partition_from.clone(),
            session_name: self.session_name(hop, last),
            duration,
            capped,
            mfa: hop.device.clone().filter(|_| direct),
            no_device_from: hop.no_device_from.clone(),
            way,
            external_id: hop.external_id.clone(),
            source_identity: hop.source_identity.clone(),
            tags: self.counted(hop, sorted(tags))?,
            policy_arns,
            policy: hop.policy.clone(),
        })
    }

    /// What the flag says, the role, the device; else the person's name here.
    fn session_name(&self, hop: &Hop, last: bool) -> Sourced<SessionName> {
        if let Some(name) = self.inputs.request.session_name.as_ref().filter(|_| last) {
            return Sourced::new(name.clone(), Origin::Flag("--session-name"));
        }
        if let Some(name) = &hop.session_name {
            return name.clone();
        }
        let device = hop.device.as_ref();
        let (user, rule) = match device.and_then(|device| device.value.user()) {
            Some(user) => (user, "the user of the MFA device"),
            None => (
                self.inputs.settings.user.as_str(),
                "the user of this machine",
            ),
        };
        Sourced::new(SessionName::lossy(user), Origin::Rule(rule))
    }

    /// `tags`, if AWS takes so many.
    fn counted(
        &self,
        hop: &Hop,
        tags: Sourced<Vec<SessionTag>>,
    ) -> Result<Sourced<Vec<SessionTag>>> {
        let count = tags.value.len();
        if count <= MOST_TAGS {
            return Ok(tags);
        }
        let message = format!("with --tag, role {} has {count} session tags", hop.name);
        Err(Error::new(Kind::Usage, message)
            .because(format!("AWS accepts at most {MOST_TAGS} per session")))
    }
}

fn sorted(mut tags: Sourced<Vec<SessionTag>>) -> Sourced<Vec<SessionTag>> {
    tags.value
        .sort_by(|a, b| a.key.as_str().cmp(b.key.as_str()));
    tags
}

/// The paths of the files that have to be read before `target` can be planned:
/// what the `policy` of its roles names. What is wrong on the way is for the
/// planner to say.
pub fn policy_files(config: &Config, target: &Target) -> Vec<Spanned<String>> {
    let mut files = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut next = target.role().cloned();
    while let Some(role) = next.take().filter(|_| seen.len() <= MOST_BEFORE) {
        if let Some(policy) = &role.session.policy
            && let Policy::File(path) = &policy.value
        {
            files.push(Spanned::new(path.clone(), policy.span.clone()));
        }
        seen.push(role.name.value.clone());
        let via = role.via.filter(|via| !seen.contains(&via.value));
        next = via.and_then(|via| config.role(&via.value).ok().flatten());
    }
    files
}
