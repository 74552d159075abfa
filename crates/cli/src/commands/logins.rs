//! The logins that the files of `~/.aws` name: at portals of IAM Identity Center, and
//! to accounts.

use assumerole_core::Result;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Login, Plan, SourceKind, SsoPortal, Target, sso_session};

use crate::app::App;

/// A login, and the profiles that come from it.
#[derive(Debug)]
pub(crate) struct NamedLogin {
    pub(crate) at: LoginAt,
    /// Their names; the first one stands for the login in hints.
    pub(super) profiles: Vec<String>,
}

/// Where a login is made.
#[derive(Debug)]
pub(crate) enum LoginAt {
    Portal(Box<SsoPortal>),
    Account(Box<Login>),
}

impl NamedLogin {
    /// For people.
    pub(crate) fn name(&self) -> String {
        match &self.at {
            LoginAt::Portal(portal) => portal.name(),
            LoginAt::Account(login) => one_line(&login.session.value),
        }
    }

    /// The profile that names it, if one does.
    pub(super) fn profile(&self) -> &str {
        self.profiles.first().map_or("", String::as_str)
    }
}

/// What tells the file of a login from others.
fn key(at: &LoginAt) -> String {
    match at {
        LoginAt::Portal(portal) => portal.session.as_ref().map_or_else(
            || format!("url {}", portal.start_url.value),
            |session| format!("session {}", session.value),
        ),
        LoginAt::Account(login) => format!("account {}", login.session.value),
    }
}

/// Where `plan` begins, if that is a login.
pub(super) fn of_plan(plan: &Plan) -> Option<LoginAt> {
    match &plan.source.kind {
        SourceKind::Sso(sso) => Some(LoginAt::Portal(Box::new(sso.at.clone()))),
        SourceKind::Login(login) => Some(LoginAt::Account(login.clone())),
        _ => None,
    }
}

/// All logins, those of sessions first. What is wrong in a profile is said where it is
/// used.
///
/// # Errors
/// The files cannot be read.
pub(crate) fn all(app: &App<'_>) -> Result<Vec<NamedLogin>> {
    let files = app.aws_files()?;
    let mut logins: Vec<NamedLogin> = Vec::new();
    let mut add = |at: LoginAt, profile: Option<&str>| {
        let wanted = key(&at);
        let place = logins.iter().position(|it| key(&it.at) == wanted);
        let place = place.unwrap_or_else(|| {
            logins.push(NamedLogin {
                at,
                profiles: Vec::new(),
            });
            logins.len() - 1
        });
        logins[place].profiles.extend(profile.map(str::to_owned));
    };
    for name in files.sso_session_names() {
        if let Ok(portal) = sso_session(files, &app.settings, app.access_manager(&name), &name) {
            add(LoginAt::Portal(Box::new(portal)), None);
        }
    }
    for name in files.profile_names() {
        let target = Target::Profile(name.to_string());
        if let Ok(plan) = app.plan(&target, &Request::default())
            && let Some(at) = of_plan(&plan)
            && plan.source.profile.value == *name
        {
            add(at, Some(&name));
        }
    }
    Ok(logins)
}

/// The one of `logins` that `name` stands for: a session, a profile or a role that
/// begins at it.
///
/// # Errors
/// There is no such role or profile.
pub(super) fn named<'l>(
    app: &App<'_>,
    logins: &'l [NamedLogin],
    name: &str,
) -> Result<Option<&'l NamedLogin>> {
    let session = format!("session {name}");
    if let Some(login) = logins.iter().find(|it| key(&it.at) == session) {
        return Ok(Some(login));
    }
    let plan = app.plan(&app.target(name)?, &Request::default())?;
    let wanted = of_plan(&plan).map(|at| key(&at));
    Ok(logins.iter().find(|it| Some(key(&it.at)) == wanted))
}
