//! `login [NAME]`: obtain the MFA session ahead of time, so that no role asks
//! later.

use std::collections::BTreeMap;

use assumerole_core::config::MfaProviderName;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Call, Fresh, Plan, SourceKind, Step, Target};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Obtained;

use super::assume::{checked, obtained};
use super::confirm::ByName;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::time;

/// Obtain the MFA session ahead of time: one code for all roles of a user
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The MFA code; else it is asked for if needed
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    /// Ask for a new MFA code, though there is a session
    #[arg(long)]
    fresh_mfa: bool,

    /// Who has the MFA code: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    mfa: Option<MfaProviderName>,

    /// Whose session; else the only one there is
    #[arg(value_name = "PROFILE|ROLE")]
    name: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let code = checked(args.mfa_code)?;
    let plan = match &args.name {
        Some(name) => of(app, name)?,
        None => the_only_one(sessions(app, None)?)?,
    };
    let fresh = Fresh {
        role: false,
        mfa: args.fresh_mfa,
    };
    let confirm = ByName::new(app, args.name.as_deref(), &[]);
    let obtained = obtained(app, &plan, confirm, code, args.mfa, fresh)?;
    app.printer.note(&said(app, &plan, &obtained));
    Ok(Outcome::Done)
}

/// The session of the role or profile `name`. A profile that names no device
/// is asked for the one that its roles share.
fn of(app: &App<'_>, name: &str) -> Result<Plan> {
    let plan = app.plan(&app.target(name)?, &Request::default())?;
    let session = session_of(&plan);
    let has_device = |plan: &Plan| plan.steps.iter().any(|step| step.device().is_some());
    if plan.role().is_some() || session.as_ref().is_ok_and(has_device) {
        return session;
    }
    let of_roles = sessions(app, Some(name))?;
    match of_roles.is_empty() {
        true => session,
        false => the_only_one(of_roles),
    }
}

/// The beginning of `plan` up to its MFA session.
fn session_of(plan: &Plan) -> Result<Plan> {
    let is_session = |step: &Step| matches!(step.call, Call::Session(_));
    match plan.steps.iter().position(is_session) {
        Some(at) => Ok(Plan {
            steps: plan.steps[..=at].to_vec(),
            ..plan.clone()
        }),
        None => Err(no_session(plan)),
    }
}

fn no_session(plan: &Plan) -> Error {
    let (name, profile) = (&plan.name, &plan.source.profile.value);
    let error = Error::new(
        Kind::Usage,
        format!("{name} has no MFA session to log in to"),
    );
    match (&plan.source.kind, plan.steps.iter().find_map(Step::device)) {
        (SourceKind::Sso(sso), _) => {
            let how = match &sso.session {
                Some(session) => format!("aws sso login --sso-session {}", session.value),
                None => format!("aws sso login --profile {profile}"),
            };
            error
                .because(format!("it starts at {}", plan.source.describe()))
                .hint(format!("log in there: {how}"))
        }
        (SourceKind::Login(_), _) => error
            .because(format!("it starts at {}", plan.source.describe()))
            .hint(format!("log in there: aws login --profile {profile}")),
        (_, Some(_)) => error
            .because("its MFA code goes with each request")
            .hint(format!("see why: assumerole plan {}", argument(name))),
        _ => error.because("no MFA device is named for it").hint(format!(
            "see what it does: assumerole plan {}",
            argument(name)
        )),
    }
}

/// The sessions that roles share, each once; those of `profile`, if one is
/// named.
fn sessions(app: &App<'_>, profile: Option<&str>) -> Result<Vec<Plan>> {
    let (config, files) = (app.config()?, app.aws_files()?);
    let mut found: BTreeMap<[u8; 32], Plan> = BTreeMap::new();
    for name in app.role_names()? {
        // A role that is wrong says so when it is assumed.
        let Ok(Some(target)) = Target::find(config, files, &name) else {
            continue;
        };
        let plan = app.plan(&target, &Request::default());
        let session = plan.ok().and_then(|plan| session_of(&plan).ok());
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
        Some(device) => format!("MFA session of profile {profile} ({device})"),
        None => format!("session of profile {profile}"),
    };
    let had = if obtained.cached { ", cached" } else { "" };
    let now = app.host.clock.now();
    match obtained.ends {
        Some(ends) => format!(
            "{what}: {} ({}){had}",
            time::until(ends, now, &time::system_zone()),
            time::left(ends.duration_since(now)),
        ),
        None => what,
    }
}
