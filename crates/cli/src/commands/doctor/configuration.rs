//! `~/.assumerole` and `~/.aws`, read as a whole.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use assumerole_core::config::MfaProvider;
use assumerole_core::plan::{Plan, Target};

use super::report::Findings;
use crate::app::App;
use crate::lint::{self, CHANGE, Finding, Keeps, Lint, READ, Rule, Severity};

/// More than anybody reads at once: of findings, and of sources of credentials.
const MOST: usize = 100;

/// What the roles that are right come from and need.
#[derive(Default)]
pub(super) struct RoleNeeds {
    /// That of the first role of each source, for the first sources.
    pub(super) plans: Vec<Plan>,
    /// Where roles say that their MFA codes come from.
    pub(super) providers: Vec<MfaProvider>,
    /// Whether one has a key for the ssh agent.
    pub(super) has_ssh_key: bool,
}

impl RoleNeeds {
    fn add(&mut self, target: &Target) {
        let Some(role) = target.role() else { return };
        self.has_ssh_key |= role.sshkey.is_some();
        if let Some(provider) = role.mfa.as_ref().map(|mfa| &mfa.value.provider)
            && !self.providers.contains(provider)
        {
            self.providers.push(provider.clone());
        }
    }
}

/// Reads everything, and says what it thinks of it.
pub(super) fn check(app: &App<'_>, findings: &mut Findings<'_, '_>) -> RoleNeeds {
    let mut lint = Lint::new(app, Keeps::First(MOST));
    let mut told = Told::default();
    lint.config();
    let wrong = told.take(&mut lint, findings);
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
    told.take(&mut lint, findings);
    mode(app, &app.places.aws_credentials, READ, findings);
    mode(app, &app.places.aws_config, lint.of_aws_config(), findings);

    let known = plans(&mut lint, &mut told, findings);
    if told.more > 0 {
        let text = format!("{} more are not shown", told.more);
        findings.note(&text, &["see all: assumerole check --all".to_owned()]);
    }
    known
}

/// What has been said of the files.
#[derive(Default)]
struct Told {
    shown: usize,
    /// How many findings were left out.
    more: usize,
    /// Errors and warnings that were found before, by the count of [`Lint`].
    counted: usize,
}

impl Told {
    /// Says what was found; whether something is wrong.
    fn take(&mut self, lint: &mut Lint<'_, '_>, findings: &mut Findings<'_, '_>) -> bool {
        self.take_if(lint, findings, |_| true)
    }

    /// As [`Self::take`], but for what is not `new`.
    fn take_if(
        &mut self,
        lint: &mut Lint<'_, '_>,
        findings: &mut Findings<'_, '_>,
        mut new: impl FnMut(&Finding) -> bool,
    ) -> bool {
        let (errors, warnings) = lint.counts();
        let found = lint.take();
        self.more += errors + warnings - self.counted - found.len();
        self.counted = errors + warnings;
        let mut wrong = false;
        for found in found.into_iter().filter(|found| new(found)) {
            // A bad line costs itself; what it takes along is found wrong too.
            let is_error = found.severity == Severity::Error && found.rule != Rule::Line;
            wrong |= is_error;
            self.shown += 1;
            match (self.shown <= MOST, is_error) {
                (true, true) => findings.error(&found.what),
                (true, false) => findings.warning(&found.what.into_warning()),
                (false, _) => {
                    self.more += 1;
                    findings.unshown(is_error);
                }
            }
        }
        wrong
    }
}

/// Each source of credentials once, with the roles that come from it.
fn plans(lint: &mut Lint<'_, '_>, told: &mut Told, findings: &mut Findings<'_, '_>) -> RoleNeeds {
    let mut known = RoleNeeds::default();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut others: usize = 0;
    let (hasher, mut wrong) = (RandomState::new(), HashSet::new());
    let mut sources = HashSet::new();
    lint.targets(&mut |lint, target| {
        let plan = lint.plan(&target);
        if let Some(plan) = plan {
            let source = plan.source.describe();
            let key = (plan.source_key(), source.clone());
            if sources.len() < MOST && sources.insert(key) {
                known.plans.push(plan);
            }
            match used.len() < MOST || used.contains_key(&source) {
                true => *used.entry(source).or_default() += 1,
                false => others += 1,
            }
        }
        known.add(&target);
        // Many roles may share one wrong profile.
        let role = format!("role {}", target.name());
        told.take_if(lint, findings, |found| {
            let what = found.what.to_string().replace(&role, "role");
            wrong.insert(hasher.hash_one(what))
        });
    });
    lint.profiles();
    told.take_if(lint, findings, |found| {
        wrong.insert(hasher.hash_one(found.what.to_string()))
    });
    for (source, roles) in used {
        findings.good(&format!("{source}: for {}", count(roles, "role")));
    }
    if others > 0 {
        let roles = count(others, "role");
        findings.note(
            &format!("more sources, which are not looked at: for {roles}"),
            &[],
        );
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
