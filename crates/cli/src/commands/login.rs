//! `login [NAME [CODE]]`: obtain ahead of time what a person is asked for, so
//! that nobody is asked later: the MFA session, or the session of a role that
//! takes a code of its own.

use std::collections::BTreeMap;

use assumerole_core::config::MfaProviderName;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Call, Fresh, Plan, SourceKind, Step, Target};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_session::Obtained;

use super::assume::{checked, context, obtained};
use super::confirm::ByName;
use super::sso::account;
use super::sso::first_login;
use super::sso::flow::Flow;
use super::sso::login::{Args as LoginOptions, log_in_first};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::time;

/// Answer ahead of time what a role asks a person for
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The MFA code [default: prompt when needed]
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    /// Ask for a new MFA code, even if a session is cached
    #[arg(long)]
    fresh_mfa: bool,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    mfa: Option<MfaProviderName>,

    /// Sign in on any device, with a code
    #[arg(long)]
    remote: bool,

    /// Sign in with this machine's browser, in place of keys
    #[arg(long, requires = "name", conflicts_with_all = ["remote", "code", "mfa_code", "fresh_mfa", "mfa"])]
    browser: bool,

    /// Whose session; else the only one there is
    #[arg(value_name = "PROFILE|ROLE")]
    name: Option<String>,

    /// The MFA code
    #[arg(value_name = "CODE", conflicts_with = "mfa_code")]
    code: Option<String>,
}

impl Args {
    /// Whether a new code is asked for.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh_mfa
    }
}

const AFTER_HELP: &str = "\
Obtains the MFA session, from which all roles of a user are assumed without
another code; where the code goes with the role itself, the role's session. One
that ends within the hour is replaced. For a login of IAM Identity Center or a
profile with login_session, you sign in on AWS's page. With --browser, a profile
with keys becomes one with login_session, after a question.";

pub(crate) fn run(app: &mut App<'_>, args: Args) -> Result<Outcome> {
    app.settings.consumer = Consumer::Login;
    let app = &*app;
    let code = checked(args.mfa_code.or(args.code))?;
    let plan = match &args.name {
        Some(name) => {
            if args.browser && first_login::is_for(app, name)? {
                first_login::sign_in_instead(app, name)?;
                return Ok(Outcome::Done);
            }
            let plan = named(app, name)?;
            if let (SourceKind::Login(login), None) = (&plan.source.kind, &code) {
                let flow = Flow::said(&app.env, args.browser, args.remote);
                account::sign_in_first(app, &plan, login, flow)?;
                return Ok(Outcome::Done);
            }
            // A code is for something else.
            if let (SourceKind::Sso(sso), None) = (&plan.source.kind, &code) {
                log_in_first(
                    app,
                    &sso.at,
                    Some(&plan.source.profile.value),
                    &LoginOptions::said(args.browser, args.remote),
                )?;
                return Ok(Outcome::Done);
            }
            if args.browser {
                return Err(no_login(&plan));
            }
            of(app, name, &plan)?
        }
        None => the_only_one(sessions(app, None)?)?,
    };
    let fresh = Fresh {
        role: false,
        mfa: args.fresh_mfa,
    };
    context(app, app.existing_cache().as_ref())?.forget_refusals(&plan);
    let confirm = ByName::new(app, args.name.as_deref(), &[]);
    let obtained = obtained(app, &plan, confirm, code, args.mfa, fresh);
    let obtained = obtained.map_err(|error| match args.name {
        Some(_) => error,
        // No role was named, and none has to be.
        None => {
            let of_role = format!("assumerole login {} CODE", argument(&plan.name));
            error.with_hints(|hint| hint.replace(&of_role, "assumerole login --mfa-code CODE"))
        }
    })?;
    app.printer.note(&said(app, &plan, &obtained));
    Ok(Outcome::Done)
}

/// The plan of the role or profile `name`.
fn named(app: &App<'_>, name: &str) -> Result<Plan> {
    let target = app.target(name).map_err(|error| match is_code(name) {
        true => error.hint(format!(
            "give the code as a flag: assumerole login --mfa-code {name}"
        )),
        false => error,
    })?;
    app.plan(&target, &Request::default())
}

/// What `plan`, of the role or profile `name`, asks a person for. A profile that
/// names no device is asked for the one that its roles share.
fn of(app: &App<'_>, name: &str, plan: &Plan) -> Result<Plan> {
    let asked = asked_of(plan);
    let has_device = |plan: &Plan| plan.steps.iter().any(|step| step.device().is_some());
    if plan.role().is_some() || asked.as_ref().is_ok_and(has_device) {
        return asked;
    }
    let of_roles = sessions(app, Some(name))?;
    match of_roles.is_empty() {
        true => asked,
        false => the_only_one(of_roles),
    }
}

