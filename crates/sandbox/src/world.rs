//! Who and what exists in a sandbox: users with keys and MFA devices, roles
//! with whom they trust. Also the shape of the JSON file that describes it.

mod artifacts;
mod check;
mod iam;
mod login;
mod machine;
mod oidc;
mod organization;
mod permissions;
mod sample;
mod sso;

use serde::{Deserialize, Serialize};

use crate::principal::Principal;

pub use artifacts::{Domain, Repository};
pub(crate) use artifacts::{FORMATS, is_domain, is_repository};
pub use iam::{AccessKey, MfaDevice, Role, Trust, User};
pub use login::Login;
pub use machine::{Container, Instance};
pub use oidc::OidcProvider;
pub use organization::Organization;
pub(crate) use organization::ROOT_ID;
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
    /// The domains of CodeArtifact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Domain>,
    /// The sessions of `aws login`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<Login>,
    /// The machines that Session Manager reaches: `i-0123456789abcdef0`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed: Vec<String>,
    /// The organization of the accounts, if they are in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
}

/// What the credential report of IAM calls the root user of an account.
pub(crate) const ROOT: &str = "<root_account>";

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
            domains: Vec::new(),
            logins: Vec::new(),
            managed: Vec::new(),
            organization: None,
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

    /// Adds a domain of CodeArtifact.
    #[must_use]
    pub fn domain(mut self, domain: Domain) -> Self {
        self.domains.push(domain);
        self
    }

    /// Adds a session of `aws login`.
    #[must_use]
    pub fn login(mut self, login: Login) -> Self {
        self.logins.push(login);
        self
    }

    /// Lets Session Manager reach the machine `id`.
    #[must_use]
    pub fn managed(mut self, id: impl Into<String>) -> Self {
        self.managed.push(id.into());
        self
    }

    /// Puts the accounts into an organization.
    #[must_use]
    pub fn organized(mut self, organization: Organization) -> Self {
        self.organization = Some(organization);
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
    pub(crate) fn user_arn(&self, user: &User) -> String {
        if user.name == ROOT {
            return format!("arn:{}:iam::{}:root", self.partition, user.account);
        }
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

    /// The domain of CodeArtifact with this name in that region.
    pub(crate) fn find_domain(&self, name: &str, owner: &str, region: &str) -> Option<&Domain> {
        self.domains.iter().find(|domain| {
            let there = domain.region.as_deref().is_none_or(|one| one == region);
            domain.name == name && domain.owner == owner && there
        })
    }

    /// Whether somebody still exists: sessions end with their role or user.
    pub(crate) fn is_there(&self, principal: &Principal) -> bool {
        match principal {
            Principal::User { arn, .. } => self.find_user(arn).is_some(),
            // For as long as it lasts.
            Principal::Federated { .. } => true,
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
