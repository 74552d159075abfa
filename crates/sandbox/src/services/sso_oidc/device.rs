//! Signing in on another device:
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::input::{client, required, wrong};
use crate::clock;
use crate::memory::sso::{Outcome, Pending};
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request};
use crate::state::State;

/// How long a person may take, in seconds.
const PATIENCE: i64 = 600;

pub(super) fn start(
    state: &mut State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Body, Refusal> {
    let (client_id, _) = client(state, request, input)?;
    let center = state.world.identity_center(required(input, "startUrl")?);
    let center = center.ok_or_else(|| wrong("Invalid start url provided"))?;
    let pending = Pending {
        client_id: client_id.to_owned(),
        start_url: center.start_url.clone(),
        expires: clock::after(request.now, SignedDuration::from_secs(PATIENCE)),
        user_code: random::user_code(),
        browser: None,
        outcome: Outcome::Waiting,
    };
    let device_code = random::opaque();
    let page = format!("{}/device", state.url(request.wire));
    let answer = rest::answer(&json!({
        "deviceCode": device_code,
        "userCode": pending.user_code,
        "verificationUri": page,
        "verificationUriComplete": format!("{page}?user_code={}", pending.user_code),
        "expiresIn": PATIENCE,
        "interval": 1,
    }));
    state.sso.pending.insert(device_code, pending);
    Ok(answer)
}

/// The page that a person approves on: opening it is enough. `user` says who
/// that is; without it, the first of the instance.
pub(super) fn approve(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let code = request.params.get("user_code").unwrap_or_default();
    let mut waiting = state.sso.pending.values();
    let found = waiting.find(|one| !code.is_empty() && one.user_code == code);
    let user = found.and_then(|one| {
        let center = state.world.identity_center(&one.start_url)?;
        super::browser::person(center, request.params.get("user"))
    });
    let known = user.is_some_and(|user| {
        let outcome = Outcome::Approved(user);
        state.sso.decide(code, outcome, request.now)
    });
    if !known {
        return Err(wrong("Invalid user code provided"));
    }
    let text = "<!doctype html><title>Request approved</title><p>Request approved. You can close \
                this window.</p>";
    Ok(Body::new("text/html", text))
}
