//! A role that is being put together.

use assumerole_core::aws::ids::{AccountId, Invalid, MfaDevice, Partition, RoleArn};
use assumerole_core::config::{Config, NewRole};
use assumerole_core::plan::StaticKeys;
use assumerole_core::shell::command_line::quoted;
use assumerole_core::{Error, Kind, Result};
use serde_json::{Value, json};

use super::{Args, Flags, unknown};
use crate::app::App;
use crate::role_file;

/// How the role was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// By its name in an account, with its path.
    Name(String),
    /// By its ARN.
    Arn(RoleArn),
}

impl Named {
    /// Reads a name or an ARN.
    ///
    /// # Errors
    /// It is neither.
    pub(super) fn read(text: &str) -> Result<Self, Invalid> {
        if text.starts_with("arn:") {
            return text.parse().map(Self::Arn);
        }
        // Any account will do to check the name.
        let account: AccountId = "123456789012".parse()?;
        RoleArn::new(Partition::aws(), account, text).map(|arn| Self::Name(arn.name))
    }
}

/// What is known of the MFA device.
#[derive(Clone, Debug)]
pub(super) enum Device {
    /// Nothing: what the top of the file says counts.
    Unsaid,
    /// There is none.
    None,
    /// This one.
    Is(MfaDevice),
}

/// A role, as far as it is known.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) flags: Flags,
    pub(super) device: Device,
}

impl Draft {
    pub(super) fn of(args: Args) -> Self {
        let Args {
            flags,
            dry_run: _,
            new_name,
        } = args;
        Self {
            name: new_name,
            device: flags.device(),
            flags,
        }
    }

    /// Whether what was given makes sense where it goes.
    ///
    /// # Errors
    /// There is a role of that name already, no profile or role of the others,
    /// or two accounts.
    pub(super) fn check(&self, app: &App<'_>) -> Result<()> {
        if let Some(name) = &self.name {
            check_name(name).map_err(|why| Error::new(Kind::Usage, why))?;
            role_file::is_free(app, name)?;
        }
        check_names(app, &self.flags)?;
        self.flags.check_account()
    }

