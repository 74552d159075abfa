//! Whom a call was made for, so that a hint can name things and places.

use assumerole_aws::Asked;
use assumerole_core::config::Policy;
use assumerole_core::plan::origin::Origin;
use assumerole_core::plan::{Call, MfaWay, Plan};

use crate::context::Context;

/// The circumstances of step `number` of `plan` (see [`Plan::keys`]).
/// `cached`: what it was called with came from the cache.
pub(crate) fn of(context: &Context<'_>, plan: &Plan, number: usize, cached: bool) -> Asked {
    let place = |from: &Origin| from.place(context.config, context.aws_files);
    let profile = &plan.source.profile.value;
    let keys_from = plan.source.keys_from().and_then(place);
    let mut asked = Asked {
        profile: profile.clone(),
        keys_given: keys_from.is_none().then(|| plan.source.describe()),
        keys_from: keys_from.unwrap_or_default(),
        ..Asked::default()
    };
    let Some(step) = number.checked_sub(1).and_then(|n| plan.steps.get(n)) else {
        return asked;
    };
    asked.device = step.device().map(ToString::to_string);
    asked.region = step.route.region.value.to_string();
    let said = |from: &Origin| match from {
        Origin::Default | Origin::Rule(_) => None,
        from => place(from),
    };
    match &step.call {
        Call::Session(session) => {
            asked.duration = Some(session.duration.value);
            asked.duration_from = said(&session.duration.from);
        }
        Call::Assume(assume) => {
            asked.role = Some(assume.name.clone());
            asked.arn = Some(assume.arn.value.to_string());
            asked.duration = Some(assume.duration.value);
            asked.duration_from = said(&assume.duration.from);
            asked.in_aws_config = matches!(assume.arn.from, Origin::Aws(..));
            asked.old_session = cached && assume.way == MfaWay::Session;
            if assume.way == MfaWay::Session {
                asked.device = plan
                    .steps
                    .iter()
                    .find_map(|step| step.device().map(ToString::to_string));
            }
            if assume.way == MfaWay::None && number == 1 {
                asked.other_device = device_of(context, profile);
            }
            let id = assume.external_id.as_ref();
            asked.external_id_from = id.and_then(|id| place(&id.from));
            let policy = assume.policy.as_ref();
            asked.policy_from = policy.and_then(|policy| {
                policy_place(context, assume.name.as_str(), place(&policy.from)?)
            });
        }
    }
    asked
}

/// The device that a profile names beside its keys.
fn device_of(context: &Context<'_>, profile: &str) -> Option<String> {
    let value = context.aws_files.profile(profile)?.get("mfa_serial")?;
    let text = value.text().trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A policy that stands in a file of its own is to be corrected there.
fn policy_place(context: &Context<'_>, role: &str, place: String) -> Option<String> {
    let role = context.config.role(role).ok().flatten()?;
    Some(match role.session.policy?.value {
        Policy::Inline(_) => place,
        Policy::File(path) => format!("{path}, named at {place}"),
    })
}
