//! Session tags:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use std::collections::HashSet;

use crate::constraints::{Constraints, TAG};
use crate::principal::Tag;
use crate::query::Params;
use crate::refusal::Refusal;

/// The tags of a session to be made.
pub(super) struct Tags {
    /// Those asked for and those inherited.
    pub(super) all: Vec<Tag>,
    /// Whether any are asked for.
    pub(super) any: bool,
}

fn given(params: &Params) -> Vec<(u32, Option<&str>, Option<&str>)> {
    let part = |n: u32, part: &str| params.get(&format!("Tags.member.{n}.{part}"));
    params
        .members("Tags")
        .into_iter()
        .map(|n| (n, part(n, "Key"), part(n, "Value")))
        .collect()
}

fn transitive(params: &Params) -> Vec<(u32, &str)> {
    let key = |n: u32| params.get(&format!("TransitiveTagKeys.member.{n}"));
    params
        .members("TransitiveTagKeys")
        .into_iter()
        .map(|n| (n, key(n).unwrap_or_default()))
        .collect()
}

/// Holds all of it against AWS's model.
pub(super) fn constrain(params: &Params, constraints: &mut Constraints) {
    let given = given(params);
    let shown: Vec<String> = given
        .iter()
        .map(|(_, key, _)| key.unwrap_or_default().to_owned())
        .collect();
    constraints.list("tags", &shown, 50);
    for (n, key, value) in given {
        constraints.required(&format!("tags.{n}.member.key"), key, (1, 128), TAG);
        constraints.required(&format!("tags.{n}.member.value"), value, (0, 256), TAG);
    }
    let keys = transitive(params);
    let shown: Vec<String> = keys.iter().map(|(_, key)| (*key).to_owned()).collect();
    constraints.list("transitiveTagKeys", &shown, 50);
    for (n, key) in keys {
        let name = format!("transitiveTagKeys.{n}.member");
        constraints.text(&name, Some(key), (1, 128), TAG);
    }
}

impl Tags {
    /// The tags of the request and, of those that the calling session
    /// `holds`, the transitive ones. Keys differ by more than capitals.
    ///
    /// # Errors
    /// A key is there twice, is inherited, is AWS's own, or is to be
    /// transitive without being there.
    pub(super) fn read(params: &Params, holds: &[Tag]) -> Result<Self, Refusal> {
        let wrong = |message: &str| Refusal::new(400, "InvalidParameterValue", message);
        let given = given(params);
        let keys: HashSet<String> = given
            .iter()
            .filter_map(|(_, key, _)| key.map(str::to_lowercase))
            .collect();
        if keys.len() < given.len() {
            return Err(wrong(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        if keys.iter().any(|key| key.starts_with("aws:")) {
            return Err(wrong(
                "Tag keys beginning with the prefix aws: are reserved for system use.",
            ));
        }
        let inherited: Vec<Tag> = holds.iter().filter(|tag| tag.transitive).cloned().collect();
        if inherited
            .iter()
            .any(|tag| keys.contains(&tag.key.to_lowercase()))
        {
            return Err(wrong(
                "One of the specified transitive tag keys can't be set because it conflicts \
                 with a transitive tag key from the calling session.",
            ));
        }
        let passed_on: HashSet<String> = transitive(params)
            .into_iter()
            .map(|(_, key)| key.to_lowercase())
            .collect();
        if !passed_on.is_subset(&keys) {
            return Err(wrong(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let any = !given.is_empty();
        let own = given.into_iter().map(|(_, key, value)| {
            let key = key.unwrap_or_default().to_owned();
            Tag {
                transitive: passed_on.contains(&key.to_lowercase()),
                key,
                value: value.unwrap_or_default().to_owned(),
            }
        });
        Ok(Self {
            all: inherited.into_iter().chain(own).collect(),
            any,
        })
    }
}
