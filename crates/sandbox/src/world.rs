//! Who and what exists in a sandbox: users with keys and MFA devices, roles
//! with whom they trust. Also the shape of the JSON file that describes it.

mod check;
mod machine;
mod oidc;
mod sample;
mod sso;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::caller::Principal;

pub use machine::{Container, Instance};
pub use oidc::OidcProvider;
pub use sso::{
    Assignment, IdentityCenter, PermissionSet, Renewal, SsoAccount, SsoSession, SsoUser,
};

/// Everything that exists when a sandbox starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// `aws`, `aws-cn`, `aws-us-gov`… One world lies in one partition.
    #[serde(default = "default_partition")]
    pub partition: String,
    /// The regions whose signatures are accepted. Empty: all of the partition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// The regions in which the accounts have switched STS off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_regions: Vec<String>,
    /// The IAM users.
    #[serde(default)]
    pub users: Vec<User>,
    /// The IAM roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The OpenID Connect providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oidc_providers: Vec<OidcProvider>,
    /// The instances of IAM Identity Center.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_centers: Vec<IdentityCenter>,
    /// The containers that are given credentials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// The instance that the machine is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
}

fn default_partition() -> String {
    "aws".to_owned()
}

impl Default for World {
    fn default() -> Self {
        Self::new("aws")
    }
}

impl World {
    /// An empty world in `partition`.
    pub fn new(partition: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            regions: Vec::new(),
            disabled_regions: Vec::new(),
            users: Vec::new(),
            roles: Vec::new(),
            oidc_providers: Vec::new(),
            identity_centers: Vec::new(),
            containers: Vec::new(),
            instance: None,
        }
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds an OpenID Connect provider.
    #[must_use]
    pub fn oidc_provider(mut self, provider: OidcProvider) -> Self {
        self.oidc_providers.push(provider);
        self
    }

    /// Adds an instance of IAM Identity Center.
    #[must_use]
    pub fn single_sign_on(mut self, center: IdentityCenter) -> Self {
        self.identity_centers.push(center);
        self
    }

    /// Adds a container.
    #[must_use]
    pub fn container(mut self, container: Container) -> Self {
        self.containers.push(container);
        self
    }

    /// Makes the machine an instance.
    #[must_use]
    pub fn on(mut self, instance: Instance) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Accepts signatures for `region` and, from now on, for no other that was
    /// not named too.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// Switches STS off in `region`.
    #[must_use]
    pub fn disable_region(mut self, region: impl Into<String>) -> Self {
        self.disabled_regions.push(region.into());
        self
    }

    /// The ARN of `user` in this world.
    pub fn user_arn(&self, user: &User) -> String {
        format!(
            "arn:{}:iam::{}:user/{}",
            self.partition, user.account, user.name
        )
    }

    pub(crate) fn find_user(&self, arn: &str) -> Option<&User> {
        self.users.iter().find(|user| self.user_arn(user) == arn)
    }

    pub(crate) fn find_role(&self, arn: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.arn == arn)
    }

    /// Whether somebody still exists: sessions end with their role or user.
    pub(crate) fn is_there(&self, principal: &Principal) -> bool {
        match principal {
            Principal::User { arn, .. } => self.find_user(arn).is_some(),
            Principal::Role { role_arn, .. } => {
                self.find_role(role_arn).is_some() || self.permission_set(principal).is_some()
            }
        }
    }

    /// The user who owns the long-term key, and the key.
    pub(crate) fn find_key(&self, id: &str) -> Option<(&User, &AccessKey)> {
        let keys = |user: &'_ User| user.access_keys.iter().position(|key| key.id == id);
        self.users
            .iter()
            .find_map(|user| Some((user, &user.access_keys[keys(user)?])))
    }

    /// The MFA device with this serial number, whoever owns it.
    pub(crate) fn find_device(&self, serial: &str) -> Option<&MfaDevice> {
        let mut devices = self.users.iter().flat_map(|user| &user.mfa_devices);
        devices.find(|device| device.arn == serial)
    }
}

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name, with its path if it has one: `team/jdoe`.
    pub name: String,
    /// The account, 12 digits.
    pub account: String,
    /// The long-term access keys.
    #[serde(default)]
    pub access_keys: Vec<AccessKey>,
    /// The MFA devices.
    #[serde(default)]
    pub mfa_devices: Vec<MfaDevice>,
}

