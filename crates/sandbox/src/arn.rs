//! The names of AWS's resources, as far as the sandbox reads them.

/// `arn:partition:service:region:account:resource`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// `aws`, `aws-cn`…
    pub(crate) partition: &'a str,
    /// `iam`, `sts`…
    pub(crate) service: &'a str,
    /// Empty for the global services.
    pub(crate) region: &'a str,
    /// 12 digits.
    pub(crate) account: &'a str,
    /// What follows, such as `role/path/name`.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `text`, if it has six.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = arn == "arn" && !partition.is_empty() && !resource.is_empty();
        whole.then_some(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }

    /// The name with its path of the IAM resource of this `kind` (`role`,
    /// `user`, `mfa`).
    pub(crate) fn iam(&self, kind: &str) -> Option<&'a str> {
        let global = self.service == "iam" && self.region.is_empty() && is_account(self.account);
        let name = self.resource.strip_prefix(kind)?.strip_prefix('/')?;
        (global && !name.is_empty() && !name.ends_with('/')).then_some(name)
    }
}

/// Whether `text` is an account number: 12 digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The last part of a name with a path.
pub(crate) fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        let role = Arn::parse("arn:aws-cn:iam::123456789012:role/a/b").unwrap();
        assert_eq!((role.partition, role.account), ("aws-cn", "123456789012"));
        assert_eq!(role.iam("role"), Some("a/b"));
        assert_eq!(role.iam("user"), None);
        assert_eq!(base_name("a/b"), "b");
        for wrong in [
            "",
            "arn:aws:iam",
            "arn::iam::1:role/x",
            "urn:aws:iam::1:role/x",
        ] {
            assert_eq!(Arn::parse(wrong), None, "{wrong}");
        }
        for wrong in [
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam:eu-west-1:123456789012:role/a",
            "arn:aws:s3::123456789012:role/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:roles",
        ] {
            assert_eq!(
                Arn::parse(wrong).and_then(|arn| arn.iam("role")),
                None,
                "{wrong}"
            );
        }
    }
}
