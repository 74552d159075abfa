//! Signing in with a browser that is sent back (authorization code with PKCE):
//! <https://datatracker.ietf.org/doc/html/rfc7636>. Opening the page is the
//! approval.

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::input::wrong;
use crate::clock;
use crate::memory::sso::{Outcome, Pending};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;
use crate::world::IdentityCenter;

/// How long the code is good, in seconds.
const LASTS: i64 = 600;

pub(super) fn authorize(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let client_id = value("client_id");
    let client = state.sso.clients.get(client_id);
    let client = client
        .ok_or_else(|| Refusal::new(401, "InvalidClientException", "Invalid client provided"))?;
    let redirect = value("redirect_uri");
    let registered = client.redirects.iter();
    if !registered.clone().any(|known| same(known, redirect)) {
        return Err(wrong("Invalid redirect uri provided"));
    }
    if value("response_type") != "code"
        || value("code_challenge_method") != "S256"
        || value("code_challenge").len() < 43
    {
        return Err(wrong("Invalid request"));
    }
    let center = client.issuer.as_deref();
    let center = center.and_then(|url| state.world.identity_center(url));
    let center = center.ok_or_else(|| wrong("Invalid start url provided"))?;
    let user = person(center, request.params.get("user"));
    let user = user.ok_or_else(|| wrong("Invalid user provided"))?;
    let code = random::opaque();
    let state_back = utf8_percent_encode(value("state"), NON_ALPHANUMERIC);
    let there = format!("{redirect}?code={code}&state={state_back}");
    let pending = Pending {
        client_id: client_id.to_owned(),
        start_url: center.start_url.clone(),
        expires: clock::after(request.now, SignedDuration::from_secs(LASTS)),
        user_code: String::new(),
        browser: Some((redirect.to_owned(), value("code_challenge").to_owned())),
        outcome: Outcome::Approved(user.clone()),
    };
    state.sso.pending.insert(code, pending);
    let mut body = Body::new("text/html", "").header("location", there);
    body.status = 302;
    Ok(body.given_to(user))
}

/// Who is at the browser: `wanted`, else the first user.
pub(super) fn person(center: &IdentityCenter, wanted: Option<&str>) -> Option<String> {
    let mut users = center.users.iter().map(|user| &user.name);
    users
        .find(|name| wanted.is_none_or(|wanted| wanted == *name))
        .cloned()
}

/// Whether a browser may be sent to `uri`, if `registered` may: on loopback the
/// port is the client's choice (<https://datatracker.ietf.org/doc/html/rfc8252#section-7.3>).
fn same(registered: &str, uri: &str) -> bool {
    let without_port = |uri: &str| {
        let rest = uri.strip_prefix("http://127.0.0.1")?;
        let rest = match rest.strip_prefix(':') {
            Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        Some(rest.to_owned())
    };
    let path = without_port(uri);
    path.is_some() && path == without_port(registered)
}
