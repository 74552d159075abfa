//! `~/.assumerole` and `~/.aws`, read as a whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use assumerole_core::plan::{Plan, Target};

use super::report::Findings;
use crate::app::App;
use crate::lint::{self, CHANGE, Lint, READ, Rule, Severity};

/// A role that is right.
pub(super) struct Known {
    pub(super) target: Target,
    /// Of the first role of each source alone: there may be a hundred thousand
    /// roles. None where its profile is wrong.
    pub(super) plan: Option<Plan>,
}

/// Reads everything; the roles that are right are handed on.
pub(super) fn check(app: &App<'_>, findings: &mut Findings<'_, '_>) -> Vec<Known> {
    let mut lint = Lint::new(app);
    lint.config();
    let wrong = said(&mut lint, findings);
    let config = app
        .config_unsaid()
        .ok()
        .filter(|config| !config.is_absent());
    if let Some(config) = config.filter(|_| !wrong) {
        let names = config.role_names();
        let names = count(names.len(), "role");
        findings.good(&format!("{} names {names}", config.path()));
    }
    mode(app, &app.places.config, CHANGE, findings);

    lint.lines();
    said(&mut lint, findings);
    mode(app, &app.places.aws_credentials, READ, findings);
    mode(app, &app.places.aws_config, lint.of_aws_config(), findings);

    let mut targets = Vec::new();
    lint.targets(&mut |_, target| targets.push(target));
    said(&mut lint, findings);
    plans(&mut lint, targets, findings)
}

/// Says what was found; whether something is wrong.
fn said(lint: &mut Lint<'_, '_>, findings: &mut Findings<'_, '_>) -> bool {
    let mut wrong = false;
    for found in lint.findings.drain(..) {
        // A bad line costs itself; what it takes along is found wrong too.
        if found.severity == Severity::Error && found.rule != Rule::Line {
            wrong = true;
            findings.error(&found.what);
        } else {
            findings.warning(&found.what.into_warning());
        }
    }
    wrong
}

/// Each source of credentials once, with the roles that come from it.
fn plans(
    lint: &mut Lint<'_, '_>,
    targets: Vec<Target>,
    findings: &mut Findings<'_, '_>,
) -> Vec<Known> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let mut sources = HashSet::new();
    let plan = |target: Target| {
        let plan = lint.plan(&target);
        if let Some(plan) = &plan {
            *used.entry(plan.source.describe()).or_default() += 1;
        }
        let plan = plan.filter(|plan| sources.insert((plan.source_key(), plan.source.describe())));
        // Many roles may share one wrong profile.
        let role = format!("role {}", target.name());
        lint.findings
            .retain(|found| wrong.insert(found.what.to_string().replace(&role, "role")));
        said(lint, findings);
        Known { target, plan }
    };
    let tells = |known: &Known| known.plan.is_some() || known.target.role().is_some();
    let known: Vec<Known> = targets.into_iter().map(plan).filter(tells).collect();
    lint.profiles();
    lint.findings
        .retain(|found| wrong.insert(found.what.to_string()));
    said(lint, findings);
    for (source, roles) in used {
        findings.good(&format!("{source}: for {}", count(roles, "role")));
    }
    known
}

/// Whether others may do with a file what they should not.
fn mode(app: &App<'_>, path: &Path, forbidden: u32, findings: &mut Findings<'_, '_>) {
    match lint::mode(app, path, forbidden) {
        Ok(None) => {}
        Ok(Some(mode)) => {
            let shown = app.places.show(path);
            findings.good(&format!("{shown} has mode {mode:03o}"));
        }
        Err(error) => findings.error(&error),
    }
}

pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
