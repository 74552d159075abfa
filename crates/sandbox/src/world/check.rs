//! Whether a world makes sense, said before anything starts.

use std::collections::HashSet;

use super::{ROOT, Role, User, World, artifacts, login, machine, oidc, organization, sso};
use crate::arn::{Arn, base_name, is_account};
use crate::totp;

impl World {
    /// Whether everything in it is as AWS would have it.
    ///
    /// # Errors
    /// One sentence about the first thing that is not.
    pub fn check(&self) -> Result<(), String> {
        for region in self.regions.iter().chain(&self.disabled_regions) {
            let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if region.is_empty() || !region.bytes().all(label) {
                return Err(format!("{region:?} is not the name of a region"));
            }
        }
        if self.regions.is_empty() && regions_of(&self.partition).is_empty() {
            return Err(format!(
                "the regions of partition {:?} are not known here: name them in `regions`",
                self.partition
            ));
        }
        let mut seen = HashSet::new();
        for user in &self.users {
            self.check_user(user, &mut seen)
                .map_err(|wrong| format!("user {:?}: {wrong}", user.name))?;
        }
        for role in &self.roles {
            self.check_role(role)
                .map_err(|wrong| format!("role {:?}: {wrong}", role.arn))?;
            if !seen.insert(&role.arn) {
                return Err(format!("role {:?} is there twice", role.arn));
            }
        }
        for provider in &self.oidc_providers {
            oidc::check(self, provider)
                .map_err(|wrong| format!("OIDC provider {:?}: {wrong}", provider.arn))?;
            if !seen.insert(&provider.arn) {
                return Err(format!("OIDC provider {:?} is there twice", provider.arn));
            }
        }
        artifacts::check(self)?;
        login::check(self)?;
        machine::check(self)?;
        organization::check(self)?;
        sso::check(self)
    }

    fn check_user<'a>(&self, user: &'a User, seen: &mut HashSet<&'a String>) -> Result<(), String> {
        if user.name != ROOT {
            check_name(&user.name)?;
        }
        if !is_account(&user.account) {
            return Err(format!("account {:?} has not 12 digits", user.account));
        }
        for key in &user.access_keys {
            let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            if !(16..=128).contains(&key.id.len()) || !key.id.bytes().all(fits) {
                return Err(format!(
                    "access key {:?} is not 16 or more capital letters and digits",
                    key.id
                ));
            }
            if key.secret.is_empty() {
                return Err(format!("access key {} has no secret", key.id));
            }
            if !seen.insert(&key.id) {
                return Err(format!("access key {} is there twice", key.id));
            }
        }
        for device in &user.mfa_devices {
            let named = Arn::parse(&device.arn).map_or(device.arn.len() >= 9, |arn| {
                arn.partition == self.partition && arn.iam("mfa").is_some()
            });
            if !named {
                return Err(format!(
                    "MFA device {:?} is neither an ARN of this partition nor a serial number",
                    device.arn
                ));
            }
            if totp::device(&device.secret).is_none() {
                return Err(format!(
                    "the secret of MFA device {} is not base32",
                    device.arn
                ));
            }
            if !seen.insert(&device.arn) {
                return Err(format!("MFA device {} is there twice", device.arn));
            }
        }
        Ok(())
    }

    fn check_role(&self, role: &Role) -> Result<(), String> {
        let name = Arn::parse(&role.arn)
            .filter(|arn| arn.partition == self.partition)
            .and_then(|arn| arn.iam("role"))
            .ok_or_else(|| {
                format!(
                    "the ARN is not arn:{}:iam::123456789012:role/NAME",
                    self.partition
                )
            })?;
        check_name(name)?;
        if !(3600..=43_200).contains(&role.max_session_duration) {
            return Err("max_session_duration is 3600 to 43200 seconds".to_owned());
        }
        for principal in &role.trust.principals {
            let named = principal == "*"
                || is_account(principal)
                // A service.
                || principal == "account-access.amazonaws.com"
                || Arn::parse(principal).is_some_and(|arn| {
                    arn.partition == self.partition && matches!(arn.service, "iam" | "sts")
                });
            if !named {
                return Err(format!(
                    "principal {principal:?} is not an ARN of this partition, an account, account-access.amazonaws.com or *"
                ));
            }
        }
        Ok(())
    }
}

/// By the rules of IAM:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let base = base_name(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let path = name.strip_suffix(base).unwrap_or_default();
    let printable = path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if base.is_empty() || base.len() > 64 || !base.chars().all(fits) || !printable {
        return Err("a name has 1 to 64 letters, digits and +=,.@_-".to_owned());
    }
    Ok(())
}

/// The regions of a partition; empty for one that is not known here.
/// <https://docs.aws.amazon.com/general/latest/gr/sts.html>
pub(crate) fn regions_of(partition: &str) -> &'static [&'static str] {
    match partition {
        "aws" => &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
        "aws-cn" => &["cn-north-1", "cn-northwest-1"],
        "aws-us-gov" => &["us-gov-east-1", "us-gov-west-1"],
        "aws-eusc" => &["eusc-de-east-1"],
        "aws-iso" => &["us-iso-east-1", "us-iso-west-1"],
        "aws-iso-b" => &["us-isob-east-1", "us-isob-west-1"],
        "aws-iso-e" => &["eu-isoe-west-1"],
        "aws-iso-f" => &["us-isof-east-1", "us-isof-south-1"],
        _ => &[],
    }
}

impl World {
    /// Whether a signature may be scoped to `region`.
    pub(crate) fn has_region(&self, region: &str) -> bool {
        if self.regions.is_empty() {
            regions_of(&self.partition).contains(&region)
        } else {
            self.regions.iter().any(|known| known == region)
        }
    }
}

#[cfg(test)]
mod tests;
