//! The roles of the file, each with what is known of it: for `list` and for
//! the chooser.

use assumerole_core::Result;
use assumerole_core::config::{Label, Role};
use assumerole_core::error::Warning;
use assumerole_core::ids::Partition;
use assumerole_core::request::Request;
use assumerole_session::cache::Snapshot;
use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use crate::app::App;

/// A role as people see it. The JSON of `list --json` has these fields.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) account: String,
    pub(super) role: String,
    pub(super) profile: String,
    pub(super) region: Option<String>,
    pub(super) mfa: Option<String>,
    pub(super) description: Option<String>,
    /// An object, whichever form the file has: that of a list is `null`.
    #[serde(serialize_with = "labels")]
    pub(super) tags: Vec<Label>,
    /// The file that it is from.
    pub(super) origin: String,
    /// When the cached session ends, RFC 3339.
    pub(super) expires: Option<String>,
    /// How much of it is left, seconds.
    pub(super) seconds_left: Option<i64>,
}

fn labels<S: Serializer>(labels: &[Label], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter().map(|label| (&label.name, &label.value)))
}

impl Row {
    /// How much of the cached session is left.
    pub(super) fn left(&self) -> Option<SignedDuration> {
        self.seconds_left.map(SignedDuration::from_secs)
    }
}

/// The roles in the order of the file. One that is wrong is left out, with a
/// warning: it stands in the way of no other.
///
/// # Errors
/// There is no file, or it is wrong as a whole.
pub(super) fn rows(app: &App<'_>) -> Result<(Vec<Row>, Vec<Warning>)> {
    let config = app.config()?;
    let cache = app.cache();
    let cached = cache
        .as_ref()
        .map(|cache| cache.snapshot(app.host.clock.now()));
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for name in config.role_names()? {
        match find(app, cached.as_ref(), &name) {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => {}
            Err(error) => faults.push(error.into_warning()),
        }
    }
    Ok((rows, faults))
}

/// The role called `name`, with what is `cached` of it.
///
/// # Errors
/// It is wrong.
pub(super) fn find(
    app: &App<'_>,
    cached: Option<&Snapshot<'_>>,
    name: &str,
) -> Result<Option<Row>> {
    let role = app.config()?.role(name)?;
    Ok(role.map(|role| row(app, cached, &role)))
}

fn row(app: &App<'_>, cached: Option<&Snapshot<'_>>, role: &Role) -> Row {
    // A role whose profile is wrong is still a role.
    let plan = app.plan(role, &Request::default()).ok();
    let entry = plan.as_ref().and_then(|plan| cached?.get(&plan.key()));
    let arn = match &plan {
        Some(plan) => plan.assume.arn.clone(),
        None => role.arn(&Partition::aws()),
    };
    let region = match &plan {
        Some(plan) => plan.region.clone(),
        None => role.aws_region.as_ref().map(|region| region.value.clone()),
    };
    Row {
        name: role.name.value.clone(),
        account: arn.account.to_string(),
        role: arn.name,
        profile: role.aws_profile.value.clone(),
        region: region.map(|region| region.to_string()),
        mfa: role
            .aws_mfa_arn
            .as_ref()
            .map(|device| device.value.to_string()),
        description: role.description.as_ref().map(|text| text.value.clone()),
        tags: role.tags.clone(),
        origin: app
            .config()
            .map_or_else(|_| String::new(), |config| config.path().to_owned()),
        expires: entry.map(|entry| entry.expires.to_string()),
        seconds_left: entry.map(|entry| entry.left(app.host.clock.now()).as_secs()),
    }
}