    /// The arguments that a whole role lacks in the file `top`.
    pub(super) fn missing(&self, top: &Config) -> Vec<&'static str> {
        let flags = &self.flags;
        let by_arn = matches!(flags.aws_role, Some(Named::Arn(_)));
        let profile = flags.profile.is_some() || flags.via.is_some() || top.aws_profile().is_some();
        [
            ("NAME", self.name.is_some()),
            ("--profile", profile),
            ("--role", flags.aws_role.is_some()),
            ("--account", flags.account.is_some() || by_arn),
        ]
        .into_iter()
        .filter_map(|(flag, given)| (!given).then_some(flag))
        .collect()
    }

    /// What a whole role is written with, as far as it is known.
    pub(super) fn whole(&self) -> String {
        let known = |value: Option<&str>, usual: &str| {
            value.map_or_else(|| usual.to_owned(), |value| quoted(value).into_owned())
        };
        let flags = &self.flags;
        let source = match &flags.via {
            Some(via) => format!("--via {}", quoted(via)),
            None => format!("--profile {}", known(flags.profile.as_deref(), "PROFILE")),
        };
        let (role, by_arn) = match &flags.aws_role {
            Some(Named::Arn(arn)) => (Some(arn.to_string()), true),
            Some(Named::Name(name)) => (Some(name.clone()), false),
            None => (None, false),
        };
        let account = flags.account.as_ref().map(ToString::to_string);
        let account = match by_arn {
            true => String::new(),
            false => format!(" --account {}", known(account.as_deref(), "ID")),
        };
        let role = known(role.as_deref(), "ROLE");
        let name = known(self.name.as_deref(), "NAME");
        // What begins with a hyphen comes last, where it is no flag.
        match self.name.as_ref().is_some_and(|name| name.starts_with('-')) {
            true => format!("{source}{account} --role {role} -- {name}"),
            false => format!("{name} {source}{account} --role {role}"),
        }
    }

    /// The device that the file `top` has for a role with the profile of this
    /// one.
    pub(super) fn device_of_top<'t>(&self, top: &'t Config) -> Option<&'t MfaDevice> {
        let profile = &top.aws_profile()?.value;
        let flags = &self.flags;
        let takes = flags.via.is_none() && flags.profile.as_ref().is_none_or(|own| own == profile);
        takes.then(|| top.aws_mfa_arn().map(|device| &device.value))?
    }

    /// Where nothing is said of a device, takes the one that the profile names,
    /// as the questions offer it, and says so.
    ///
    /// # Errors
    /// `~/.aws` cannot be read.
    pub(super) fn take_device_of_profile(&mut self, app: &App<'_>, top: &Config) -> Result<()> {
        if !matches!(self.device, Device::Unsaid) || self.device_of_top(top).is_some() {
            return Ok(());
        }
        let of_top = top.aws_profile().map(|profile| &profile.value);
        let named = self.flags.profile.as_ref();
        let named = named.or(of_top).filter(|_| self.flags.via.is_none());
        let files = app.aws_files()?;
        let profile = named.and_then(|name| files.profile(name));
        // Only a user with keys of its own has a device.
        let profile = profile.filter(|own| matches!(StaticKeys::of(own), Ok(Some(_))));
        let serial = profile.and_then(|profile| profile.get("mfa_serial"));
        let device = serial
            .as_ref()
            .and_then(|serial| serial.text().trim().parse().ok());
        if let (Some(serial), Some(device)) = (serial, device) {
            app.printer.note(&format!(
                "MFA device {device}, from {} (--no-mfa: none)",
                serial.snippet().place()
            ));
            self.device = Device::Is(device);
        }
        Ok(())
    }

    /// As it is written into the file `top`.
    ///
    /// # Errors
    /// It lacks something.
    pub(super) fn written(self, top: &Config) -> Result<NewRole> {
        let device = match &self.device {
            Device::Is(device) => Some(device.clone()),
            Device::None => None,
            Device::Unsaid => self.device_of_top(top).cloned(),
        };
        let incomplete = || Error::new(Kind::Usage, "the role is incomplete");
        let mut flags = self.flags;
        if flags.profile.is_none() && flags.via.is_none() {
            flags.profile = top.aws_profile().map(|profile| profile.value.clone());
        }
        flags.mfa_arn = device;
        let mut members: Vec<(&'static str, Value)> = Vec::new();
        for (key, value) in [("aws_profile", &flags.profile), ("via", &flags.via)] {
            members.extend(value.as_ref().map(|value| (key, json!(value))));
        }
        match flags.aws_role.as_ref().ok_or_else(incomplete)? {
            Named::Arn(arn) => members.push(("aws_role", json!(arn.to_string()))),
            Named::Name(name) => {
                let account = flags.account.as_ref().ok_or_else(incomplete)?;
                members.push(("aws_account", json!(account.as_str())));
                members.push(("aws_role", json!(name)));
            }
        }
        members.extend(flags.rest());
        let name = self.name.ok_or_else(incomplete)?;
        Ok(NewRole { name, members }.beside(top))
    }
}

/// Whether there are a profile and a role of the names that are given.
///
/// # Errors
/// There is none.
pub(crate) fn check_names(app: &App<'_>, flags: &Flags) -> Result<()> {
    if let Some(profile) = &flags.profile {
        check_profile(app, profile)?;
    }
    if let Some(via) = &flags.via {
        let names = app.config()?.role_names();
        if !names.contains(via) {
            let names = names.iter().map(String::as_str);
            return Err(
                unknown("role", via, names).hint("name another role of the same file: --via ROLE")
            );
        }
    }
    Ok(())
}

/// Whether a role may be called so.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    match name {
        "" => Err("a role needs a name".to_owned()),
        _ if name.chars().any(char::is_control) => {
            Err("a name is one line of text, without control characters".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether there is a profile of that name.
pub(super) fn check_profile(app: &App<'_>, name: &str) -> Result<()> {
    let files = app.aws_files()?;
    if files.profile(name).is_some() {
        return Ok(());
    }
    let names = files.profile_names();
    let error = unknown("profile", name, names.iter().map(|name| &**name));
    Err(error.hint(format!("create it: aws configure --profile {name}")))
}
