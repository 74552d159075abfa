//! Where MFA codes come from. A provider is one file and one line here.

mod askpass;
mod bitwarden;
mod choice;
mod given;
mod onepassword;
mod pass;
mod process;
mod program;
mod prompt;
mod spent;
mod totp;
mod yubikey;

pub use askpass::Window;
pub use choice::Programs;
pub use given::{Given, Never};
pub use prompt::Prompt;
pub(crate) use spent::Codes;

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::plan::Plan;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Consumer, Error, Kind, Result};
use secrecy::{ExposeSecret, SecretString};

/// What a provider is told about the code it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The device whose code is wanted.
    pub device: &'a MfaDevice,
    /// What is wanted in the end: a role's or a profile's name in the person's
    /// files.
    pub role: &'a str,
    /// The role that names the device: of a chain, the first one.
    pub device_of: &'a str,
    /// Why a code is wanted though there may be an MFA session: a sentence.
    pub why: Option<&'a str>,
    /// Why the code before this one was not taken, in AWS's words.
    pub refused: Option<&'a str>,
    /// Who uses what comes of it.
    pub consumer: Consumer,
}

impl<'a> Wanted<'a> {
    /// The first code of `device` that `plan` takes.
    pub fn first(plan: &'a Plan, device: &'a MfaDevice) -> Self {
        Self {
            device,
            role: &plan.name,
            device_of: match plan.first_role() {
                Some(assume) => &assume.name,
                None => &plan.name,
            },
            why: None,
            refused: None,
            consumer: plan.consumer,
        }
    }

    /// What to type for it: `what` to do with a code. A program's user has no
    /// shell in the role, and wants none.
    pub(crate) fn hint(&self, what: &str) -> String {
        let role = argument(self.role);
        match self.consumer {
            Consumer::Shell => format!("{what}: assumerole {role} CODE"),
            Consumer::Program => format!("log in first: assumerole login {role}"),
            Consumer::Login => format!("{what}: assumerole login {role} CODE"),
        }
    }
}

/// Someone who can be asked for an MFA code.
pub trait Ask {
    /// A code for `wanted`.
    ///
    /// # Errors
    /// [`Kind::CannotAsk`] when there is nobody to ask, [`Kind::Mfa`] when none
    /// is given, [`Kind::Cancelled`] when the person does not want to.
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString>;

    /// Whether a person can be asked for another code after one was refused.
    fn can_ask_again(&self) -> bool;

    /// Whether a program answers next, and no person: it gives the same code
    /// until the next one is due, so it is waited for, not told.
    fn is_automatic(&self, _wanted: &Wanted<'_>) -> bool {
        false
    }

    /// Whether no person sits at a terminal here: whoever refused a moment ago,
    /// wherever that was, is not asked again.
    fn is_unattended(&self) -> bool {
        false
    }

    /// Whether the next code takes its time: a person looks for it, or a
    /// program runs.
    fn takes_time(&self, _wanted: &Wanted<'_>) -> bool {
        false
    }
}

/// Checks that a code is six digits, before any request is made.
///
/// # Errors
/// It is not; the code itself is not repeated.
pub fn check_code(code: &SecretString) -> Result<()> {
    let text = code.expose_secret();
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let got = match text.chars().count() {
        6 => "6 characters that are not all digits".to_owned(),
        count => format!("{count} characters"),
    };
    Err(Error::new(Kind::Usage, "an MFA code has six digits").because(format!("got {got}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_nothing_else() {
        assert!(check_code(&"012345".into()).is_ok());
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", "12 345"] {
            let error = check_code(&wrong.into()).unwrap_err();
            assert!(wrong.is_empty() || !format!("{error:?}").contains(wrong));
        }
    }
}
