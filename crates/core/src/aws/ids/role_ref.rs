//! A role as its ARN and those of its sessions name it.

use std::str::FromStr;

use super::{AccountId, Invalid, Partition, RoleArn};

/// Whose sessions an ARN means: a role, by account and name, or one of its
/// sessions. The path is no part of it: IAM has one role of a name in an account,
/// and `aws sts get-caller-identity` prints `assumed-role/NAME/SESSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRef {
    account: AccountId,
    role: String,
    session: Option<String>,
}

impl RoleRef {
    /// Whether `self` and `other` mean the same role. IAM does not tell names of
    /// roles apart by their case, and an account is of one partition.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    pub fn is_role_of(&self, other: &Self) -> bool {
        self.account == other.account && self.role.eq_ignore_ascii_case(&other.role)
    }

    /// The account that owns the role.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The role's name, without a path.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The name of its session, if it means one alone.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Whether it is the role that IAM Identity Center makes in `account` of
    /// the permission set `name`.
    pub fn is_permission_set(&self, account: &AccountId, name: &str) -> bool {
        let own = permission_set(&self.role);
        self.account == *account && own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

impl FromStr for RoleRef {
    type Err = Invalid;

    /// Of `arn:aws:iam::123456789012:role/PATH/NAME` or
    /// `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let (arn, session) = match parts.as_slice() {
            ["arn", partition, "sts", "", account, resource]
                if resource.starts_with("assumed-role/") =>
            {
                let mut names = resource.split('/').skip(1);
                let role = names.next().unwrap_or_default();
                let session = names.next().filter(|name| !name.is_empty());
                if names.next().is_some() {
                    let shape = "arn:aws:sts::123456789012:assumed-role/NAME/SESSION";
                    return Err(Invalid(format!("the ARN of a session looks like {shape}")));
                }
                let (partition, account) = (partition.parse::<Partition>()?, account.parse()?);
                (RoleArn::new(partition, account, role)?, session)
            }
            _ => (text.parse::<RoleArn>()?, None),
        };
        Ok(Self {
            role: arn.base_name().to_owned(),
            account: arn.account,
            session: session.map(str::to_owned),
        })
    }
}

/// The permission set behind a role's name: IAM Identity Center makes roles
/// called `AWSReservedSSO_SET_0123456789abcdef`.
pub(crate) fn permission_set(role: &str) -> Option<&str> {
    const PREFIX: &str = "AWSReservedSSO_";
    let (prefix, rest) = role.split_at_checked(PREFIX.len())?;
    let (set, _) = rest.rsplit_once('_')?;
    prefix.eq_ignore_ascii_case(PREFIX).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_sessions_are_understood() {
        let iam = "arn:aws:iam::123456789012:role";
        let sts = "arn:aws:sts::123456789012:assumed-role";
        let one: RoleRef = format!("{iam}/Read").parse().expect("a role");
        for (text, same, session) in [
            (format!("{iam}/Read"), true, None),
            (format!("{iam}/team/x/read"), true, None),
            (
                format!("{sts}/Read/me@example.com"),
                true,
                Some("me@example.com"),
            ),
            (format!("{sts}/Read"), true, None),
            (format!("{sts}/Read/"), true, None),
            (format!("{sts}/Reader/me"), false, Some("me")),
            (iam.replace("1234", "4321") + "/Read", false, None),
            (
                "arn:aws-cn:iam::123456789012:role/Read".to_owned(),
                true,
                None,
            ),
        ] {
            let other: RoleRef = text.parse().expect(&text);
            assert_eq!(one.is_role_of(&other), same, "{text}");
            assert_eq!(other.session(), session, "{text}");
        }
        for text in [
            "",
            "Read",
            "arn:",
            "arn:aws:iam::123456789012:user/jdoe",
            "arn:aws:iam::123456789012:mfa/jdoe",
            "arn:aws:iam::12345678901:role/Read",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam:eu-west-1:123456789012:role/Read",
            "arn:aws:sts::123456789012:assumed-role",
            "arn:aws:sts::123456789012:assumed-role/",
            "arn:aws:sts::123456789012:assumed-role/a/b/c",
            "arn:aws:sts::123456789012:federated-user/jdoe",
            "arn:aws:sts::12345:assumed-role/a/b",
            "arn:aws:s3:::bucket",
            " arn:aws:iam::123456789012:role/Read",
        ] {
            assert!(text.parse::<RoleRef>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_permission_set_is_known_by_the_role_made_of_it() {
        let account: AccountId = "123456789012".parse().expect("an account");
        for (role, set, is) in [
            ("AWSReservedSSO_Admin_0123456789abcdef", "Admin", true),
            ("AWSReservedSSO_My_Set_0123456789abcdef", "My_Set", true),
            ("AWSReservedSSO_Admin_0123456789abcdef", "Adm", false),
            ("Admin", "Admin", false),
        ] {
            let text = format!("arn:aws:sts::{account}:assumed-role/{role}/me");
            let one: RoleRef = text.parse().expect(&text);
            assert_eq!(one.is_permission_set(&account, set), is, "{role} {set}");
        }
    }
}
