//! The services that the sandbox speaks, one file each. What a request is for
//! is told by its path; at the root, where several services speak the query
//! protocol, by its signature.

mod account_access;
mod codeartifact;
mod ecr;
mod federation;
mod iam;
mod instance;
mod organizations;
mod packages;
mod pod;
mod signin;
mod ssm;
mod sso;
mod sso_oidc;
mod sts;
mod task;

use std::borrow::Cow;

use crate::service::{RequestTarget, Service};

/// All of them. The first that has an operation for a request answers it.
static SERVICES: &[&dyn Service] = &[
    &account_access::AccountAccess,
    &codeartifact::CodeArtifact,
    &ecr::Ecr,
    &federation::Federation,
    // Before STS, which takes whatever comes to the root.
    &iam::Iam,
    &instance::InstanceMetadata,
    &organizations::Organizations,
    &packages::Packages,
    &pod::Pod,
    &signin::Signin,
    &sso::Sso,
    &sso_oidc::SsoOidc,
    &ssm::Ssm,
    &sts::Sts,
    &task::Task,
];

/// Who says no when nobody is asked.
pub(crate) static DEFAULT: &dyn Service = &sts::Sts;

/// The service that is asked, and for what.
pub(crate) fn find<'a>(asked: &RequestTarget<'a>) -> Option<(&'static dyn Service, Cow<'a, str>)> {
    SERVICES
        .iter()
        .find_map(|service| Some((*service, service.operation(asked)?)))
}
