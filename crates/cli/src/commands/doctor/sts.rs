//! What STS says: whose the keys are, and what time it is.

use std::collections::BTreeMap;

use assumerole_aws::{Asked, clock_hint, sts};
use assumerole_core::Result;
use assumerole_core::config::Role;
use assumerole_core::plan::{Plan, Source};
use assumerole_core::request::Request;
use assumerole_session::{aws_clock, connect, sources};
use jiff::SignedDuration;

use super::report::Findings;
use crate::app::App;

/// A difference that a slow answer does not explain and that AWS still takes.
const WORTH_SAYING: SignedDuration = SignedDuration::from_secs(30);

/// Asks once for each base profile.
pub(super) fn check(app: &App<'_>, roles: &[Role], findings: &mut Findings<'_, '_>) {
    let mut profiles: BTreeMap<String, Plan> = BTreeMap::new();
    for plan in roles
        .iter()
        .filter_map(|role| app.plan(role, &Request::default()).ok())
    {
        let Source::Profile { name, .. } = &plan.source;
        profiles.entry(name.clone()).or_insert(plan);
    }
    let mut skew = None;
    for (profile, plan) in &profiles {
        match identity(app, profile, plan) {
            Ok(identity) => {
                findings.good(&format!(
                    "STS accepts the keys of profile {profile}: {}",
                    identity.arn
                ));
                skew = skew.or(identity.skew);
            }
            Err(error) => findings.error(&error),
        }
    }
    if let Some(skew) = skew {
        clock(skew, findings);
    }
}

fn identity(app: &App<'_>, profile: &str, plan: &Plan) -> Result<sts::Identity> {
    let files = app.aws_files()?;
    let keys = sources::profile::credentials(files, profile)?;
    let connection = connect(&plan.sts, &app.settings)?;
    let now = aws_clock(app.host);
    let asked = Asked {
        profile: profile.to_owned(),
        keys_from: sources::profile::place(files, profile),
        region: plan.sts.region.to_string(),
        ..Asked::default()
    };
    sts::get_caller_identity(&connection, &keys, &now).map_err(|error| error.explain(&asked))
}

fn clock(skew: SignedDuration, findings: &mut Findings<'_, '_>) {
    if skew.abs() < WORTH_SAYING {
        findings.good("the clock agrees with that of STS");
    } else {
        findings.bad(&clock_hint(Some(skew)), &[]);
    }
}
