//! What is wrong with a person's files, found by reading them and nothing
//! else: `check` says all of it, `doctor` what it has a line for.

mod aws;
mod references;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use assumerole_core::aws_config::{AwsFile, AwsFiles};
use assumerole_core::config::{self, Config, Tool};
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Plan, Target, is_role, passed_over, role_names};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::{fs, identity};
use assumerole_session::check_proxies;

use crate::app::App;
use crate::deliver;
use crate::files::no_role;
use crate::integrations::codeartifact;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Something does not work, or is not safe.
    Error,
    /// Something is odd.
    Warning,
}

/// What kind of thing was found: a word for whoever sorts findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A file is missing, cannot be read, or is not JSON.
    File,
    /// A role or a setting is wrong.
    Value,
    /// A key that nobody knows, a value that counts for nothing.
    Odd,
    /// A name that leads to something else.
    Shadowed,
    /// A role that could not be assumed.
    Plan,
    /// A line of `~/.aws` that does not say what it seems to say.
    Line,
    /// Others may do with a file what they should not.
    Mode,
}

impl Rule {
    /// As `--json` shows it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Value => "value",
            Self::Odd => "odd",
            Self::Shadowed => "shadowed",
            Self::Plan => "plan",
            Self::Line => "line",
            Self::Mode => "mode",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) rule: Rule,
    /// The file that it is about, as it was found.
    pub(crate) file: std::path::PathBuf,
    /// What, where, why, and what to do.
    pub(crate) what: Error,
}

/// Everything that was found, and what was looked at.
pub(crate) struct Lint<'a, 'h> {
    app: &'a App<'h>,
    findings: Vec<Finding>,
    keeps: Keeps<'a>,
    errors: usize,
    warnings: usize,
    /// Of the warnings, those that find nothing wrong with the files.
    advice: usize,
    /// Hashes of what [`Lint::once`] has said, and of the lines that were shown.
    said: HashSet<u64>,
    shown: HashSet<u64>,
    hasher: RandomState,
    /// The package tools whose files were looked at.
    tools: Vec<Tool>,
}

/// What becomes of findings, of which there may be a hundred thousand.
pub(crate) enum Keeps<'a> {
    /// So many are kept, the first ones by their places; the others are counted.
    First(usize),
    /// They are handed on, in parts: those of each part that are of one file
    /// stand together, and in the order of lines.
    Parts(&'a mut dyn FnMut(Vec<Finding>)),
}

/// Findings of a part, more than anybody has who is not told by a program.
const PART: usize = 4096;

impl<'a, 'h> Lint<'a, 'h> {
    pub(crate) fn new(app: &'a App<'h>, keeps: Keeps<'a>) -> Self {
        Self {
            app,
            findings: Vec::new(),
            keeps,
            errors: 0,
            warnings: 0,
            advice: 0,
            said: HashSet::new(),
            shown: HashSet::new(),
            hasher: RandomState::new(),
            tools: Vec::new(),
        }
    }

