//! What STS says: whose the keys are, and what time it is.

use std::collections::BTreeMap;

use assumerole_aws::{Asked, clock_hint, sts};
use assumerole_core::plan::{Plan, SourceKind};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::{aws_clock, connect, sources};
use jiff::SignedDuration;

use super::configuration::Known;
use super::report::Findings;
use crate::app::App;

/// A difference that a slow answer does not explain and that AWS still takes.
const WORTH_SAYING: SignedDuration = SignedDuration::from_secs(30);

/// Asks once for each base profile with keys of its own.
pub(super) fn check(app: &App<'_>, known: &[Known], findings: &mut Findings<'_, '_>) {
    let mut profiles: BTreeMap<&str, &Plan> = BTreeMap::new();
    for plan in known.iter().filter_map(|known| known.plan.as_ref()) {
        if matches!(plan.source.kind, SourceKind::Keys { .. }) {
            profiles.entry(&plan.source.profile.value).or_insert(plan);
        }
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
    let (config, files) = (app.config()?, app.aws_files()?);
    let keys = sources::keys::credentials(files, profile)?;
    let Some(step) = plan.steps.first() else {
        return Err(Error::new(
            Kind::Config,
            format!("profile {profile} leads nowhere"),
        ));
    };
    let connection = connect(&step.route, &app.settings)?;
    let now = aws_clock(app.host);
    let keys_from = plan.source.keys_from();
    let asked = Asked {
        profile: profile.to_owned(),
        keys_from: keys_from
            .and_then(|from| from.place(config, files))
            .unwrap_or_default(),
        region: step.route.region.value.to_string(),
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
