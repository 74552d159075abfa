//! Signing in on another device:
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::input::{client, required, wrong};
use super::page;
use crate::clock;
use crate::memory::sso::{Outcome, PageFor, Pending};
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
    let (client_id, client) = client(state, request, input)?;
    let center = state.world.identity_center(required(input, "startUrl")?);
    let center = center.ok_or_else(|| wrong("Invalid start url provided"))?;
    let pending = Pending {
        client_id: client_id.to_owned(),
        start_url: center.start_url.clone(),
        expires: clock::after(request.now, SignedDuration::from_secs(PATIENCE)),
        user_code: random::user_code(),
        browser: None,
        scopes: client.scopes,
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

/// The page that a person approves on, with the code filled in if the address
/// has it.
pub(super) fn open(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let code = request.params.get("user_code").unwrap_or_default();
    let mut waiting = state.sso.pending.values();
    if !code.is_empty() && !waiting.any(|one| one.user_code == code) {
        return Err(wrong("Invalid user code provided"));
    }
    let asked = PageFor::Device(code.to_owned());
    Ok(page::show(state, request, asked, ""))
}
