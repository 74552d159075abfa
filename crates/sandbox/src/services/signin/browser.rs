//! The page on which a person signs in to an account, and the code that comes of it
//! (authorization code with PKCE). To open the page approves nothing.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{denied, invalid_grant, wrong};
use crate::clock;
use crate::memory::signin::{SignIn, SignInChain};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;

/// How long a page and a code are good, in seconds.
const LASTS: i64 = 600;

const CLIENT: &str = "arn:aws:signin:::devtools/";

/// The page that a client sends a browser to.
///
/// # Errors
/// It is not sent as `aws login` does.
pub(super) fn open(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let (client_id, redirect) = (value("client_id"), value("redirect_uri"));
    let fits = match client_id.strip_prefix(CLIENT) {
        Some("same-device") => is_callback(redirect),
        Some("cross-device") => {
            redirect == format!("{}/v1/sessions/confirmation", state.url(request.wire))
        }
        _ => false,
    };
    let is_right = value("response_type") == "code"
        && value("code_challenge_method") == "SHA-256"
        && value("code_challenge").len() == 43
        && value("scope") == "openid"
        && !value("state").is_empty();
    if !fits || !is_right {
        return Err(wrong("The request is invalid"));
    }
    let page = SignIn {
        client_id: client_id.to_owned(),
        redirect: redirect.to_owned(),
        challenge: value("code_challenge").to_owned(),
        state: value("state").to_owned(),
        expires: clock::after(request.now, SignedDuration::from_secs(LASTS)),
        login: None,
    };
    Ok(show(state, page, ""))
}

fn is_callback(redirect: &str) -> bool {
    let rest = redirect.strip_prefix("http://127.0.0.1:");
    let port = rest.and_then(|rest| rest.strip_suffix("/oauth/callback"));
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}

fn show(state: &mut State, page: SignIn, said: &str) -> Body {
    let token = random::opaque();
    let text = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Sign in</title>\n\
         <h1>Sign in</h1>\n<p id=\"said\">{said}</p>\n\
         <form method=\"post\" action=\"/v1/authorize\">\n\
         <input type=\"hidden\" name=\"page_token\" value=\"{token}\">\n\
         <p><label>Username <input name=\"username\"></label>\n\
         <p><label>Password <input name=\"password\" type=\"password\"></label>\n\
         <p><button id=\"allow\" name=\"decision\" value=\"allow\">Sign in</button>\n\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Cancel</button>\n</form>\n"
    );
    state.signin.pages.insert(token, page);
    let mut body = Body::new("text/html", text);
    if !said.is_empty() {
        body.status = 401;
    }
    body
}

/// What a person sent back: each page once.
///
/// # Errors
/// It is no page that was shown.
pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let page = state.signin.pages.remove(value("page_token"));
    let page = page.filter(|page| page.expires > request.now);
    let page = page.ok_or_else(|| wrong("This page was not shown by AWS"))?;
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let back = encoded(&page.state);
    let to = |there: String| {
        let mut body = Body::new("text/html", "").header("location", there);
        body.status = 302;
        body
    };
    if value("decision") != "allow" {
        let redirect = &page.redirect;
        return Ok(to(format!("{redirect}?error=access_denied&state={back}")));
    }
    let login = state.world.signs_in(value("username"), value("password"));
    let Some((token, who)) = login.map(|it| (it.refresh_token.clone(), it.session.clone())) else {
        return Ok(show(state, page, "Wrong user or password"));
    };
    let code = random::opaque();
    let there = format!("{}?code={}&state={back}", page.redirect, encoded(&code));
    let login = Some(token);
    state.signin.codes.insert(code, SignIn { login, ..page });
    Ok(to(there).given_to(who))
}

/// The page that shows the code, for a person who copies it.
pub(super) fn show_code(request: &Request<'_>) -> Body {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let encoded = |name: &str| utf8_percent_encode(value(name), NON_ALPHANUMERIC).to_string();
    let shown = format!("state={}&code={}", encoded("state"), encoded("code"));
    let shown = STANDARD.encode(shown);
    Body::new(
        "text/html",
        format!("<!doctype html><title>Code</title><p id=\"code\">{shown}</p>\n"),
    )
}

/// The session that begins with `code`, which is good once.
///
/// # Errors
/// It is not the code of whoever shows it.
pub(super) fn redeem(
    state: &mut State,
    input: &Map<String, Value>,
    code: &str,
    now: Timestamp,
) -> Result<SignInChain, Refusal> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let page = state.signin.codes.remove(code).ok_or_else(invalid_grant)?;
    if page.expires <= now {
        return Err(denied(
            "AUTHCODE_EXPIRED",
            "The authorization code has expired.",
        ));
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(text("codeVerifier").as_bytes()));
    let fits = page.client_id == text("clientId")
        && page.redirect == text("redirectUri")
        && page.challenge == challenge;
    match page.login.filter(|_| fits) {
        Some(login) => Ok(SignInChain {
            first: code.to_owned(),
            login,
        }),
        None => Err(invalid_grant()),
    }
}

/// Who signed in. Nobody looks at the signature.
pub(super) fn id_token(who: &str) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = encode(&json!({"alg": "ES384", "typ": "JWT"}));
    let claims = encode(&json!({"sub": who, "aud": "arn:aws:signin:::devtools/same-device"}));
    format!("{header}.{claims}.c2lnbmF0dXJl")
}
