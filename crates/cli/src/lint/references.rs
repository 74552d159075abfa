//! Names in the settings of `~/.assumerole` that lead to nothing.

use assumerole_core::Kind;
use assumerole_core::config::Config;
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::shell::command_line::argument;

use super::{Lint, Rule};

impl Lint<'_, '_> {
    /// Registries whose roles there are not. Last of all: it looks where nothing else
    /// does.
    pub(crate) fn registries(&mut self) {
        let app = self.app;
        let Ok(registries) = app.config_unsaid().and_then(Config::registries) else {
            // What is wrong with them has been said.
            return;
        };
        for (registry, role) in registries.all() {
            let Err(error) = app.target(&role.value) else {
                continue;
            };
            if error.kind() != Kind::UnknownName {
                continue;
            }
            let Ok(config) = app.config_unsaid() else {
                return;
            };
            let message = format!(
                "registries: {registry} names {:?}, which is no role",
                role.value
            );
            let near = error.hints().iter();
            let mut warning = Warning::new(message);
            warning.at = Some(config.snippet(role.span.clone()));
            warning.hints = near.cloned().collect();
            self.warning(Rule::Plan, &warning);
        }
    }

    /// The login of account access manager, if there is no such sso-session.
    pub(crate) fn access_manager(&mut self) {
        let app = self.app;
        let (Ok(config), Ok(files)) = (app.config_unsaid(), app.aws_files()) else {
            return;
        };
        let Some(access) = config.access_manager() else {
            return;
        };
        let session = &access.value.sso_session;
        let names = files.sso_session_names();
        if names.iter().any(|name| name == session) {
            return;
        }
        let near = nearest(session, names.iter().map(AsRef::as_ref), 1);
        let mut warning = Warning::new(format!(
            "access_manager names sso-session {}, which is not in ~/.aws/config",
            one_line(session)
        ));
        warning.at = Some(config.snippet(access.span.clone()));
        warning.hints = near
            .into_iter()
            .map(|near| format!("did you mean {near}?"))
            .collect();
        let create = format!(
            "create it: assumerole sso login --start-url URL --region REGION {}",
            argument(session)
        );
        warning.hints.push(create);
        self.warning(Rule::Plan, &warning);
    }
}
