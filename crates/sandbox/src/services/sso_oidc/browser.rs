//! Signing in with a browser that is sent back (authorization code with PKCE):
//! <https://datatracker.ietf.org/doc/html/rfc7636>.

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::input::wrong;
use super::page;
use crate::clock;
use crate::memory::sso::{Outcome, PageFor, Pending};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;

/// How long the code is good, in seconds.
const LASTS: i64 = 600;

/// The page that a client sends a browser to.
///
/// # Errors
/// The client may not send it there, or not so.
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
        || value("code_challenge").len() != 43
    {
        return Err(wrong("Invalid request"));
    }
    // Not OAuth's `scope`.
    let scopes: Vec<String> = value("scopes")
        .split(' ')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() || !scopes.iter().all(|scope| client.scopes.contains(scope)) {
        return Err(Refusal::new(
            400,
            "InvalidScopeException",
            "Invalid scope provided",
        ));
    }
    let center = client.issuer.as_deref();
    let center = center.and_then(|url| state.world.identity_center(url));
    let center = center.ok_or_else(|| wrong("Invalid start url provided"))?;
    let pending = Pending {
        client_id: client_id.to_owned(),
        start_url: center.start_url.clone(),
        expires: clock::after(request.now, SignedDuration::from_secs(LASTS)),
        user_code: String::new(),
        browser: Some((redirect.to_owned(), value("code_challenge").to_owned())),
        scopes,
        outcome: Outcome::Waiting,
    };
    let back = value("state").to_owned();
    let asked = PageFor::Browser {
        pending: Box::new(pending),
        state: back,
    };
    Ok(page::show(state, request, asked, ""))
}

/// Sends the browser back to the client, with a code or with the refusal.
pub(super) fn send_back(
    state: &mut State,
    pending: Pending,
    state_back: &str,
    outcome: Outcome,
) -> Body {
    let redirect = pending.browser.as_ref().map(|(redirect, _)| redirect);
    let redirect = redirect.cloned().unwrap_or_default();
    let state_back = utf8_percent_encode(state_back, NON_ALPHANUMERIC);
    let there = match outcome {
        Outcome::Approved(_) => {
            let code = random::opaque();
            let there = format!("{redirect}?code={code}&state={state_back}");
            state
                .sso
                .pending
                .insert(code, Pending { outcome, ..pending });
            there
        }
        _ => format!(
            "{redirect}?error=access_denied&error_description=The%20user%20denied%20the%20request\
             &state={state_back}"
        ),
    };
    let mut body = Body::new("text/html", "").header("location", there);
    body.status = 302;
    body
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
