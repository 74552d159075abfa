//! What unlocking works with: the machine, and whether somebody may be asked.

use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::Env;
use assumerole_host::tty::{AskError, Tty};
use assumerole_host::{Host, deadline};
use secrecy::{ExposeSecret as _, SecretString};

use crate::report::Report;

/// The machine, and whether somebody may be asked.
pub struct Desk<'a> {
    /// The machine.
    pub host: &'a Host,
    /// The person's own environment.
    pub env: &'a Env,
    /// Who hears what is going on.
    pub report: &'a dyn Report,
    /// Whether a person may be asked at the terminal.
    pub may_ask: bool,
    /// How long the key is held after it was unlocked; `None`: as the provider
    /// has it.
    pub unlock_seconds: Option<u32>,
}

/// A passphrase has so many characters at most.
const LONGEST: usize = 1024;

/// A passphrase has so many characters at least.
const SHORTEST: usize = 8;

impl Desk<'_> {
    /// The terminal, if somebody may be asked there now.
    pub(super) fn terminal(&self) -> Option<Tty> {
        let tty = self.host.tty().ok().flatten().filter(|_| self.may_ask);
        tty.filter(|tty| !tty.in_background())
    }

    /// Asks for a passphrase, which is not shown.
    pub(super) fn passphrase(&self, question: &str) -> Result<SecretString> {
        let Some(mut tty) = self.terminal() else {
            return Err(Error::new(
                Kind::LoginNeeded,
                "a passphrase is needed, and there is no terminal to ask for it",
            )
            .called(Id::KeysLocked)
            .hint("run this in a terminal"));
        };
        let answer = tty.prompt_masked(question, |c| !c.is_control(), LONGEST);
        answer.map_err(|error| match error {
            AskError::TooLate | AskError::Closed => Error::new(
                Kind::LoginNeeded,
                "no passphrase was given for the key store",
            )
            .called(Id::KeysLocked)
            .hint("unlock it beforehand: assumerole keys unlock"),
            other => other.into(),
        })
    }

    /// Asks for a new passphrase, twice. `None` where Enter alone says that
    /// there shall be none.
    pub(super) fn new_passphrase(
        &self,
        question: &str,
        can_be_none: bool,
    ) -> Result<Option<SecretString>> {
        loop {
            let first = self.passphrase(question)?;
            if first.expose_secret().is_empty() && can_be_none {
                return Ok(None);
            }
            if first.expose_secret().chars().count() < SHORTEST {
                self.report
                    .note(&format!("use at least {SHORTEST} characters"));
                continue;
            }
            let second = self.passphrase("The same again: ")?;
            if first.expose_secret() == second.expose_secret() {
                return Ok(Some(first));
            }
            self.report.note("the two were not the same");
        }
    }

    /// How long something that may ask its person is waited for.
    pub(super) fn patience(&self) -> Duration {
        let seconds = if self.terminal().is_some() { 60 } else { 5 };
        Duration::from_secs(seconds)
    }

    /// Does `wait`, in which a person may be asked.
    pub(super) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        deadline::uncounted(self.host.clock.as_ref(), wait)
    }
}
