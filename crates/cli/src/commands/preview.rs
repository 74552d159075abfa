//! What assuming a role would do, in a few lines: for the chooser.

use assumerole_core::Result;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Call, Plan, Step, Target};
use assumerole_session::cache::Snapshot;
use jiff::SignedDuration;

use super::assume::{context, has_program};
use crate::app::App;
use crate::ui::chooser::Detail;
use crate::ui::time;

/// The lines for the role called `name`, asked for as `request` says; what is wrong with it, if something
/// is. Says nothing itself: the chooser has the terminal.
pub(super) fn of(
    app: &App<'_>,
    cached: Option<&Snapshot<'_>>,
    name: &str,
    request: &Request,
) -> Vec<Detail> {
    details(app, cached, name, request).unwrap_or_else(|error| {
        let mut details = vec![Detail::new("wrong", error.message())];
        details.extend(error.causes().iter().map(|why| Detail::new("why", why)));
        details.extend(error.hints().iter().map(|hint| Detail::new("hint", hint)));
        details
    })
}

fn details(
    app: &App<'_>,
    cached: Option<&Snapshot<'_>>,
    name: &str,
    request: &Request,
) -> Result<Vec<Detail>> {
    let Some(target) = Target::find(app.config()?, app.aws_files()?, name)? else {
        return Ok(Vec::new());
    };
    let plan = app.plan(&target, request)?;
    let now = app.host.clock.now();
    let keys = context(app, cached.map(Snapshot::cache))?.keys(&plan);
    let there = |number: usize| {
        let kept = cached.filter(|_| plan.is_kept(number));
        kept.zip(keys[number].as_ref())
            .and_then(|(cached, key)| cached.get(key))
    };
    let last = plan.steps.len();
    let session = match there(last) {
        None => "not cached".to_owned(),
        Some(entry) => format!(
            "cached {} ({} left)",
            time::until(entry.ends(), now, &app.host.time_zone()),
            time::left(entry.left(now)),
        ),
    };
    let session = match duration(&plan) {
        Some(seconds) => {
            let seconds = SignedDuration::from_secs(seconds.into());
            format!("{}, {session}", time::left(seconds))
        }
        None => session,
    };
    let needed = plan.needed(|number| there(number).is_some());
    let asked = needed.iter().find_map(Step::device);
    let device = plan.steps.iter().find_map(Step::device);
    let mfa = match (asked, device) {
        (Some(device), _) if has_program(app, &plan, device, None)? => {
            format!("{device}, a program provides the code")
        }
        (Some(device), _) => format!("{device}, prompts for a code"),
        (None, Some(device)) => format!("{device}, no code needed"),
        (None, None) => "none".to_owned(),
    };
    let role = plan.role_arn().map(ToString::to_string);
    let region = plan.region.value.as_ref().map(ToString::to_string);
    Ok(vec![
        Detail::new(
            "role",
            role.or_else(|| plan.role_name()).unwrap_or_default(),
        ),
        Detail::new("from", way(&plan)),
        Detail::new("region", region.unwrap_or_else(|| "none".to_owned())),
        Detail::new("MFA", mfa),
        Detail::new("session", session),
    ])
}

/// Where the role comes from, with the roles on the way.
fn way(plan: &Plan) -> String {
    let assumed = plan.steps.iter().filter_map(|step| match &step.call {
        Call::Assume(assume) => Some(assume.name.as_str()),
        Call::Session(_) => None,
    });
    let names: Vec<&str> = assumed.collect();
    let before = names.iter().rev().skip(1).rev();
    let mut way = plan.source.describe();
    for name in before {
        way.push_str(", ");
        way.push_str(name);
    }
    way
}

/// How long a new session lasts, where the plan says so; seconds.
fn duration(plan: &Plan) -> Option<u32> {
    Some(match &plan.steps.last()?.call {
        Call::Session(session) => session.duration.value,
        Call::Assume(assume) => assume.duration.value,
    })
}
