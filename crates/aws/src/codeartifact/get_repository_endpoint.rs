//! `GetRepositoryEndpoint`: where a repository is for one format of packages.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetRepositoryEndpoint.html>

use assumerole_core::Credentials;
use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::codeartifact::Artifacts;
use aws_sdk_codeartifact::types::PackageFormat;

use super::{client, unusable};
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};

const NAME: &str = "GetRepositoryEndpoint";

/// Asks where the `repository` of `artifacts` is for packages of `format`: a URL
/// that ends with a slash.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_repository_endpoint(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    artifacts: &Artifacts,
    repository: &str,
    format: &str,
) -> Result<String, CallError> {
    let answer = call::signed(
        NAME,
        connection,
        keys,
        now,
        false,
        &Sent::default(),
        |config, date| {
            let client = client(&config, date);
            client
                .get_repository_endpoint()
                .domain(&artifacts.domain)
                .domain_owner(&artifacts.domain_owner)
                .repository(repository)
                .format(PackageFormat::from(format))
                .send()
        },
    )?;
    let url = answer.value.repository_endpoint().unwrap_or_default();
    // It becomes a part of files and variables.
    let is_plain =
        |url: &EndpointUrl| url.secrets().next().is_none() && !url.as_str().contains('\'');
    if !EndpointUrl::parse(url).is_ok_and(|url| is_plain(&url)) {
        return Err(unusable(NAME, "no URL").into());
    }
    let slash = if url.ends_with('/') { "" } else { "/" };
    Ok(format!("{url}{slash}"))
}
