//! `logout [NAME…]`: forget cached credentials.

use assumerole_core::aws::ids::{MfaDevice, RoleRef};
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{CacheKey, Plan, SourceKind, Target, target_names};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Context;
use assumerole_session::cache::{Cache, Forgotten, Lineage};

use super::assume::context;
use crate::app::App;
use crate::outcome::Outcome;

/// Forget cached credentials
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Roles, profiles, MFA devices or ARNs [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let (removed, unknown) = match args.names.as_slice() {
        [] => (all(app)?, None),
        names => some(app, names)?,
    };
    if let Some(error) = unknown {
        if removed > 0 {
            app.printer.note(&told(removed));
        }
        return Err(error);
    }
    app.printer.note(&told(removed));
    Ok(Outcome::Done)
}

pub(super) fn told(removed: usize) -> String {
    match removed {
        0 => "nothing was cached".to_owned(),
        1 => "forgot 1 session".to_owned(),
        many => format!("forgot {many} sessions"),
    }
}

fn all(app: &App<'_>) -> Result<usize> {
    match app.existing_state_dir()? {
        Some(dir) => Cache::remove_all(&dir, app.host, app),
        None => Ok(0),
    }
}

/// By name as it was when the session was obtained, and by what the files say
/// now. How many there were, and the first name that is in neither.
fn some(app: &App<'_>, names: &[String]) -> Result<(usize, Option<Error>)> {
    let plans = plans(app);
    let cache = app.existing_cache();
    let (mut removed, mut unknown) = (0, None);
    for name in names {
        let mut gone = 0;
        if let Some(cache) = &cache {
            let context = context(app, Some(cache)).ok();
            gone = cache.forget(what(name, &plans, cache, context.as_ref()), app.host)?;
            removed += gone;
        }
        if gone == 0
            && unknown.is_none()
            && let Err(error) = known(app, name, &plans)
        {
            unknown = Some(error);
        }
    }
    Ok((removed, unknown))
}

/// What is cached for a name, found while the files still have it.
pub(super) struct Found {
    cache: Option<Cache>,
    what: Forgotten,
}

impl Found {
    /// All that `name` stands for now.
    pub(super) fn of(app: &App<'_>, name: &str) -> Self {
        let cache = app.existing_cache();
        let what = cache.as_ref().map(|cache| {
            let context = context(app, Some(cache)).ok();
            what(name, &plans(app), cache, context.as_ref())
        });
        Self {
            what: what.unwrap_or_default(),
            cache,
        }
    }

    /// Forgets it; how many sessions there were.
    ///
    /// # Errors
    /// One cannot be removed.
    pub(super) fn forget(self, app: &App<'_>) -> Result<usize> {
        match self.cache {
            Some(cache) => cache.forget(self.what, app.host),
            None => Ok(0),
        }
    }
}

/// The plans of all roles and profiles, as far as there are any.
fn plans(app: &App<'_>) -> Vec<Plan> {
    let (Ok(config), Ok(aws)) = (app.config_unsaid(), app.aws_files()) else {
        return Vec::new();
    };
    let plan = |target: &Target| app.plan(target, &Request::default()).ok();
    let mut plans = Vec::new();
    for name in target_names(config, aws).unwrap_or_default() {
        if let Ok(Some(role)) = config.role(&name) {
            plans.extend(plan(&Target::Role(Box::new(role))));
        }
        // Also one that a role of the same name hides.
        if aws.profile(&name).is_some() {
            plans.extend(plan(&Target::Profile(name)));
        }
    }
    plans
}

/// All that `name` stands for: itself, the ARN of its role, the keys of its
/// profile, and whatever is made of one of these now.
fn what(name: &str, plans: &[Plan], cache: &Cache, context: Option<&Context<'_>>) -> Forgotten {
    let mut what = Forgotten {
        name: name.to_owned(),
        role: name.parse().ok(),
        ..Forgotten::default()
    };
    let role = what.role.clone();
    // Without the files there are no plans, and no keys of them.
    let keys = |plan: &Plan| match context {
        Some(context) => context.keys(plan),
        None => vec![None; plan.steps.len() + 1],
    };
    let keys: Vec<_> = plans.iter().map(keys).collect();
    let named = |key: &Option<CacheKey>| key.as_ref().map(|key| cache.entry_name(key));
    for (plan, keys) in plans.iter().zip(&keys) {
        let last = plan.steps.len();
        if plan.name == name {
            what.all.extend(plan.role_arn().map(ToString::to_string));
            what.all.extend(named(&keys[last]));
        }
        let of_set = match (&plan.source.kind, &role) {
            (SourceKind::Sso(sso), Some(role)) => {
                role.is_permission_set(&sso.account.value, &sso.role.value)
            }
            _ => false,
        };
        if plan.source.profile.value == name || of_set {
            what.all.extend(named(&keys[0]));
        }
    }
    // What an earlier build made does not say all that it comes from.
    for (plan, keys) in plans.iter().zip(&keys) {
        for number in 0..=plan.steps.len() {
            let lineage = Lineage::of(plan, keys, number, Some(cache));
            let of_role = role
                .as_ref()
                .is_some_and(|role| lineage.is_of_role(role, None));
            if of_role || lineage.has_any(|part| *part == name || what.all.contains(part)) {
                what.all.extend(named(&keys[number]));
                if number == plan.steps.len() {
                    what.tokens.insert(plan.name.clone());
                }
            }
        }
    }
    what
}

/// Nothing that is cached is known by the ARN `name`.
fn no_arn_of_ours(name: &str) -> Error {
    Error::new(
        Kind::UnknownName,
        format!("{name:?} is the ARN of no role, session of a role or MFA device"),
    )
    .because(
        "they look like arn:aws:iam::123456789012:role/NAME, \
         arn:aws:sts::123456789012:assumed-role/NAME/SESSION, arn:aws:iam::123456789012:mfa/NAME",
    )
    .hint("name what it was obtained as: assumerole status")
}

/// Looks whether `name` stands for something, though nothing of it is cached.
///
/// # Errors
/// It does not, or what it stands for is wrong.
fn known(app: &App<'_>, name: &str, plans: &[Plan]) -> Result<()> {
    let is_device = |plan: &Plan| {
        let mut devices = plan.steps.iter().filter_map(|step| step.device());
        devices.any(|device| device.as_str() == name)
    };
    let is_arn = name.parse::<RoleRef>().is_ok() || name.parse::<MfaDevice>().is_ok();
    if name.starts_with("arn:") && !is_arn {
        return Err(no_arn_of_ours(name));
    }
    if name.starts_with("arn:") || plans.iter().any(is_device) {
        return Ok(());
    }
    let target = app.target(name)?;
    app.plan(&target, &Request::default()).map(drop)
}
