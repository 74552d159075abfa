//! `mfa`, `mfa_devices` and `mfa_process`: which program has the code.

mod read;

use std::fmt;
use std::str::FromStr;

use super::fault::Finding;
use crate::aws::ids::Invalid;

pub(super) use read::{Command, MfaProcess, devices_schema, of_device, of_devices, of_top};

/// A way to an MFA code, with what the file says of it.
#[derive(Clone, PartialEq, Eq)]
pub enum MfaProvider {
    /// The person at the terminal, and no program.
    Prompt,
    /// 1Password's `op`.
    OnePassword {
        /// The item that holds the device: name or ID.
        item: Option<String>,
        /// The account: sign-in address, shorthand or ID.
        account: Option<String>,
    },
    /// A YubiKey, by `ykman`.
    YubiKey {
        /// The OATH account on the key.
        name: Option<String>,
        /// Which key, where several are plugged in.
        serial: Option<String>,
    },
    /// The password store, by `pass otp`.
    Pass {
        /// The entry.
        name: Option<String>,
    },
    /// Bitwarden's `bw`.
    Bitwarden {
        /// The item that holds the device: ID or what finds it.
        item: Option<String>,
    },
    /// Any other program.
    Process {
        /// Program and arguments, split as a shell would. Many a one has a
        /// secret in it.
        words: Vec<String>,
    },
    /// The secret of the device, stored sealed.
    Totp {
        /// Whether it is used where nobody is at a terminal, too.
        unattended: bool,
    },
}

/// Shows no words of a command: a secret may be among them.
impl fmt::Debug for MfaProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MfaProvider").field(&self.name()).finish()
    }
}

/// The name of an [`MfaProvider`], as the file and `--mfa` spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaProviderName {
    /// `prompt`
    Prompt,
    /// `1password`
    OnePassword,
    /// `yubikey`
    YubiKey,
    /// `pass`
    Pass,
    /// `bitwarden`
    Bitwarden,
    /// `process`
    Process,
    /// `totp`
    Totp,
}

impl MfaProviderName {
    /// Every one, in the order in which help names them.
    pub const ALL: [Self; 7] = [
        Self::OnePassword,
        Self::YubiKey,
        Self::Pass,
        Self::Bitwarden,
        Self::Totp,
        Self::Process,
        Self::Prompt,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::OnePassword => "1password",
            Self::YubiKey => "yubikey",
            Self::Pass => "pass",
            Self::Bitwarden => "bitwarden",
            Self::Process => "process",
            Self::Totp => "totp",
        }
    }

    /// The provider, where the file says no more than its name. None of
    /// [`Self::Process`], which is nothing without its command.
    pub fn bare(self) -> Option<MfaProvider> {
        Some(match self {
            Self::Prompt => MfaProvider::Prompt,
            Self::OnePassword => MfaProvider::OnePassword {
                item: None,
                account: None,
            },
            Self::YubiKey => MfaProvider::YubiKey {
                name: None,
                serial: None,
            },
            Self::Pass => MfaProvider::Pass { name: None },
            Self::Bitwarden => MfaProvider::Bitwarden { item: None },
            Self::Totp => MfaProvider::Totp { unattended: false },
            Self::Process => return None,
        })
    }
}

impl fmt::Display for MfaProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MfaProviderName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|name| name.as_str()).collect();
            Invalid(format!("a provider is one of {}", names.join(", ")))
        })
    }
}

impl MfaProvider {
    /// Any program, by its command line.
    ///
    /// # Errors
    /// It is none.
    pub fn of_command(text: &str) -> Result<Self, Invalid> {
        let words = shell_words::split(text)
            .map_err(|why| Invalid(format!("it cannot be split into words: {why}")))?;
        if words.first().is_none_or(String::is_empty) {
            return Err(Invalid("it names no program".to_owned()));
        }
        Ok(Self::Process { words })
    }

    /// Its name.
    pub fn name(&self) -> MfaProviderName {
        match self {
            Self::Prompt => MfaProviderName::Prompt,
            Self::OnePassword { .. } => MfaProviderName::OnePassword,
            Self::YubiKey { .. } => MfaProviderName::YubiKey,
            Self::Pass { .. } => MfaProviderName::Pass,
            Self::Bitwarden { .. } => MfaProviderName::Bitwarden,
            Self::Process { .. } => MfaProviderName::Process,
            Self::Totp { .. } => MfaProviderName::Totp,
        }
    }
}

/// What the file says at one of its three places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mfa {
    /// The provider.
    pub provider: MfaProvider,
    /// Worth a warning. [`Config::warnings_of_mfa`](super::Config::warnings_of_mfa).
    pub(super) findings: Vec<Finding>,
}

impl Mfa {
    /// What is odd in that of `what`.
    pub(super) fn findings_of(&self, what: &str) -> Vec<Finding> {
        let about = |finding: &Finding| Finding {
            message: format!("{what} {}", finding.message),
            ..finding.clone()
        };
        self.findings.iter().map(about).collect()
    }
}
