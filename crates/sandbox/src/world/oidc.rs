//! OpenID Connect providers, whose tokens AssumeRoleWithWebIdentity takes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::World;
use crate::arn::Arn;

/// An OpenID Connect provider that IAM of an account knows. The sandbox issues
/// its tokens too: [`crate::Sandbox::identity_token`], `aws-sandbox token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// `arn:aws:iam::123456789012:oidc-provider/token.example.com`. A role
    /// trusts it by this name ([`super::Trust::principals`]).
    pub arn: String,
    /// The audiences that IAM was told of.
    #[serde(default = "sts")]
    pub client_ids: Vec<String>,
    /// What it signs its tokens with.
    pub secret: String,
}

fn sts() -> Vec<String> {
    vec!["sts.amazonaws.com".to_owned()]
}

impl fmt::Debug for OidcProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcProvider")
            .field("arn", &self.arn)
            .field("client_ids", &self.client_ids)
            .finish_non_exhaustive()
    }
}

impl OidcProvider {
    /// A provider for the audience `sts.amazonaws.com`, and what it signs with.
    pub fn new(arn: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            client_ids: sts(),
            secret: secret.into(),
        }
    }

    /// The `iss` of its tokens: `https://token.example.com`.
    pub fn issuer(&self) -> String {
        let arn = Arn::parse(&self.arn);
        let name = arn.and_then(|arn| arn.iam("oidc-provider"));
        format!("https://{}", name.unwrap_or_default())
    }
}

pub(super) fn check(world: &World, provider: &OidcProvider) -> Result<(), String> {
    let named = Arn::parse(&provider.arn)
        .is_some_and(|arn| arn.partition == world.partition && arn.iam("oidc-provider").is_some());
    if !named {
        return Err(format!(
            "the ARN is not arn:{}:iam::123456789012:oidc-provider/HOST",
            world.partition
        ));
    }
    if provider.client_ids.is_empty() || provider.secret.is_empty() {
        return Err("it has no client_ids, or no secret".to_owned());
    }
    Ok(())
}
