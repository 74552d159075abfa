//! CodeArtifact: a token for package tools, and their settings.

mod tools;

use std::path::PathBuf;

use assumerole_core::config::{CodeArtifact, Tool};
use assumerole_core::diagnostic::Warning;
use assumerole_core::environment::{Variable, table};
use assumerole_core::plan::codeartifact::Artifacts;
use assumerole_core::plan::{Plan, Target};
use assumerole_core::{Error, Result};
use assumerole_host::env::names;
use assumerole_packages::{Repository, cargo_variables, gradle_variables, holds_token};
use assumerole_session::artifacts::{Bearer, Broker, Granted, Renew};
use assumerole_session::cache::{Lineage, TokenAbout};
use assumerole_session::{Obtained, Report as _};
use secrecy::{ExposeSecret, SecretString};

use crate::app::App;

/// The variable that builds read.
const VARIABLE: &str = table::CODEARTIFACT_TOKEN;

/// What is configured for a role.
pub(crate) struct CodeArtifactSetup {
    /// What `~/.assumerole` says.
    pub(crate) found: CodeArtifact,
    about: TokenAbout,
}

/// What was done for a role.
pub(crate) struct Done {
    /// The token.
    pub(crate) granted: Granted,
    /// The files that were changed, as a person would write them.
    pub(crate) files: Vec<String>,
    /// What went wrong with the file of a tool.
    pub(crate) failures: Vec<(Tool, Error)>,
}

/// What is configured for `target`, if anything is. What is odd in it is said.
///
/// # Errors
/// It is wrong.
pub(crate) fn wanted(
    app: &App<'_>,
    target: &Target,
    plan: &Plan,
) -> Result<Option<CodeArtifactSetup>> {
    let wanted = unsaid(app, target, plan)?;
    if let Some(wanted) = &wanted {
        for warning in app.config()?.warnings_of_codeartifact(&wanted.found) {
            app.warn(&warning);
        }
    }
    Ok(wanted)
}

/// As [`wanted`], for whatever assumes `target`: `None` too where nothing
/// would be done with a token, or the person wants none.
///
/// # Errors
/// As there.
pub(crate) fn needed(
    app: &App<'_>,
    target: &Target,
    plan: &Plan,
) -> Result<Option<CodeArtifactSetup>> {
    if app.env.is_set(names::ASSUMEROLE_SKIP_CODEARTIFACT) {
        return Ok(None);
    }
    Ok(wanted(app, target, plan)?.filter(|wanted| wanted.is_for_something(app)))
}

/// As [`wanted`], without a word about what is odd.
///
/// # Errors
/// As there.
pub(crate) fn unsaid(
    app: &App<'_>,
    target: &Target,
    plan: &Plan,
) -> Result<Option<CodeArtifactSetup>> {
    let config = app.config()?;
    let source = &plan.source.profile.value;
    let own = target.role().and_then(|role| role.aws_profile.as_ref());
    let own = own.map_or_else(|| target.name(), |profile| &profile.value);
    let mut found = None;
    for profile in [own, source] {
        found = config.codeartifact_for(profile)?;
        if found.is_some() {
            break;
        }
    }
    Ok(found.map(|found| CodeArtifactSetup {
        found,
        about: TokenAbout {
            role: plan.name.clone(),
            profile: source.clone(),
        },
    }))
}

impl CodeArtifactSetup {
    /// Whether it is for anything: Maven counts where it has a `settings.xml`.
    fn is_for_something(&self, app: &App<'_>) -> bool {
        let counts = |tool: &Tool| *tool != Tool::Maven || tools::has_maven(app);
        self.found.tools.iter().any(counts)
    }

    /// The token, cached or new.
    ///
    /// # Errors
    /// Nobody knows where to ask, or AWS said no or nothing.
    fn token(
        &self,
        app: &App<'_>,
        plan: &Plan,
        obtained: &Obtained,
        renew: Renew,
    ) -> Result<Granted> {
        let region = plan.region.value.as_ref();
        let profile = &self.about.profile;
        let artifacts = Artifacts::of(
            &self.found,
            profile,
            region,
            app.aws_files()?,
            &app.settings,
        )?;
        // The credentials were cached a moment ago: it is there, or was missed.
        let cache = app.existing_cache();
        let broker = Broker {
            host: app.host,
            settings: &app.settings,
            cache: cache.as_ref(),
            report: app,
        };
        let last = plan.steps.len();
        let bearer = Bearer {
            about: &self.about,
            key: obtained.key(),
            lineage: &Lineage::of(plan, &obtained.keys, last, cache.as_ref()),
            credentials: &obtained.credentials,
            ends: obtained.ends,
        };
        broker.token(&artifacts, bearer, renew)
    }

