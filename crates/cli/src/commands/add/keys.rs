//! The flags as keys of a role.

use assumerole_core::aws::ids::{AccountId, ExternalId, MfaDevice, Region, RoleArn, SessionName};
use assumerole_core::config::{Config, Role, RoleChange};
use assumerole_core::{Error, Kind, Result};
use serde_json::{Value, json};

use super::Flags;
use super::draft::{Device, Named};

impl Flags {
    /// Whether there is none.
    pub(crate) fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// What they say of the MFA device.
    pub(super) fn device(&self) -> Device {
        match (&self.mfa_arn, self.no_mfa) {
            (Some(device), _) => Device::Is(device.clone()),
            (None, true) => Device::None,
            (None, false) => Device::Unsaid,
        }
    }

    /// What they change in a role of the file `top`, which is `now` so, where
    /// that can be told.
    ///
    /// # Errors
    /// Two accounts are given.
    pub(crate) fn changes(&self, now: Option<&Role>, top: &Config) -> Result<Vec<RoleChange>> {
        let mut changes: Vec<RoleChange> = Vec::new();
        // One takes the place of the other.
        for (key, value, other) in [
            ("aws_profile", &self.profile, "via"),
            ("via", &self.via, "aws_profile"),
        ] {
            if let Some(value) = value {
                changes.extend([(other, None), (key, Some(json!(value)))]);
            }
        }
        changes.extend(self.whose(now)?);
        if self.no_mfa {
            // Where one stands at the top, the role has to say no.
            changes.push(("aws_mfa_arn", top.aws_mfa_arn().map(|_| json!(false))));
        }
        let keys = self.rest();
        changes.extend(keys.into_iter().map(|(key, value)| (key, Some(value))));
        Ok(changes)
    }

    /// The role in its account: by an ARN, where one is given or was there,
    /// else by two keys.
    fn whose(&self, now: Option<&Role>) -> Result<Vec<RoleChange>> {
        self.check_account()?;
        let by_arn = |arn: &RoleArn| -> Vec<RoleChange> {
            let arn = json!(arn.to_string());
            vec![("aws_account", None), ("aws_role", Some(arn))]
        };
        let was_arn = now.and_then(|role| {
            let partition = role.partition.clone()?;
            Some(role.arn(&partition))
        });
        let account = self.account.clone();
        Ok(match (&self.aws_role, account, was_arn) {
            (Some(Named::Arn(arn)), ..) => by_arn(arn),
            (None, None, _) => Vec::new(),
            (role, account, Some(arn)) => by_arn(&RoleArn {
                name: match role {
                    Some(Named::Name(name)) => name.clone(),
                    _ => arn.name,
                },
                account: account.unwrap_or(arn.account),
                partition: arn.partition,
            }),
            (role, account, None) => {
                let name = match role {
                    Some(Named::Name(name)) => Some(json!(name)),
                    _ => None,
                };
                let account = account.map(|account: AccountId| json!(account.as_str()));
                let keys = [("aws_account", account), ("aws_role", name)];
                keys.into_iter()
                    .filter(|(_, value)| value.is_some())
                    .collect()
            }
        })
    }

    /// Whether the ARN, if there is one, is of the account, if there is one.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn check_account(&self) -> Result<()> {
        match (&self.aws_role, &self.account) {
            (Some(Named::Arn(arn)), Some(account)) if arn.account != *account => {
                let message = format!(
                    "--role is in account {}, --account says {account}",
                    arn.account
                );
                Err(Error::new(Kind::Usage, message)
                    .hint("leave out --account: the ARN has the account"))
            }
            _ => Ok(()),
        }
    }

    /// What stands behind profile and role, in the order in which it is
    /// written.
    pub(super) fn rest(&self) -> Vec<(&'static str, Value)> {
        let text = |value: Option<&str>| value.map(Value::from);
        let keys = [
            (
                "aws_mfa_arn",
                text(self.mfa_arn.as_ref().map(MfaDevice::as_str)),
            ),
            ("aws_region", text(self.region.as_ref().map(Region::as_str))),
            ("max_session_duration", self.duration.map(Value::from)),
            (
                "external_id",
                text(self.external_id.as_ref().map(ExternalId::as_str)),
            ),
            (
                "session_name",
                text(self.session_name.as_ref().map(SessionName::as_str)),
            ),
            ("description", text(self.description.as_deref())),
        ];
        keys.into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }
}
