//! A role that is being put together.

use assumerole_core::config::{Config, NewRole};
use assumerole_core::ids::{
    AccountId, ExternalId, Invalid, MfaDevice, Partition, Region, RoleArn, SessionName,
};
use assumerole_core::{Error, Kind, Result};
use serde_json::{Value, json};

use super::{Args, unknown};
use crate::app::App;
use crate::role_file;

/// How the role was named.
#[derive(Clone, Debug)]
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
    pub(super) profile: Option<String>,
    pub(super) via: Option<String>,
    pub(super) account: Option<AccountId>,
    pub(super) role: Option<Named>,
    pub(super) device: Device,
    pub(super) region: Option<Region>,
    duration: Option<u32>,
    external_id: Option<ExternalId>,
    session_name: Option<SessionName>,
    description: Option<String>,
}

impl Draft {
    pub(super) fn of(args: Args) -> Self {
        let Args {
            profile,
            via,
            account,
            aws_role,
            mfa_arn,
            no_mfa,
            region,
            duration,
            external_id,
            session_name,
            description,
            dry_run: _,
            new_name,
        } = args;
        let device = match (mfa_arn, no_mfa) {
            (Some(device), _) => Device::Is(device),
            (None, true) => Device::None,
            (None, false) => Device::Unsaid,
        };
        Self {
            name: new_name,
            profile,
            via,
            account,
            role: aws_role,
            device,
            region,
            duration,
            external_id,
            session_name,
            description,
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
        if let Some(profile) = &self.profile {
            check_profile(app, profile)?;
        }
        if let Some(via) = &self.via {
            let names = app.config()?.role_names()?;
            if !names.contains(via) {
                let names = names.iter().map(String::as_str);
                return Err(
                    unknown("role", via, names).hint("--via names another role of the same file")
                );
            }
        }
        match (&self.role, &self.account) {
            (Some(Named::Arn(arn)), Some(account)) if arn.account != *account => {
                let message = format!(
                    "--role is in account {}, --account says {account}",
                    arn.account
                );
                Err(Error::new(Kind::Usage, message)
                    .hint("leave out --account: the ARN has the account"))
            }
            _ => Ok(()),
        }
    }

    /// The arguments that a whole role lacks in the file `top`.
    pub(super) fn missing(&self, top: &Config) -> Vec<&'static str> {
        let by_arn = matches!(self.role, Some(Named::Arn(_)));
        let profile = self.profile.is_some() || self.via.is_some() || top.aws_profile().is_some();
        [
            ("NAME", self.name.is_some()),
            ("--profile", profile),
            ("--role", self.role.is_some()),
            ("--account", self.account.is_some() || by_arn),
        ]
        .into_iter()
        .filter_map(|(flag, given)| (!given).then_some(flag))
        .collect()
    }

    /// The device that the file `top` has for a role with the profile of this
    /// one.
    pub(super) fn device_of_top<'t>(&self, top: &'t Config) -> Option<&'t MfaDevice> {
        let profile = &top.aws_profile()?.value;
        let takes = self.via.is_none() && self.profile.as_ref().is_none_or(|own| own == profile);
        takes.then(|| top.aws_mfa_arn().map(|device| &device.value))?
    }

    /// As it is written into the file `top`.
    ///
    /// # Errors
    /// It lacks something.
    pub(super) fn written(mut self, top: &Config) -> Result<NewRole> {
        let device = match &self.device {
            Device::Is(device) => Some(device.clone()),
            Device::None => None,
            Device::Unsaid => self.device_of_top(top).cloned(),
        };
        if self.profile.is_none() && self.via.is_none() {
            self.profile = top.aws_profile().map(|profile| profile.value.clone());
        }
        let incomplete = || Error::new(Kind::Usage, "the role is not complete");
        let mut members: Vec<(&'static str, Value)> = Vec::new();
        let mut put = |key, value: Option<Value>| members.extend(value.map(|value| (key, value)));
        put("aws_profile", self.profile.map(Value::from));
        put("via", self.via.map(Value::from));
        match self.role.ok_or_else(incomplete)? {
            Named::Arn(arn) => put("aws_role", Some(json!(arn.to_string()))),
            Named::Name(name) => {
                let account = self.account.ok_or_else(incomplete)?;
                put("aws_account", Some(json!(account.as_str())));
                put("aws_role", Some(json!(name)));
            }
        }
        put("aws_mfa_arn", device.map(|mfa| json!(mfa.as_str())));
        put(
            "aws_region",
            self.region.map(|region| json!(region.as_str())),
        );
        put("max_session_duration", self.duration.map(Value::from));
        put("external_id", self.external_id.map(|id| json!(id.as_str())));
        put(
            "session_name",
            self.session_name.map(|name| json!(name.as_str())),
        );
        put("description", self.description.map(Value::from));
        let name = self.name.ok_or_else(incomplete)?;
        Ok(NewRole { name, members }.beside(top))
    }
}

/// Whether a role may be called so.
pub(super) fn check_name(name: &str) -> Result<(), String> {
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
    Err(error.hint(format!("make it: aws configure --profile {name}")))
}
