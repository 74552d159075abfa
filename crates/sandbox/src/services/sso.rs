//! The access portal of IAM Identity Center:
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/welcome.html>

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::fault::Trouble;
use crate::memory::sso::ACCOUNTS;
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::{IdentityCenter, SsoUser};

const NAMESPACE: &str = ":http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/";

/// The access portal.
pub(super) struct Sso;

impl Service for Sso {
    fn name(&self) -> &'static str {
        "sso"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            ("GET", "/federation/credentials") => "GetRoleCredentials",
            ("GET", "/assignment/accounts") => "ListAccounts",
            ("GET", "/assignment/roles") => "ListAccountRoles",
            ("POST", "/logout") => "Logout",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let token = request.wire.header("x-amz-sso_bearer_token");
        let token = token.unwrap_or_default();
        let (center, user) = state
            .sso
            .holder(&state.world, token, request.now)
            .ok_or_else(|| {
                Refusal::new(
                    401,
                    "UnauthorizedException",
                    "Session token not found or invalid",
                )
            })?;
        if !state.sso.is_for(token, ACCOUNTS) {
            return Err(no_access());
        }
        let who = user.name.clone();
        if let Some(most) = center.requests_a_second
            && !state.sso.admits(&center.start_url, most, request.now)
        {
            return Err(self.trouble(Trouble::Throttled));
        }
        let answer = match request.action {
            "ListAccounts" => accounts(request, center, user)?,
            "ListAccountRoles" => roles(request, user)?,
            "Logout" => {
                state.sso.end(&state.world, token);
                return Ok(Body::new("application/json", "").given_to(who));
            }
            _ => {
                let (principal, seconds) = role(state, request, center, user)?;
                let facts = Facts::default();
                let given = state.give(principal, facts, seconds, request.now, request.fault);
                json!({"roleCredentials": {
                    "accessKeyId": given.access_key_id,
                    "secretAccessKey": given.secret,
                    "sessionToken": given.token,
                    "expiration": given.expires.as_millisecond(),
                }})
            }
        };
        Ok(rest::answer(&answer).given_to(who))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let kind = format!("com.amazonaws.switchboard.portal#{}", refusal.code);
        let value = json!({"message": refusal.message, "__type": kind});
        rest::error(refusal, NAMESPACE, &value)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(429, "TooManyRequestsException", "Rate exceeded"),
            Trouble::Internal => Refusal::new(500, "InternalFailure", "Internal error"),
            Trouble::Unavailable => Refusal::new(
                503,
                "ServiceUnavailableException",
                "Service is unable to handle request.",
            ),
        }
    }
}

fn wrong(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidRequestException", message)
}

fn no_access() -> Refusal {
    Refusal::new(403, "ForbiddenException", "No access")
}

fn required<'a>(request: &Request<'a>, name: &str) -> Result<&'a str, Refusal> {
    let value = request.params.get(name).filter(|value| !value.is_empty());
    value.ok_or_else(|| wrong(format!("{name} is missing")))
}

/// The part of `all` that is asked for, and where the next one begins.
fn page(request: &Request<'_>, all: Vec<Value>, list: &str) -> Result<Value, Refusal> {
    let number = |name: &str| {
        let text = request.params.get(name);
        text.map(|text| {
            text.parse::<usize>()
                .map_err(|_| wrong(format!("{name} is invalid")))
        })
        .transpose()
    };
    let from = number("next_token")?.unwrap_or(0);
    let most = number("max_result")?.unwrap_or(100);
    if !(1..=100).contains(&most) {
        return Err(wrong("max_result is invalid"));
    }
    let left = all.len().saturating_sub(from);
    let next = (left > most).then(|| (from + most).to_string());
    let page: Vec<Value> = all.into_iter().skip(from).take(most).collect();
    Ok(json!({"nextToken": next, list: page}))
}

fn accounts(
    request: &Request<'_>,
    center: &IdentityCenter,
    user: &SsoUser,
) -> Result<Value, Refusal> {
    let mine = |id: &str| user.assignments.iter().any(|one| one.account == id);
    let accounts = center.accounts.iter().filter(|account| mine(&account.id));
    let shown = accounts.map(|account| {
        json!({
            "accountId": account.id,
            "accountName": account.name,
            "emailAddress": account.email,
        })
    });
    page(request, shown.collect(), "accountList")
}

fn roles(request: &Request<'_>, user: &SsoUser) -> Result<Value, Refusal> {
    let account = required(request, "account_id")?;
    let mine = user.assignments.iter().filter(|one| one.account == account);
    let shown: Vec<Value> = mine
        .map(|one| json!({"roleName": one.permission_set, "accountId": one.account}))
        .collect();
    if shown.is_empty() {
        return Err(no_access());
    }
    page(request, shown, "roleList")
}

/// The session that is asked for, and how long it lasts.
fn role(
    state: &State,
    request: &Request<'_>,
    center: &IdentityCenter,
    user: &SsoUser,
) -> Result<(Principal, i64), Refusal> {
    let name = required(request, "role_name")?;
    let account = required(request, "account_id")?;
    let set = center.granted(user, account, name).ok_or_else(no_access)?;
    let partition = &state.world.partition;
    let role_arn = center.role_arn(partition, account, &set.name);
    let principal = Principal::session_of(partition, &role_arn, &user.name);
    Ok((principal, i64::from(set.session_duration)))
}
