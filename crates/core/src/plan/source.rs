//! Where the first credentials of a plan come from.

use crate::aws::ids::{AccountId, PolicyArn, Region, RoleArn, SessionName};

use crate::aws::url::{ContainerUrl, EndpointUrl};
use crate::plan::origin::{Origin, Sourced};

use super::Route;

/// The first credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The profile that names them.
    pub profile: Sourced<String>,
    /// What they are.
    pub kind: SourceKind,
}

/// Kinds of first credentials. A new one is a variant here, a reader in
/// `planner::source`, and a file in the room that runs plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// Keys in the profile.
    Keys {
        /// `aws_access_key_id`: part of the cache key, so that another user's
        /// keys in the same profile never get the first one's session.
        access_key_id: Sourced<String>,
        /// Where the secret key stands.
        secret_from: Origin,
        /// Where the session token of temporary keys stands.
        token_from: Option<Origin>,
    },
    /// A user's keys that are stored sealed.
    Stored {
        /// The name they are stored under.
        name: String,
        /// The access key ID: part of the cache key, as that of keys in a file.
        access_key_id: Sourced<String>,
    },
    /// What `credential_process` prints.
    Process {
        /// The command line.
        command: Sourced<String>,
    },
    /// IAM Identity Center.
    Sso(Box<Sso>),
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity(Box<WebIdentity>),
    /// A session of `aws login`.
    Login(Box<Login>),
    /// The keys in the environment (`credential_source = Environment`).
    Environment {
        /// `AWS_ACCESS_KEY_ID`.
        access_key_id: String,
        /// Whether `AWS_SESSION_TOKEN` is set.
        temporary: bool,
        /// Where the profile says so.
        from: Origin,
    },
    /// The container's role (`credential_source = EcsContainer`).
    Container {
        /// The endpoint, as the environment names it.
        uri: Sourced<ContainerUrl>,
        /// Where the profile says so.
        from: Origin,
    },
    /// The instance's role (`credential_source = Ec2InstanceMetadata`).
    Instance {
        /// The metadata service.
        service: Box<MetadataService>,
        /// Where the profile says so.
        from: Origin,
    },
}

/// The metadata service of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataService {
    /// Where it is.
    pub endpoint: Sourced<EndpointUrl>,
    /// How often each request is tried.
    pub attempts: Sourced<u32>,
    /// How long an answer is waited for, seconds.
    pub timeout: Sourced<u32>,
}

/// A permission set of IAM Identity Center, by the token that a login left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sso {
    /// Where somebody has to be logged in.
    pub at: SsoPortal,
    /// `sso_account_id`.
    pub account: Sourced<AccountId>,
    /// `sso_role_name`.
    pub role: Sourced<String>,
    /// What gives the role, if it is not the portal.
    pub access: Option<Box<ManagedAccess>>,
}

/// A tenant of account access manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTenant {
    /// Its ID.
    pub id: String,
    /// How the service is reached.
    pub route: Route,
}

/// An IAM role that account access manager gives, to whom is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedAccess {
    /// The ID of the tenant.
    pub tenant: Sourced<String>,
    /// The role.
    pub arn: Sourced<RoleArn>,
    /// The session's name in CloudTrail; without one, the service's own.
    pub session_name: Option<Sourced<SessionName>>,
    /// Seconds; without them, the service's own.
    pub duration: Option<Sourced<u32>>,
    /// How the service is reached.
    pub route: Route,
}

/// A portal of IAM Identity Center, to which one logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoPortal {
    /// The name of the `[sso-session]`; none for the older form of profile.
    pub session: Option<Sourced<String>>,
    /// `sso_start_url`.
    pub start_url: Sourced<String>,
    /// `sso_registration_scopes`: what a login asks for; empty where the session
    /// does not say.
    pub scopes: Vec<String>,
    /// The tenant of account access manager that a login is for, too.
    pub access: Option<Box<AccessTenant>>,
    /// How the portal is reached; its region is `sso_region`.
    pub portal: Route,
    /// How tokens are obtained and renewed.
    pub oidc: Route,
}

impl SsoPortal {
    /// What it is called: `sso-session NAME`, or the start URL.
    pub fn name(&self) -> String {
        match &self.session {
            Some(session) => format!("sso-session {}", session.value),
            None => self.start_url.value.clone(),
        }
    }
}

/// A role that trusts an identity provider's token.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentity {
    /// The file of the token, as written.
    pub token_file: Sourced<String>,
    /// The role.
    pub arn: Sourced<RoleArn>,
    /// The session's name in CloudTrail.
    pub session_name: Sourced<SessionName>,
    /// Seconds, 900 to 43,200.
    pub duration: Sourced<u32>,
    /// Managed policies that narrow the session, sorted, each once: only the
    /// command line names some.
    pub policy_arns: Sourced<Vec<PolicyArn>>,
    /// How STS is reached.
    pub route: Route,
}

