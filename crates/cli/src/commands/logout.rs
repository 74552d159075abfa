//! `logout [NAME…]`: forget cached credentials.

pub(super) mod revoke;

use assumerole_core::aws::ids::{MfaDevice, RoleRef};
use assumerole_core::diagnostic::Warning;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{CacheKey, Plan, SourceKind, Target, target_names};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::Removed;
use assumerole_session::cache::{Cache, Forgotten, Lineage};

use super::assume::context;
use super::{console, serve};
use crate::app::App;
use crate::outcome::Outcome;

/// Forget cached credentials
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --revoke, logins of IAM Identity Center and of `aws login` are ended at
AWS, too, and their files are removed: NAME is an sso-session, a role or profile
that begins at the login, or the ARN of a session of `status --aws`. Credentials
that were handed out before stay valid until they expire.")]
pub(crate) struct Args {
    /// End the logins behind it at AWS, too
    #[arg(long)]
    revoke: bool,

    /// Roles, profiles, MFA devices or ARNs [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    if args.revoke {
        return revoke::run(app, &args.names);
    }
    let (removed, unknown) = match args.names.as_slice() {
        [] => {
            let removed = all(app)?;
            forget_browsers(app, &[])?;
            (removed, None)
        }
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

/// Removes the browser profiles that `console` made for roles; whether there were
/// any.
fn forget_browsers(app: &App<'_>, names: &[String]) -> Result<bool> {
    let removed = console::forget_profiles(app, names)?;
    if removed.in_use > 0 {
        let message = "a browser profile is in use, and its console stays signed in";
        app.printer.warning(
            &Warning::new(message).hint("close its windows, then: assumerole console --forget"),
        );
    }
    match removed.gone {
        0 => {}
        1 => app.printer.note("removed 1 browser profile"),
        many => app
            .printer
            .note(&format!("removed {many} browser profiles")),
    }
    Ok(removed != Removed::default())
}

fn all(app: &App<'_>) -> Result<usize> {
    match app.existing_state_dir()? {
        Some(dir) => Cache::remove_all(&dir, app.host, app),
        None => forget_uncached(app).map(|()| 0),
    }
}

/// Tells servers, which may have what is not cached: they look in the program's
/// folder. If somebody has removed it, it is made anew, where there is a server.
fn forget_uncached(app: &App<'_>) -> Result<()> {
    match app.existing_state_dir()? {
        Some(dir) => Cache::forget_uncached(&dir, app.host),
        None if serve::elsewhere(app) => Cache::forget_uncached(app.state_dir()?, app.host),
        None => Ok(()),
    }
}

/// By name as it was when the session was obtained, and by what the files say
/// now. How many there were, and the first name that is in neither.
fn some(app: &App<'_>, names: &[String]) -> Result<(usize, Option<Error>)> {
    let cache = app.existing_cache();
    let found = cache.as_ref().map(|cache| all_of(app, names, cache));
    let mut found = found.unwrap_or_default().into_iter();
    let (mut removed, mut unknown) = (0, None);
    if cache.is_none() {
        forget_uncached(app)?;
    }
    for name in names {
        let mut gone = 0;
        if let (Some(cache), Some(what)) = (&cache, found.next()) {
            gone = cache.forget(what, app.host)?;
            removed += gone;
        }
        let had_browser = forget_browsers(app, std::slice::from_ref(name))?;
        if gone == 0
            && !had_browser
            && unknown.is_none()
            && let Err(error) = known(app, name)
        {
            unknown = Some(error);
        }
    }
    Ok((removed, unknown))
}

/// What is cached for some names, found while the files still have them.
pub(super) struct CachedSessions {
    cache: Option<Cache>,
    what: Vec<Forgotten>,
}

impl CachedSessions {
    /// All that `name` stands for now.
    pub(super) fn of(app: &App<'_>, name: &str) -> Self {
        Self::of_all(app, &[name.to_owned()])
    }

    /// All that `names` stand for now.
    pub(super) fn of_all(app: &App<'_>, names: &[String]) -> Self {
        let cache = app.existing_cache();
        let what = cache.as_ref();
        let what = what.map(|cache| all_of(app, names, cache));
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
            Some(cache) => {
                let what = self.what.into_iter();
                let forget = |what| cache.forget(what, app.host);
                what.map(forget).sum()
            }
            None => Ok(0),
        }
    }
}

