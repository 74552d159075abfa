//! Profiles that stand in no file: the roles that somebody was assigned in IAM
//! Identity Center. They are read as if they stood behind the config file, so that
//! whatever a profile can be used for, they can.

use std::collections::HashSet;

use super::profiles::Block;
use super::{AwsFiles, Profile, quoted};
use crate::aws::assigned::AssignedRole;

/// What such a profile says of a role that account access manager gives. No other
/// program has names for that.
pub(crate) const TENANT: &str = "assumerole_tenant";
pub(crate) const ROLE_ARN: &str = "assumerole_role_arn";

/// What is shown for the place of such a profile.
pub const DIRECTORY: &str = "IAM Identity Center";

impl AwsFiles {
    /// The profile that says how the portal of `session` is reached: the first that
    /// names it, else the default one. Those that we wrote for its roles say nothing
    /// of that.
    pub(crate) fn profile_of_session(&self, session: &str) -> Option<Profile<'_>> {
        let names = self.profile_names();
        let block = self
            .config
            .as_ref()
            .and_then(|file| Block::find(file).ok()?);
        let written = block
            .as_ref()
            .and_then(|block| block.part(&source_of_session(session)));
        let is_written = |profile: &Profile<'_>| {
            let section = profile.sections().next();
            written
                .zip(section)
                .is_some_and(|(part, section)| part.has(section.span().start))
        };
        let mut profiles = names
            .iter()
            .filter_map(|name| self.profile(name))
            .filter(|profile| !is_written(profile));
        let of_session = profiles.find(|profile| {
            let named = profile.get("sso_session");
            named.is_some_and(|named| named.text().trim() == session)
        });
        of_session.or_else(|| self.profile("default"))
    }

    /// These files, and a profile more for each role of `sessions`. A profile that
    /// is there wins, and of two roles of one name the first.
    #[must_use]
    pub fn with_assigned(&self, sessions: &[(String, Vec<(String, AssignedRole)>)]) -> Self {
        let mut seen = HashSet::new();
        let mut text = String::new();
        for (session, roles) in sessions {
            let reached = self.profile_of_session(session);
            let reached = reached.as_ref().map_or_else(String::new, reaching);
            for (name, one) in roles {
                if self.profile(name).is_some() || !seen.insert(name.as_str()) {
                    continue;
                }
                text.push_str(&format!(
                    "[profile {}]\nsso_session = {session}\nsso_account_id = {}\nsso_role_name = {}\n{reached}",
                    quoted(name),
                    one.account,
                    one.role
                ));
                if let Some(managed) = &one.managed {
                    let (tenant, arn) = (&managed.tenant, &managed.arn);
                    text.push_str(&format!("{TENANT} = {tenant}\n{ROLE_ARN} = {arn}\n"));
                }
            }
        }
        let copy = |file: &super::AwsFile| file.followed_by(String::new(), DIRECTORY);
        Self {
            config: self
                .config
                .as_ref()
                .map(|file| file.followed_by(text, DIRECTORY)),
            credentials: self.credentials.as_ref().map(copy),
        }
    }
}

/// What the block calls the roles of `session`.
pub fn source_of_session(session: &str) -> String {
    format!("sso-session {session}")
}

/// What says how AWS is reached.
const REACHING: [&str; 7] = [
    "ca_bundle",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "max_attempts",
    "services",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// These lines of `profile`.
fn reaching(profile: &Profile<'_>) -> String {
    let line = |key: &str| {
        let value = profile.get(key)?;
        Some(format!("{key} = {}\n", value.text().trim()))
    };
    REACHING.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{AwsFile, FileKind};
    use super::*;

    #[test]
    fn a_profile_that_is_there_wins_and_the_place_is_no_line_of_a_file() {
        let text =
            "[profile acme/Read]\nregion = eu-west-1\n[sso-session corp]\nsso_region = eu-west-1";
        let files = AwsFiles {
            config: Some(AwsFile::parse(
                FileKind::Config,
                "~/.aws/config",
                text.to_owned(),
            )),
            credentials: None,
        };
        let role = |name: &str| {
            let one = AssignedRole {
                account: "123456789012".parse().unwrap(),
                account_name: String::new(),
                role: "Admin".to_owned(),
                managed: None,
            };
            (name.to_owned(), one)
        };
        let roles = vec![role("acme/Read"), role("acme's/Admin é"), role("b")];
        let all = files.with_assigned(&[("corp".to_owned(), roles)]);
        let own = all.profile("acme/Read").unwrap();
        assert!(own.get("sso_session").is_none());
        let new = all.profile("acme's/Admin é").unwrap();
        let account = new.get("sso_account_id").unwrap();
        assert_eq!(account.text(), "123456789012");
        assert_eq!(account.snippet().place(), "IAM Identity Center:3:18");
        assert!(all.profile("b").is_some() && all.sso_session("corp").is_some());
        assert_eq!(all.problems().count(), 0);
    }
}
