//! The names AWS gives to things, checked by AWS's own rules.

mod arns;
mod regions;
mod role_ref;
mod session;

use std::fmt;
use std::str::FromStr;

pub use arns::{MfaDevice, RoleArn};
pub use regions::REGIONS;
pub use role_ref::RoleRef;
pub(crate) use role_ref::permission_set;
pub use session::{
    ExternalId, PolicyArn, SessionPolicy, SessionTag, SourceIdentity, TagKey, TagValue,
};
pub(crate) use session::{MOST_POLICIES, MOST_TAGS};

/// Why a text is not the name it should be: a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// An AWS account: 12 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        let why = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            format!("an AWS account has 12 digits, this has {}", text.len())
        } else {
            "an AWS account is 12 digits and nothing else".to_owned()
        };
        Err(Invalid(why))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of AWS with its own accounts, names and endpoints: `aws`,
/// `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`…
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(String);

/// Partition, prefix of its regions, the region whose STS serves it when
/// nothing else is said.
const PARTITIONS: [(&str, &str, &str); 8] = [
    ("aws-cn", "cn-", "cn-north-1"),
    ("aws-us-gov", "us-gov-", "us-gov-west-1"),
    ("aws-eusc", "eusc-", "eusc-de-east-1"),
    ("aws-iso-b", "us-isob-", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-", "eu-isoe-west-1"),
    ("aws-iso-f", "us-isof-", "us-isof-south-1"),
    ("aws-iso", "us-iso-", "us-iso-east-1"),
    ("aws", "", "us-east-1"),
];

impl Partition {
    /// The commercial partition.
    pub fn aws() -> Self {
        Self("aws".to_owned())
    }

    /// The partition that a region belongs to.
    pub fn of_region(region: &Region) -> Self {
        let found = PARTITIONS
            .iter()
            .find(|(_, prefix, _)| region.as_str().starts_with(prefix));
        Self(found.map_or("aws", |(name, _, _)| name).to_owned())
    }

    /// The region whose STS is asked when nobody names a region. (`us-east-1`
    /// is what the global endpoint of `aws` is served by.)
    pub fn default_region(&self) -> Region {
        let found = PARTITIONS.iter().find(|(name, _, _)| *name == self.0);
        Region(
            found
                .map_or("us-east-1", |(_, _, region)| region)
                .to_owned(),
        )
    }

    /// As it stands in an ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Partition {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fits = text == "aws"
            || text.strip_prefix("aws-").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            });
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(format!("{text:?} is not a partition of AWS")))
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A region, such as `eu-central-1`. It becomes part of a host name, so
/// nothing but letters, digits and hyphens is let in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

impl Region {
    /// As it stands in a host name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region of the Availability Zone that `text` names: no service of AWS
    /// is reached by the name of a zone. `None` where it names none.
    pub(crate) fn of_zone(text: &str) -> Option<String> {
        let region = text.strip_suffix(|c: char| c.is_ascii_lowercase())?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = region.split('-').collect();
        let is_zone = parts.last().is_some_and(|last| digits(last));
        // That of a local zone is what its name begins with.
        let end = parts.iter().position(|part| digits(part))?;
        is_zone.then(|| parts[..=end].join("-"))
    }
}

impl FromStr for Region {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = !text.is_empty()
            && text.len() <= 63
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text.bytes().all(label);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "a region is lower-case letters, digits and hyphens, such as eu-central-1"
                    .to_owned(),
            ))
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a role session, as CloudTrail shows it: `[\w+=,.@-]{2,64}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName(String);

impl SessionName {
    /// As STS wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest name that STS accepts: other characters become `-`, the
    /// rest is cut, and what is too short becomes `assumerole`.
    pub fn lossy(text: &str) -> Self {
        let name: String = text
            .chars()
            .map(|c| if session_char(c) { c } else { '-' })
            .take(64)
            .collect();
        let usable = name.len() >= 2 && name.chars().any(|c| c != '-');
        Self(if usable {
            name
        } else {
            "assumerole".to_owned()
        })
    }
}

fn session_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

impl FromStr for SessionName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if (2..=64).contains(&text.len()) && text.chars().all(session_char) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "a session name has 2 to 64 letters, digits and _+=,.@- (a rule of STS)".to_owned(),
            ))
        }
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_follow_regions() {
        for (region, partition) in [
            ("eu-central-1", "aws"),
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            let parsed = region.parse::<Region>();
            assert_eq!(
                parsed.map(|r| Partition::of_region(&r).to_string()),
                Ok(partition.to_owned())
            );
        }
        assert!("evil.example/".parse::<Region>().is_err());
    }

    #[test]
    fn zones_are_told_from_regions() {
        for (text, region) in [
            ("us-east-1a", Some("us-east-1")),
            ("us-west-2-lax-1a", Some("us-west-2")),
            ("us-gov-west-1b", Some("us-gov-west-1")),
            ("us-gov-west-1", None),
            ("aws-global", None),
            ("local", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(Region::of_zone(text).as_deref(), region, "{text}");
        }
    }

    #[test]
    fn session_names_are_made_to_fit() {
        assert_eq!(SessionName::lossy("jürgen doe").as_str(), "j-rgen-doe");
        assert_eq!(SessionName::lossy("x").as_str(), "assumerole");
        assert_eq!(SessionName::lossy("").as_str(), "assumerole");
        assert_eq!(SessionName::lossy(&"a".repeat(99)).as_str().len(), 64);
    }
}
