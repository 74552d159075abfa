//! A role with `"confirm": true`: the person types its name first, whatever
//! leads to it.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::plan::{Guard, Plan, Way};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::AskError;
use assumerole_session::gate::Confirm;
use secrecy::ExposeSecret;

use crate::app::App;

/// The person at the controlling terminal, unless `--yes` has answered.
pub(super) struct ByName<'a> {
    app: &'a App<'a>,
    /// What the person wrote for the role on the command line, if anything:
    /// `--yes` alone counts for that role.
    typed: Option<&'a str>,
    /// What stands behind each `--yes`; empty where nothing does.
    yes: &'a [String],
    /// The command that was typed; empty where none was.
    command: &'static str,
}

impl<'a> ByName<'a> {
    /// For the role that was `typed`. What the chooser or `-` puts in its place
    /// was not.
    pub(super) fn new(app: &'a App<'a>, typed: Option<&'a str>, yes: &'a [String]) -> Self {
        Self {
            app,
            typed,
            yes,
            command: "",
        }
    }

    /// For a role behind `command`.
    pub(super) fn of(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    /// Whether `--yes` has confirmed what is protected as `name`.
    pub(super) fn has_said_yes(&self, name: &str) -> bool {
        let said = |yes: &String| yes == name || (yes.is_empty() && self.typed == Some(name));
        self.yes.iter().any(said)
    }
}

impl Confirm for ByName<'_> {
    fn is_confirmed(&self, name: &str) -> bool {
        self.has_said_yes(name)
    }

    fn confirm(&mut self, plan: &Plan, guard: &Guard) -> Result<()> {
        let name = &guard.name;
        if self.has_said_yes(name) {
            return Ok(());
        }
        let named = self.typed == Some(name);
        let command = named.then_some(self.command);
        let refused = |why: &str| refused(plan, guard, why, command);
        let mut tty = match self.app.host.tty() {
            Ok(Some(tty)) => tty,
            Ok(None) => {
                let why = match guard.way {
                    Way::Named => "there is no terminal to type its name at".to_owned(),
                    _ => format!("there is no terminal to type {} at", one_line(name)),
                };
                return Err(refused(&why));
            }
            Err(error) => return Err(refused(&error.to_string())),
        };
        match tty.prompt_line(&question(plan, guard)) {
            Ok(typed) if typed.expose_secret().trim() == name => Ok(()),
            Ok(_) => Err(Error::new(
                Kind::Cancelled,
                format!(
                    "role {} not assumed: the name you typed does not match",
                    one_line(&plan.name)
                ),
            )),
            Err(error @ (AskError::Background | AskError::TimedOut { .. } | AskError::Io(_))) => {
                Err(refused(&error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What is asked.
fn question(plan: &Plan, guard: &Guard) -> String {
    let (this, name) = (one_line(&plan.name), one_line(&guard.name));
    match guard.way {
        Way::Named => format!("Type {name} to assume it: "),
        Way::Alias => format!("{this} is the role of {name}. Type {name} to assume it: "),
        Way::Through => format!("{this} is assumed from {name}. Type {name} to go on: "),
    }
}

/// Nobody can be asked.
fn refused(plan: &Plan, guard: &Guard, why: &str, command: Option<&str>) -> Error {
    let (this, name) = (one_line(&plan.name), one_line(&guard.name));
    let message = format!("role {this} is not assumed: {why}");
    let error = Error::new(Kind::CannotAsk, message);
    let at = guard.at.as_ref().map(Snippet::place);
    let at = at.unwrap_or_else(|| "~/.assumerole".to_owned());
    let error = match guard.way {
        Way::Named => error.because("it has \"confirm\": true in ~/.assumerole"),
        Way::Alias => error.because(format!(
            "it is the role of {name}, which has \"confirm\": true at {at}"
        )),
        Way::Through => error.because(format!(
            "it is assumed from {name}, which has \"confirm\": true at {at}"
        )),
    };
    match (guard.way, command) {
        (Way::Named, Some(command)) => error.hint(format!(
            "confirm it if you mean it: {}",
            with_yes(command, &this)
        )),
        _ => error.hint(format!(
            "add --yes={} if you mean it",
            shell_words::quote(&name)
        )),
    }
}

/// What assumes `role` without the question: `command`, with its flag.
fn with_yes(command: &str, role: &str) -> String {
    let role = argument(role);
    match command {
        "" => format!("assumerole --yes {role}"),
        "exec" if role.starts_with("-- ") => format!("assumerole exec --yes {role} COMMAND"),
        "exec" => format!("assumerole exec --yes {role} -- COMMAND"),
        _ => format!("assumerole {command} --yes {role}"),
    }
}

/// Nobody: what is renewed without a question.
pub(super) struct Nobody;

impl Confirm for Nobody {
    fn is_confirmed(&self, _: &str) -> bool {
        false
    }

    fn confirm(&mut self, plan: &Plan, guard: &Guard) -> Result<()> {
        Err(refused(
            plan,
            guard,
            "no confirmation is asked for before a prompt",
            None,
        ))
    }
}
