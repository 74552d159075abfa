//! `~/.assumerole` and `~/.aws`, read as a whole.

use std::collections::{BTreeMap, BTreeSet};

use assumerole_core::config::Config;
use assumerole_core::plan::{Plan, Target, is_role, role_names};
use assumerole_core::request::Request;
use assumerole_host::fs;

use super::report::Findings;
use crate::app::App;
use crate::policy_file;

/// A role that is right.
pub(super) struct Known {
    pub(super) target: Target,
    /// None where its profile is wrong.
    pub(super) plan: Option<Plan>,
}

/// Reads everything; the roles that are right are handed on.
pub(super) fn check(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Known> {
    let mut targets = roles(app, findings);
    aws_files(app, findings);
    targets.extend(of_aws(app, findings));
    if targets.is_empty() && app.config().is_ok_and(Config::is_absent) {
        findings.bad(
            "there is no role: no ~/.assumerole, and no profile with role_arn in ~/.aws",
            &[r#"make ~/.assumerole: {"assume_roles": {"NAME": {"aws_profile": "PROFILE", "aws_role": "arn:aws:iam::ACCOUNT:role/ROLE"}}}"#.to_owned()],
        );
    }
    plans(app, targets, findings)
}

fn roles(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Target> {
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
            let target = role.map(|role| Target::Role(Box::new(role)));
            if let Some(target) = &target {
                policy_file::read(app, target, &Request::default())?;
            }
            Ok(target)
        });
        match with_policy {
            Ok(Some(target)) => {
                let warnings = target.role().map(|role| config.warnings_of(role));
                for warning in warnings.unwrap_or_default() {
                    findings.warning(&warning);
                }
                roles.push(target);
            }
            Ok(None) => {}
            Err(error) => {
                wrong += 1;
                findings.error(&error);
            }
        }
    }
    codeartifact(app, &roles, findings);
    if wrong == 0 && !config.is_absent() {
        findings.good(&format!(
            "{} names {}",
            config.path(),
            count(roles.len(), "role")
        ));
    }
    mode(app, &app.places.config, 0o022, findings);
    roles
}

fn codeartifact(app: &App<'_>, roles: &[Target], findings: &mut Findings<'_, '_>) {
    let Ok(config) = app.config() else { return };
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    for role in roles.iter().filter_map(Target::role) {
        let Some(profile) = role.aws_profile.as_ref() else {
            continue;
        };
        let profile = profile.value.as_str();
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

/// The roles of `~/.aws/config`; one that is hidden by another of its name is
/// said.
fn of_aws(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Target> {
    let (Ok(config), Ok(files)) = (app.config(), app.aws_files()) else {
        return Vec::new();
    };
    let own: BTreeSet<String> = config
        .role_names()
        .unwrap_or_default()
        .into_iter()
        .collect();
    for name in files.profile_names() {
        let profile = files.profile(&name).filter(is_role);
        let section = profile.and_then(|profile| profile.sections().next());
        if let Some(section) = section.filter(|_| own.contains(&*name)) {
            findings.note(
                &format!(
                    "{name} is a role of {} and of {}: the first one counts",
                    config.path(),
                    section.file().path()
                ),
                &["give one of the two another name".to_owned()],
            );
        }
    }
    let names = role_names(config, files).unwrap_or_default();
    let names = names.into_iter().filter(|name| !own.contains(name));
    names.map(Target::Profile).collect()
}

/// Each source of credentials once, with the roles that come from it.
fn plans(app: &App<'_>, targets: Vec<Target>, findings: &mut Findings<'_, '_>) -> Vec<Known> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let plan = |target: Target| {
        let plan = match app.plan(&target, &Request::default()) {
            Ok(plan) => {
                *used.entry(plan.source.describe()).or_default() += 1;
                Some(plan)
            }
            Err(error) => {
                // Many roles may share one wrong profile.
                let role = format!("role {}", target.name());
                if wrong.insert(error.to_string().replace(&role, "role")) {
                    findings.error(&error);
                }
                None
            }
        };
        Known { target, plan }
    };
    let known: Vec<Known> = targets.into_iter().map(plan).collect();
    for (source, roles) in used {
        findings.good(&format!("{source}: for {}", count(roles, "role")));
    }
    known
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
