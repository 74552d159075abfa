//! What is asked of CodeArtifact for a role, decided before it is asked.

use crate::aws::ids::Region;
use crate::aws::service::Service;
use crate::aws_config::AwsFiles;
use crate::config::CodeArtifact;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced};
use crate::plan::settings::RunSettings;
use crate::plan::{CacheKey, Route};

/// A token, and where the repository is for some formats of packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifacts {
    /// The domain.
    pub domain: String,
    /// The account that owns it.
    pub domain_owner: String,
    /// Seconds that the token shall be valid; 0: as long as the credentials.
    pub duration: Option<u32>,
    /// The repository, where one is needed.
    pub repository: Option<String>,
    /// The formats of packages, by CodeArtifact's names, sorted, each once.
    pub formats: Vec<&'static str>,
    /// How CodeArtifact is reached.
    pub route: Route,
}

impl Artifacts {
    /// What `found` asks for, for a role with the base profile `profile` that
    /// exports `region`. The region is the entry's own, else that.
    ///
    /// # Errors
    /// Nobody names a region, or the profile says something wrong.
    pub fn of(
        found: &CodeArtifact,
        profile: &str,
        region: Option<&Region>,
        aws: &AwsFiles,
        settings: &RunSettings,
    ) -> Result<Self> {
        let domain = &found.domain.value;
        let own = found.region.as_ref();
        let own = own.map(|own| Sourced::new(own.value.clone(), Origin::Config(own.span.clone())));
        let roles = || region.map(|region| Sourced::new(region.clone(), Origin::Default));
        let region = own.or_else(roles).ok_or_else(|| {
            Error::new(
                Kind::Config,
                format!("the region of the CodeArtifact domain {domain} is not known"),
            )
            .hint("add \"region\" to codeartifact in ~/.assumerole, or \"aws_region\" to the role")
        })?;
        let profile = aws.profile(profile).ok_or_else(|| {
            Error::new(
                Kind::UnknownName,
                format!("there is no profile {profile} in ~/.aws"),
            )
        })?;
        let mut formats: Vec<&str> = found
            .tools
            .iter()
            .filter_map(|tool| tool.format())
            .collect();
        formats.sort_unstable();
        formats.dedup();
        let repository = found.repository.as_ref().map(|name| name.value.clone());
        Ok(Self {
            domain: domain.clone(),
            domain_owner: found.domain_owner.value.to_string(),
            duration: found.duration_seconds.as_ref().map(|seconds| seconds.value),
            repository: repository.filter(|_| !formats.is_empty()),
            formats,
            route: Route::resolve(aws, &profile, settings, Service::CodeArtifact, region)?,
        })
    }

    /// What the answer is cached under, for a role whose credentials are
    /// cached under `role`.
    pub fn key(&self, role: &CacheKey) -> CacheKey {
        CacheKey::of_artifacts(role, self)
    }
}
