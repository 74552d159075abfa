//! Whom credentials are of, and what a session carries.

use jiff::Timestamp;

use crate::arn::{Arn, base_name};
use crate::random;

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// An IAM user, with long-term keys or from GetSessionToken.
    User { arn: String, account: String },
    /// A user's session of GetFederationToken.
    Federated { arn: String, account: String },
    /// A session of a role.
    Role {
        role_arn: String,
        session_arn: String,
        session_name: String,
        account: String,
    },
}

impl Principal {
    /// The session `name` of the role `role_arn`: its own ARN has no path.
    pub(crate) fn session_of(partition: &str, role_arn: &str, name: &str) -> Self {
        let account = Arn::parse(role_arn).map_or("", |arn| arn.account);
        let role = base_name(role_arn);
        Self::Role {
            role_arn: role_arn.to_owned(),
            session_arn: format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}"),
            session_name: name.to_owned(),
            account: account.to_owned(),
        }
    }

    /// The ARN that AWS names in its answers and refusals.
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::User { arn, .. } | Self::Federated { arn, .. } => arn,
            Self::Role { session_arn, .. } => session_arn,
        }
    }

    pub(crate) fn account(&self) -> &str {
        match self {
            Self::User { account, .. }
            | Self::Federated { account, .. }
            | Self::Role { account, .. } => account,
        }
    }

    /// `AIDA…`, or `AROA…:session`.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::User { arn, .. } => random::unique_id("AIDA", arn),
            Self::Federated { arn, account } => format!("{account}:{}", base_name(arn)),
            Self::Role {
                role_arn,
                session_name,
                ..
            } => format!("{}:{session_name}", random::unique_id("AROA", role_arn)),
        }
    }
}

/// A session tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
    /// Whether sessions made from this one have it too.
    pub(crate) transitive: bool,
}

/// What a session carries with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether it is of GetSessionToken.
    pub(crate) of_user: bool,
    /// Whether a role has assumed this one.
    pub(crate) chained: bool,
    /// When an MFA code was shown, if one was.
    pub(crate) mfa: Option<Timestamp>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) source_identity: Option<String>,
}

/// Temporary credentials that were given.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
    pub(crate) principal: Principal,
    pub(crate) facts: Facts,
}
