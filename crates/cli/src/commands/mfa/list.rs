//! `mfa list`: the devices that IAM knows, and which of them have a stored secret.

use assumerole_aws::{Asked, CallError, Reason, iam, sts};
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Fresh, Plan, Route, Step, Target};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_session::mfa::Never;
use assumerole_session::stored_keys::StoredDevice;
use assumerole_session::{aws_clock, connect, gate};
use jiff::Timestamp;
use serde::Serialize;

use super::of_device::{self, KeyUser};
use crate::app::App;
use crate::commands::assume::{context, obtained};
use crate::commands::confirm::ByName;
use crate::commands::keys::{key_of_profile, open};
use crate::commands::login;
use crate::outcome::Outcome;
use crate::ui::table::{self, Column, Table};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
IAM is asked with the MFA session of the profile if one is cached, otherwise
with its key; only if that is refused, a code is asked for.")]
pub(super) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,

    /// The profile of the user [default: all that have an access key]
    #[arg(value_name = "PROFILE")]
    profile: Option<String>,
}

/// A device as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonDevice {
    /// Its ARN or serial number.
    device: String,
    /// The name of its user; `null` if IAM did not say.
    user: Option<String>,
    /// The profile that IAM was asked with.
    profile: Option<String>,
    /// When it was assigned, RFC 3339.
    enabled: Option<String>,
    /// When its secret was stored, RFC 3339; `null` if it is not.
    stored: Option<String>,
}

/// A device, and what is known of it.
struct Known {
    device: String,
    user: Option<String>,
    profile: Option<String>,
    enabled: Option<Timestamp>,
    stored: Option<Timestamp>,
}

const COLUMNS: [Column; 5] = [
    Column::new("DEVICE").shrinks_to(table::NAME),
    Column::new("USER").if_any(),
    Column::new("PROFILE").if_any().dropped_at(1),
    Column::new("ENABLED").if_any().dropped_at(2),
    Column::new("STORED").if_any(),
];

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let mut stored = match open::existing(app)? {
        Some(store) => store.devices()?,
        None => Vec::new(),
    };
    let profiles = match &args.profile {
        Some(profile) => vec![profile.clone()],
        None => {
            let users = of_device::users(app)?.into_iter();
            users.map(|KeyUser { profile, .. }| profile).collect()
        }
    };
    let (mut known, mut failed) = (Vec::new(), None);
    for profile in &profiles {
        match of_profile(app, profile, &mut stored) {
            Ok(found) => known.extend(found),
            Err(error) => {
                let ends = matches!(
                    error.kind(),
                    Kind::Signal(_) | Kind::Interrupted | Kind::Cancelled
                );
                if ends || profiles.len() == 1 {
                    return Err(error);
                }
                app.printer.error(&error);
                failed = failed.or(Some(error.kind()));
            }
        }
    }
    if args.profile.is_none() {
        known.extend(stored.into_iter().map(|one| Known {
            device: one.device,
            user: None,
            profile: None,
            enabled: None,
            stored: Some(one.stored),
        }));
    }
    show(app, &known, args.json)?;
    match failed {
        None => Ok(Outcome::Done),
        Some(kind) => Err(Error::new(kind, "not every user's devices could be listed")
            .hint("ask for one user: assumerole mfa list PROFILE")),
    }
}

fn show(app: &App<'_>, known: &[Known], json: bool) -> Result<()> {
    if json {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let rows = known.iter().map(|one| JsonDevice {
            device: one.device.clone(),
            user: one.user.clone(),
            profile: one.profile.clone(),
            enabled: text(one.enabled),
            stored: text(one.stored),
        });
        app.json(&rows.collect::<Vec<_>>())?;
        return Ok(());
    }
    if known.is_empty() {
        app.printer.note("no MFA device was found");
        return Ok(());
    }
    let zone = app.host.time_zone();
    let date = |at: Option<Timestamp>| {
        let date = at.map(|at| zone.to_datetime(at).date().to_string());
        date.unwrap_or_default()
    };
    let mut table = Table::new(COLUMNS);
    for one in known {
        table.row([
            one.device.clone().into(),
            one.user.clone().unwrap_or_default().into(),
            one.profile.clone().unwrap_or_default().into(),
            date(one.enabled).into(),
            date(one.stored).into(),
        ]);
    }
    let settings = app.printer.settings();
    app.data(&table.render(settings.out, settings.out_width))?;
    Ok(())
}

