//! What a request for a role session may hold beside the role: names, tags and
//! policies, checked by the rules of the API.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

use super::{AccountId, Invalid, Partition, session_char};

/// The most session tags of one request.
pub(crate) const MOST_TAGS: usize = 50;
/// The most managed policies of one request.
pub(crate) const MOST_POLICIES: usize = 10;

/// What the owner of a role wants to hear from a third party that assumes it:
/// `[\w+=,.@:/-]{2,1224}`. AWS does not treat it as a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fits = |c| session_char(c) || ":/".contains(c);
        named("an external ID", text, (2, 1224), "_+=,.@:/-", fits).map(Self)
    }
}

/// Who is behind a session, through every role that is assumed from it:
/// `[\w+=,.@-]{2,64}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceIdentity(String);

impl SourceIdentity {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceIdentity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        named("a source identity", text, (2, 64), "_+=,.@-", session_char).map(Self)
    }
}

/// `text`, if it has ASCII letters, digits and what else `fits`, and no more
/// or fewer characters than it may have.
fn named(
    what: &str,
    text: &str,
    (least, most): (usize, usize),
    marks: &str,
    fits: impl Fn(char) -> bool,
) -> Result<String, Invalid> {
    let length = text.chars().count();
    if let Some(bad) = text.chars().find(|c| !fits(*c)) {
        return Err(Invalid(format!(
            "{what} has letters, digits and {marks} only, this has {bad:?}"
        )));
    }
    if !(least..=most).contains(&length) {
        return Err(Invalid(format!(
            "{what} has {least} to {most} characters, this has {length}"
        )));
    }
    Ok(text.to_owned())
}

/// The key of a session tag: 1 to 128 letters, digits, spaces and `_.:/=+-@`
/// of any script. AWS keeps its capitals, and yet takes no two keys that
/// differ by nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagKey(String);

impl TagKey {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether AWS takes the two for one.
    pub fn same(&self, other: &str) -> bool {
        self.0.to_lowercase() == other.to_lowercase()
    }
}

impl FromStr for TagKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let key = tag_text("the key of a session tag", text, (1, 128))?;
        if key.to_lowercase().starts_with("aws:") {
            return Err(Invalid(
                "AWS keeps keys that begin with aws: for itself".to_owned(),
            ));
        }
        Ok(Self(key))
    }
}

impl fmt::Display for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a session tag: 0 to 256 characters, those of a [`TagKey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagValue(String);

impl TagValue {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TagValue {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        tag_text("the value of a session tag", text, (0, 256)).map(Self)
    }
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, as near as the standard library tells.
fn tag_text(what: &str, text: &str, lengths: (usize, usize)) -> Result<String, Invalid> {
    let space = |c: char| c.is_whitespace() && !c.is_control();
    let fits = |c: char| c.is_alphanumeric() || space(c) || "_.:/=+-@".contains(c);
    named(what, text, lengths, "spaces and _.:/=+-@", fits)
}

/// A tag of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTag {
    /// Its key.
    pub key: TagKey,
    /// Its value.
    pub value: TagValue,
    /// Whether it stays through every role that is assumed from the session.
    pub transitive: bool,
}

/// The ARN of a managed policy, AWS's own or one of an account:
/// `arn:aws:iam::aws:policy/ReadOnlyAccess`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyArn(String);

impl PolicyArn {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// AWS's own policy that lets everything be read and nothing be changed.
    ///
    /// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html>
    pub fn read_only(partition: &Partition) -> Self {
        Self(format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess"))
    }

    /// AWS's own policy that lets resources be listed and described, and not what
    /// is in them.
    ///
    /// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ViewOnlyAccess.html>
    pub fn view_only(partition: &Partition) -> Self {
        Self(format!(
            "arn:{partition}:iam::aws:policy/job-function/ViewOnlyAccess"
        ))
    }
}

impl FromStr for PolicyArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape = || {
            Invalid(
                "the ARN of a policy looks like arn:aws:iam::aws:policy/NAME \
                 or arn:aws:iam::123456789012:policy/NAME"
                    .to_owned(),
            )
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
            return Err(shape());
        };
        partition.parse::<Partition>()?;
        if *account != "aws" {
            account.parse::<AccountId>()?;
        }
        let name = resource.strip_prefix("policy/").ok_or_else(shape)?;
        let printable = name.bytes().all(|b| (0x21..=0x7e).contains(&b));
        if name.is_empty() || name.ends_with('/') || !printable || text.len() > 2048 {
            return Err(shape());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PolicyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A session policy: a JSON object of at most 2048 characters of Latin-1.
/// White space between its parts is left out, which AWS would count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy(String);

impl SessionPolicy {
    /// The most characters AWS takes.
    pub const LONGEST: usize = 2048;

    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionPolicy {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let json: &RawValue = serde_json::from_str(text)
            .map_err(|why| Invalid(format!("a policy is JSON, and this is none: {why}")))?;
        if !json.get().starts_with('{') {
            return Err(Invalid("a policy is a JSON object, {…}".to_owned()));
        }
        let policy = compact(json.get());
        if let Some(bad) = policy.chars().find(|c| !(' '..='\u{ff}').contains(c)) {
            return Err(Invalid(format!(
                "a policy has characters up to U+00FF only (a rule of STS), this has {bad:?}"
            )));
        }
        match policy.chars().count() {
            0..=Self::LONGEST => Ok(Self(policy)),
            length => Err(Invalid(format!(
                "a policy has at most {} characters, this has {length}, white space between its parts not counted",
                Self::LONGEST
            ))),
        }
    }
}

/// JSON without the white space between its parts.
fn compact(json: &str) -> String {
    let (mut within, mut escaped) = (false, false);
    let keep = |c: &char| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = within,
            '"' => within = !within,
            _ => {}
        }
        within || !c.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests;
