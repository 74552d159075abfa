//! Set-ups of other tools in `~/.aws/config`: what of them works where it is,
//! what needs an entry in `~/.assumerole`, and what only those tools know.

mod foreign;

use serde_json::{Map, Value, json};

use crate::aws_config::{AwsFiles, Profile, Value as Text};
use crate::config::NewRole;

pub use foreign::{Foreign, Meaning, foreign};

/// A profile includes another one, and that perhaps a third.
const MOST_LAYERS: usize = 20;

/// A profile with what it takes over from others.
struct View<'a> {
    /// Itself, then the profiles that `include_profile` leads to.
    layers: Vec<Profile<'a>>,
}

impl<'a> View<'a> {
    /// As aws-vault reads it: what a profile does not say, the one that it
    /// includes says for it. One that is not there is passed over, and a
    /// circle ends where it closes.
    fn of(files: &'a AwsFiles, name: &str) -> Option<Self> {
        let mut layers = vec![files.profile(name)?];
        while layers.len() < MOST_LAYERS
            && let Some(next) = layers.last().and_then(included)
        {
            let known = layers.iter().any(|layer| layer.name() == next);
            match files.profile(&next).filter(|_| !known) {
                Some(profile) => layers.push(profile),
                None => break,
            }
        }
        Some(Self { layers })
    }

    fn get(&self, key: &str) -> Option<Text<'a>> {
        self.layers.iter().find_map(|layer| filled(layer, key))
    }

    fn text(&self, key: &str) -> Option<String> {
        Some(self.get(key)?.text().trim().to_owned())
    }

    /// Whether `value` is taken over from another profile.
    fn is_taken_over(&self, key: &str) -> bool {
        let own = self.layers.first().and_then(|layer| filled(layer, key));
        own.is_none() && self.get(key).is_some()
    }
}

fn included(profile: &Profile<'_>) -> Option<String> {
    // `parent_profile` is what aws-vault 5 called it.
    let value = filled(profile, "include_profile").or_else(|| filled(profile, "parent_profile"))?;
    Some(value.text().trim().to_owned())
}

fn filled<'a>(profile: &Profile<'a>, key: &str) -> Option<Text<'a>> {
    profile.get(key).filter(|v| !v.text().trim().is_empty())
}

/// What aws-vault reads of a role and AWS's own tools do not.
const OF_AWS_VAULT: [&str; 4] = [
    "session_tags",
    "transitive_session_tags",
    "source_identity",
    "mfa_process",
];

/// What it says of AWS's own keys matters if it comes from another profile.
const TAKEN_OVER: [&str; 7] = [
    "role_arn",
    "source_profile",
    "mfa_serial",
    "external_id",
    "role_session_name",
    "duration_seconds",
    "region",
];

/// Why the profile `name` is not the same role without an entry: the keys that
/// count for nothing where it is, each with its place. Empty if it is the same.
pub fn reasons(files: &AwsFiles, name: &str) -> Vec<String> {
    let Some(view) = View::of(files, name).filter(|view| view.get("role_arn").is_some()) else {
        return Vec::new();
    };
    let own = OF_AWS_VAULT.iter();
    let other = TAKEN_OVER.iter().filter(|key| view.is_taken_over(key));
    own.chain(other)
        .filter_map(|key| Some(format!("{key} at {}", view.get(key)?.snippet().place())))
        .collect()
}

/// The entry for the profile `name`, under the same name.
///
/// # Errors
/// It is no role, or one that an entry cannot describe: why.
pub fn entry(files: &AwsFiles, name: &str) -> Result<NewRole, String> {
    let view = View::of(files, name).ok_or("there is no such profile")?;
    let arn = view.text("role_arn").ok_or("it has no role_arn")?;
    if let Some(file) = view.get("web_identity_token_file") {
        let place = file.snippet().place();
        return Err(format!("an entry cannot name the token file at {place}"));
    }
    let source =
        view.text("source_profile")
            .ok_or_else(|| match view.get("credential_source") {
                Some(found) => format!(
                    "an entry cannot name the credential_source at {}",
                    found.snippet().place()
                ),
                None => "it has no source_profile".to_owned(),
            })?;
    let mut members: Vec<(&'static str, Value)> =
        vec![("aws_profile", json!(source)), ("aws_role", json!(arn))];
    for (key, here) in [
        ("aws_mfa_arn", "mfa_serial"),
        ("mfa_process", "mfa_process"),
        ("aws_region", "region"),
        ("max_session_duration", "duration_seconds"),
        ("external_id", "external_id"),
        ("session_name", "role_session_name"),
        ("source_identity", "source_identity"),
    ] {
        members.extend(view.text(here).map(|text| {
            let number = text
                .parse::<u32>()
                .ok()
                .filter(|_| here == "duration_seconds");
            (key, number.map_or_else(|| json!(text), Value::from))
        }));
    }
    if let Some(tags) = view.text("session_tags") {
        members.push(("session_tags", tag_object(&tags)?));
    }
    if let Some(keys) = view.text("transitive_session_tags") {
        let keys: Vec<&str> = keys
            .split(',')
            .map(str::trim)
            .filter(|k| !k.is_empty())
            .collect();
        members.push(("transitive_tags", json!(keys)));
    }
    Ok(NewRole {
        name: name.to_owned(),
        members,
    })
}

/// `key=value,key=value`.
fn tag_object(text: &str) -> Result<Value, String> {
    let mut tags = Map::new();
    for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("session_tags has no = in {:?}", pair.trim()))?;
        tags.insert(key.trim().to_owned(), json!(value.trim()));
    }
    Ok(Value::Object(tags))
}

#[cfg(test)]
mod tests;
