//! The one gate before roles that a file protects (`"confirm": true`): nobody
//! is asked for their credentials, and nobody gets cached ones, before a
//! person has typed the name, whichever entry, profile or command leads there.
//!
//! [`Context::obtain`](crate::Context::obtain) takes a [`Cleared`], and only
//! [`clear`] makes one: credentials cannot come out by another way.

use assumerole_core::config::Config;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::plan::{Guard, Plan, Watched, guards, watched};
use assumerole_core::shell::command_line::quoted;
use assumerole_core::{Error, Kind, Result};

/// Who confirms that a protected role is meant.
pub trait Confirm {
    /// Confirms what `guard` protects, on the way of `plan`.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] where the person
    /// does not want to, [`Kind::CannotAsk`]
    /// where there is nobody to ask.
    fn confirm(&mut self, plan: &Plan, guard: &Guard) -> Result<()>;

    /// Whether what is protected as `name` has been confirmed beforehand.
    fn is_confirmed(&self, name: &str) -> bool;
}

/// A plan whose protected roles have been confirmed.
#[derive(Clone, Debug)]
pub struct Cleared<'p> {
    plan: &'p Plan,
    /// What a machine's role may turn out to be.
    watched: Vec<Watched>,
}

/// The role of a container or an instance, as far as that says it.
#[derive(Clone, Debug)]
pub(crate) struct MachineRole {
    pub(crate) account: Option<String>,
    pub(crate) name: String,
}

impl<'p> Cleared<'p> {
    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Holds the role that a machine has said it has against what is
    /// protected: nothing of it is handed out or used then.
    pub(crate) fn check(&self, role: Option<&MachineRole>) -> Result<()> {
        let Some(role) = role else {
            return Ok(());
        };
        let is = |one: &&Watched| one.is(role.account.as_deref(), &role.name);
        let Some(one) = self.watched.iter().find(is) else {
            return Ok(());
        };
        let (this, name) = (one_line(&self.plan.name), one_line(&one.name));
        let at = one.at.as_ref().map(Snippet::place);
        let at = at.unwrap_or_else(|| "~/.assumerole".to_owned());
        let message = format!("role {this} is not assumed: this machine has the role of {name}");
        Err(Error::new(Kind::CannotAsk, message)
            .because(format!("{name} has \"confirm\": true at {at}"))
            .hint(format!("add --yes={} if you mean it", quoted(&name))))
    }
}

/// Lets `confirm` decide on everything on the way of `plan` that one of the
/// files `configs` protects. Where nothing is, nobody is asked.
///
/// # Errors
/// Those of `confirm`; a file cannot be read any more.
pub fn clear<'p>(
    configs: &[&Config],
    plan: &'p Plan,
    confirm: &mut dyn Confirm,
) -> Result<Cleared<'p>> {
    for guard in guards(configs, plan)? {
        confirm.confirm(plan, &guard)?;
    }
    let mut watched = watched(configs, plan)?;
    watched.retain(|one| !confirm.is_confirmed(&one.name));
    Ok(Cleared { plan, watched })
}