/// A session of `aws login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// `login_session`: the ARN of who logged in.
    pub session: Sourced<String>,
    /// Their account, where the ARN says it.
    pub account: Option<AccountId>,
    /// The region of the sign-in service.
    pub region: Sourced<Region>,
    /// How it is reached.
    pub route: Route,
}

impl Source {
    /// Whether they are a user's keys, which alone have an MFA device and get
    /// session tokens. What a process prints may be; that is seen when it runs.
    pub(crate) fn is_user(&self) -> bool {
        match &self.kind {
            SourceKind::Keys { token_from, .. } => token_from.is_none(),
            SourceKind::Environment { temporary, .. } => !temporary,
            SourceKind::Process { .. } | SourceKind::Stored { .. } => true,
            _ => false,
        }
    }

    /// Whether they are keys that end, so that a role assumed from them lasts
    /// an hour at most. What a process prints is taken for such keys unless
    /// a device is named.
    pub fn is_temporary(&self) -> bool {
        match &self.kind {
            SourceKind::Keys { token_from, .. } => token_from.is_some(),
            SourceKind::Environment { temporary, .. } => *temporary,
            SourceKind::Process { .. } | SourceKind::Stored { .. } => false,
            _ => true,
        }
    }

    /// Whether they are worth keeping: a request or a process was needed.
    pub fn is_kept(&self) -> bool {
        match &self.kind {
            SourceKind::Process { .. }
            | SourceKind::Sso(_)
            | SourceKind::WebIdentity(_)
            | SourceKind::Login(_) => true,
            SourceKind::Keys { .. }
            | SourceKind::Stored { .. }
            | SourceKind::Environment { .. }
            | SourceKind::Container { .. }
            | SourceKind::Instance { .. } => false,
        }
    }

    /// The role whose credentials they are, where that is known.
    pub fn role_arn(&self) -> Option<&RoleArn> {
        match &self.kind {
            SourceKind::WebIdentity(web) => Some(&web.arn.value),
            SourceKind::Sso(sso) => Some(&sso.access.as_ref()?.arn.value),
            _ => None,
        }
    }

    /// The account they belong to, where that is known.
    pub fn account(&self) -> Option<&AccountId> {
        match &self.kind {
            SourceKind::Sso(sso) => Some(&sso.account.value),
            SourceKind::WebIdentity(web) => Some(&web.arn.value.account),
            SourceKind::Login(login) => login.account.as_ref(),
            _ => None,
        }
    }

    /// Where the access key stands, if it does in a file.
    pub fn keys_from(&self) -> Option<&Origin> {
        match &self.kind {
            SourceKind::Keys { access_key_id, .. } | SourceKind::Stored { access_key_id, .. } => {
                Some(&access_key_id.from)
            }
            _ => None,
        }
    }

    /// How the services are reached that are asked for them.
    pub fn routes(&self) -> Vec<&Route> {
        match &self.kind {
            SourceKind::Sso(sso) => match &sso.access {
                Some(access) => vec![&access.route, &sso.at.oidc],
                None => vec![&sso.at.portal, &sso.at.oidc],
            },
            SourceKind::WebIdentity(web) => vec![&web.route],
            SourceKind::Login(login) => vec![&login.route],
            SourceKind::Keys { .. }
            | SourceKind::Stored { .. }
            | SourceKind::Process { .. }
            | SourceKind::Environment { .. }
            | SourceKind::Container { .. }
            | SourceKind::Instance { .. } => Vec::new(),
        }
    }

    /// What they are, for a person.
    pub fn describe(&self) -> String {
        let profile = &self.profile.value;
        match &self.kind {
            SourceKind::Keys {
                token_from: None, ..
            } => format!("keys of profile {profile}"),
            SourceKind::Keys { .. } => format!("temporary keys of profile {profile}"),
            SourceKind::Stored { .. } => format!("stored key of profile {profile}"),
            SourceKind::Process { .. } => format!("credential_process of profile {profile}"),
            SourceKind::Sso(sso) => match &sso.access {
                Some(_) => format!("account access manager, profile {profile}"),
                None => format!("IAM Identity Center, profile {profile}"),
            },
            SourceKind::WebIdentity(_) => format!("web identity of profile {profile}"),
            SourceKind::Login(_) => format!("login session of profile {profile}"),
            SourceKind::Environment { .. } => "keys in the environment".to_owned(),
            SourceKind::Container { .. } => "the container's role".to_owned(),
            SourceKind::Instance { .. } => "the instance's role".to_owned(),
        }
    }
}
