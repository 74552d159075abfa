//! ARNs of IAM: of roles and of MFA devices.

use std::fmt;
use std::str::FromStr;

use super::{AccountId, Invalid, Partition};

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
}
