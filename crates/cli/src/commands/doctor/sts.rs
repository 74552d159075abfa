//! What STS says: whose the keys are, and what time it is.

use std::collections::HashSet;

use assumerole_aws::{Asked, clock_hint, sts};
use assumerole_core::Result;
use assumerole_core::plan::Plan;
use assumerole_session::{aws_clock, connect, sources};
use jiff::SignedDuration;

use super::report::Findings;
use crate::app::App;
use crate::commands::assume::context;
use crate::commands::keys::open;

/// A difference that a slow answer does not explain and that AWS still takes.
const WORTH_SAYING: SignedDuration = SignedDuration::from_secs(30);

/// Asks once for all keys that are written down.
pub(super) fn check(app: &App<'_>, plans: &[Plan], findings: &mut Findings<'_, '_>) {
    let mut seen = HashSet::new();
    let mut skew = None;
    for plan in plans {
        if !seen.insert(plan.source.describe()) {
            continue;
        }
        if app.host.clock.left().is_zero() {
            findings.skipped(
                "more keys against STS",
                "STS took too long for those before",
            );
            break;
        }
        match identity(app, plan) {
            Ok(Some(identity)) => {
                findings.good(&format!(
                    "STS accepts the {}: {}",
                    plan.source.describe(),
                    identity.arn
                ));
                open::learn_user(app, &plan.source.kind, &identity.arn);
                skew = skew.or(identity.skew);
            }
            Ok(None) => {}
            Err(error) => findings.error(&error),
        }
    }
    if let Some(skew) = skew {
        clock(skew, findings);
    }
}

/// Whose keys the plan begins with; `None` where they are written nowhere, or
/// STS is not asked anyway.
fn identity(app: &App<'_>, plan: &Plan) -> Result<Option<sts::Identity>> {
    let context = context(app, None)?;
    let keys = sources::written_keys(&context, &plan.source);
    let (Some(keys), Some(step)) = (keys, plan.steps.first()) else {
        return Ok(None);
    };
    let connection = connect(&step.route, &app.settings, app.host)?;
    let now = aws_clock(app.host);
    let place = plan.source.keys_from();
    let place = place.and_then(|from| from.place(context.config, context.aws_files));
    let asked = Asked {
        profile: plan.source.profile.value.clone(),
        keys_given: place.is_none().then(|| plan.source.describe()),
        keys_from: place.unwrap_or_default(),
        region: step.route.region.value.to_string(),
        ..Asked::default()
    };
    let identity = sts::get_caller_identity(&connection, &keys?, &now);
    identity.map(Some).map_err(|error| error.explain(&asked))
}

fn clock(skew: SignedDuration, findings: &mut Findings<'_, '_>) {
    if skew.abs() < WORTH_SAYING {
        findings.good("the clock agrees with that of STS");
    } else {
        findings.bad(&clock_hint(Some(skew)), &[]);
    }
}
