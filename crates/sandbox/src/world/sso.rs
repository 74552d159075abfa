//! IAM Identity Center: who may have which role of which account, and the
//! tokens that people hold.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use super::check::check_name;
use crate::arn::is_account;
use crate::principal::Principal;
use crate::random;

/// An instance of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityCenter {
    /// The URL of its access portal: `https://acme.awsapps.com/start`.
    pub start_url: String,
    /// Where it lives. Nobody is held to it; the ARNs of its roles show it.
    #[serde(default = "home")]
    pub region: String,
    /// The accounts of the organization.
    #[serde(default)]
    pub accounts: Vec<SsoAccount>,
    /// The permission sets.
    #[serde(default)]
    pub permission_sets: Vec<PermissionSet>,
    /// The users.
    #[serde(default)]
    pub users: Vec<SsoUser>,
    /// How many requests a second its portal takes; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_a_second: Option<u32>,
    /// The tenant of account access manager that its users are entitled in:
    /// `aa-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

fn home() -> String {
    "us-east-1".to_owned()
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoAccount {
    /// 12 digits.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The address of its root user.
    pub email: String,
}

/// A permission set: a role in each account that it is assigned in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSet {
    /// What people call the role: `ReadOnly`.
    pub name: String,
    /// How long its sessions last, in seconds: 3600 to 43200.
    #[serde(default = "one_hour")]
    pub session_duration: u32,
    /// What its sessions may do: see [`super::Role::allow`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

fn one_hour() -> u32 {
    3600
}

/// A user of the access portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoUser {
    /// The user name, which is the name of the sessions too.
    pub name: String,
    /// What the user types on the sign-in page.
    #[serde(default = "password")]
    pub password: String,
    /// What the user may have.
    #[serde(default)]
    pub assignments: Vec<Assignment>,
    /// The sessions that the user has signed in to already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SsoSession>,
    /// The ARNs of the IAM roles that account access manager gives the user. Such a
    /// role trusts `account-access.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<String>,
}

fn password() -> String {
    "password".to_owned()
}

/// A permission set in an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The account.
    pub account: String,
    /// The name of the permission set.
    pub permission_set: String,
}

/// A session of the access portal, as the AWS CLI keeps it below
/// `~/.aws/sso/cache`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoSession {
    /// `accessToken`.
    pub access_token: String,
    /// `expiresAt` of the access token; none: it does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What the access token can be renewed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
}

/// What an access token is renewed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// `refreshToken`: good once.
    pub refresh_token: String,
    /// `clientId` of the registration it was given to.
    pub client_id: String,
    /// `clientSecret` of that registration.
    pub client_secret: String,
}

impl fmt::Debug for SsoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SsoSession")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl IdentityCenter {
    /// An instance without accounts and people.
    pub fn new(start_url: impl Into<String>) -> Self {
        Self {
            start_url: start_url.into(),
            region: home(),
            accounts: Vec::new(),
            permission_sets: Vec::new(),
            users: Vec::new(),
            requests_a_second: None,
            tenant: None,
        }
    }

    /// Has a tenant of account access manager.
    #[must_use]
    pub fn tenant(mut self, id: impl Into<String>) -> Self {
        self.tenant = Some(id.into());
        self
    }

    /// Has its portal take so many requests a second.
    #[must_use]
    pub fn limited_to(mut self, requests_a_second: u32) -> Self {
        self.requests_a_second = Some(requests_a_second);
        self
    }

    /// Adds an account.
    #[must_use]
    pub fn account(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        let name = name.into();
        self.accounts.push(SsoAccount {
            id: id.into(),
            email: format!("{name}@example.com"),
            name,
        });
        self
    }

    /// Adds a permission set.
    #[must_use]
    pub fn permission_set(mut self, set: PermissionSet) -> Self {
        self.permission_sets.push(set);
        self
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: SsoUser) -> Self {
        self.users.push(user);
        self
    }

    /// The ARN of the role that a permission set is in an account.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
    pub(crate) fn role_arn(&self, partition: &str, account: &str, set: &str) -> String {
        let whole = format!("{} {account} {set}", self.start_url);
        let region = match self.region.as_str() {
            "us-east-1" => String::new(),
            other => format!("{other}/"),
        };
        format!(
            "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/{region}\
             AWSReservedSSO_{set}_{}",
            random::stable_hex(&whole)
        )
    }

    /// The permission set that `user` has in `account` under this name.
    pub(crate) fn granted(
        &self,
        user: &SsoUser,
        account: &str,
        set: &str,
    ) -> Option<&PermissionSet> {
        let assigned = user
            .assignments
            .iter()
            .any(|one| one.account == account && one.permission_set == set);
        let mut sets = self.permission_sets.iter();
        sets.find(|known| assigned && known.name == set)
    }

    fn check(&self) -> Result<(), String> {
        if !self.start_url.starts_with("https://") {
            return Err("the start URL does not begin with https://".to_owned());
        }
        if let Some(account) = self.accounts.iter().find(|one| !is_account(&one.id)) {
            return Err(format!("account {:?} has not 12 digits", account.id));
        }
        for set in &self.permission_sets {
            check_plain_name(&set.name)?;
            if set.name.len() > 32 || !(3600..=43_200).contains(&set.session_duration) {
                return Err(format!(
                    "permission set {:?}: a name has at most 32 characters, session_duration \
                     is 3600 to 43200 seconds",
                    set.name
                ));
            }
        }
        for user in &self.users {
            check_plain_name(&user.name)?;
            for one in &user.assignments {
                let account = self.accounts.iter().any(|known| known.id == one.account);
                let mut sets = self.permission_sets.iter();
                if !account || !sets.any(|known| known.name == one.permission_set) {
                    return Err(format!(
                        "user {:?}: there is no {:?} in account {:?}",
                        user.name, one.permission_set, one.account
                    ));
                }
            }
        }
        Ok(())
    }
}

