//! Where a permission set of IAM Identity Center comes from: the profile, and
//! the `[sso-session]` that it names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::aws::service::Service;
use crate::aws_config::{AwsFiles, Profile, Property, SectionSettings, Value};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Sourced, at};

use super::Route;
use super::chain::once;
use super::hop::parsed;
use super::route::parsed_region;
use super::source::{Source, SourceKind, Sso};
use super::sourcing::{Sourcing, lacks};
use super::ways::{self, half};

impl<'a> Sourcing<'a> {
    /// The permission set that the profile names: `account`, `role`.
    ///
    /// # Errors
    /// A part is missing, or the session is not as the profile says.
    pub(super) fn sso(
        &self,
        account: Option<Value<'a>>,
        role: Option<Value<'a>>,
    ) -> Result<Source> {
        let name = self.profile.name();
        let named = self.said("sso_session")?;
        let session = named.as_ref().map(|named| self.sso_session(named));
        let session = session.transpose()?;
        // Where the profile has one of the two, the AWS CLI takes the other one from
        // the session as well.
        let of_session = |key: &str| match &session {
            Some(session) => ways::said(session, session.property(key)),
            None => Ok(None),
        };
        let (account, role) = match (account, role) {
            (Some(account), None) => (Some(account), of_session("sso_role_name")?),
            (None, Some(role)) => (of_session("sso_account_id")?, Some(role)),
            both => both,
        };
        let (account, role) = match (account, role) {
            (Some(account), Some(role)) => (account, role),
            (has, other) => {
                let missing = match &has {
                    None => "sso_account_id",
                    Some(_) => "sso_role_name",
                };
                return Err(match has.or(other) {
                    None => lacks(self.profile, missing),
                    Some(has) => half(self.profile, &has, &[missing]).hint(format!(
                        "choose account and role: aws configure sso --profile {name}"
                    )),
                });
            }
        };
        // The section's own profile holds what both have.
        let settings = session.as_ref().unwrap_or(self.profile);
        let part = |key: &str| ways::said(settings, settings.property(key));
        let (start, region) = match (part("sso_start_url")?, part("sso_region")?) {
            (Some(start), Some(region)) => (start, region),
            (start, region) => {
                let missing: Vec<&str> = [("sso_start_url", &start), ("sso_region", &region)]
                    .iter()
                    .filter(|(_, value)| value.is_none())
                    .map(|(key, _)| *key)
                    .collect();
                let error = match &named {
                    None => half(self.profile, &account, &missing),
                    Some(named) => lacks_in_session(settings, named, &missing),
                };
                return Err(error.hint(format!("complete it: aws configure sso --profile {name}")));
            }
        };
        let region = parsed_region(settings, &region)?;
        let route = |service| {
            Route::resolve(
                self.inputs.aws,
                self.reached_by,
                self.inputs.settings,
                service,
                region.clone(),
            )
        };
        let text = |value: &Value<'_>| Sourced::new(value.text().trim().to_owned(), at(value));
        Ok(self.source(SourceKind::Sso(Box::new(Sso {
            session: named.as_ref().map(text),
            start_url: text(&start),
            account: parsed(self.profile, &account)?,
            role: text(&role),
            portal: route(Service::Sso)?,
            oidc: route(Service::SsoOidc)?,
        }))))
    }

    /// The section that `named` names. What the profile says of the session
    /// itself must be what the section says.
    fn sso_session(&self, named: &Value<'_>) -> Result<SectionSettings<'a>> {
        let name = self.profile.name();
        let wanted = named.text().trim();
        let session = section(self.inputs.aws, self.profile, named)?;
        for key in session.keys() {
            let (Some(own), Some(its)) = (self.profile.property(&key), session.property(&key))
            else {
                continue;
            };
            if content(&own) != content(&its) {
                let message = format!("{key} of profile {name} is not that of its sso-session");
                return Err(Error::new(Kind::Config, message)
                    .at(own.snippet())
                    .because(format!(
                        "the sso-session {wanted} has another one at {}",
                        its.snippet().place()
                    ))
                    .hint(format!(
                        "remove {key} from the profile, or make the two equal"
                    )));
            }
        }
        Ok(session)
    }
}

/// What `property` says: its value, or its sub-keys with theirs.
fn content<'a>(property: &Property<'a>) -> (Option<Cow<'a, str>>, BTreeMap<&'a str, Cow<'a, str>>) {
    let nested = property.nested().into_iter();
    (
        property.value().map(Value::into_text),
        nested.map(|sub| (sub.key, sub.value.into_text())).collect(),
    )
}

/// The section that `named`, of `profile`, names.
fn section<'a>(
    files: &'a AwsFiles,
    profile: &Profile<'_>,
    named: &Value<'_>,
) -> Result<SectionSettings<'a>> {
    let wanted = named.text().trim();
    let session = files.sso_session(wanted).ok_or_else(|| {
        let name = profile.name();
        let message = format!("profile {name} uses the sso-session {wanted}, which does not exist");
        Error::new(Kind::UnknownName, message)
            .lacking()
            .at(named.snippet())
            .hint("create it: aws configure sso-session")
    })?;
    match session.is_repeated() {
        // Tools append it once more for each profile.
        true => Ok(session),
        false => once(session, "sso-session"),
    }
}

/// Whether the session that `profile` names, if it does, is there and whole.
/// The AWS CLI makes no request with a profile of which that is not so, wherever
/// its credentials come from.
///
/// # Errors
/// It is not.
pub(super) fn check_session(files: &AwsFiles, profile: &Profile<'_>) -> Result<()> {
    let Some(named) = ways::said(profile, profile.property("sso_session"))? else {
        return Ok(());
    };
    let session = section(files, profile, &named)?;
    let missing: Vec<&str> = ["sso_start_url", "sso_region"]
        .into_iter()
        .filter(|key| session.property(key).is_none())
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(lacks_in_session(&session, &named, &missing).hint(format!(
            "complete it: aws configure sso --profile {}",
            profile.name()
        ))),
    }
}

/// Whether the session that `profile` names, if it names one that is there, is
/// written once. The AWS CLI refuses a file with two sections of one name,
/// whoever uses it.
///
/// # Errors
/// It is written twice, in two ways.
pub(super) fn check_written_once(files: &AwsFiles, profile: &Profile<'_>) -> Result<()> {
    let Ok(Some(named)) = ways::said(profile, profile.property("sso_session")) else {
        return Ok(());
    };
    match files.sso_session(named.text().trim()) {
        Some(_) => section(files, profile, &named).map(drop),
        None => Ok(()),
    }
}

fn lacks_in_session(session: &SectionSettings<'_>, named: &Value<'_>, missing: &[&str]) -> Error {
    let message = format!(
        "the sso-session {} has no {}",
        session.name(),
        missing.join(" and no ")
    );
    let section = session.sections().next();
    Error::new(Kind::Config, message)
        .lacking()
        .maybe_at(section.map(|section| section.snippet()))
        .because(format!("it is used at {}", named.snippet().place()))
}
