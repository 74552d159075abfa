//! Everything that is wrong or odd in the file, not only what stands in the way
//! of one role.

use std::collections::HashSet;

use super::Config;
use super::fault::{Fault, Finding, Read};
use super::mfa::{self, Mfa};
use super::node::Node;
use super::settings::KEYS;
use super::{codeartifact, role};
use crate::error::{Error, Result, Warning};
use crate::text::Snippet;

/// What is to be said of a file, each kind in the order of places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lint {
    /// What does not work.
    pub errors: Vec<Error>,
    /// What is odd.
    pub warnings: Vec<Warning>,
}

impl Config {
    /// Looks at every role and every setting.
    ///
    /// # Errors
    /// As for [`Config::role_names`].
    pub fn lint(&self) -> Result<Lint> {
        let document = self.whole()?;
        let mut faults: Vec<Fault> = Vec::new();
        let mut findings: Vec<Finding> = document.settings.findings.clone();
        let mut used = HashSet::new();
        for (key, value) in document.roles() {
            match role::read(&key, &value, &document.settings) {
                Ok(role) => {
                    findings.extend(role.device_is_left_out(&document.settings));
                    findings.extend(role.findings);
                    used.extend(role.aws_profile.map(|profile| profile.value));
                }
                Err(first) => faults.extend(role::faults(&key, &value, *first)),
            }
        }
        for key in KEYS.iter().filter(|key| key.is_lazy()) {
            if let Some((_, value)) = document.setting(key.name) {
                let (wrong, odd) = later(key.name, &value, &used);
                faults.extend(wrong);
                findings.extend(odd);
            }
        }
        faults.sort_by_key(Fault::start);
        findings.sort_by_key(|finding| finding.span.start);
        let place = |span| document.snippet(self.path(), span);
        Ok(Lint {
            errors: faults
                .into_iter()
                .map(|fault| fault.into_error(place))
                .collect(),
            warnings: self.warn(&findings),
        })
    }

    /// Where the role `name` begins; `None` if there is none.
    ///
    /// # Errors
    /// As for [`Config::role_names`].
    pub fn place_of_role(&self, name: &str) -> Result<Option<Snippet>> {
        let document = self.whole()?;
        let role = document.role(name);
        Ok(role.map(|(key, _)| document.snippet(self.path(), key.span())))
    }
}

/// What is to be said of a setting that is otherwise read when it is asked for.
/// `used` are the profiles of roles.
fn later(key: &str, value: &Node<'_>, used: &HashSet<String>) -> (Vec<Fault>, Vec<Finding>) {
    let of_mfa = |read: Read<Vec<Mfa>>| match read {
        Ok(found) => {
            let findings = found.into_iter().flat_map(|mfa| mfa.findings);
            (Vec::new(), findings.collect())
        }
        Err(fault) => (vec![*fault], Vec::new()),
    };
    match key {
        "codeartifact" => codeartifact::lint(value, |profile| used.contains(profile)),
        "mfa" => of_mfa(mfa::of_top(value, key).map(|found| found.into_iter().collect())),
        "mfa_devices" => of_mfa(mfa::of_devices(value)),
        _ => (Vec::new(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_is_passed_over() {
        // No setting is good if it is this.
        let number = Node::at("1", 0);
        for key in KEYS
            .iter()
            .filter(|key| key.is_lazy() && key.name != "$schema")
        {
            let (faults, _) = later(key.name, &number, &HashSet::new());
            assert!(!faults.is_empty(), "{} is not looked at", key.name);
        }
    }
}
