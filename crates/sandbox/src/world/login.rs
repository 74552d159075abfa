//! Sessions of `aws login`.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use crate::arn::Arn;
use crate::principal::Principal;

/// A session of `aws login`, as the AWS CLI keeps it below `~/.aws/login/cache`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Who signed in, which is the `login_session` of a profile: the ARN of a
    /// user, or of a session of a role.
    pub session: String,
    /// `refreshToken`: good once, with a proof by the key that it is bound to,
    /// which is the first that comes with it.
    pub refresh_token: String,
    /// When the refresh token ends; none: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When the person showed an MFA code, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Timestamp>,
    /// What the person types on the sign-in page, beside the last part of `session`.
    #[serde(default = "password")]
    pub password: String,
    /// Why nothing is given any more: `USER_CREDENTIALS_CHANGED` or
    /// `INSUFFICIENT_PERMISSIONS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

fn password() -> String {
    "password".to_owned()
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// A session that does not end.
    pub fn new(session: impl Into<String>, refresh_token: impl Into<String>) -> Self {
        Self {
            session: session.into(),
            refresh_token: refresh_token.into(),
            expires: None,
            mfa: None,
            password: password(),
            refused: None,
        }
    }

    /// Ends it.
    #[must_use]
    pub fn ending(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }
}

impl World {
    /// The session that `user` signs in to with `password`.
    pub(crate) fn signs_in(&self, user: &str, password: &str) -> Option<&Login> {
        let mut logins = self.logins.iter();
        logins.find(|login| {
            login.session.rsplit('/').next() == Some(user) && login.password == password
        })
    }

    /// Whoever this ARN names: a user, or a session of a role.
    pub(crate) fn principal(&self, arn: &str) -> Option<Principal> {
        let parsed = Arn::parse(arn)?;
        if let Some(user) = self.find_user(arn) {
            return Some(Principal::User {
                arn: arn.to_owned(),
                account: user.account.clone(),
            });
        }
        let rest = parsed.resource.strip_prefix("assumed-role/")?;
        let (_, name) = rest.split_once('/')?;
        let mut roles = self.roles.iter();
        roles.find_map(|role| {
            let session = Principal::session_of(&self.partition, &role.arn, name);
            (session.arn() == arn).then_some(session)
        })
    }
}

pub(super) fn check(world: &World) -> Result<(), String> {
    let mut seen = HashSet::new();
    for login in &world.logins {
        let wrong = |what: &str| Err(format!("login {:?}: {what}", login.session));
        if world.principal(&login.session).is_none() {
            return wrong("there is no such user, nor such a role");
        }
        let known = ["USER_CREDENTIALS_CHANGED", "INSUFFICIENT_PERMISSIONS"];
        let refused = login.refused.as_deref();
        if refused.is_some_and(|code| !known.contains(&code)) {
            return wrong("refused is USER_CREDENTIALS_CHANGED or INSUFFICIENT_PERMISSIONS");
        }
        if login.refresh_token.is_empty() || !seen.insert(&login.refresh_token) {
            return wrong("the refresh token is empty, or there twice");
        }
    }
    Ok(())
}