    /// Obtains the token and sets up the tools.
    ///
    /// # Errors
    /// There is no token.
    pub(crate) fn run(
        &self,
        app: &App<'_>,
        plan: &Plan,
        obtained: &Obtained,
        renew: Renew,
    ) -> Result<Done> {
        let granted = self.token(app, plan, obtained, renew)?;
        let (mut files, mut failures) = (Vec::new(), Vec::new());
        let tools = match app.variables_only {
            true => &[][..],
            false => self.found.tools.as_slice(),
        };
        for tool in tools {
            match tools::set_up(app, *tool, &self.found, &granted) {
                Ok(changed) => files.extend(changed),
                Err(error) => failures.push((*tool, error)),
            }
        }
        Ok(Done {
            granted,
            files,
            failures,
        })
    }

    /// What runs in the role is given.
    fn variables(&self, granted: &Granted) -> Vec<Variable> {
        let mut variables = vec![Variable {
            name: VARIABLE.to_owned(),
            value: granted.token.clone(),
        }];
        for tool in &self.found.tools {
            match tool {
                Tool::Gradle => variables.extend(gradle_variables(&self.found.id, &granted.token)),
                Tool::Cargo => {
                    let name = self.found.repository.as_ref();
                    if let (Some(name), Some(endpoint)) = (name, granted.endpoints.get("cargo")) {
                        let token = &granted.token;
                        let repository = Repository { endpoint, token };
                        variables.extend(cargo_variables(&name.value, &repository));
                    }
                }
                _ => {}
            }
        }
        variables
    }
}

/// Sets up what is `wanted` for a role, and gives the variables that come
/// with it. That there is no token does not stop the role.
pub(crate) fn set_up(
    app: &App<'_>,
    wanted: &CodeArtifactSetup,
    plan: &Plan,
    obtained: &Obtained,
) -> Vec<Variable> {
    let done = match wanted.run(app, plan, obtained, Renew::Over) {
        Ok(done) => done,
        Err(error) => {
            app.warn(&about("no CodeArtifact token", error));
            return Vec::new();
        }
    };
    for file in &done.files {
        app.trace(&format!("{file} has the new token"));
    }
    for (tool, error) in done.failures {
        app.warn(&no_new_token(tool, error));
    }
    wanted.variables(&done.granted)
}

/// The files of `tools` that other users can read and that have a token in them,
/// each with a word on it: `token`, or any.
pub(crate) fn exposed(
    app: &App<'_>,
    tools: &[Tool],
    token: Option<&SecretString>,
) -> Vec<(PathBuf, Warning)> {
    let holds = |bytes: &[u8]| match token {
        Some(token) => String::from_utf8_lossy(bytes).contains(token.expose_secret()),
        None => holds_token(bytes),
    };
    let of = |tool: &Tool| tools::exposed(app, *tool, holds);
    tools.iter().flat_map(of).collect()
}

/// Variables by the names of those that [`set_up`] may give, without their
/// values: what a role's `environment` may refer to.
pub(crate) fn stand_ins(wanted: Option<&CodeArtifactSetup>) -> Vec<Variable> {
    let stand_in = |_| Variable {
        name: VARIABLE.to_owned(),
        value: String::new().into(),
    };
    wanted.map(stand_in).into_iter().collect()
}

/// What went wrong with the file of `tool`, as a warning.
pub(crate) fn no_new_token(tool: Tool, error: Error) -> Warning {
    about(&format!("{tool} has no new token"), error)
}

/// `error` as a warning, after what it means here.
fn about(what: &str, error: Error) -> Warning {
    let mut warning = error.into_warning();
    warning.message = format!("{what}: {}", warning.message);
    warning
}
