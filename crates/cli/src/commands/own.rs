//! Which role a command means that changes `~/.assumerole`.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};

use crate::app::App;

/// A command that was not always there, so that somebody's role may have its
/// name.
pub(super) struct Command {
    /// Its name.
    pub(super) verb: &'static str,
    /// What is to be written.
    pub(super) usage: &'static str,
}

impl Command {
    /// The error of a call without arguments of its own: where a role has the
    /// name of the command, that one may have been meant.
    pub(super) fn incomplete(&self, app: &App<'_>, missing: &str) -> Error {
        let Self { verb, usage } = self;
        match self.is_role(app) {
            true => Error::new(
                Kind::Usage,
                format!("{verb} is both a command and a role; nothing was done"),
            )
            .hint(format!("to assume the role: assumerole -- {verb}"))
            .hint(format!("for the command: {usage}")),
            false => Error::new(Kind::Usage, format!("missing: <{missing}>"))
                .hint(format!("write: {usage}"))
                .hint(format!("see: assumerole {verb} --help")),
        }
    }

    /// The role of the file that is called `name`.
    ///
    /// # Errors
    /// There is none of that name; it is a profile of `~/.aws`; the file is
    /// wrong.
    pub(super) fn role(&self, app: &App<'_>, name: &str) -> Result<()> {
        let config = app.config_unsaid()?;
        if config.place_of_role(name)?.is_some() {
            return Ok(());
        }
        if let Some(profile) = app.aws_files()?.profile(name) {
            let place = profile.sections().next().map(|section| section.snippet());
            let message = format!(
                "{} is a profile of ~/.aws, not a role of {}",
                one_line(name),
                config.path()
            );
            return Err(Error::new(Kind::Usage, message)
                .maybe_at(place)
                .hint("change it there, in an editor"));
        }
        let error = app.no_such_role(config, name);
        // `assumerole ROLE CODE` was a call of the role.
        let is_code = name.len() == 6 && name.bytes().all(|byte| byte.is_ascii_digit());
        Err(match is_code && self.is_role(app) {
            true => error.hint(format!(
                "to assume the role {0}: assumerole -- {0} {name}",
                self.verb
            )),
            false => error,
        })
    }

    /// Whether a role or a profile has the name of the command, be it wrong.
    pub(super) fn is_role(&self, app: &App<'_>) -> bool {
        let place = app
            .config_unsaid()
            .and_then(|config| config.place_of_role(self.verb));
        let profile = || {
            app.aws_files()
                .is_ok_and(|files| files.profile(self.verb).is_some())
        };
        place.is_ok_and(|place| place.is_some()) || profile()
    }
}
