//! The services of AWS that are called, by the names that AWS's tools give
//! them in variables and files.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>

use std::fmt;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// The portal of IAM Identity Center.
    Sso,
    /// The tokens of IAM Identity Center.
    SsoOidc,
    /// The tokens of `aws login`.
    Signin,
    /// CodeArtifact.
    CodeArtifact,
    /// Identity and Access Management.
    Iam,
    /// Elastic Container Registry.
    Ecr,
    /// Systems Manager.
    Ssm,
    /// AWS Organizations.
    Organizations,
    /// IAM account access manager.
    AccountAccess,
}

impl Service {
    /// All of them. A new one is a variant, a name here and a row in each match.
    pub const ALL: [Self; 10] = [
        Self::Sts,
        Self::Sso,
        Self::SsoOidc,
        Self::Signin,
        Self::CodeArtifact,
        Self::Iam,
        Self::Ecr,
        Self::Ssm,
        Self::Organizations,
        Self::AccountAccess,
    ];

    /// Its key in a `services` section.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Sso => "sso",
            Self::SsoOidc => "sso_oidc",
            Self::Signin => "signin",
            Self::CodeArtifact => "codeartifact",
            Self::Iam => "iam",
            Self::Ecr => "ecr",
            Self::Ssm => "ssm",
            Self::Organizations => "organizations",
            Self::AccountAccess => "account_access_runtime",
        }
    }

    /// The variable that names its endpoint.
    pub fn endpoint_variable(self) -> &'static str {
        match self {
            Self::Sts => "AWS_ENDPOINT_URL_STS",
            Self::Sso => "AWS_ENDPOINT_URL_SSO",
            Self::SsoOidc => "AWS_ENDPOINT_URL_SSO_OIDC",
            Self::Signin => "AWS_ENDPOINT_URL_SIGNIN",
            Self::CodeArtifact => "AWS_ENDPOINT_URL_CODEARTIFACT",
            Self::Iam => "AWS_ENDPOINT_URL_IAM",
            Self::Ecr => "AWS_ENDPOINT_URL_ECR",
            Self::Ssm => "AWS_ENDPOINT_URL_SSM",
            Self::Organizations => "AWS_ENDPOINT_URL_ORGANIZATIONS",
            Self::AccountAccess => "AWS_ENDPOINT_URL_ACCOUNT_ACCESS_RUNTIME",
        }
    }
}

impl fmt::Display for Service {
    /// For a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sts => "STS",
            Self::Sso => "IAM Identity Center",
            Self::SsoOidc => "IAM Identity Center's tokens",
            Self::Signin => "AWS sign-in",
            Self::CodeArtifact => "CodeArtifact",
            Self::Iam => "IAM",
            Self::Ecr => "ECR",
            Self::Ssm => "Systems Manager",
            Self::Organizations => "Organizations",
            Self::AccountAccess => "account access manager",
        })
    }
}