    /// How many errors and warnings were found.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.errors, self.warnings)
    }

    /// How many of the warnings find nothing wrong with the files.
    pub(crate) fn advice(&self) -> usize {
        self.advice
    }

    /// What was found since this was called last, those of each file together and
    /// in the order of lines: what has not been handed on, or what is kept of it.
    pub(crate) fn take(&mut self) -> Vec<Finding> {
        self.sort();
        std::mem::take(&mut self.findings)
    }

    fn sort(&mut self) {
        let places = &self.app.places;
        let files = [&places.config, &places.accounts(), &places.aws_config];
        self.findings.sort_by_key(|finding| {
            let file = files.iter().position(|file| **file == finding.file);
            let at = finding.what.snippet();
            let at = at.map_or((u32::MAX, 0), |at| (at.line, at.column));
            (file.unwrap_or(files.len()), at)
        });
        if let Keeps::First(most) = self.keeps {
            self.findings.truncate(most);
        }
    }

    /// `~/.assumerole` by itself.
    pub(crate) fn config(&mut self) {
        let app = self.app;
        if let Err(error) = app.try_accounts() {
            self.error(Rule::File, error);
        }
        let found = app.config_unsaid().and_then(|config| {
            config.lint(&mut |found| match found {
                config::Lint::Error(error) => self.error(Rule::Value, error),
                config::Lint::Warning(warning) => self.warning(Rule::Odd, &warning),
            })
        });
        if let Err(error) = found {
            self.error(Rule::File, error);
        }
    }

    /// Shows `visit` the roles of both files that are right by themselves, one
    /// after the other. Of those whose names lead elsewhere it is said.
    pub(crate) fn targets(&mut self, visit: &mut dyn FnMut(&mut Self, Target)) {
        let app = self.app;
        let none = Config::none(&app.places.show(&app.places.config));
        // Of a file that is wrong everything else may still be right.
        let config = app.config_unsaid().unwrap_or(&none);
        let names = config.role_names();
        let own: HashSet<&str> = names.iter().map(String::as_str).collect();
        let subcommands = app.commands();
        let mut none = true;
        let mut see = |lint: &mut Self, target: Target| {
            none = false;
            if subcommands
                .iter()
                .any(|subcommand| subcommand == target.name())
            {
                lint.command(config, target.name());
            }
            visit(lint, target);
        };
        for name in &names {
            if let Ok(Some(role)) = config.role(name) {
                see(self, Target::Role(Box::new(role)));
            }
        }
        if let Ok(aws) = app.aws_files() {
            self.in_both(config, aws, &own);
            for name in role_names(config, aws).unwrap_or_default() {
                if !own.contains(name.as_str()) {
                    see(self, Target::Profile(name));
                }
            }
        }
        if none && config.is_absent() && app.config_unsaid().is_ok() {
            self.error(Rule::File, no_role(&app.places));
        }
    }

    /// Roles of `~/.aws` that one of `~/.assumerole` hides.
    fn in_both(&mut self, config: &Config, aws: &AwsFiles, own: &HashSet<&str>) {
        for name in aws.profile_names() {
            let profile = aws.profile(&name).filter(is_role);
            let section = profile.and_then(|profile| profile.sections().next());
            if let Some(section) = section.filter(|_| own.contains(&*name)) {
                let warning = Warning {
                    message: format!(
                        "role {name:?} hides the one at {}",
                        section.snippet().place()
                    ),
                    at: config.place_of_role(&name).ok().flatten(),
                    hints: vec!["give one of the two another name".to_owned()],
                };
                self.warning(Rule::Shadowed, &warning);
            }
        }
    }

    /// A role that is called like a command.
    fn command(&mut self, config: &Config, name: &str) {
        let app = self.app;
        let of_aws = |name: &str| {
            let profile = app.aws_files().ok()?.profile(name)?;
            let section = profile.sections().next()?;
            Some(section.snippet())
        };
        let own = config.place_of_role(name).ok().flatten();
        let warning = Warning {
            message: format!("role {name:?} has the name of a command"),
            at: own.or_else(|| of_aws(name)),
            hints: vec![format!("assume the role: assumerole -- {name}")],
        };
        self.warning(Rule::Shadowed, &warning);
    }

    /// Whether `target` could be assumed, as far as the files tell.
    pub(crate) fn plan(&mut self, target: &Target) -> Option<Plan> {
        // No role leads anywhere without these, and they are said by themselves.
        if let Err(error) = self.app.aws_files() {
            self.once(Severity::Error, Rule::File, error);
            return None;
        }
        if self.app.config_unsaid().is_err() {
            // What is wrong with the file has been said; of `~/.aws` the rest
            // may be right.
            return match self.of_aws_alone(target) {
                Ok(plan) => Some(plan),
                Err(error) => {
                    self.once(Severity::Error, Rule::Plan, error);
                    None
                }
            };
        }
        match self.app.plan(target, &Request::default()) {
            Err(error) => {
                self.once(Severity::Error, Rule::Plan, error);
                None
            }
            Ok(plan) => {
                self.passed_over(&plan);
                let artifacts = codeartifact::unsaid(self.app, target, &plan);
                let artifacts = artifacts.ok().flatten();
                // What is not set here may be set elsewhere.
                if let Some(artifacts) = &artifacts {
                    self.exposed(&artifacts.found.tools);
                }
                if let Err(error) = deliver::check(self.app, target, &plan, artifacts.as_ref()) {
                    self.push(Severity::Warning, Rule::Plan, error);
                }
                let routes = plan.source.routes().into_iter();
                let routes = routes.chain(plan.steps.iter().map(|step| &step.route));
                let checked = check_proxies(routes, &self.app.settings);
                if let Err(error) = checked {
                    self.error(Rule::Plan, error);
                }
                Some(plan)
            }
        }
    }

    /// The plan for `target`, as if there were no `~/.assumerole`.
    fn of_aws_alone(&self, target: &Target) -> Result<Plan> {
        let none = Config::none(&self.app.places.show(&self.app.places.config));
        self.app.plan_in(&none, target, &Request::default())
    }

    /// Files of package tools with a token in them that others can read.
    fn exposed(&mut self, tools: &[Tool]) {
        for tool in tools {
            if self.tools.contains(tool) {
                continue;
            }
            self.tools.push(*tool);
            for (path, warning) in codeartifact::exposed(self.app, &[*tool], None) {
                self.add(Severity::Warning, Rule::Mode, &path, said(&warning));
            }
        }
    }

    /// What on the way of `plan` somebody may count on in vain, once.
    fn passed_over(&mut self, plan: &Plan) {
        let Ok(files) = self.app.aws_files() else {
            return;
        };
        for warning in passed_over(files, plan) {
            self.once(Severity::Warning, Rule::Odd, said(&warning));
        }
    }

    /// Whether others may read or change what they should not.
    pub(crate) fn modes(&mut self) {
        let places = &self.app.places;
        let config = self
            .app
            .aws_files()
            .ok()
            .and_then(|aws| aws.config.as_ref());
        let of_config = match config.is_some_and(holds_secret) {
            true => READ,
            false => CHANGE,
        };
        for (path, forbidden) in [
            (&places.config, CHANGE),
            (&places.aws_config, of_config),
            (&places.aws_credentials, READ),
        ] {
            if let Err(error) = mode(self.app, path, forbidden) {
                self.add(Severity::Error, Rule::Mode, path, error);
            }
        }
    }

    /// What others may not do with `~/.aws/config`.
    pub(crate) fn of_aws_config(&self) -> u32 {
        let files = self.app.aws_files();
        let config = files.ok().and_then(|aws| aws.config.as_ref());
        match config.is_some_and(holds_secret) {
            true => READ,
            false => CHANGE,
        }
    }

    /// A finding that many roles have in common, which is said once.
    fn once(&mut self, severity: Severity, rule: Rule, what: Error) {
        let place = what.snippet().map(Snippet::place).unwrap_or_default();
        let hash = self.hasher.hash_one((place, what.message()));
        if self.said.insert(hash) {
            self.push(severity, rule, what);
        }
    }

    /// A hash of the line of `at`.
    fn line(&self, at: &Snippet) -> u64 {
        self.hasher.hash_one((&at.path, at.line))
    }

    fn error(&mut self, rule: Rule, error: Error) {
        self.push(Severity::Error, rule, error);
    }

    fn warning(&mut self, rule: Rule, warning: &Warning) {
        self.push(Severity::Warning, rule, said(warning));
    }

    /// A finding that is about the file of its place, else about
    /// `~/.assumerole`.
    fn push(&mut self, severity: Severity, rule: Rule, what: Error) {
        let places = &self.app.places;
        let accounts = places.accounts();
        let files = [
            &places.config,
            &accounts,
            &places.aws_config,
            &places.aws_credentials,
        ];
        let at = what.snippet().map(|at| at.path.as_str());
        let file = files.into_iter().find(|path| {
            let shown = places.show(path);
            match at {
                Some(at) => at == shown,
                // One that cannot be read is named.
                None => {
                    let whole = path.display().to_string();
                    let message = what.message();
                    rule == Rule::File && (message.ends_with(&shown) || message.ends_with(&whole))
                }
            }
        });
        let file = file.unwrap_or(&places.config).clone();
        self.add(severity, rule, &file, what);
    }

    fn add(&mut self, severity: Severity, rule: Rule, file: &Path, what: Error) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if let Some(line) = what.snippet().filter(|_| rule != Rule::Line) {
            let line = self.line(line);
            self.shown.insert(line);
        }
        self.findings.push(Finding {
            severity,
            rule,
            file: file.to_owned(),
            what,
        });
        let part = match self.keeps {
            Keeps::First(most) => 2 * most,
            Keeps::Parts(_) => PART,
        };
        if self.findings.len() <= part {
            return;
        }
        self.sort();
        if let Keeps::Parts(hand_on) = &mut self.keeps {
            hand_on(std::mem::take(&mut self.findings));
        }
    }
}

