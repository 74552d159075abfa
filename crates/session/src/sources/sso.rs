//! A role of IAM Identity Center, by the token of a login.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>

use assumerole_aws::{Reason, sso};
use assumerole_core::Result;
use assumerole_core::plan::{Sso, Whose};
use secrecy::SecretString;

use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::made::Made;
use crate::signin::{AccessToken, SsoLogin, managed_credentials};

/// The role of `sso`, by the login `held`, where it was read already.
///
/// # Errors
/// There is no login or it has ended ([`assumerole_core::Kind::LoginNeeded`]), or
/// AWS's refusal or silence.
pub(super) fn credentials(
    context: &Context<'_>,
    profile: &str,
    sso: &Sso,
    held: Option<AccessToken>,
) -> Result<Made> {
    let login = login(context, profile, sso)?;
    if let Some(access) = &sso.access {
        let (granted, token) = managed_credentials(&login, access, held)?;
        return Ok(Made {
            whose: Some(Whose::Caller(token.caller())),
            ..granted.into()
        });
    }
    let connection = connect(&sso.at.portal, context.settings, context.host)?;
    let what = format!(
        "GetRoleCredentials {}@{}",
        sso.role.value, sso.account.value
    );
    let ask = |access: &SecretString| {
        context.traced(&what, &connection, || {
            sso::get_role_credentials(&connection, &aws_clock(context.host), sso, access)
        })
    };
    let held = held.map_or_else(|| login.read(), Ok)?;
    let mut token = login.good(held)?;
    let mut result = ask(token.secret());
    // Ended earlier than the file says: revoked, or our clock is behind.
    if let Err(error) = &result
        && error.reason() == Some(Reason::LoggedOut)
        && let Ok(Some(renewed)) = login.renew(token.secret(), true)
    {
        result = ask(renewed.secret());
        token = renewed;
    }
    let granted = result.map_err(|error| {
        let account = sso.account.value.to_string();
        let role = (account, sso.role.value.clone());
        error.explain(&login.asked(&sso.at.portal, Some(role)))
    })?;
    Ok(Made {
        whose: Some(Whose::Caller(token.caller())),
        ..granted.into()
    })
}

/// The login as it is, ended or not.
///
/// # Errors
/// There is none.
pub(super) fn held(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<AccessToken> {
    login(context, profile, sso)?.read()
}

/// The file of the login.
///
/// # Errors
/// The home folder is not known.
pub(super) fn place(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<String> {
    Ok(login(context, profile, sso)?.place())
}

/// The login `held`, renewed if it must be.
///
/// # Errors
/// It has ended, and cannot be renewed.
pub(super) fn renewed(
    context: &Context<'_>,
    profile: &str,
    sso: &Sso,
    held: AccessToken,
) -> Result<AccessToken> {
    login(context, profile, sso)?.good(held)
}

/// Whether there is a login, and until when.
///
/// # Errors
/// There is none, or it has ended.
pub(super) fn look(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<String> {
    login(context, profile, sso)?.look()
}

fn login<'l>(context: &'l Context<'l>, profile: &'l str, sso: &'l Sso) -> Result<SsoLogin<'l>> {
    SsoLogin::of(context, &sso.at, Some(profile))
}
