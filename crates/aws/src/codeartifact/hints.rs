//! CodeArtifact's refusals in AWS's words, and what to do about each.

use assumerole_core::Error;
use assumerole_core::plan::codeartifact::Artifacts;
use assumerole_core::shell::command_line::argument;

use crate::Asked;
use crate::call::CallError;
use crate::failure::{Failure, Reason};

/// The failure as a person reads it, who calls the role `role`.
pub fn explain(error: &CallError, artifacts: &Artifacts, role: &str) -> Error {
    let failure = match error {
        CallError::Local(error) => return error.clone(),
        CallError::Aws(failure) => failure,
    };
    let usual = || {
        failure.hints(&Asked {
            role: Some(role.to_owned()),
            region: artifacts.route.region.value.to_string(),
            ..Asked::default()
        })
    };
    failure.with_hints(own(failure, artifacts, role).unwrap_or_else(usual))
}

/// What is to be done about it here; `None` where nothing is special about it.
fn own(failure: &Failure, artifacts: &Artifacts, role: &str) -> Option<Vec<String>> {
    let Artifacts {
        domain,
        domain_owner,
        ..
    } = artifacts;
    let missing = failure.code.as_deref() == Some("ResourceNotFoundException");
    let hint = match failure.reason {
        Reason::NotAuthorized => {
            let action = match failure.operation {
                "GetRepositoryEndpoint" => "codeartifact:GetRepositoryEndpoint",
                _ => "codeartifact:GetAuthorizationToken and sts:GetServiceBearerToken",
            };
            return Some(vec![
                format!("allow {role} {action}, in its own policies and in the policy of the domain {domain}"),
                "name a \"profile\" in codeartifact of ~/.assumerole, or set ASSUMEROLE_SKIP_CODEARTIFACT, for a role that should not have it".to_owned(),
            ]);
        }
        _ if missing => {
            let region = &artifacts.route.region.value;
            format!(
                "check domain, domain_owner, repository and region of codeartifact in ~/.assumerole: it is domain {domain} of {domain_owner} in {region}"
            )
        }
        Reason::InvalidKey | Reason::WrongSecret | Reason::Expired => {
            format!("get new credentials: assumerole --fresh {}", argument(role))
        }
        _ => return None,
    };
    Some(vec![hint])
}
