//! A role that is being put together.

use assumerole_core::config::NewRole;
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

/// A role, as far as it is known.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) via: Option<String>,
    pub(super) account: Option<AccountId>,
    pub(super) role: Option<Named>,
    pub(super) mfa_arn: Option<MfaDevice>,
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
            region,
            duration,
            external_id,
            session_name,
            description,
            dry_run: _,
            new_name,
        } = args;
        Self {
            name: new_name,
            profile,
            via,
            account,
            role: aws_role,
            mfa_arn,
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

    /// The arguments that a whole role lacks.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let by_arn = matches!(self.role, Some(Named::Arn(_)));
        [
            ("NAME", self.name.is_some()),
            ("--profile", self.profile.is_some() || self.via.is_some()),
            ("--role", self.role.is_some()),
            ("--account", self.account.is_some() || by_arn),
        ]
        .into_iter()
        .filter_map(|(flag, given)| (!given).then_some(flag))
        .collect()
    }

    /// As it is written.
    ///
    /// # Errors
    /// It lacks something.
    pub(super) fn written(self) -> Result<NewRole> {
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
        put("aws_mfa_arn", self.mfa_arn.map(|mfa| json!(mfa.as_str())));
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
        Ok(NewRole { name, members })
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
