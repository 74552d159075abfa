//! What tells one session of a role from another, for people.

use serde::{Deserialize, Serialize};

use super::{AssumeRole, Call, Plan, SourceKind};
use crate::aws::ids::{PolicyArn, SessionTag};
use crate::plan::origin::Origin;

/// More policies and tags than these are worth no word.
const MOST: usize = 8;

/// What narrows a session, and what somebody asked for it besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Policies and tags: `read-only`, the name of a policy, `tag KEY=VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed: Vec<String>,
    /// Its name in CloudTrail, where somebody chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The seconds that were asked for, where somebody asked for this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
}

impl Marks {
    /// Those of result `number` of `plan`.
    pub fn of(plan: &Plan, number: usize) -> Self {
        let Some(step) = number.checked_sub(1) else {
            let narrowed = match &plan.source.kind {
                SourceKind::WebIdentity(web) => web.policy_arns.value.iter().map(policy).collect(),
                _ => Vec::new(),
            };
            return Self {
                narrowed,
                ..Self::default()
            };
        };
        match plan.steps.get(step).map(|step| &step.call) {
            Some(Call::Assume(assume)) => Self::of_role(assume),
            _ => Self::default(),
        }
    }

    fn of_role(assume: &AssumeRole) -> Self {
        let arns = assume.policy_arns.value.iter().map(policy);
        let inline = assume.policy.iter().map(|_| "a policy".to_owned());
        let tags = assume.tags.value.iter().map(tag);
        let name = &assume.session_name;
        let chosen = matches!(
            name.from,
            Origin::Flag(_) | Origin::Config(_) | Origin::Aws(..)
        );
        let asked = matches!(assume.duration.from, Origin::Flag(_) | Origin::Variable(_));
        Self {
            narrowed: arns.chain(inline).chain(tags).take(MOST).collect(),
            session_name: chosen.then(|| name.value.to_string()),
            duration: asked.then_some(assume.duration.value),
        }
    }
}

/// A managed policy, in a word.
fn policy(arn: &PolicyArn) -> String {
    let arn = arn.as_str();
    let name = arn.rsplit('/').next().unwrap_or(arn);
    match arn.split_once(":iam::aws:policy/") {
        Some((_, "ReadOnlyAccess")) => "read-only".to_owned(),
        Some((_, "job-function/ViewOnlyAccess")) => "view-only".to_owned(),
        _ => name.to_owned(),
    }
}

fn tag(tag: &SessionTag) -> String {
    format!("tag {}={}", tag.key.as_str(), tag.value.as_str())
}