/// What others may not do with a file: change it; read it either.
pub(crate) const CHANGE: u32 = 0o022;
pub(crate) const READ: u32 = 0o077;

fn holds_secret(file: &AwsFile) -> bool {
    let mut sections = file.sections();
    sections.any(|section| section.get("aws_secret_access_key").is_some())
}

/// A warning in the shape of an error.
fn said(warning: &Warning) -> Error {
    let error = Error::new(Kind::Config, warning.message.as_str()).maybe_at(warning.at.clone());
    let hints = warning.hints.iter();
    hints.fold(error, |error, hint| error.hint(hint.as_str()))
}

/// The mode of the file at `path`, `None` where there is none.
///
/// # Errors
/// It belongs to someone else, or others may do what `forbidden` says.
pub(crate) fn mode(app: &App<'_>, path: &Path, forbidden: u32) -> Result<Option<u32>> {
    let shown = app.places.show(path);
    let Some((mode, owner)) = fs::mode_and_owner(path)? else {
        return Ok(None);
    };
    let uid = identity::uid();
    let wrong = |message| Error::new(Kind::Config, message);
    if owner != uid && owner != 0 {
        return Err(
            wrong(format!("{shown} belongs to user {owner}")).hint(format!("chown {uid} {shown}"))
        );
    }
    if mode & forbidden == 0 {
        return Ok(Some(mode));
    }
    let (what, right) = match forbidden & 0o044 {
        0 => ("change", "go-w"),
        _ => ("read", "600"),
    };
    Err(wrong(format!(
        "{shown} has mode {mode:03o}: other users may {what} it"
    ))
    .hint(format!("chmod {right} {shown}")))
}