impl User {
    /// A user without keys and devices.
    pub fn new(name: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            account: account.into(),
            access_keys: Vec::new(),
            mfa_devices: Vec::new(),
        }
    }

    /// Adds an active access key.
    #[must_use]
    pub fn key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.access_keys.push(AccessKey {
            id: id.into(),
            secret: secret.into(),
            active: true,
        });
        self
    }

    /// Adds an MFA device: its ARN or serial number, and its base32 secret.
    #[must_use]
    pub fn mfa(mut self, arn: impl Into<String>, secret: impl Into<String>) -> Self {
        self.mfa_devices.push(MfaDevice {
            arn: arn.into(),
            secret: secret.into(),
        });
        self
    }
}

/// A long-term access key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// The secret access key.
    pub secret: String,
    /// Whether the key is active.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

/// A virtual MFA device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaDevice {
    /// Its ARN, or the serial number of a hardware one.
    pub arn: String,
    /// The shared secret in base32.
    pub secret: String,
}

impl fmt::Debug for MfaDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MfaDevice")
            .field("arn", &self.arn)
            .finish_non_exhaustive()
    }
}

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The ARN, with the path if it has one.
    pub arn: String,
    /// `MaxSessionDuration` in seconds, 3600 to 43200.
    #[serde(default = "one_hour")]
    pub max_session_duration: u32,
    /// Who may assume it.
    #[serde(default)]
    pub trust: Trust,
}

fn one_hour() -> u32 {
    3600
}

impl Role {
    /// A role that trusts nobody and lasts an hour.
    pub fn new(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            max_session_duration: one_hour(),
            trust: Trust::default(),
        }
    }

    /// Trusts `principal`: see [`Trust::principals`].
    #[must_use]
    pub fn trusting(mut self, principal: impl Into<String>) -> Self {
        self.trust.principals.push(principal.into());
        self
    }

    /// Demands of web identities that their `sub` is like this: `*` is any
    /// text, `?` any character.
    #[must_use]
    pub fn with_web_subject(mut self, pattern: impl Into<String>) -> Self {
        self.trust.web_subject = Some(pattern.into());
        self
    }

    /// Sets `MaxSessionDuration`, in seconds.
    #[must_use]
    pub fn lasting(mut self, seconds: u32) -> Self {
        self.max_session_duration = seconds;
        self
    }

    /// Demands MFA (`aws:MultiFactorAuthPresent`).
    #[must_use]
    pub fn with_mfa(mut self) -> Self {
        self.trust.require_mfa = true;
        self
    }

    /// Demands an MFA younger than `seconds` (`aws:MultiFactorAuthAge`).
    #[must_use]
    pub fn with_mfa_younger_than(mut self, seconds: u32) -> Self {
        self.trust.max_mfa_age = Some(seconds);
        self
    }

    /// Demands this external ID (`sts:ExternalId`).
    #[must_use]
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.trust.external_id = Some(id.into());
        self
    }
}

/// The trust policy of a role: one statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trust {
    /// ARNs of users, of roles, of role sessions, of OpenID Connect providers,
    /// an account (`arn:aws:iam::123456789012:root`, or the number alone), or `*`.
    pub principals: Vec<String>,
    /// `aws:MultiFactorAuthPresent` must be true.
    pub require_mfa: bool,
    /// `aws:MultiFactorAuthAge` must be less than so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_mfa_age: Option<u32>,
    /// `sts:ExternalId` must be this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The `sub` of a web identity must be like this (`StringLike`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_subject: Option<String>,
    /// Whether `sts:TagSession` is allowed.
    pub tag_session: bool,
    /// Whether `sts:SetSourceIdentity` is allowed.
    pub set_source_identity: bool,
}

impl Default for Trust {
    /// Nobody, under no condition.
    fn default() -> Self {
        Self {
            principals: Vec::new(),
            require_mfa: false,
            max_mfa_age: None,
            external_id: None,
            web_subject: None,
            tag_session: true,
            set_source_identity: true,
        }
    }
}
