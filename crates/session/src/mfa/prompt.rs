//! The person at the controlling terminal.

use std::io::Write;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::{AskError, Tty};
use secrecy::{ExposeSecret, SecretString};

use super::{Ask, Wanted};

/// Asks at the controlling terminal, whatever is captured.
pub struct Prompt {
    tty: Tty,
}

/// An MFA code has so many digits.
const DIGITS: usize = 6;

impl Prompt {
    /// Asks at `tty`.
    pub fn new(tty: Tty) -> Self {
        Self { tty }
    }
}

impl Ask for Prompt {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        if let Some(refused) = wanted.refused {
            let refused = one_line(refused);
            let text =
                format!("{refused}\nEach code works once; wait for the next one (at most 30 s).\n");
            self.tty
                .write_all(text.as_bytes())
                .map_err(|error| explain(AskError::Io(error), wanted))?;
        }
        if let (Some(why), None) = (wanted.why, wanted.refused) {
            self.tty
                .write_all(format!("{}\n", one_line(why)).as_bytes())
                .map_err(|error| explain(AskError::Io(error), wanted))?;
        }
        let device = one_line(wanted.device.as_str());
        let prompt = format!("MFA code of {device}: ");
        let digit = |c: char| c.is_ascii_digit();
        loop {
            let answer = self.tty.prompt_masked(&prompt, digit, DIGITS);
            let code = answer.map_err(|error| explain(error, wanted))?;
            if code.expose_secret().len() == DIGITS {
                return Ok(code);
            }
            self.tty
                .write_all(b"An MFA code has six digits (Ctrl-C to cancel).\n")
                .map_err(|error| explain(AskError::Io(error), wanted))?;
        }
    }

    fn can_ask_again(&self) -> bool {
        true
    }
}

fn explain(error: AskError, wanted: Wanted<'_>) -> Error {
    let role = wanted.role;
    match error {
        AskError::Interrupted(_) | AskError::Cancelled | AskError::GivenUp => error.into(),
        AskError::TimedOut { holder, waited } => {
            let why = format!("waited {} s for {holder}", waited.as_secs());
            let error = Error::new(
                Kind::CannotAsk,
                format!("role {role} needs an MFA code, and the terminal is taken"),
            )
            .called(Id::TerminalTaken);
            let hints = holder.hints().into_iter();
            let error = hints.fold(error.because(why), Error::hint);
            error.hint(wanted.hint("give the code"))
        }
        AskError::TooLate => Error::new(
            Kind::Mfa,
            format!("role {role} needs an MFA code, and none was given in time"),
        )
        .because("the program that waits for the credentials gives up soon")
        .hint(wanted.hint("give it beforehand")),
        AskError::Closed => Error::new(
            Kind::Mfa,
            format!("role {role} needs an MFA code, and none was given"),
        )
        .hint(wanted.hint("give it")),
        AskError::Background => Error::new(
            Kind::CannotAsk,
            format!("role {role} needs an MFA code, and this runs in the background"),
        )
        .called(Id::MfaCodeNeeded)
        .hint("bring it to the foreground: fg")
        .hint(wanted.hint("give the code")),
        AskError::Io(error) => Error::new(Kind::CannotAsk, "cannot prompt for the MFA code")
            .called(Id::MfaCodeNeeded)
            .because(error)
            .hint(wanted.hint("give it")),
    }
}