/// The session of profile `name`'s own key: with the MFA device that the profile
/// names, else with the one that its roles share, else without.
///
/// # Errors
/// There is no such profile, it is a role, or its roles have several sessions.
pub(super) fn session_of_profile(app: &App<'_>, name: &str, request: &Request) -> Result<Plan> {
    let plan = app.plan(&Target::Profile(name.to_owned()), request)?;
    if plan.role().is_some() || plan.steps.is_empty() {
        return Err(no_session(&plan));
    }
    let has_device = plan.steps.iter().any(|step| step.device().is_some());
    let of_roles = match has_device {
        true => Vec::new(),
        false => sessions(app, Some(name))?,
    };
    match of_roles.is_empty() {
        true => Ok(plan),
        false => the_only_one(of_roles),
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The beginning of `plan` up to its MFA session.
fn session_of(plan: &Plan) -> Option<Plan> {
    let is_session = |step: &Step| matches!(step.call, Call::Session(_));
    let at = plan.steps.iter().position(is_session)?;
    Some(up_to(plan, at))
}

/// The beginning of `plan` up to what takes a code: its MFA session, or the role
/// that the code goes with.
fn asked_of(plan: &Plan) -> Result<Plan> {
    let takes_code = |step: &Step| step.device().is_some();
    let with_code = || Some(up_to(plan, plan.steps.iter().rposition(takes_code)?));
    session_of(plan)
        .or_else(with_code)
        .ok_or_else(|| no_session(plan))
}

fn up_to(plan: &Plan, step: usize) -> Plan {
    Plan {
        steps: plan.steps[..=step].to_vec(),
        ..plan.clone()
    }
}

/// `--browser` of something that cannot have a login.
fn no_login(plan: &Plan) -> Error {
    let (name, profile) = (&plan.name, plan.source.profile.value.as_str());
    let error = Error::new(
        Kind::Usage,
        format!("{name} does not start at a login in the browser"),
    )
    .because(format!("it starts at {}", plan.source.describe()));
    match plan.source.kind {
        SourceKind::Keys { .. } | SourceKind::Stored { .. } | SourceKind::Process { .. } => error
            .hint(format!(
                "make it one: assumerole login {} --browser",
                argument(profile)
            )),
        _ => error,
    }
}

fn no_session(plan: &Plan) -> Error {
    let name = &plan.name;
    let error = Error::new(
        Kind::Usage,
        format!("{name} has no MFA session to log in to"),
    );
    match &plan.source.kind {
        SourceKind::Sso(_) => error
            .because(format!("it starts at {}", plan.source.describe()))
            .hint(format!(
                "log in there, without a code: assumerole login {}",
                argument(name)
            )),
        SourceKind::Login(_) => error
            .because(format!("it starts at {}", plan.source.describe()))
            .hint(format!(
                "log in there, without a code: assumerole login {}",
                argument(name)
            )),
        _ => error.because("no MFA device is named for it").hint(format!(
            "see what it does: assumerole plan {}",
            argument(name)
        )),
    }
}

/// The sessions that roles share, each once; those of `profile`, if one is
/// named.
fn sessions(app: &App<'_>, profile: Option<&str>) -> Result<Vec<Plan>> {
    app.show_accounts();
    let (config, files) = (app.config()?, app.aws_files()?);
    let mut found: BTreeMap<[u8; 32], Plan> = BTreeMap::new();
    for name in app.role_names()? {
        // A role that is wrong says so when it is assumed.
        let Ok(Some(target)) = Target::find(config, files, &name) else {
            continue;
        };
        let plan = app.plan(&target, &Request::default());
        let session = plan.ok().and_then(|plan| session_of(&plan));
        let wanted = |plan: &Plan| profile.is_none_or(|name| plan.source.profile.value == name);
        if let Some(session) = session.filter(wanted) {
            found
                .entry(*session.fingerprint().bytes())
                .or_insert(session);
        }
    }
    Ok(found.into_values().collect())
}

fn the_only_one(mut plans: Vec<Plan>) -> Result<Plan> {
    if plans.len() > 1 {
        let mut names: Vec<String> = plans.iter().map(label).collect();
        names.sort_unstable();
        let message = format!("there are {} MFA sessions to log in to", plans.len());
        return Err(Error::new(Kind::Usage, message)
            .because(format!("they are {}", names.join("; ")))
            .hint("name a role that comes from the one that is meant: assumerole login ROLE"));
    }
    plans.pop().ok_or_else(|| {
        Error::new(Kind::Usage, "no role has an MFA session to log in to")
            .hint("see all roles and their MFA devices: assumerole list")
    })
}

fn label(plan: &Plan) -> String {
    let profile = &plan.source.profile.value;
    match plan.steps.last().and_then(Step::device) {
        Some(device) => format!("profile {profile} with {device}"),
        None => format!("profile {profile}"),
    }
}

fn said(app: &App<'_>, plan: &Plan, obtained: &Obtained) -> String {
    let profile = &plan.source.profile.value;
    let what = match plan.steps.last().and_then(Step::device) {
        Some(_) if plan.role().is_some() => format!("role {}", one_line(&plan.name)),
        Some(device) => format!("MFA session of profile {profile} ({device})"),
        None => format!("session of profile {profile}"),
    };
    let had = if obtained.cached { ", cached" } else { "" };
    let now = app.host.clock.now();
    match obtained.ends {
        Some(ends) => format!(
            "{what}: {} ({}){had}",
            time::until(ends, now, &app.host.time_zone()),
            time::left(ends.duration_since(now)),
        ),
        None => what,
    }
}
