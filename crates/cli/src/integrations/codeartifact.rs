//! CodeArtifact: a token for package tools, and their settings.

mod tools;

use assumerole_core::artifacts::Artifacts;
use assumerole_core::config::{CodeArtifact, Tool};
use assumerole_core::environment::Variable;
use assumerole_core::error::Warning;
use assumerole_core::plan::{Plan, Target};
use assumerole_core::tools::{Repository, cargo_variables, gradle_variables};
use assumerole_core::{Credentials, Error, Result};
use assumerole_host::env::names;
use assumerole_session::Report as _;
use assumerole_session::artifacts::{Bearer, Broker, Granted, Renew};
use assumerole_session::cache::TokenAbout;

use crate::app::App;

/// The variable that builds read.
const VARIABLE: &str = "CODEARTIFACT_AUTH_TOKEN";

/// What is configured for a role.
pub(crate) struct Wanted<'a> {
    /// What `~/.assumerole` says.
    pub(crate) found: CodeArtifact,
    about: TokenAbout,
    plan: &'a Plan,
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

/// What is configured for `target`, if anything is.
///
/// # Errors
/// It is wrong.
pub(crate) fn wanted<'a>(
    app: &App<'_>,
    target: &Target,
    plan: &'a Plan,
) -> Result<Option<Wanted<'a>>> {
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
    Ok(found.map(|found| Wanted {
        found,
        about: TokenAbout {
            role: plan.name.clone(),
            profile: source.clone(),
        },
        plan,
    }))
}

impl Wanted<'_> {
    /// Whether it is for anything: Maven counts where it has a `settings.xml`.
    fn is_for_something(&self, app: &App<'_>) -> bool {
        let counts = |tool: &Tool| *tool != Tool::Maven || tools::has_maven(app);
        self.found.tools.iter().any(counts)
    }

    /// The token, cached or new.
    ///
    /// # Errors
    /// Nobody knows where to ask, or AWS said no or nothing.
    fn token(&self, app: &App<'_>, credentials: &Credentials, renew: Renew) -> Result<Granted> {
        let region = self.plan.region.value.as_ref();
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
        let bearer = Bearer {
            about: &self.about,
            key: &self.plan.key(),
            credentials,
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
        credentials: &Credentials,
        renew: Renew,
    ) -> Result<Done> {
        let granted = self.token(app, credentials, renew)?;
        let (mut files, mut failures) = (Vec::new(), Vec::new());
        for tool in &self.found.tools {
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

/// Sets up what is configured for a role, and gives the variables that come
/// with it. Nothing stops the role.
pub(crate) fn set_up(
    app: &App<'_>,
    target: &Target,
    plan: &Plan,
    credentials: &Credentials,
) -> Vec<Variable> {
    if app.env.is_set(names::ASSUMEROLE_SKIP_CODEARTIFACT) {
        return Vec::new();
    }
    let result = wanted(app, target, plan).and_then(|wanted| {
        let Some(wanted) = wanted.filter(|wanted| wanted.is_for_something(app)) else {
            return Ok(Vec::new());
        };
        let done = wanted.run(app, credentials, Renew::Over)?;
        for file in &done.files {
            app.trace(&format!("{file} has the new token"));
        }
        let variables = wanted.variables(&done.granted);
        for (tool, error) in done.failures {
            app.warn(&no_new_token(tool, error));
        }
        Ok(variables)
    });
    result.unwrap_or_else(|error| {
        app.warn(&about("no CodeArtifact token", error));
        Vec::new()
    })
}

/// Variables by the names of those that [`set_up`] may give, without their
/// values: what a role's `environment` may refer to.
pub(crate) fn stand_ins(app: &App<'_>, target: &Target, plan: &Plan) -> Vec<Variable> {
    match wanted(app, target, plan) {
        Ok(Some(_)) => vec![Variable {
            name: VARIABLE.to_owned(),
            value: String::new().into(),
        }],
        _ => Vec::new(),
    }
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
