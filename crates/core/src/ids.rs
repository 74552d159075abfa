//! The names AWS gives to things, checked by AWS's own rules.

mod regions;
mod session;

use std::fmt;
use std::str::FromStr;

pub use regions::REGIONS;
pub use session::{
    ExternalId, MOST_POLICIES, MOST_TAGS, PolicyArn, SessionPolicy, SessionTag, SourceIdentity,
    TagKey, TagValue,
};

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

/// A part of AWS with its own accounts, names and end points: `aws`,
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
    /// is what the global end point of `aws` is served by.)
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

/// A role's ARN, taken apart.
///
/// Path and name by the rules of IAM:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    /// `aws`, `aws-cn`…
    pub partition: Partition,
    /// The account that owns the role.
    pub account: AccountId,
    /// The name with its path, without a leading slash: `path/admin`.
    pub name: String,
}

impl RoleArn {
    /// The ARN of the role `name` (with its path, if any) in `account`.
    ///
    /// # Errors
    /// `name` is not a role name by IAM's rules.
    pub fn new(partition: Partition, account: AccountId, name: &str) -> Result<Self, Invalid> {
        let name = name.strip_prefix('/').unwrap_or(name);
        check_role_name(name)?;
        Ok(Self {
            partition,
            account,
            name: name.to_owned(),
        })
    }

    /// The name without its path: what `AssumedRoleUser.Arn` shows.
    pub fn base_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

fn check_role_name(name: &str) -> Result<(), Invalid> {
    let base = name.rsplit('/').next().unwrap_or(name);
    if base.is_empty() {
        return Err(Invalid("a role name is missing".to_owned()));
    }
    if base.len() > 64 {
        return Err(Invalid(format!(
            "a role name has at most 64 characters, this has {}",
            base.chars().count()
        )));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if let Some(bad) = base.chars().find(|c| !fits(*c)) {
        return Err(Invalid(format!(
            "a role name has letters, digits and +=,.@_- only, this has {bad:?}"
        )));
    }
    let path = &name[..name.len() - base.len()];
    if path.len() > 510 || path.contains("//") || !path.bytes().all(|b| (0x21..=0x7e).contains(&b))
    {
        return Err(Invalid(
            "the path of the role is not one IAM accepts".to_owned(),
        ));
    }
    Ok(())
}

impl FromStr for RoleArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape =
            || Invalid("a role ARN looks like arn:aws:iam::123456789012:role/NAME".to_owned());
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(shape);
        let (arn, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        if arn != "arn" || service != "iam" || !region.is_empty() {
            return Err(shape());
        }
        let name = resource.strip_prefix("role/").ok_or_else(shape)?;
        Self::new(partition.parse()?, account.parse()?, name)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "arn:{}:iam::{}:role/{}",
            self.partition, self.account, self.name
        )
    }
}

/// An MFA device: the ARN of a virtual one, or the serial number of a
/// hardware one (`[\w+=/:,.@-]{9,256}`).
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MfaDevice(String);

impl MfaDevice {
    /// As STS wants it in `SerialNumber`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The user that owns it, as the last part of its ARN says.
    pub fn user(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once(":mfa/")?;
        rest.rsplit('/').next().filter(|user| !user.is_empty())
    }

    /// The partition in its ARN.
    pub fn partition(&self) -> Option<Partition> {
        self.0.strip_prefix("arn:")?.split(':').next()?.parse().ok()
    }

    /// The account in its ARN.
    pub fn account(&self) -> Option<AccountId> {
        self.0.strip_prefix("arn:")?.split(':').nth(3)?.parse().ok()
    }
}

impl FromStr for MfaDevice {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c);
        if !(9..=256).contains(&text.len()) || !text.chars().all(fits) {
            return Err(Invalid(
                "an MFA device is its ARN (arn:aws:iam::123456789012:mfa/NAME) or a serial number"
                    .to_owned(),
            ));
        }
        if text.starts_with("arn:") {
            let shape = || {
                Invalid(
                    "the ARN of an MFA device looks like arn:aws:iam::123456789012:mfa/NAME"
                        .to_owned(),
                )
            };
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let [_, partition, "iam", "", account, resource] = parts.as_slice() else {
                return Err(shape());
            };
            partition.parse::<Partition>()?;
            account.parse::<AccountId>()?;
            let named = resource
                .strip_prefix("mfa/")
                .is_some_and(|name| !name.is_empty() && !name.ends_with('/'));
            if !named {
                return Err(shape());
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MfaDevice {
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
    fn role_arns_are_taken_apart_and_put_together() {
        for arn in [
            "arn:aws:iam::123456789012:role/read",
            "arn:aws-cn:iam::123456789012:role/path/to/admin",
            "arn:aws-us-gov:iam::123456789012:role/a+=,.@_-",
        ] {
            assert_eq!(
                arn.parse::<RoleArn>().map(|a| a.to_string()),
                Ok(arn.to_owned())
            );
        }
        for wrong in [
            "",
            "read",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam:eu-west-1:123456789012:role/x",
            "arn:aws:iam::12345678901:role/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/a\u{1b}",
            "arn:x:iam::123456789012:role/a",
        ] {
            assert!(wrong.parse::<RoleArn>().is_err(), "{wrong}");
        }
    }

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
    fn devices_name_their_user() {
        let device: Result<MfaDevice, _> = "arn:aws:iam::210987654321:mfa/team/jdoe".parse();
        assert_eq!(device.as_ref().map(|d| d.user()), Ok(Some("jdoe")));
        assert!("GAHT12345678".parse::<MfaDevice>().is_ok());
        for wrong in [
            "",
            "short",
            "arn:aws:iam::210987654321:user/jdoe",
            "arn:aws:iam::21:mfa/jdoe",
            "has a space in it",
        ] {
            assert!(wrong.parse::<MfaDevice>().is_err(), "{wrong}");
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
