//! Where a permission set of IAM Identity Center comes from: the profile, and
//! the `[sso-session]` that it names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::aws::service::Service;
use crate::aws_config::assigned::{ROLE_ARN, TENANT};
use crate::aws_config::{AwsFiles, FileKind, Profile, Property, SectionSettings, Value};
use crate::config::AccessManager;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};
use crate::plan::settings::RunSettings;

use super::Route;
use super::chain::once;
use super::hop::parsed;
use super::route::parsed_region;
use super::source::{AccessTenant, ManagedAccess, Source, SourceKind, Sso, SsoPortal};
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
        let routed = Routed {
            files: self.inputs.aws,
            reached_by: self.reached_by,
            settings: self.inputs.settings,
        };
        let named = named.as_ref().map(text);
        let access = named
            .as_ref()
            .and_then(|named| self.inputs.config.access_manager_of(&named.value));
        let access = access.map(|access| &access.value);
        let at = routed.portal(named, settings, &start, &region, access)?;
        let managed = self.managed(&at)?;
        Ok(self.source(SourceKind::Sso(Box::new(Sso {
            at,
            account: parsed(self.profile, &account)?,
            role: text(&role),
            access: managed,
        }))))
    }

    /// What account access manager is asked for at `at`, if the profile is one of its
    /// roles: such profiles stand in no file.
    fn managed(&self, at: &SsoPortal) -> Result<Option<Box<ManagedAccess>>> {
        let said = (self.said(TENANT)?, self.said(ROLE_ARN)?);
        let ((Some(tenant), Some(arn)), Some(access)) = (said, &at.access) else {
            return Ok(None);
        };
        Ok(Some(Box::new(ManagedAccess {
            tenant: text(&tenant),
            arn: parsed(self.profile, &arn)?,
            session_name: None,
            duration: None,
            route: access.route.clone(),
        })))
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

fn text(value: &Value<'_>) -> Sourced<String> {
    Sourced::new(value.text().trim().to_owned(), at(value))
}

/// How AWS is reached.
struct Routed<'r> {
    files: &'r AwsFiles,
    reached_by: &'r Profile<'r>,
    settings: &'r RunSettings,
}

impl Routed<'_> {
    /// The portal at the URL `start` in `region`, of which `said` says the rest.
    fn portal(
        &self,
        session: Option<Sourced<String>>,
        said: &SectionSettings<'_>,
        start: &Value<'_>,
        region: &Value<'_>,
        access: Option<&AccessManager>,
    ) -> Result<SsoPortal> {
        let region = parsed_region(said, region)?;
        let route = |service| {
            let region = region.clone();
            Route::resolve(self.files, self.reached_by, self.settings, service, region)
        };
        let scopes = said.get("sso_registration_scopes");
        let scopes = scopes.as_ref().map_or("", Value::text).split(',');
        Ok(SsoPortal {
            session,
            start_url: text(start),
            scopes: scopes
                .map(|scope| scope.trim().to_owned())
                .filter(|scope| !scope.is_empty())
                .collect(),
            access: match access {
                Some(access) => Some(Box::new(AccessTenant {
                    id: access.tenant.clone(),
                    route: route(Service::AccountAccess)?,
                })),
                None => None,
            },
            portal: route(Service::Sso)?,
            oidc: route(Service::SsoOidc)?,
        })
    }
}

/// The portal of the `[sso-session]` called `name`, reached as the first profile
/// that names it is; where none does, as the default profile.
///
/// # Errors
/// There is no such session, or it lacks something.
pub fn sso_session(
    files: &AwsFiles,
    settings: &RunSettings,
    access: Option<&AccessManager>,
    name: &str,
) -> Result<SsoPortal> {
    const COMPLETE: &str = "complete it: aws configure sso-session";
    let Some(session) = files.sso_session(name) else {
        let message = format!("there is no sso-session {name:?} in ~/.aws/config");
        let names = files.sso_session_names();
        let near = nearest(name, names.iter().map(AsRef::as_ref), 3);
        let error = Error::new(Kind::UnknownName, message).lacking();
        return Err(match near.as_slice() {
            [] => {
                error.hint("create it: assumerole sso login NAME --start-url URL --region REGION")
            }
            near => error.suggest(near),
        });
    };
    let session = match session.is_repeated() {
        true => session,
        false => once(session, "sso-session")?,
    };
    let part = |key: &str| ways::said(&session, session.property(key));
    let (start, region) = match (part("sso_start_url")?, part("sso_region")?) {
        (Some(start), Some(region)) => (start, region),
        (start, region) => {
            let both = [("sso_start_url", start), ("sso_region", region)];
            let lacking = both.iter().filter(|(_, value)| value.is_none());
            let lacking: Vec<&str> = lacking.map(|(key, _)| *key).collect();
            let message = format!("the sso-session {name} has no {}", lacking.join(" and no "));
            let place = session.sections().next().map(|section| section.snippet());
            let error = Error::new(Kind::Config, message).lacking().maybe_at(place);
            return Err(error.hint(COMPLETE));
        }
    };
    let reached_by = files.profile_of_session(name);
    let header = session
        .sections()
        .next()
        .map(|section| section.header_span());
    let routed = Routed {
        files,
        reached_by: reached_by.as_ref().unwrap_or(&session),
        settings,
    };
    let from = header.map_or(Origin::Default, |header| {
        Origin::Aws(FileKind::Config, header)
    });
    let named = Sourced::new(name.to_owned(), from);
    routed.portal(Some(named), &session, &start, &region, access)
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
