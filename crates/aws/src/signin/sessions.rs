//! Sessions of `aws login` as AWS knows them, and their end.
//!
//! No official client has these calls; shapes and endpoints are those of botocore's
//! model (`signin`, 2023-01-01).

use assumerole_core::Credentials;
use assumerole_core::aws::ids::Partition;
use assumerole_core::diagnostic::sent::Sent;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorize::sign_in_base;
use crate::call::CallError;
use crate::connection::{Connection, Now};
use crate::endpoint::dual_stack_domain;
use crate::granted::incomplete;
use crate::rest::RestCall;

/// Sessions a page, and pages that are read at most.
const PAGE: usize = 100;
const MOST_PAGES: usize = 100;

/// Sessions that AWS ends at once.
const AT_ONCE: usize = 5;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSession {
    /// Its ARN; any text.
    pub arn: String,
    /// `ACTIVE` or `REVOKED`, as AWS says.
    pub status: Option<String>,
    /// Which client it is of: `CLI` or `MCP`.
    pub client: Option<String>,
    /// When it began.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedSession {
    session_arn: String,
    status: Option<String>,
    client_type: Option<String>,
    issued_at: i64,
    expires_at: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    items: Vec<ListedSession>,
    next_token: Option<String>,
}

/// The sessions of whoever has `keys`, from all clients.
///
/// # Errors
/// AWS's refusal or silence.
pub fn list_sessions(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
) -> Result<Vec<SignInSession>, CallError> {
    const OPERATION: &str = "ListSessions";
    let url = control_plane(connection);
    let mut sessions = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut body = json!({"maxResults": PAGE});
        if let Some(next) = &next {
            body["nextToken"] = next.as_str().into();
        }
        let call = call(OPERATION, "/list-sessions", &body, &url);
        let page: Listed = call.signed(connection, keys, now)?.value;
        for item in page.items {
            let time = |seconds| {
                Timestamp::from_second(seconds)
                    .map_err(|_| incomplete(OPERATION, "a time that is none"))
            };
            sessions.push(SignInSession {
                issued: time(item.issued_at)?,
                expires: time(item.expires_at)?,
                arn: item.session_arn,
                status: item.status,
                client: item.client_type,
            });
        }
        next = page.next_token.filter(|next| !next.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(sessions)
}

/// A session that was not ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotRevoked {
    /// Which one.
    pub session_arn: String,
    /// AWS's words.
    pub message: String,
}

/// Ends the sessions `arns` of whoever has `keys`: they cannot be renewed any more.
/// Those that could not be ended.
///
/// # Errors
/// AWS's refusal or silence.
pub fn revoke_sessions(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    arns: &[String],
) -> Result<Vec<NotRevoked>, CallError> {
    #[derive(Deserialize)]
    struct Revoked {
        errors: Vec<NotRevoked>,
    }
    let url = control_plane(connection);
    let mut left = Vec::new();
    for arns in arns.chunks(AT_ONCE) {
        let body = json!({"sessionArns": arns});
        let call = call("BatchRevokeSessions", "/batch-revoke-sessions", &body, &url);
        let answer: Revoked = call.signed(connection, keys, now)?.value;
        left.extend(answer.errors);
    }
    Ok(left)
}

/// What [`revoke_token`] takes begins so.
const REVOCABLE: &str = "ASOR";

/// Whether [`revoke_token`] takes `token`, and is there in the region.
pub fn is_revocable(connection: &Connection, token: &SecretString) -> bool {
    // The host has no FIPS.
    token.expose_secret().starts_with(REVOCABLE) && !connection.route.fips.value
}

/// Ends the refresh token `token`, and all that came from the same sign-in.
///
/// # Errors
/// AWS's refusal or silence.
pub fn revoke_token(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    token: &SecretString,
) -> Result<(), CallError> {
    let region = connection.region();
    let is_aws = Partition::of_region(region).as_str() == "aws";
    let url = match connection.endpoint_url() {
        None if is_aws => format!("https://{region}.oauth.signin.aws"),
        _ => sign_in_base(connection)?,
    };
    let call = RestCall {
        service: "signin",
        operation: "RevokeOAuth2TokenWithIAM",
        method: "POST",
        path: "/v1/revoke?x-amz-client-auth-method=iam".to_owned(),
        body: json!({"token": token.expose_secret()}).to_string(),
        url: url.trim_end_matches('/'),
        sent: Sent::default().with(token),
    };
    call.signed::<Value>(connection, keys, now).map(drop)
}

fn call<'a>(operation: &'static str, path: &str, body: &Value, url: &'a str) -> RestCall<'a> {
    RestCall {
        service: "signin",
        operation,
        method: "POST",
        path: path.to_owned(),
        body: body.to_string(),
        url,
        sent: Sent::default(),
    }
}

/// Where sessions are managed, without a slash at the end.
fn control_plane(connection: &Connection) -> String {
    match connection.endpoint_url() {
        Some(url) => url.base().trim_end_matches('/').to_owned(),
        None => {
            let region = connection.region();
            format!("https://signin.{region}.{}", dual_stack_domain(region))
        }
    }
}

#[cfg(test)]
mod tests {
    use assumerole_core::aws::service::Service;

    use super::*;
    use crate::connection::in_region;

    /// As botocore's rules have them.
    #[test]
    fn hosts() {
        for (region, host) in [
            ("eu-west-1", "signin.eu-west-1.api.aws"),
            ("us-gov-west-1", "signin.us-gov-west-1.api.aws"),
            (
                "cn-north-1",
                "signin.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (
                "eusc-de-east-1",
                "signin.eusc-de-east-1.api.amazonwebservices.eu",
            ),
        ] {
            let connection = in_region(Service::Signin, region);
            assert_eq!(control_plane(&connection), format!("https://{host}"));
        }
    }
}
