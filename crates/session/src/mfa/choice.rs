//! Who has the code: the program that the command line, the file or the
//! environment names, then the person.

use std::ffi::OsStr;

use assumerole_core::aws_config::AwsFiles;
use assumerole_core::config::{Config, Mfa, MfaProvider, MfaProviderName};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::deadline::uncounted;
use assumerole_host::env::names;
use assumerole_host::process::find_in_path;
use assumerole_host::{Env, Host};
use secrecy::SecretString;

use super::program::Surroundings;
use super::{Ask, Wanted, bitwarden, onepassword, pass, process, totp, yubikey};
use crate::report::Report;
use crate::stored_keys::Desk;

/// How many codes a program gives before the person is asked instead: the
/// first may have been spent elsewhere, the second shows that it is wrong.
const TRIES: u32 = 2;

/// Asks the program that was chosen. Where it gives no code, says why and asks
/// `otherwise`.
pub struct Programs<'a> {
    host: &'a Host,
    env: &'a Env,
    config: &'a Config,
    aws: &'a AwsFiles,
    report: &'a dyn Report,
    named: Option<MfaProviderName>,
    otherwise: &'a mut dyn Ask,
    left: u32,
    /// Why the program gave no code, where nobody hears a warning.
    failed: Option<Error>,
}

impl<'a> Programs<'a> {
    /// `env` is the environment of the programs; `named` is `--mfa`, which
    /// wins over the file.
    pub fn new(
        host: &'a Host,
        env: &'a Env,
        config: &'a Config,
        aws: &'a AwsFiles,
        report: &'a dyn Report,
        named: Option<MfaProviderName>,
        otherwise: &'a mut dyn Ask,
    ) -> Self {
        Self {
            host,
            env,
            config,
            aws,
            report,
            named,
            otherwise,
            left: TRIES,
            failed: None,
        }
    }

    /// What `~/.assumerole` says of the device.
    fn said(&self, wanted: &Wanted<'_>) -> Result<Option<Mfa>> {
        let role = self.config.role(wanted.device_of)?;
        self.config
            .mfa_for(role.as_ref(), wanted.device, self.named)
    }

    /// The provider of the device, where `~/.assumerole` says `said`; `None`
    /// for the person.
    fn provider(&self, said: Option<Mfa>, wanted: &Wanted<'_>) -> Result<Option<MfaProvider>> {
        if let Some(mfa) = said {
            return Ok(Some(mfa.provider));
        }
        let role = self.config.role(wanted.device_of)?;
        if matches!(self.named, None | Some(MfaProviderName::Process)) {
            let source = role.as_ref().and_then(|role| role.aws_profile.as_ref());
            let profile = source.map_or(wanted.device_of, |profile| &profile.value);
            if let Some(provider) = self.by_profile(profile)? {
                return Ok(Some(provider));
            }
        }
        match self.named {
            None => Ok(self.by_environment()),
            Some(name) => name.bare().map(Some).ok_or_else(nothing_to_run),
        }
    }

    /// The `mfa_process` of a profile of `~/.aws`, or of the one that it takes
    /// its credentials from: aws-vault's key.
    fn by_profile(&self, name: &str) -> Result<Option<MfaProvider>> {
        let Some(profile) = self.aws.profile(name) else {
            return Ok(None);
        };
        let source = profile
            .get("source_profile")
            .and_then(|source| self.aws.profile(source.text()));
        let found = profile
            .get("mfa_process")
            .or_else(|| source.and_then(|source| source.get("mfa_process")));
        let Some(command) = found.filter(|command| !command.text().is_empty()) else {
            return Ok(None);
        };
        MfaProvider::of_command(command.text())
            .map(Some)
            .map_err(|why| {
                let place = command.snippet().place();
                Error::new(
                    Kind::Config,
                    format!("mfa_process at {place} cannot be run"),
                )
                .because(why)
            })
    }

    /// 1Password, if it is there and both variables name what to ask for.
    fn by_environment(&self) -> Option<MfaProvider> {
        let env = self.env;
        let named = env.is_set(names::ONEPASS_ACCOUNT) && env.is_set(names::ONEPASS_ENTRY);
        let installed = || find_in_path(OsStr::new("op"), env.get(names::PATH)).is_some();
        let provider = MfaProviderName::OnePassword.bare();
        provider.filter(|_| named && installed())
    }

