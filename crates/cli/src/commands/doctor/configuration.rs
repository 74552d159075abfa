//! `~/.assumerole` and `~/.aws`, read as a whole.

use std::collections::BTreeMap;

use assumerole_core::config::Role;
use assumerole_core::request::Request;
use assumerole_host::fs;

use super::report::Findings;
use crate::app::App;
use crate::policy_file;

/// Reads everything; the roles that are right are handed on.
pub(super) fn check(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Role> {
    let roles = roles(app, findings);
    aws_files(app, findings);
    profiles(app, &roles, findings);
    roles
}

fn roles(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Role> {
    let config = match app.config() {
        Ok(config) => config,
        Err(error) => {
            findings.error(&error);
            return Vec::new();
        }
    };
    for warning in config.warnings() {
        findings.warning(&warning);
    }
    let (mut roles, mut wrong) = (Vec::new(), 0);
    for name in config.role_names().unwrap_or_default() {
        let with_policy = config.role(&name).and_then(|role| {
            if let Some(role) = &role {
                policy_file::read(app, role, &Request::default())?;
            }
            Ok(role)
        });
        match with_policy {
            Ok(Some(role)) => {
                for warning in config.warnings_of(&role) {
                    findings.warning(&warning);
                }
                roles.push(role);
            }
            Ok(None) => {}
            Err(error) => {
                wrong += 1;
                findings.error(&error);
            }
        }
    }
    codeartifact(app, &roles, findings);
    if wrong == 0 {
        findings.good(&format!(
            "{} names {}",
            config.path(),
            count(roles.len(), "role")
        ));
    }
    mode(app, &app.places.config, 0o022, findings);
    roles
}

fn codeartifact(app: &App<'_>, roles: &[Role], findings: &mut Findings<'_, '_>) {
    let Ok(config) = app.config() else { return };
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    for role in roles {
        let profile = role.aws_profile.value.as_str();
        if seen.insert(profile, ()).is_some() {
            continue;
        }
        match config.codeartifact_for(profile) {
            Ok(Some(found)) => {
                for warning in config.warnings_of_codeartifact(&found) {
                    findings.warning(&warning);
                }
            }
            Ok(None) => {}
            Err(error) => {
                findings.error(&error);
                return;
            }
        }
    }
}

fn aws_files(app: &App<'_>, findings: &mut Findings<'_, '_>) {
    let files = match app.aws_files() {
        Ok(files) => files,
        Err(error) => return findings.error(&error),
    };
    for file in files.files() {
        for problem in file.problems() {
            findings.warning(&problem.to_warning());
        }
    }
    if files.files().next().is_none() {
        findings.bad(
            "there is neither ~/.aws/credentials nor ~/.aws/config",
            &["make them: aws configure --profile NAME".to_owned()],
        );
    }
    mode(app, &app.places.aws_credentials, 0o077, findings);
    mode(app, &app.places.aws_config, 0o022, findings);
}

/// Each base profile once, with the roles that use it.
fn profiles(app: &App<'_>, roles: &[Role], findings: &mut Findings<'_, '_>) {
    let mut used: BTreeMap<&str, Vec<&Role>> = BTreeMap::new();
    for role in roles {
        used.entry(role.aws_profile.value.as_str())
            .or_default()
            .push(role);
    }
    for (profile, roles) in used {
        match roles
            .first()
            .map(|role| app.plan(role, &Request::default()))
        {
            Some(Err(error)) => findings.error(&error),
            _ => findings.good(&format!(
                "profile {profile} has keys, for {}",
                count(roles.len(), "role")
            )),
        }
    }
}

/// Whether others may do with a file what they should not.
fn mode(app: &App<'_>, path: &std::path::Path, forbidden: u32, findings: &mut Findings<'_, '_>) {
    let shown = app.places.show(path);
    match fs::mode_and_owner(path) {
        Ok(None) => {}
        Ok(Some((mode, owner))) => {
            let (mode, uid) = (mode & 0o7777, assumerole_host::identity::uid());
            if owner != uid && owner != 0 {
                findings.bad(
                    &format!("{shown} belongs to user {owner}"),
                    &[format!("chown {uid} {shown}")],
                );
            } else if mode & forbidden != 0 {
                let what = if forbidden & 0o044 != 0 {
                    "read"
                } else {
                    "change"
                };
                let right = if forbidden & 0o044 != 0 {
                    "600"
                } else {
                    "go-w"
                };
                findings.bad(
                    &format!("{shown} has mode {mode:03o}: other users may {what} it"),
                    &[format!("chmod {right} {shown}")],
                );
            } else {
                findings.good(&format!("{shown} has mode {mode:03o}"));
            }
        }
        Err(error) => findings.error(&error.into()),
    }
}

pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