/// A name without a path.
fn check_plain_name(name: &str) -> Result<(), String> {
    if name.contains('/') {
        return Err(format!("the name {name:?} has a path"));
    }
    check_name(name)
}

impl PermissionSet {
    /// A permission set whose sessions last an hour.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session_duration: one_hour(),
            allow: Vec::new(),
        }
    }

    /// Lets its sessions do `action`: see [`super::Role::allow`].
    #[must_use]
    pub fn allowing(mut self, action: impl Into<String>) -> Self {
        self.allow.push(action.into());
        self
    }

    /// Sets how long its sessions last, in seconds.
    #[must_use]
    pub fn lasting(mut self, seconds: u32) -> Self {
        self.session_duration = seconds;
        self
    }
}

impl SsoUser {
    /// A user who may have nothing, and whose password is `password`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password(),
            assignments: Vec::new(),
            sessions: Vec::new(),
            entitlements: Vec::new(),
        }
    }

    /// Entitles the user to an IAM role by account access manager.
    #[must_use]
    pub fn entitled(mut self, role: impl Into<String>) -> Self {
        self.entitlements.push(role.into());
        self
    }

    /// Lets the user have a permission set in an account.
    #[must_use]
    pub fn assigned(mut self, account: impl Into<String>, set: impl Into<String>) -> Self {
        self.assignments.push(Assignment {
            account: account.into(),
            permission_set: set.into(),
        });
        self
    }

    /// Adds a session that the user has signed in to already.
    #[must_use]
    pub fn session(mut self, session: SsoSession) -> Self {
        self.sessions.push(session);
        self
    }
}

impl SsoSession {
    /// A session that does not end and cannot be renewed.
    pub fn new(access_token: impl Into<String>) -> Self {
        Self {
            access_token: access_token.into(),
            expires: None,
            renewal: None,
        }
    }

    /// Ends its access token.
    #[must_use]
    pub fn ending(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Lets its access token be renewed with a refresh token, by the client
    /// with that ID and secret.
    #[must_use]
    pub fn renewable(
        mut self,
        refresh_token: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        self.renewal = Some(Renewal {
            refresh_token: refresh_token.into(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
        });
        self
    }
}

impl World {
    /// The instance with this start URL; a slash or `#` at its end is nothing.
    pub(crate) fn identity_center(&self, start_url: &str) -> Option<&IdentityCenter> {
        let plain = |url: &str| url.trim_end_matches(['/', '#']).to_owned();
        let wanted = plain(start_url);
        let mut centers = self.identity_centers.iter();
        centers.find(|center| plain(&center.start_url) == wanted)
    }

    /// The permission set that is the role of this session.
    pub(crate) fn permission_set(&self, principal: &Principal) -> Option<&PermissionSet> {
        let Principal::Role {
            role_arn, account, ..
        } = principal
        else {
            return None;
        };
        self.identity_centers.iter().find_map(|center| {
            let mut sets = center.permission_sets.iter();
            sets.find(|set| center.role_arn(&self.partition, account, &set.name) == *role_arn)
        })
    }
}

pub(super) fn check(world: &World) -> Result<(), String> {
    let mut seen = HashSet::new();
    for center in &world.identity_centers {
        let about = |wrong: String| format!("identity center {:?}: {wrong}", center.start_url);
        center.check().map_err(about)?;
        let sessions = center.users.iter().flat_map(|user| &user.sessions);
        let tokens = sessions.flat_map(|session| {
            let refresh = session.renewal.iter().map(|renewal| &renewal.refresh_token);
            refresh.chain([&session.access_token])
        });
        for token in tokens.chain([&center.start_url]) {
            if token.is_empty() || !seen.insert(token) {
                return Err(about("a token or URL is empty or there twice".to_owned()));
            }
        }
    }
    Ok(())
}
