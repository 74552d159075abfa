//! Session policies: held against AWS's limits and recorded. What they allow
//! is not acted upon, because nothing here is authorised by policies.

use serde_json::Value;

use super::tags::Tags;
use crate::arn::Arn;
use crate::constraints::{ARN, Constraints, POLICY};
use crate::query::Params;
use crate::refusal::Refusal;

/// How many characters of policies and tags fill a session. AWS packs them
/// into a binary form of its own; this is an estimate on the strict side.
const SPACE: usize = 8192;

fn arns(params: &Params) -> Vec<(u32, Option<&str>)> {
    params
        .members("PolicyArns")
        .into_iter()
        .map(|n| (n, params.get(&format!("PolicyArns.member.{n}.arn"))))
        .collect()
}

pub(super) fn constrain(params: &Params, constraints: &mut Constraints) {
    constraints.text("policy", params.get("Policy"), (1, 2048), POLICY);
    let arns = arns(params);
    let shown: Vec<String> = arns
        .iter()
        .map(|(_, arn)| arn.unwrap_or_default().to_owned())
        .collect();
    constraints.list("policyArns", &shown, 10);
    for (n, arn) in arns {
        constraints.text(&format!("policyArns.{n}.member.arn"), arn, (20, 2048), ARN);
    }
}

/// How much of what a session can hold is filled, in percent.
///
/// # Errors
/// A policy is no JSON, an ARN names no policy, or all is too much.
pub(super) fn pack(params: &Params, tags: &Tags) -> Result<Option<usize>, Refusal> {
    let policy = params.get("Policy");
    if let Some(text) = policy
        && !serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object())
    {
        return Err(Refusal::new(
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        ));
    }
    let arns = arns(params);
    let mut filled = policy.map_or(0, str::len);
    for (_, arn) in &arns {
        let arn = arn.unwrap_or_default();
        let fits = |arn: Arn<'_>| arn.service == "iam" && arn.resource.starts_with("policy/");
        if !Arn::parse(arn).is_some_and(fits) {
            return Err(Refusal::validation(format!("{arn} is invalid")));
        }
        filled += arn.len();
    }
    if filled == 0 && tags.all.is_empty() {
        return Ok(None);
    }
    let only_tags = filled == 0;
    filled += tags
        .all
        .iter()
        .map(|tag| tag.key.len() + tag.value.len())
        .sum::<usize>();
    let percent = (filled * 100).div_ceil(SPACE);
    if percent <= 100 {
        return Ok(Some(percent));
    }
    let message = if only_tags {
        format!("Packed size of session tags consumes {percent}% of allotted space.")
    } else {
        format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.")
    };
    Err(Refusal::new(400, "PackedPolicyTooLarge", message))
}
