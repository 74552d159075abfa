//! The roles of the file, each with what is known of it: for `list` and for
//! the chooser.

use assumerole_core::aws::ids::Partition;
use assumerole_core::aws_config::AwsFiles;
use assumerole_core::config::Label;
use assumerole_core::config::pattern::{Candidate, Pattern};
use assumerole_core::diagnostic::Warning;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Plan, Target};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::cache::Snapshot;
use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use super::assume::context;
use crate::app::App;

/// A role as people see it. The JSON of `list --json` has these fields.
#[derive(Debug, Serialize)]
pub(super) struct RoleSummary {
    pub(super) name: String,
    pub(super) account: Option<String>,
    /// What the organization calls the account, where it is known.
    pub(super) account_name: Option<String>,
    /// The unit that the account is in, where it is known.
    pub(super) unit: Option<String>,
    pub(super) role: Option<String>,
    pub(super) profile: String,
    /// The session of IAM Identity Center that its credentials come from.
    pub(super) sso_session: Option<String>,
    /// The file it stands in.
    pub(super) origin: String,
    pub(super) region: Option<String>,
    pub(super) mfa: Option<String>,
    pub(super) description: Option<String>,
    /// An object, whichever form the file has: that of a list is `null`.
    #[serde(serialize_with = "labels")]
    pub(super) tags: Vec<Label>,
    /// When the cached session ends, RFC 3339.
    pub(super) expires: Option<String>,
    /// How much of it is left, seconds.
    pub(super) seconds_left: Option<i64>,
}

fn labels<S: Serializer>(labels: &[Label], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter().map(|label| (&label.name, &label.value)))
}

impl RoleSummary {
    /// What patterns look at.
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            name: &self.name,
            account: self.account.as_deref(),
            profile: &self.profile,
            unit: self.unit.as_deref(),
            sso_session: self.sso_session.as_deref(),
            tags: &self.tags,
        }
    }

    /// How much of the cached session is left.
    pub(super) fn left(&self) -> Option<SignedDuration> {
        self.seconds_left.map(SignedDuration::from_secs)
    }
}

/// Roles that are wrong.
#[derive(Default)]
pub(super) struct Faults {
    /// What is wrong with the first of them.
    first: Vec<Warning>,
    more: usize,
}

impl Faults {
    /// More than anybody reads at once.
    const SHOWN: usize = 100;

