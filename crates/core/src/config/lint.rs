//! Everything that is wrong or odd in the file, not only what stands in the way
//! of one role.

use std::collections::HashSet;

use super::Config;
use super::fault::{Fault, Finding, Read, quoted};
use super::mfa::{self, Mfa};
use super::node::Node;
use super::settings::KEYS;
use super::zone::zone;
use super::{agents, codeartifact, keys, registries, role};
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Result, Warning};

/// What is to be said of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Lint {
    /// What does not work.
    Error(Error),
    /// What is odd.
    Warning(Warning),
}

impl Config {
    /// Looks at every role and every setting, and shows `found` what there is to
    /// say: one after the other, because of a hundred thousand roles each may be
    /// wrong. The settings at the top come first, then the roles in their order,
    /// then the other settings.
    ///
    /// # Errors
    /// As for [`Config::role_names`].
    pub fn lint(&self, found: &mut dyn FnMut(Lint)) -> Result<()> {
        let document = &self.document;
        let place = |span| document.snippet(self.path(), span);
        let mut say = |mut faults: Vec<Fault>, mut findings: Vec<Finding>| {
            faults.sort_by_key(Fault::start);
            findings.sort_by_key(|finding| finding.span.start);
            let faults = faults.into_iter().map(|fault| fault.into_error(place));
            faults.map(Lint::Error).for_each(&mut *found);
            let warnings = self.warn(&findings).into_iter();
            warnings.map(Lint::Warning).for_each(&mut *found);
        };
        let region = document.settings.aws_region.as_ref();
        say(
            zone(|| "aws_region".to_owned(), region),
            document.settings.findings.clone(),
        );
        let mut used = HashSet::new();
        let is_needed = document.setting("codeartifact").is_some();
        for (key, value) in document.roles() {
            match role::read(&key, &value, &document.settings) {
                Ok(role) => {
                    let mut findings = role.findings.clone();
                    findings.extend(role.device_is_left_out(&document.settings));
                    let what = || format!("role {}: aws_region", quoted(&role.name.value));
                    say(zone(what, role.aws_region.as_ref()), findings);
                    let profile = role.aws_profile.filter(|_| is_needed);
                    used.extend(profile.map(|profile| profile.value));
                }
                Err(first) => say(role::faults(&key, &value, *first), Vec::new()),
            }
        }
        for key in KEYS.iter().filter(|key| key.is_lazy()) {
            if let Some((_, value)) = document.setting(key.name) {
                let (wrong, odd) = later(key.name, &value, &used);
                say(wrong, odd);
            }
        }
        Ok(())
    }

    /// Where the role `name` begins; `None` if there is none.
    ///
    /// # Errors
    /// As for [`Config::role_names`].
    pub fn place_of_role(&self, name: &str) -> Result<Option<Snippet>> {
        let document = &self.document;
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
        "agents" => match agents::of_top(value) {
            Ok(_) => (Vec::new(), Vec::new()),
            Err(fault) => (vec![*fault], Vec::new()),
        },
        "keys" => match keys::of_top(value) {
            Ok(settings) => (Vec::new(), settings.findings),
            Err(fault) => (vec![*fault], Vec::new()),
        },
        "registries" => match registries::of_top(value) {
            Ok(_) => (Vec::new(), Vec::new()),
            Err(fault) => (vec![*fault], Vec::new()),
        },
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
