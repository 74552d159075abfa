//! Everything that is wrong or odd in the file, not only what stands in the way
//! of one role.

use super::Config;
use super::fault::{Fault, Finding};
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
        for (key, value) in document.roles() {
            match role::read(&key, &value) {
                Ok(role) => findings.extend(role.findings),
                Err(first) => faults.extend(role::faults(&key, &value, *first)),
            }
        }
        if let Some((_, value)) = document.setting("codeartifact") {
            let (wrong, odd) = codeartifact::lint(&value);
            faults.extend(wrong);
            findings.extend(odd);
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
