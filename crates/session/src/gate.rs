//! The one gate before roles that a file protects (`"confirm": true`): nobody
//! is asked for their credentials, and nobody gets cached ones, before a
//! person has typed the name, whichever entry, profile or command leads there.
//!
//! [`Engine::obtain`](crate::Engine::obtain) takes a [`Cleared`], and only
//! [`clear`] makes one: credentials cannot come out by another way.

use assumerole_core::Result;
use assumerole_core::config::Config;
use assumerole_core::plan::{Guard, Plan, guards};

/// Who confirms that a protected role is meant.
pub trait Confirm {
    /// Confirms what `guard` protects, on the way of `plan`.
    ///
    /// # Errors
    /// [`Kind::Cancelled`](assumerole_core::Kind::Cancelled) where the person
    /// does not want to, [`Kind::CannotAsk`](assumerole_core::Kind::CannotAsk)
    /// where there is nobody to ask.
    fn confirm(&mut self, plan: &Plan, guard: &Guard) -> Result<()>;
}

/// A plan whose protected roles have been confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Cleared<'p> {
    plan: &'p Plan,
}

impl<'p> Cleared<'p> {
    /// The plan.
    pub fn plan(self) -> &'p Plan {
        self.plan
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
    Ok(Cleared { plan })
}
