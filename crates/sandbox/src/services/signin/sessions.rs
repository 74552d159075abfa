//! Sessions of `aws login` as their person sees and ends them. The calls are signed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::wrong;
use crate::clock;
use crate::memory::signin::{SignInChain, SignInRecord};
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request};
use crate::state::State;

/// How long a session lasts, in seconds.
const LASTS: i64 = 12 * 3600;

/// Notes that the session of `chain` is used; it begins with its first use.
pub(super) fn note(state: &mut State, chain: &SignInChain, region: &str, now: Timestamp) {
    if state
        .signin
        .sessions
        .iter()
        .any(|it| it.first == chain.first)
    {
        return;
    }
    let mut logins = state.world.logins.iter();
    let login = logins.find(|login| login.refresh_token == chain.login);
    let principal = login.and_then(|login| state.world.principal(&login.session));
    let Some(principal) = principal else { return };
    let id = random::request_id();
    let account = principal.account();
    state.signin.sessions.push(SignInRecord {
        arn: format!("arn:aws:signin:{region}:{account}:session/{id}"),
        principal: principal.arn().to_owned(),
        account: account.to_owned(),
        first: chain.first.clone(),
        issued: now,
        revoked: false,
    });
}

/// Whether the session that began with `first` was ended.
pub(super) fn is_revoked(state: &State, first: &str) -> bool {
    let mut sessions = state.signin.sessions.iter();
    sessions.any(|it| it.first == first && it.revoked)
}

/// Does what is asked.
///
/// # Errors
/// What AWS would say.
pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let input = rest::object(request.wire).map_err(|_| wrong("The request is malformed"))?;
    let value = match request.action {
        "ListSessions" => list(state, request, &input)?,
        "GetSession" => get(state, request, &input)?,
        "BatchRevokeSessions" => revoke(state, request, &input)?,
        _ => return revoke_token(state, request, &input),
    };
    Ok(rest::answer(&value))
}

/// Whose sessions are meant: the caller's, unless another identity or the whole
/// account is named.
fn owned<'i>(
    request: &Request<'_>,
    input: &'i Map<String, Value>,
) -> Result<impl Fn(&SignInRecord) -> bool + use<'i>, Refusal> {
    let caller = &request.caller()?.principal;
    let (account, own) = (caller.account().to_owned(), caller.arn().to_owned());
    let named = input.get("principalArn").and_then(Value::as_str);
    let all = format!("arn:aws:iam::{account}:*");
    Ok(move |session: &SignInRecord| {
        session.account == account
            && match named {
                None => session.principal == own,
                Some(named) => named == all || session.principal == named,
            }
    })
}

fn shown(session: &SignInRecord) -> Value {
    json!({
        "sessionArn": session.arn,
        "principalArn": session.principal,
        "status": if session.revoked { "REVOKED" } else { "ACTIVE" },
        "clientType": "CLI",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "issuedAt": session.issued.as_second(),
        "expiresAt": clock::after(session.issued, SignedDuration::from_secs(LASTS)).as_second(),
    })
}

fn list(
    state: &State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let is_owned = owned(request, input)?;
    let most = input.get("maxResults").map_or(Some(100), Value::as_u64);
    let most = most.filter(|most| (1..=100).contains(most));
    let most = most.ok_or_else(|| wrong("maxResults is invalid"))?;
    let most = usize::try_from(most).unwrap_or(100);
    let from = input.get("nextToken").and_then(Value::as_str);
    let from = from.map_or(Ok(0), str::parse::<usize>);
    let from = from.map_err(|_| wrong("nextToken is invalid"))?;
    let status = input.get("status").and_then(Value::as_str);
    let all = state.signin.sessions.iter().filter(|it| is_owned(it));
    let all: Vec<Value> = all
        .map(shown)
        .filter(|it| status.is_none_or(|status| it["status"] == status))
        .collect();
    let next = (all.len() > from + most).then(|| (from + most).to_string());
    let page: Vec<Value> = all.into_iter().skip(from).take(most).collect();
    let mut answer = json!({"items": page});
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn get(state: &State, request: &Request<'_>, input: &Map<String, Value>) -> Result<Value, Refusal> {
    let is_owned = owned(request, input)?;
    let arn = input.get("sessionArn").and_then(Value::as_str);
    let mut sessions = state.signin.sessions.iter();
    let found = sessions.find(|it| Some(it.arn.as_str()) == arn && is_owned(it));
    found.map(shown).ok_or_else(|| {
        Refusal::new(
            404,
            "ResourceNotFoundException",
            "The session was not found",
        )
        .with("error", "RESOURCE_NOT_FOUND")
    })
}

fn revoke(
    state: &mut State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let is_owned = owned(request, input)?;
    let arns = input.get("sessionArns").and_then(Value::as_array);
    let arns = arns.filter(|arns| (1..=5).contains(&arns.len()));
    let arns = arns.ok_or_else(|| wrong("sessionArns is invalid"))?;
    let (mut revoked, mut errors) = (Vec::new(), Vec::new());
    for arn in arns {
        let mut sessions = state.signin.sessions.iter_mut();
        let found = sessions.find(|it| Some(it.arn.as_str()) == arn.as_str() && is_owned(it));
        match found {
            Some(session) => {
                session.revoked = true;
                revoked.push(json!({"sessionArn": arn}));
            }
            None => errors.push(json!({
                "sessionArn": arn,
                "code": "ResourceNotFoundException",
                "message": "The session was not found",
            })),
        }
    }
    Ok(json!({"revokedSessions": revoked, "errors": errors}))
}

fn revoke_token(
    state: &mut State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Body, Refusal> {
    let caller = request.caller()?.principal.account().to_owned();
    let token = input.get("token").and_then(Value::as_str);
    let token = token.filter(|token| token.starts_with("ASOR") && token.len() <= 12288);
    let token = token.ok_or_else(|| wrong("token is invalid"))?;
    let chain = state.signin.given.get(token).cloned();
    // RFC 7009: an unknown token is no error.
    let first = chain.map_or_else(|| token.to_owned(), |chain| chain.first);
    let mut sessions = state.signin.sessions.iter_mut();
    if let Some(session) = sessions.find(|it| it.first == first && it.account == caller) {
        session.revoked = true;
    }
    Ok(Body::new("application/json", ""))
}
