//! What a person names: a role of `~/.assumerole`, or a profile of `~/.aws`.

use std::collections::HashSet;

use crate::aws_config::{AwsFiles, Profile};
use crate::config::{Config, EnvVar, Label, Role};
use crate::diagnostic::Result;

use super::own_process::role_behind;

/// A role or a profile, found by its name.
#[derive(Clone, Debug)]
pub enum Target {
    /// A role of `~/.assumerole`.
    Role(Box<Role>),
    /// A profile of `~/.aws`; whether it is a role is for the plan to say.
    Profile(String),
}

impl Target {
    /// What is called `name`: a role of `~/.assumerole` wins. A profile that
    /// runs this program for such a role is that role.
    ///
    /// # Errors
    /// The role is there and wrong.
    pub fn find(config: &Config, aws: &AwsFiles, name: &str) -> Result<Option<Self>> {
        if let Some(role) = config.role(name)? {
            return Ok(Some(Self::Role(Box::new(role))));
        }
        let Some(profile) = aws.profile(name) else {
            return Ok(None);
        };
        let behind = role_behind(config, &profile);
        let role = behind.map(|role| config.role(&role)).transpose()?;
        Ok(Some(match role.flatten() {
            Some(role) => Self::Role(Box::new(role)),
            None => Self::Profile(name.to_owned()),
        }))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Role(role) => &role.name.value,
            Self::Profile(name) => name,
        }
    }

    /// The role of `~/.assumerole`, if it is one.
    pub fn role(&self) -> Option<&Role> {
        match self {
            Self::Role(role) => Some(role),
            Self::Profile(_) => None,
        }
    }

    /// The role's own `environment`, unexpanded.
    pub fn environment(&self) -> &[EnvVar] {
        self.role().map_or(&[], |role| &role.environment)
    }

    /// What the role is for, in a person's words.
    pub fn description(&self) -> Option<&str> {
        let text = self.role()?.description.as_ref()?;
        Some(&text.value)
    }

    /// What people sort roles by.
    pub fn tags(&self) -> &[Label] {
        self.role().map_or(&[], |role| &role.tags)
    }
}

/// Whether a profile is a role: it has `role_arn`, or a permission set of IAM
/// Identity Center. Others are where roles come from.
pub fn is_role(profile: &Profile<'_>) -> bool {
    let said = |key| {
        profile
            .get(key)
            .is_some_and(|value| !value.text().trim().is_empty())
    };
    said("role_arn") || (said("sso_role_name") && said("sso_account_id"))
}

/// Whether a profile says where credentials come from, be it by half: others
/// only hold settings.
pub fn has_credentials(profile: &Profile<'_>) -> bool {
    const WAYS: [&str; 8] = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "credential_process",
        "login_session",
        "role_arn",
        "sso_account_id",
        "sso_role_name",
        "web_identity_token_file",
    ];
    WAYS.iter().any(|key| profile.property(key).is_some())
}

/// The names of all roles, each once: those of `~/.assumerole` in its order,
/// then the profiles of `~/.aws` that are roles.
///
/// # Errors
/// As [`Config::role_names`].
pub fn role_names(config: &Config, aws: &AwsFiles) -> Result<Vec<String>> {
    let mut names = config.role_names();
    let (roles, _) = profiles_besides(&names, aws);
    names.extend(roles);
    Ok(names)
}

/// The names of all that [`Target::find`] finds, each once: as
/// [`role_names`], then the other profiles, but for those that are one of these
/// roles.
///
/// # Errors
/// As [`Config::role_names`].
pub fn target_names(config: &Config, aws: &AwsFiles) -> Result<Vec<String>> {
    let mut names = config.role_names();
    let (roles, mut others) = profiles_besides(&names, aws);
    // Of those that run this program the role is there already.
    others.retain(|name| {
        let profile = aws.profile(name);
        profile.is_none_or(|profile| role_behind(config, &profile).is_none())
    });
    names.extend(roles);
    names.extend(others);
    Ok(names)
}

/// The names of the profiles that are not among `names`: of roles, and of
/// others. Profiles are few where roles are many.
fn profiles_besides(names: &[String], aws: &AwsFiles) -> (Vec<String>, Vec<String>) {
    let profiles = aws.profile_names();
    let known: HashSet<&str> = profiles.iter().map(|name| &**name).collect();
    let taken: HashSet<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| known.contains(name))
        .collect();
    profiles
        .iter()
        .map(ToString::to_string)
        .filter(|name| !taken.contains(&**name))
        .partition(|name| aws.profile(name).is_some_and(|profile| is_role(&profile)))
}