/// The devices of the user of `profile`; those of them that are `stored` are
/// taken out there.
fn of_profile(app: &App<'_>, profile: &str, stored: &mut Vec<StoredDevice>) -> Result<Vec<Known>> {
    let session = login::session_of_profile(app, profile, &Request::default());
    let session = session
        .ok()
        .filter(|plan| plan.steps.iter().any(|step: &Step| step.device().is_some()));
    let cached = session.as_ref().and_then(|plan| cached(app, plan));
    let has_session = cached.is_some();
    let keys = match cached {
        Some(keys) => keys,
        None => key_of_profile(app, profile)?,
    };
    let found = match (ask(app, profile, &keys)?, session) {
        (Err(error), Some(plan))
            if !has_session && error.reason() == Some(Reason::NotAuthorized) =>
        {
            let confirm = ByName::new(app, Some(profile), &[]);
            let session = obtained(app, &plan, confirm, None, None, Fresh::default());
            let session = session.map_err(|asked| match asked.kind() {
                // The refusal says what is wrong, and this what would help.
                Kind::CannotAsk => of_refusal(profile, &error).hint(format!(
                    "log in first: assumerole login {}",
                    argument(profile)
                )),
                _ => asked,
            })?;
            ask(app, profile, &session.credentials)?
        }
        (found, _) => found,
    };
    let found = found.map_err(|error| of_refusal(profile, &error))?;
    let known = found.into_iter().map(|one| {
        let serial = one.serial.as_str();
        let at = stored.iter().position(|stored| stored.device == serial);
        Known {
            device: serial.to_owned(),
            user: one.user,
            profile: Some(profile.to_owned()),
            enabled: one.enabled,
            stored: at.map(|at| stored.remove(at).stored),
        }
    });
    Ok(known.collect())
}

/// The MFA session of `plan`, if it is there: nobody is asked for one.
fn cached(app: &App<'_>, plan: &Plan) -> Option<Credentials> {
    let mut confirm = ByName::new(app, None, &[]);
    let cleared = gate::clear(&app.guarding().ok()?, plan, &mut confirm).ok()?;
    let cache = app.existing_cache()?;
    let context = context(app, Some(&cache)).ok()?;
    let mut nobody = Never::new("only a session that is there is used");
    let obtained = context.obtain(&cleared, &mut nobody, Fresh::default());
    obtained.ok().map(|obtained| obtained.credentials)
}

/// Asks IAM with `keys`, which are a key or an MFA session of `profile`.
fn ask(
    app: &App<'_>,
    profile: &str,
    keys: &Credentials,
) -> Result<Result<Vec<iam::DeviceStatus>, CallError>> {
    let (files, now) = (app.aws_files()?, aws_clock(app.host));
    let found = files.profile(profile);
    let found = found.ok_or_else(|| no_profile(profile))?;
    let route = Route::to_iam(files, &found, &app.settings)?;
    let connection = connect(&route, &app.settings, app.host)?;
    let name = match keys.session_token {
        None => None,
        // By a session, IAM does not tell whose devices are meant.
        Some(_) => {
            let sts = Route::to_sts_with_keys(files, &found, &app.settings)?;
            let sts = connect(&sts, &app.settings, app.host)?;
            match sts::get_caller_identity(&sts, keys, &now) {
                Ok(identity) => {
                    if let Ok(plan) =
                        app.plan(&Target::Profile(profile.to_owned()), &Request::default())
                    {
                        open::learn_user(app, &plan.source.kind, &identity.arn);
                    }
                    identity.arn.rsplit('/').next().map(str::to_owned)
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    };
    Ok(iam::list_mfa_devices(
        &connection,
        keys,
        name.as_deref(),
        &now,
    ))
}

fn no_profile(name: &str) -> Error {
    Error::new(Kind::UnknownName, format!("there is no profile {name}"))
        .hint("see the profiles: aws configure list-profiles")
}

fn of_refusal(profile: &str, error: &CallError) -> Error {
    let asked = Asked {
        profile: profile.to_owned(),
        keys_given: Some(format!("profile {profile}")),
        ..Asked::default()
    };
    iam::explain(error, &asked)
}
