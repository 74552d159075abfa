//! A plan in a few lines, for `--verbose` twice.

use assumerole_core::plan::{AssumeRole, CacheKey, Call, Plan, Step};

use crate::report::Report;

/// Says what `plan` will do. `keys` are its own.
pub(crate) fn plan(report: &dyn Report, plan: &Plan, keys: &[Option<CacheKey>]) {
    if !report.wants_detail() {
        return;
    }
    let source = &plan.source;
    report.detail(&format!("plan: {}", source.describe()));
    for (step, key) in plan.steps.iter().zip(keys.iter().skip(1)) {
        let key = key.map_or_else(
            || "known when it is known who calls".to_owned(),
            |key| format!("{key:?}"),
        );
        report.detail(&format!("plan: {}, {}; key {key}", call(step), route(step)));
    }
}

fn call(step: &Step) -> String {
    let device = step.device().map(ToString::to_string);
    let mfa = device.map_or_else(
        || "no code".to_owned(),
        |device| format!("code of {device}"),
    );
    match &step.call {
        Call::Session(session) => {
            format!("GetSessionToken for {} s, {mfa}", session.duration.value)
        }
        Call::Assume(assume) => format!(
            "AssumeRole {} as {} for {} s, {mfa}{}",
            assume.arn.value,
            assume.session_name.value,
            assume.duration.value,
            with(assume)
        ),
    }
}

fn route(step: &Step) -> String {
    let url = step.route.endpoint_url.value.as_ref();
    format!(
        "STS in {}, endpoint {}",
        step.route.region.value,
        url.map_or_else(|| "of AWS".to_owned(), ToString::to_string)
    )
}

/// What goes with the request; values of tags may be private.
fn with(assume: &AssumeRole) -> String {
    let mut parts = Vec::new();
    // It is what its owner gave to us alone.
    if assume.external_id.is_some() {
        parts.push("an external ID".to_owned());
    }
    if let Some(identity) = &assume.source_identity {
        parts.push(format!("source identity {}", identity.value.as_str()));
    }
    let tags = &assume.tags.value;
    if !tags.is_empty() {
        let keys: Vec<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
        parts.push(format!("tags {}", keys.join(", ")));
    }
    parts.extend(assume.policy_arns.value.iter().map(ToString::to_string));
    if let Some(policy) = &assume.policy {
        parts.push(format!("policy {}", policy.value.as_str()));
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("; {}", parts.join("; ")),
    }
}
