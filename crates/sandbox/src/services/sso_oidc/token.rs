//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::input::{client, invalid_grant, required, text};
use crate::fault::Kind;
use crate::memory::sso::{Holder, Outcome};
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request};
use crate::state::State;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(super) fn answer(
    state: &mut State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Body, Refusal> {
    let grant = required(input, "grantType")?;
    let (client_id, client) = client(state, request, input)?;
    let holder = match grant {
        "refresh_token" => {
            let token = required(input, "refreshToken")?;
            let spent = state.sso.spend_refresh(&state.world, token, client_id);
            spent.ok_or_else(|| invalid_grant("Invalid refresh token provided"))?
        }
        DEVICE => {
            let code = required(input, "deviceCode")?;
            // What a browser brings back is proved another way.
            let known = state.sso.pending.get(code);
            if known.is_some_and(|one| one.browser.is_some()) {
                return Err(invalid_grant("Invalid device code provided"));
            }
            pending(state, request, client_id, code)?
        }
        "authorization_code" => {
            let code = required(input, "code")?;
            let uri = text(input, "redirectUri").unwrap_or_default();
            let verifier = required(input, "codeVerifier")?;
            prove(state, code, uri, verifier)?;
            pending(state, request, client_id, code)?
        }
        _ => {
            return Err(Refusal::new(
                400,
                "UnsupportedGrantTypeException",
                "Unsupported grant type provided",
            ));
        }
    };
    let seconds = match request.fault {
        Some(Kind::ExpireIn(seconds)) => Some(*seconds),
        _ => None,
    };
    let renews = client.renews();
    let tokens = state
        .sso
        .give(&holder, client_id, renews, seconds, request.now);
    let mut answer = json!({
        "accessToken": tokens.access,
        "tokenType": "Bearer",
        "expiresIn": tokens.seconds,
    });
    if let Some(refresh) = tokens.refresh {
        answer["refreshToken"] = refresh.into();
    }
    Ok(rest::answer(&answer).given_to(holder.user))
}

/// Who has signed in with this code of the client. A code is good once.
fn pending(
    state: &mut State,
    request: &Request<'_>,
    client_id: &str,
    code: &str,
) -> Result<Holder, Refusal> {
    let known = state.sso.pending.get(code);
    let known = known.filter(|one| one.client_id == client_id);
    let one = known.ok_or_else(|| invalid_grant("Invalid device code provided"))?;
    if one.expires <= request.now {
        return Err(Refusal::new(
            400,
            "ExpiredTokenException",
            "Device code expired",
        ));
    }
    let user = match &one.outcome {
        Outcome::Approved(user) => user.clone(),
        Outcome::Denied => {
            return Err(Refusal::new(
                400,
                "AccessDeniedException",
                "Authorization was denied",
            ));
        }
        Outcome::Waiting => {
            return Err(Refusal::new(
                400,
                "AuthorizationPendingException",
                "Authorization is pending",
            ));
        }
    };
    let holder = Holder {
        start_url: one.start_url.clone(),
        user,
        scopes: one.scopes.clone(),
        sign_in: code.to_owned(),
    };
    state.sso.pending.remove(code);
    Ok(holder)
}

/// Whether the client is the one that sent the browser (RFC 7636).
fn prove(state: &State, code: &str, uri: &str, verifier: &str) -> Result<(), Refusal> {
    let known = state.sso.pending.get(code);
    let browser = known.and_then(|one| one.browser.as_ref());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    match browser {
        Some((redirect, wanted)) if redirect == uri && *wanted == challenge => Ok(()),
        _ => Err(invalid_grant("Invalid grant provided")),
    }
}
