//! CodeArtifact: domains, repositories and what is in them.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::World;
use crate::arn::is_account;

/// A domain of CodeArtifact. Who may have a token for it, roles and users say
/// ([`super::Role::allow`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// 2 to 50 lower-case letters, digits and dashes.
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// Where it is; none: in every region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its repositories.
    #[serde(default)]
    pub repositories: Vec<Repository>,
}

/// A repository of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// 2 to 100 letters, digits, dots, dashes and underscores.
    pub name: String,
    /// What package tools find below its endpoints, by format and path:
    /// `maven/com/acme/lib/1.0/lib-1.0.pom`, `npm/acme-lib`,
    /// `pypi/simple/acme-lib/`. In a text `{endpoint}` stands for the endpoint
    /// of the repository and format, without the slash at its end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

impl Domain {
    /// A domain in every region, without repositories.
    pub fn new(name: impl Into<String>, owner: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            owner: owner.into(),
            region: None,
            repositories: Vec::new(),
        }
    }

    /// Puts it into one region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Adds a repository.
    #[must_use]
    pub fn repository(mut self, repository: Repository) -> Self {
        self.repositories.push(repository);
        self
    }
}

impl Repository {
    /// An empty repository.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            files: BTreeMap::new(),
        }
    }

    /// Puts a file into it: see [`Repository::files`].
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

/// The formats of packages that CodeArtifact has endpoints for.
pub(crate) const FORMATS: [&str; 8] = [
    "npm", "pypi", "maven", "nuget", "generic", "ruby", "swift", "cargo",
];

/// By AWS's pattern `[a-z][a-z0-9\-]{0,48}[a-z0-9]`.
pub(crate) fn is_domain(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.bytes().all(fits)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
}

/// By AWS's pattern `[A-Za-z0-9][A-Za-z0-9._\-]{1,99}`.
pub(crate) fn is_repository(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    name.bytes().all(fits) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

pub(super) fn check(world: &World) -> Result<(), String> {
    let mut seen = HashSet::new();
    for domain in &world.domains {
        let wrong = |what: String| Err(format!("domain {:?}: {what}", domain.name));
        if !is_domain(&domain.name) || !(2..=50).contains(&domain.name.len()) {
            return wrong("a name has 2 to 50 lower-case letters, digits and dashes".to_owned());
        }
        if !is_account(&domain.owner) {
            return wrong(format!("account {:?} has not 12 digits", domain.owner));
        }
        let region = domain.region.as_deref();
        if region.is_some_and(|region| !world.has_region(region)) {
            return wrong("there is no such region".to_owned());
        }
        if !seen.insert((&domain.name, &domain.owner, region)) {
            return wrong("it is there twice".to_owned());
        }
        for repository in &domain.repositories {
            let name = &repository.name;
            if !is_repository(name) || !(2..=100).contains(&name.len()) {
                return wrong(format!("{name:?} is no name of a repository"));
            }
            let format = |path: &String| {
                let format = path.split('/').next().unwrap_or_default();
                FORMATS.contains(&format)
            };
            if let Some(path) = repository.files.keys().find(|path| !format(path)) {
                return wrong(format!("{path:?} does not begin with a format"));
            }
        }
    }
    Ok(())
}