    fn push(&mut self, error: Error) {
        match self.first.len() < Self::SHOWN {
            true => self.first.push(error.into_warning()),
            false => self.more += 1,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Warns of them.
    pub(super) fn say(&self, app: &App<'_>) {
        for fault in &self.first {
            app.printer.warning(fault);
        }
        if self.more > 0 {
            let more = format!("{} more roles have errors", self.more);
            let warning = Warning::new(more).hint("see all: assumerole check --all");
            app.printer.warning(&warning);
        }
    }
}

/// Shows `see` the roles in the order of the file, one after the other: there may
/// be a hundred thousand. One that is wrong is left out: it stands in the way of
/// no other.
///
/// # Errors
/// There is no file, or it is wrong as a whole.
pub(super) fn each(app: &App<'_>, see: &mut dyn FnMut(RoleSummary)) -> Result<Faults> {
    let cache = app.existing_cache();
    let cached = cache
        .as_ref()
        .map(|cache| cache.snapshot(app.host.clock.now()));
    let mut faults = Faults::default();
    for name in app.role_names()? {
        match find(app, cached.as_ref(), &name, &Request::default()) {
            Ok(Some(row)) => see(row),
            Ok(None) => {}
            Err(error) => faults.push(error),
        }
    }
    Ok(faults)
}

/// Makes sure that `patterns` can be answered: which units accounts are in is known
/// once somebody has asked.
///
/// # Errors
/// It is not known, and one of them is about that.
pub(super) fn check_units<'p>(
    app: &App<'_>,
    mut patterns: impl Iterator<Item = &'p Pattern>,
) -> Result<()> {
    let Some(pattern) = patterns.find(|pattern| pattern.is_of_unit()) else {
        return Ok(());
    };
    match app.accounts().is_empty() {
        false => Ok(()),
        true => Err(Error::new(
            Kind::UnknownName,
            format!("no role matches \"{pattern}\"; the units of accounts are not known"),
        )
        .hint("ask AWS Organizations for them: assumerole accounts sync ROLE")),
    }
}

/// The role called `name`, with what is `cached` of it as `request` asks for it.
///
/// # Errors
/// It is wrong.
pub(super) fn find(
    app: &App<'_>,
    cached: Option<&Snapshot<'_>>,
    name: &str,
    request: &Request,
) -> Result<Option<RoleSummary>> {
    let target = Target::find(app.config()?, app.aws_files()?, name)?;
    Ok(target.map(|target| row(app, cached, &target, request)))
}

fn row(
    app: &App<'_>,
    cached: Option<&Snapshot<'_>>,
    target: &Target,
    request: &Request,
) -> RoleSummary {
    // A role whose profile is wrong is still a role.
    let plan = app.plan(target, request).ok();
    let entry = plan.as_ref().and_then(|plan| {
        let cached = cached?;
        let context = context(app, Some(cached.cache())).ok()?;
        cached.get(&context.keys(plan).pop()??)
    });
    let from = Said::of(app, target, plan.as_ref());
    let account = from.account.as_ref();
    let account = account.and_then(|id| app.accounts().get(id));
    RoleSummary {
        account_name: account.map(|account| account.name.clone()),
        unit: account.map(|account| account.unit.clone()),
        sso_session: plan.as_ref().and_then(Plan::sso_session).map(str::to_owned),
        name: target.name().to_owned(),
        account: from.account,
        role: from.role,
        profile: from.profile,
        origin: from.origin,
        region: from.region,
        mfa: from.mfa,
        description: target.description().map(str::to_owned),
        tags: target.tags().to_vec(),
        expires: entry.map(|entry| entry.expires.to_string()),
        seconds_left: entry.map(|entry| entry.left(app.host.clock.now()).as_secs()),
    }
}

/// What the plan says of a role; where there is none, what its file does.
struct Said {
    account: Option<String>,
    role: Option<String>,
    profile: String,
    origin: String,
    region: Option<String>,
    mfa: Option<String>,
}

impl Said {
    fn of(app: &App<'_>, target: &Target, plan: Option<&Plan>) -> Self {
        let role = target.role();
        let origin = match role {
            Some(role) => app.config().map(|config| config.path_of(role).to_owned()),
            None => app.aws_files().map(|files| origin(files, target.name())),
        };
        let arn = role.map(|role| role.arn(&Partition::aws()));
        let mfa = match (role, plan) {
            (Some(role), _) => role.aws_mfa_arn.as_ref().map(|d| d.value.to_string()),
            (None, Some(plan)) => {
                let mut steps = plan.steps.iter();
                steps.find_map(|step| step.device().map(ToString::to_string))
            }
            (None, None) => None,
        };
        Self {
            account: match plan {
                Some(plan) => plan.account().map(|account| account.to_string()),
                None => arn.as_ref().map(|arn| arn.account.to_string()),
            },
            role: match plan {
                Some(plan) => plan.role_name(),
                None => arn.map(|arn| arn.name),
            },
            profile: match plan {
                Some(plan) => plan.source.profile.value.clone(),
                None => role
                    .and_then(|role| role.aws_profile.as_ref())
                    .map(|profile| profile.value.clone())
                    .unwrap_or_default(),
            },
            origin: origin.unwrap_or_default(),
            region: match plan {
                Some(plan) => plan.region.value.as_ref().map(ToString::to_string),
                None => role
                    .and_then(|role| role.aws_region.as_ref())
                    .map(|region| region.value.to_string()),
            },
            mfa,
        }
    }
}

/// The file of a profile.
fn origin(files: &AwsFiles, name: &str) -> String {
    let section = files
        .profile(name)
        .and_then(|profile| profile.sections().next());
    section
        .map(|section| {
            let at = section.header_span().start;
            section.file().path_at(at).to_owned()
        })
        .unwrap_or_default()
}
