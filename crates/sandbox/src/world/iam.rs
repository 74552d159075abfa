//! Users with keys and MFA devices, roles with whom they trust.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name, with its path if it has one: `team/jdoe`. `<root_account>` is
    /// the root user.
    pub name: String,
    /// The account, 12 digits.
    pub account: String,
    /// The long-term access keys.
    #[serde(default)]
    pub access_keys: Vec<AccessKey>,
    /// The MFA devices.
    #[serde(default)]
    pub mfa_devices: Vec<MfaDevice>,
    /// What the user's policies allow: see [`Role::allow`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

impl User {
    /// A user without keys and devices.
    pub fn new(name: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            account: account.into(),
            access_keys: Vec::new(),
            mfa_devices: Vec::new(),
            allow: Vec::new(),
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

    /// Allows `action`: see [`Role::allow`].
    #[must_use]
    pub fn allowing(mut self, action: impl Into<String>) -> Self {
        self.allow.push(action.into());
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
    /// What its sessions may do, by actions as in policies:
    /// `codeartifact:GetAuthorizationToken`, `iam:*`. STS does not ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
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
            allow: Vec::new(),
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

    /// Lets its sessions do `action`: see [`Role::allow`].
    #[must_use]
    pub fn allowing(mut self, action: impl Into<String>) -> Self {
        self.allow.push(action.into());
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
