//! The runtime of IAM account access manager, as botocore's model has it
//! (`account-access-runtime`, 2018-05-10).

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::arn::Arn;
use crate::fault::Trouble;
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::{IdentityCenter, Role, SsoUser, World};

/// Who has to be trusted by a role that is handed out.
const PRINCIPAL: &str = "account-access.amazonaws.com";

/// What a token has to be for.
const READ: &str = "account_access:read_only";
const ASSUME: &str = "account_access:assume";

/// How many roles a page has.
const PAGE: usize = 100;

/// The service.
pub(super) struct AccountAccess;

impl Service for AccountAccess {
    fn name(&self) -> &'static str {
        "account-access"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            ("GET", "/access") => "ListRoles",
            ("GET", "/access/credentials") => "GetRoleCredentials",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let header = request.wire.header("authorization").unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        let holder = state.sso.holder(&state.world, token, request.now);
        let (center, user) = holder.ok_or_else(unauthorized)?;
        let needed = match request.action {
            "ListRoles" => READ,
            _ => ASSUME,
        };
        if !state.sso.is_for(token, needed) {
            return Err(unauthorized());
        }
        let tenant = request.params.get("tenantId").unwrap_or_default();
        if center.tenant.as_deref() != Some(tenant) {
            return Err(wrong("The tenant ID is invalid"));
        }
        if let Some(most) = center.requests_a_second
            && !state.sso.admits(&center.start_url, most, request.now)
        {
            return Err(self.trouble(Trouble::Throttled));
        }
        let who = user.name.clone();
        let answer = match request.action {
            "ListRoles" => roles(request, center, user)?,
            _ => {
                let (principal, seconds) = session(&state.world, request, user)?;
                let facts = Facts::default();
                let given = state.give(principal, facts, seconds, request.now, request.fault);
                json!({"credentialsDetails": {"programmaticAccess": {
                    "accessKeyId": given.access_key_id,
                    "secretAccessKey": given.secret,
                    "sessionToken": given.token,
                    "expiresAt": given.expires.as_second(),
                }}})
            }
        };
        Ok(rest::answer(&answer).given_to(who))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::error(refusal, "", &json!({"message": refusal.message}))
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Internal => {
                Refusal::new(500, "InternalServerException", "Internal server error")
            }
            other => rest::trouble(other),
        }
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(
        401,
        "UnauthorizedException",
        "The bearer token is not valid",
    )
}

fn wrong(message: &str) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

fn roles(request: &Request<'_>, center: &IdentityCenter, user: &SsoUser) -> Result<Value, Refusal> {
    let number = |name: &str, default: usize| {
        let text = request.params.get(name);
        let number = text.map_or(Some(default), |text| text.parse().ok());
        number.ok_or_else(|| wrong(&format!("{name} is invalid")))
    };
    let (from, most) = (number("nextToken", 0)?, number("maxResults", PAGE)?);
    if !(1..=PAGE).contains(&most) {
        return Err(wrong("maxResults is invalid"));
    }
    let shown = user.entitlements.iter().skip(from).take(most);
    let shown = shown.map(|arn| {
        let account = Arn::parse(arn).map_or("", |arn| arn.account);
        let mut one = json!({"accountId": account, "roleArn": arn});
        let name = center.accounts.iter().find(|it| it.id == account);
        if let Some(name) = name {
            one["accountName"] = name.name.as_str().into();
        }
        one
    });
    let shown: Vec<Value> = shown.collect();
    let mut answer = json!({"roles": shown});
    if user.entitlements.len() > from + most {
        answer["nextToken"] = (from + most).to_string().into();
    }
    Ok(answer)
}

/// The session that is asked for, and how long it lasts.
fn session(
    world: &World,
    request: &Request<'_>,
    user: &SsoUser,
) -> Result<(Principal, i64), Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    if value("accessType") != "PROGRAMMATIC_ACCESS" {
        return Err(wrong("accessType is invalid"));
    }
    let arn = value("roleArn");
    let trusts = |role: &&Role| role.trust.principals.iter().any(|it| it == PRINCIPAL);
    let mut roles = world.roles.iter();
    let role = roles.find(|role| role.arn == arn).filter(trusts);
    let entitled = user.entitlements.iter().any(|it| it == arn);
    let role = role.filter(|_| entitled).ok_or_else(|| {
        let message = "You are not authorized to assume this role";
        Refusal::new(403, "AccessDeniedException", message)
    })?;
    let name = request.params.get("sessionName").unwrap_or(&user.name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if !(2..=64).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(wrong("sessionName is invalid"));
    }
    let seconds = match request.params.get("sessionDuration") {
        None => Some(3600.min(i64::from(role.max_session_duration))),
        Some(text) => text.parse().ok(),
    };
    let most = i64::from(role.max_session_duration);
    let seconds = seconds.filter(|seconds| (900..=most).contains(seconds));
    let seconds = seconds.ok_or_else(|| wrong("sessionDuration is invalid"))?;
    let principal = Principal::session_of(&world.partition, &role.arn, name);
    Ok((principal, seconds))
}
