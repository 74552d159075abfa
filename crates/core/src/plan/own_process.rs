//! Profiles of `~/.aws` that run this program for a role of `~/.assumerole`.

use crate::aws_config::profiles::OwnProcess;
use crate::aws_config::{FileKind, Profile};
use crate::config::{Config, Role};
use crate::diagnostic::{Error, Kind, Result};

use super::chain::MOST_BEFORE;
use super::{Inputs, StaticKeys};

/// Where a profile has its credentials from before it runs a process.
const BEFORE: [&str; 5] = [
    "role_arn",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
    "login_session",
];

/// The name of the role of `config` whose credentials `profile` has, because it
/// runs this program for them and has no others.
pub(super) fn role_behind(config: &Config, profile: &Profile<'_>) -> Option<String> {
    let role = role_of_process(config, profile)?;
    let is_role = matches!(config.place_of_role(&role), Ok(Some(_)));
    is_role.then_some(role)
}

/// As [`role_behind`], whether there is such a role or not.
pub fn role_of_process(config: &Config, profile: &Profile<'_>) -> Option<String> {
    let command = profile.get("credential_process")?;
    let process = OwnProcess::read(command.text().trim())?;
    let others = BEFORE.iter().any(|key| profile.property(key).is_some())
        || !matches!(
            StaticKeys::in_file(profile, FileKind::Credentials),
            Ok(None)
        );
    (!others && process.is_of(config.path())).then_some(process.role)
}

/// Makes sure that the keys of `roles`, which are those of profile `name`, do
/// not come from one of these roles again, over profiles that run this program.
///
/// # Errors
/// They do.
pub(super) fn check_circle(inputs: Inputs<'_>, roles: &[Role], name: &str) -> Result<()> {
    let mut way: Vec<String> = roles.iter().map(|role| role.name.value.clone()).collect();
    let mut profile = name.to_owned();
    while let Some(role) = inputs
        .aws
        .profile(&profile)
        .and_then(|profile| role_behind(inputs.config, &profile))
    {
        if let Some(from) = way.iter().position(|one| *one == role) {
            // One that is on the way to a circle is not to blame for it.
            return match from < roles.len() {
                true => Err(circle(inputs, roles, name, &way, &role)),
                false => Ok(()),
            };
        }
        // A way that long is refused when a process on it plans its own role.
        let Some(next) = base_of(inputs.config, &role, &mut way) else {
            break;
        };
        if way.len() > MOST_BEFORE * MOST_BEFORE {
            break;
        }
        profile = next;
    }
    Ok(())
}

/// The profile that the keys of `role` come from, over the roles that its `via`
/// names, which are added to `way`.
fn base_of(config: &Config, role: &str, way: &mut Vec<String>) -> Option<String> {
    let mut name = role.to_owned();
    for _ in 0..=MOST_BEFORE {
        way.push(name.clone());
        let role = config.role(&name).ok()??;
        match role.via {
            Some(via) if !way.contains(&via.value) => name = via.value,
            _ => return role.aws_profile.map(|profile| profile.value),
        }
    }
    None
}

fn circle(inputs: Inputs<'_>, roles: &[Role], profile: &str, way: &[String], last: &str) -> Error {
    let first = roles.last().and_then(|first| first.aws_profile.as_ref());
    let at = first.map(|named| inputs.config.snippet(named.span.clone()));
    let section = inputs.aws.profile(profile);
    let section = section.and_then(|profile| profile.sections().next().map(|one| one.snippet()));
    let place = section.map_or_else(String::new, |at| format!(" ({})", at.place()));
    let message = format!(
        "role {last} takes its keys from itself: {} → {last}",
        way.join(" → ")
    );
    Error::new(Kind::Config, message)
        .maybe_at(at)
        .because(format!(
            "profile {profile}{place} has no keys of its own: it runs assumerole for a role"
        ))
        .hint("name a profile with keys as its aws_profile, or take the other one out: assumerole profiles remove")
}
