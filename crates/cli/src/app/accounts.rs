//! The roles of accounts that stand in a file of their own, and what is known of
//! accounts.

use std::collections::HashMap;

use assumerole_core::Result;
use assumerole_core::aws_config::AwsFiles;
use assumerole_core::config::Config;
use assumerole_core::plan::{Target, role_of_process};
use assumerole_session::organization::{OrganizationAccount, Organizations, known_organizations};

use super::App;
use crate::files;

impl App<'_> {
    /// From now on, the roles of the file that `accounts sync` writes are there, behind
    /// those of `~/.assumerole`; whether there are some. What is wrong with that file
    /// is said, and stands in the way of no other role.
    pub(crate) fn show_accounts(&self) -> bool {
        self.try_accounts().unwrap_or_else(|error| {
            self.printer.warning(&error.into_warning());
            false
        })
    }

    /// As [`App::show_accounts`]; it says what is wrong only once.
    ///
    /// # Errors
    /// The file cannot be read, or is wrong.
    pub(crate) fn try_accounts(&self) -> Result<bool> {
        if self.extended.get().is_some() {
            return Ok(true);
        }
        let Ok(config) = self.config_unsaid() else {
            return Ok(false);
        };
        if self.accounts_said.replace(true) {
            return Ok(false);
        }
        let Some(more) = files::accounts(&self.places)? else {
            return Ok(false);
        };
        let none = AwsFiles::default();
        let aws = self.aws_files().unwrap_or(&none);
        // A profile of that name wins, unless it is one that leads here.
        let mut keep = |name: &str| match aws.profile(name) {
            None => true,
            Some(profile) => role_of_process(config, &profile).is_some_and(|role| role == name),
        };
        let both = config.followed_by(&more, &mut keep)?;
        Ok(self.extended.set(both).is_ok())
    }

    /// Whether `target` cannot be understood without the roles of that file.
    pub(super) fn leads_to_accounts(&self, config: &Config, target: &Target) -> bool {
        let profile = match target {
            Target::Role(role) => {
                let mut via = role.via.as_ref().map(|via| via.value.clone());
                // What goes in circles is refused later.
                for _ in 0..MOST_VIA {
                    match via {
                        None => break,
                        Some(name) if config.place_of_role(&name).ok().flatten().is_none() => {
                            return true;
                        }
                        Some(name) => {
                            via = config
                                .role(&name)
                                .ok()
                                .flatten()
                                .and_then(|role| role.via.map(|via| via.value));
                        }
                    }
                }
                role.aws_profile
                    .as_ref()
                    .map(|profile| profile.value.as_str())
            }
            Target::Profile(name) => Some(name.as_str()),
        };
        let aws = self.aws_files().ok();
        let profile = profile.and_then(|name| aws?.profile(name));
        let role = profile.and_then(|profile| role_of_process(config, &profile));
        role.is_some_and(|role| config.place_of_role(&role).ok().flatten().is_none())
    }

    /// What is known of accounts, by their IDs. Asks nobody.
    pub(crate) fn accounts(&self) -> &HashMap<String, OrganizationAccount> {
        self.accounts.get_or_init(|| {
            let cache = self.cache_unsaid();
            let known = cache.and_then(|cache| known_organizations(&cache, self.host));
            known.map(Organizations::by_id).unwrap_or_default()
        })
    }
}

/// More than a chain of roles can have.
const MOST_VIA: usize = 16;
