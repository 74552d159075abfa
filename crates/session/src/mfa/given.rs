//! The code that the person typed as an argument.

use assumerole_core::diagnostic::Id;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Consumer, Error, Kind, Result};
use secrecy::SecretString;

use super::{Ask, Wanted};

/// Hands out one given code, once; then asks `otherwise`.
pub struct Given<'a> {
    code: Option<SecretString>,
    otherwise: &'a mut dyn Ask,
}

impl<'a> Given<'a> {
    /// `code` first, if there is one, then `otherwise`.
    pub fn new(code: Option<SecretString>, otherwise: &'a mut dyn Ask) -> Self {
        Self { code, otherwise }
    }
}

impl Ask for Given<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        match self.code.take() {
            Some(code) => Ok(code),
            None => self.otherwise.code(wanted),
        }
    }

    fn can_ask_again(&self) -> bool {
        self.otherwise.can_ask_again()
    }

    fn is_automatic(&self, wanted: &Wanted<'_>) -> bool {
        self.code.is_none() && self.otherwise.is_automatic(wanted)
    }

    fn takes_time(&self, wanted: &Wanted<'_>) -> bool {
        self.code.is_none() && self.otherwise.takes_time(wanted)
    }

    fn is_unattended(&self) -> bool {
        self.code.is_none() && self.otherwise.is_unattended()
    }
}

/// Nobody can be asked: there is no terminal, or it is not ours.
pub struct Never {
    why: String,
}

impl Never {
    /// Nobody, because of `why`.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl Ask for Never {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        let error = Error::new(
            Kind::CannotAsk,
            format!(
                "role {} needs an MFA code of {}",
                wanted.role, wanted.device
            ),
        )
        .called(Id::MfaCodeNeeded)
        .because(&self.why)
        .hint(wanted.hint("give the code"));
        Err(match wanted.consumer {
            Consumer::Program | Consumer::Login => error,
            Consumer::Shell => error.hint(format!(
                "give it to other commands so: assumerole exec --mfa-code CODE {} COMMAND",
                argument(wanted.role)
            )),
        })
    }

    fn can_ask_again(&self) -> bool {
        false
    }
}