    /// A code from `provider`; `None` where that is the person.
    fn code_from(
        &self,
        provider: &MfaProvider,
        wanted: &Wanted<'_>,
    ) -> Option<Result<SecretString>> {
        let tty = self.host.tty().ok().flatten();
        let around = Surroundings {
            env: self.env,
            tty: tty.as_ref().filter(|tty| !tty.in_background()),
            clock: self.host.clock.as_ref(),
        };
        let device = wanted.device;
        Some(match provider {
            MfaProvider::Prompt => return None,
            MfaProvider::OnePassword { item, account } => {
                onepassword::code(around, item.as_deref(), account.as_deref())
            }
            MfaProvider::YubiKey { name, serial } => {
                yubikey::code(around, name.as_deref(), serial.as_deref(), device)
            }
            MfaProvider::Pass { name } => pass::code(around, name.as_deref(), device),
            MfaProvider::Bitwarden { item } => bitwarden::code(around, item.as_deref(), device),
            MfaProvider::Process { words } => process::code(around, words),
            MfaProvider::Totp { unattended } => self
                .desk()
                .and_then(|desk| totp::code(&desk, device, *unattended)),
        })
    }

    /// What unlocks the store of secrets.
    fn desk(&self) -> Result<Desk<'_>> {
        Ok(Desk {
            host: self.host,
            env: self.env,
            report: self.report,
            may_ask: true,
            unlock_seconds: self.config.keys()?.unlock_seconds,
        })
    }

    /// Whether `provider` is none that answers here by itself.
    fn is_person(&self, provider: Option<&MfaProvider>, wanted: &Wanted<'_>) -> bool {
        match provider {
            None | Some(MfaProvider::Prompt) => true,
            Some(MfaProvider::Totp { unattended }) => {
                let desk = self.desk();
                !desk.is_ok_and(|desk| totp::is_ready(&desk, wanted.device, *unattended))
            }
            Some(_) => false,
        }
    }
}

fn nothing_to_run() -> Error {
    Error::new(Kind::Config, "no program is named for the MFA code")
        .hint(r#"name it in ~/.assumerole: "mfa_process": "PROGRAM ARGUMENTS""#)
}

impl Ask for Programs<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        if self.left > 0 {
            // A mistake in the file is no reason to ask for a code.
            let said = self.said(&wanted)?;
            if let Some(mfa) = said.as_ref().filter(|_| self.left == TRIES) {
                for warning in self.config.warnings_of_mfa(mfa) {
                    self.report.warn(&warning);
                }
            }
            let code = match self.provider(said, &wanted) {
                Ok(None) => None,
                Ok(Some(provider)) => {
                    let code = || self.code_from(&provider, &wanted);
                    uncounted(self.host.clock.as_ref(), code)
                }
                Err(error) => Some(Err(error)),
            };
            match code {
                Some(Ok(code)) => {
                    self.left -= 1;
                    return Ok(code);
                }
                Some(Err(why)) => {
                    self.failed = (wanted.consumer == Consumer::Program).then(|| why.clone());
                    self.report.warn(&why.into_warning());
                }
                None => {}
            }
            self.left = 0;
        }
        self.otherwise
            .code(wanted)
            .map_err(|error| match &self.failed {
                Some(why) => error.because(why),
                None => error,
            })
    }

    fn can_ask_again(&self) -> bool {
        self.otherwise.can_ask_again()
    }

    fn is_automatic(&self, wanted: &Wanted<'_>) -> bool {
        let provider = self.said(wanted);
        let provider = provider.and_then(|said| self.provider(said, wanted));
        self.left > 0
            && !provider.map_or(true, |provider| self.is_person(provider.as_ref(), wanted))
    }

    fn takes_time(&self, wanted: &Wanted<'_>) -> bool {
        self.is_automatic(wanted) || self.otherwise.takes_time(wanted)
    }

    fn is_unattended(&self) -> bool {
        self.otherwise.is_unattended()
    }
}