/// Shows `see` the plans of all roles and profiles, as far as there are any, one
/// after the other: there may be a hundred thousand.
fn each_plan(app: &App<'_>, see: &mut dyn FnMut(&Plan)) {
    let (Ok(config), Ok(aws)) = (app.config_unsaid(), app.aws_files()) else {
        return;
    };
    let mut plan = |target: &Target| {
        if let Ok(plan) = app.plan(target, &Request::default()) {
            see(&plan);
        }
    };
    for name in target_names(config, aws).unwrap_or_default() {
        if let Ok(Some(role)) = config.role(&name) {
            plan(&Target::Role(Box::new(role)));
        }
        // Also one that a role of the same name hides.
        if aws.profile(&name).is_some() {
            plan(&Target::Profile(name));
        }
    }
}

/// All that each of `names` stands for: itself, the ARN of its role, the keys of
/// its profile, and whatever is made of one of these now.
fn all_of(app: &App<'_>, names: &[String], cache: &Cache) -> Vec<Forgotten> {
    let whole = |name: &String| Forgotten {
        name: name.clone(),
        role: name.parse().ok(),
        ..Forgotten::default()
    };
    let mut all: Vec<Forgotten> = names.iter().map(whole).collect();
    if cache.is_empty() {
        return all;
    }
    let context = context(app, Some(cache)).ok();
    // Without the files there are no plans, and no keys of them.
    let keys = |plan: &Plan| match &context {
        Some(context) => context.keys(plan),
        None => vec![None; plan.steps.len() + 1],
    };
    each_plan(app, &mut |plan| {
        let keys = keys(plan);
        for what in &mut all {
            named_by(what, plan, &keys, cache);
        }
    });
    each_plan(app, &mut |plan| {
        let keys = keys(plan);
        for number in 0..=plan.steps.len() {
            let lineage = Lineage::of(plan, &keys, number, Some(cache));
            for what in &mut all {
                made_of(what, plan, &lineage, entry(cache, &keys, number), number);
            }
        }
    });
    all
}

/// The result `number` of a plan with `keys`, as the cache names it.
fn entry(cache: &Cache, keys: &[Option<CacheKey>], number: usize) -> Option<String> {
    let key = keys.get(number)?.as_ref()?;
    Some(cache.entry_name(key))
}

/// Adds what `plan` says that the name stands for.
fn named_by(what: &mut Forgotten, plan: &Plan, keys: &[Option<CacheKey>], cache: &Cache) {
    if plan.name == what.name {
        what.all.extend(plan.role_arn().map(ToString::to_string));
        what.all.extend(entry(cache, keys, plan.steps.len()));
    }
    let of_set = match (&plan.source.kind, &what.role) {
        (SourceKind::Sso(sso), Some(role)) => {
            role.is_permission_set(&sso.account.value, &sso.role.value)
        }
        _ => false,
    };
    if plan.source.profile.value == what.name || of_set {
        what.all.extend(entry(cache, keys, 0));
    }
}

/// Adds the result `number` of `plan`, if it is made of what shall be forgotten:
/// what an earlier build made does not say all that it comes from.
fn made_of(
    what: &mut Forgotten,
    plan: &Plan,
    lineage: &Lineage,
    entry: Option<String>,
    number: usize,
) {
    let role = what.role.as_ref();
    let of_role = role.is_some_and(|role| lineage.is_of_role(role, None));
    if of_role || lineage.has_any(|part| *part == what.name || what.all.contains(part)) {
        what.all.extend(entry);
        if number == plan.steps.len() {
            what.tokens.insert(plan.name.clone());
        }
    }
}

/// Nothing that is cached is known by the ARN `name`.
fn no_arn_of_ours(name: &str) -> Error {
    Error::new(
        Kind::UnknownName,
        format!("{name:?} is not the ARN of a role, a role session or an MFA device"),
    )
    .because(
        "they look like arn:aws:iam::123456789012:role/NAME, \
         arn:aws:sts::123456789012:assumed-role/NAME/SESSION, arn:aws:iam::123456789012:mfa/NAME",
    )
    .hint("name it as shown by: assumerole status")
}

/// Looks whether `name` stands for something, though nothing of it is cached.
///
/// # Errors
/// It does not, or what it stands for is wrong.
fn known(app: &App<'_>, name: &str) -> Result<()> {
    let is_arn = name.parse::<RoleRef>().is_ok() || name.parse::<MfaDevice>().is_ok();
    if name.starts_with("arn:") {
        return match is_arn {
            true => Ok(()),
            false => Err(no_arn_of_ours(name)),
        };
    }
    let target = app.target(name);
    let planned = target.and_then(|target| app.plan(&target, &Request::default()));
    let Err(error) = planned else { return Ok(()) };
    let mut is_device = false;
    each_plan(app, &mut |plan| {
        let mut devices = plan.steps.iter().filter_map(|step| step.device());
        is_device |= devices.any(|device| device.as_str() == name);
    });
    match is_device {
        true => Ok(()),
        false => Err(error),
    }
}
