//! Commands and roles of one name, and which role a command means that changes
//! `~/.assumerole`.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};

use crate::app::App;

/// A command that was not always there, so that somebody's role may have its
/// name.
pub(super) struct Command {
    /// Its name.
    pub(super) name: &'static str,
    /// What is to be written.
    pub(super) usage: &'static str,
}

impl Command {
    /// The error of a call without arguments of its own: where a role has the
    /// name of the command, that one may have been meant.
    pub(super) fn incomplete(&self, app: &App<'_>, missing: &str) -> Error {
        let Self { name, usage } = self;
        match self.is_role(app) {
            true => both(name, &format!("run the command: {usage}")),
            false => Error::new(Kind::Usage, format!("missing: <{missing}>"))
                .hint(format!("write: {usage}"))
                .hint(format!("see: assumerole {name} --help")),
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
        if app.show_accounts()
            && let Some(place) = app.config_unsaid()?.place_of_role(name)?
        {
            let message = format!(
                "{} is a role that accounts sync has written",
                one_line(name)
            );
            return Err(Error::new(Kind::Usage, message)
                .at(place)
                .because("it is written anew each time")
                .hint("change the role that it is like, and run that again"));
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
        Err(app.no_such_role(config, name))
    }

    /// Whether a role or a profile has the name of the command, be it wrong.
    pub(super) fn is_role(&self, app: &App<'_>) -> bool {
        is_role(app, self.name)
    }
}

/// The commands that the script of the same name had, too: what they mean has
/// not changed since somebody's role has such a name.
const ALWAYS: [&str; 3] = ["accountlist", "accountlist_text", "info"];

/// Those that say by themselves what is missing.
const INCOMPLETE: [&str; 16] = [
    "accounts",
    "console",
    "credential-process",
    "each",
    "ecr-login",
    "edit",
    "eks-token",
    "help",
    "keys",
    "mfa",
    "profiles",
    "rds-token",
    "remove",
    "rename",
    "ssh-proxy",
    "sso",
];

/// Refuses a command that stands `alone` on the command line where a role has
/// its name: that one may be meant. With a word behind it, it is the command.
///
/// # Errors
/// There is such a role.
pub(crate) fn not_a_role(app: &App<'_>, alone: Option<&str>) -> Result<()> {
    let runs = |subcommand: &str| ALWAYS.contains(&subcommand) || INCOMPLETE.contains(&subcommand);
    match alone.filter(|subcommand| !runs(subcommand) && is_role(app, subcommand)) {
        Some(subcommand) => Err(both(subcommand, &with_option(subcommand))),
        None => Ok(()),
    }
}

/// How a command is written that needs no arguments.
pub(crate) fn with_option(subcommand: &str) -> String {
    format!("for the command, add an option: assumerole {subcommand} -v")
}

/// The error of a command that is a role as well; `hint` says how to write it.
pub(crate) fn both(subcommand: &str, hint: &str) -> Error {
    Error::new(
        Kind::Usage,
        format!("{subcommand} is both a command and a role; nothing was done"),
    )
    .hint(format!("assume the role: assumerole -- {subcommand}"))
    .hint(hint)
}

/// Whether a role or a profile is called `name`, be it wrong.
pub(crate) fn is_role(app: &App<'_>, name: &str) -> bool {
    let config = app.config_unsaid();
    let place = config.and_then(|config| config.place_of_role(name));
    let profile = || {
        app.aws_files()
            .is_ok_and(|files| files.profile(name).is_some())
    };
    place.is_ok_and(|place| place.is_some()) || profile()
}
