//! IAM account access manager: the IAM roles that a user of IAM Identity Center is
//! entitled to.
//!
//! No official client has it; shapes and hosts are those of botocore's model
//! (`account-access-runtime`, 2018-05-10): REST with JSON, a bearer token.

use assumerole_core::aws::ids::{AccountId, RoleArn};
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::ManagedAccess;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::call::CallError;
use crate::connection::{Connection, Now};
use crate::endpoint::dual_stack_domain;
use crate::granted::{Granted, LONGEST, incomplete, whole};
use crate::rest::{RestCall, with_query};

/// Roles a page, and pages that are read at most.
const PAGE: &str = "100";
const MOST_PAGES: usize = 1000;

/// A role that somebody is entitled to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitledRole {
    /// The account's name, if AWS knows it; any text.
    pub account_name: String,
    /// The role.
    pub arn: RoleArn,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessDetails {
    account_id: String,
    account_name: Option<String>,
    role_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RolesPage {
    roles: Vec<AccessDetails>,
    next_token: Option<String>,
}

/// The roles of `tenant` that the holder of `token` is entitled to.
///
/// # Errors
/// AWS's refusal or silence, or a role that is none.
pub fn list_roles(
    connection: &Connection,
    now: &Now,
    tenant: &str,
    token: &SecretString,
) -> Result<Vec<EntitledRole>, CallError> {
    const OPERATION: &str = "ListRoles";
    let url = host(connection);
    let mut roles = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("tenantId", tenant), ("maxResults", PAGE)];
        if let Some(next) = &next {
            query.push(("nextToken", next));
        }
        let call = get(OPERATION, with_query("/access", &query), &url);
        let page: RolesPage = call.with_token(connection, token, now)?.value;
        for one in page.roles {
            let arn: RoleArn = one
                .role_arn
                .parse()
                .map_err(|_| incomplete(OPERATION, "an ARN that is no role's"))?;
            let account = one.account_id.parse::<AccountId>();
            if account.is_ok_and(|account| account == arn.account) {
                roles.push(EntitledRole {
                    account_name: one.account_name.unwrap_or_default(),
                    arn,
                });
            }
        }
        next = page.next_token.filter(|next| !next.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(roles)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsAnswer {
    credentials_details: Option<CredentialsDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsDetails {
    programmatic_access: Option<ProgrammaticAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProgrammaticAccess {
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: SecretString,
    /// Seconds since 1970.
    expires_at: f64,
}

/// The credentials of the role `access`, for the holder of `token`.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_role_credentials(
    connection: &Connection,
    now: &Now,
    access: &ManagedAccess,
    token: &SecretString,
) -> Result<Granted, CallError> {
    const OPERATION: &str = "GetRoleCredentials";
    let arn = access.arn.value.to_string();
    let duration = access.duration.as_ref().map(|it| it.value);
    let seconds = duration.map(|seconds| seconds.to_string());
    let mut query = vec![
        ("tenantId", access.tenant.value.as_str()),
        ("roleArn", &arn),
        ("accessType", "PROGRAMMATIC_ACCESS"),
    ];
    if let Some(name) = &access.session_name {
        query.push(("sessionName", name.value.as_str()));
    }
    if let Some(seconds) = &seconds {
        query.push(("sessionDuration", seconds));
    }
    let url = host(connection);
    let call = get(OPERATION, with_query("/access/credentials", &query), &url);
    let answer = call.with_token::<CredentialsAnswer>(connection, token, now)?;
    let life = answer.life(duration.unwrap_or(LONGEST));
    let details = answer.value.credentials_details;
    let given = details.and_then(|details| details.programmatic_access);
    let given = given.ok_or_else(|| incomplete(OPERATION, "no credentials"))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number of seconds; what is no time is refused below"
    )]
    let expires = given.expires_at.floor() as i64;
    Ok(Granted {
        credentials: whole(
            OPERATION,
            &given.access_key_id,
            given.secret_access_key.expose_secret(),
            given.session_token.expose_secret(),
            life.end(OPERATION, expires)?,
        )?,
        skew: answer.skew,
    })
}

fn get<'a>(operation: &'static str, path: String, url: &'a str) -> RestCall<'a> {
    RestCall {
        service: "account-access",
        operation,
        method: "GET",
        path,
        body: String::new(),
        url,
        sent: Sent::default(),
    }
}

/// Where it is, without a slash at the end. There are no hosts without IPv6.
fn host(connection: &Connection) -> String {
    if let Some(url) = connection.endpoint_url() {
        return url.base().trim_end_matches('/').to_owned();
    }
    let region = connection.region();
    let fips = match connection.route.fips.value {
        true => "-fips",
        false => "",
    };
    let domain = dual_stack_domain(region);
    format!("https://account-access-runtime{fips}.{region}.{domain}")
}

#[cfg(test)]
mod tests {
    use assumerole_core::aws::service::Service;

    use super::*;
    use crate::connection::in_region;

    /// As botocore's rules have them.
    #[test]
    fn hosts() {
        for (region, plain) in [
            ("eu-west-1", "eu-west-1.api.aws"),
            ("us-gov-west-1", "us-gov-west-1.api.aws"),
            ("cn-north-1", "cn-north-1.api.amazonwebservices.com.cn"),
            ("eusc-de-east-1", "eusc-de-east-1.api.amazonwebservices.eu"),
        ] {
            let mut connection = in_region(Service::AccountAccess, region);
            let name = "https://account-access-runtime";
            assert_eq!(host(&connection), format!("{name}.{plain}"));
            connection.route.fips.value = true;
            assert_eq!(host(&connection), format!("{name}-fips.{plain}"));
        }
    }
}
