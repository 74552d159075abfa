//! What to do when a source of first credentials is refused.

use crate::failure::{Failure, Reason};

/// A source that was asked, so that a hint can name things.
#[derive(Clone, Debug)]
pub enum AskedSource {
    /// A login: IAM Identity Center, or `aws login`.
    Login {
        /// The command that logs in.
        command: String,
        /// What was asked for, of IAM Identity Center: account and role.
        role: Option<(String, String)>,
    },
    /// A role that trusts an identity provider.
    WebIdentity {
        /// The role's ARN.
        arn: String,
        /// The file of the token, as the person would write it.
        token_file: String,
    },
}

impl AskedSource {
    /// What to do about `failure`; `None` where nothing is special about it.
    pub(super) fn hints(&self, failure: &Failure) -> Option<Vec<String>> {
        match self {
            Self::Login { command, role } => of_login(failure.reason, command, role.as_ref()),
            Self::WebIdentity { arn, token_file } => {
                of_web_identity(failure.reason, arn, token_file)
            }
        }
    }
}

fn of_login(reason: Reason, command: &str, role: Option<&(String, String)>) -> Option<Vec<String>> {
    match (reason, role) {
        (Reason::LoggedOut | Reason::Expired, _) => Some(vec![format!("log in: {command}")]),
        (Reason::NotAssigned, Some((account, role))) => Some(vec![
            format!("check sso_account_id and sso_role_name: role {role} in account {account} does not exist or is not assigned to you"),
            format!("or log in as a user who has it: {command}"),
        ]),
        (Reason::NotAuthorized, _) => Some(vec![
            "allow the user signin:CreateOAuth2Token (policy SignInLocalDevelopmentAccess), which renews the login".to_owned(),
        ]),
        _ => None,
    }
}

fn of_web_identity(reason: Reason, arn: &str, token_file: &str) -> Option<Vec<String>> {
    match reason {
        Reason::Expired => Some(vec![format!(
            "have the issuer of the token in {token_file} write a new one: it has expired"
        )]),
        Reason::InvalidIdentity => Some(vec![
            format!("see whether the account of {arn} knows the provider and the audience of the token in {token_file}"),
            "list the providers it knows: aws iam list-open-id-connect-providers".to_owned(),
        ]),
        Reason::IdentityRejected => Some(vec![format!(
            "get a new token into {token_file}: the provider rejected it as expired or revoked"
        )]),
        Reason::ProviderUnreachable => Some(vec![
            "try again, or make the provider reachable from the Internet: AWS could not reach it to check the token".to_owned(),
        ]),
        Reason::NotAuthorized => Some(vec![format!(
            "see whether {arn} exists, and its trust policy names this provider, audience and subject"
        )]),
        _ => None,
    }
}
