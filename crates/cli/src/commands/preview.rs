//! What assuming a role would do, in a few lines: for the chooser.

use assumerole_core::Result;
use assumerole_core::request::Request;
use assumerole_session::cache::Snapshot;
use jiff::SignedDuration;

use crate::app::App;
use crate::ui::chooser::Detail;
use crate::ui::time;

/// The lines for the role called `name`; what is wrong with it, if something
/// is. Says nothing itself: the chooser has the terminal.
pub(super) fn of(app: &App<'_>, cached: Option<&Snapshot<'_>>, name: &str) -> Vec<Detail> {
    details(app, cached, name).unwrap_or_else(|error| {
        let mut details = vec![Detail::new("wrong", error.message())];
        details.extend(error.causes().iter().map(|why| Detail::new("why", why)));
        details.extend(error.hints().iter().map(|hint| Detail::new("hint", hint)));
        details
    })
}

fn details(app: &App<'_>, cached: Option<&Snapshot<'_>>, name: &str) -> Result<Vec<Detail>> {
    let Some(role) = app.config()?.role(name)? else {
        return Ok(Vec::new());
    };
    let plan = app.plan(&role, &Request::default())?;
    let now = app.host.clock.now();
    let entry = cached.and_then(|cached| cached.get(&plan.key()));
    let mfa = match (&plan.assume.mfa, entry) {
        (None, _) => "none".to_owned(),
        (Some(device), None) => format!("{device}, a code is asked for"),
        (Some(device), Some(_)) => format!("{device}, not asked for"),
    };
    let mut session = time::left(SignedDuration::from_secs(plan.assume.duration.into()));
    session.push_str(&match entry {
        None => ", not cached".to_owned(),
        Some(entry) => format!(
            ", cached {} ({} left)",
            time::until(entry.ends(), now, &time::system_zone()),
            time::left(entry.left(now)),
        ),
    });
    let region = plan.region.as_ref().map(ToString::to_string);
    Ok(vec![
        Detail::new("role", plan.assume.arn.to_string()),
        Detail::new("profile", role.aws_profile.value.as_str()),
        Detail::new("region", region.unwrap_or_else(|| "none".to_owned())),
        Detail::new("MFA", mfa),
        Detail::new("session", session),
    ])
}
