//! The page on which a person signs in and allows a client what it asks for. To
//! open it approves nothing: that takes a user, a password, and a POST with the
//! token of the page, as it does at AWS.

use jiff::SignedDuration;

use super::browser;
use super::input::wrong;
use crate::clock;
use crate::memory::sso::{Outcome, PageFor, SignInPage};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;
use crate::world::SsoUser;

/// How long a page can be sent back, in seconds.
const LASTS: i64 = 600;

/// What is shown for `page`; `said` is what was wrong with the last try.
pub(super) fn show(state: &mut State, request: &Request<'_>, page: PageFor, said: &str) -> Body {
    let token = random::opaque();
    let (action, code, scopes) = match &page {
        PageFor::Device(code) => ("/device", Some(code.clone()), String::new()),
        PageFor::Browser { pending, .. } => ("/authorize", None, pending.scopes.join(" ")),
    };
    let code = code.map_or_else(String::new, |code| {
        let code = escape(&code);
        format!("<p><label>Code <input name=\"user_code\" value=\"{code}\"></label>\n")
    });
    let text = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Sign in</title>\n\
         <h1>Allow this client to access your data?</h1>\n\
         <p id=\"said\">{}</p><p id=\"scopes\">{}</p>\n\
         <form method=\"post\" action=\"{action}\">\n\
         <input type=\"hidden\" name=\"page_token\" value=\"{token}\">\n{code}\
         <p><label>Username <input name=\"username\"></label>\n\
         <p><label>Password <input name=\"password\" type=\"password\"></label>\n\
         <p><button id=\"allow\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
        escape(said),
        escape(&scopes),
    );
    let page = SignInPage {
        expires: clock::after(request.now, SignedDuration::from_secs(LASTS)),
        of: page,
    };
    state.sso.pages.insert(token, page);
    let mut body = Body::new("text/html", text);
    if !said.is_empty() {
        body.status = 401;
    }
    body
}

/// What a person sent back: each page once.
///
/// # Errors
/// It is no page that was shown, or none of this kind any more.
pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let page = state.sso.pages.remove(value("page_token"));
    let page = page.filter(|page| page.expires > request.now);
    let page = page.ok_or_else(|| {
        Refusal::new(
            403,
            "AccessDeniedException",
            "This page was not shown by AWS",
        )
    })?;
    let start_url = match &page.of {
        PageFor::Browser { pending, .. } => Some(pending.start_url.clone()),
        PageFor::Device(_) => {
            let mut waiting = state.sso.pending.values();
            let code = value("user_code");
            let found = waiting.find(|one| !code.is_empty() && one.user_code == code);
            found.map(|one| one.start_url.clone())
        }
    };
    let start_url = start_url.ok_or_else(|| wrong("Invalid user code provided"))?;
    let center = state.world.identity_center(&start_url);
    let mut users = center.into_iter().flat_map(|center| &center.users);
    let (name, password) = (value("username"), value("password"));
    let signed_in = |user: &&SsoUser| user.name == name && user.password == password;
    let Some(user) = users.find(signed_in).map(|user| user.name.clone()) else {
        return Ok(show(state, request, page.of, "Wrong user or password"));
    };
    let outcome = match value("decision") {
        "allow" => Outcome::Approved(user.clone()),
        "deny" => Outcome::Denied,
        _ => return Err(wrong("Invalid decision provided")),
    };
    match page.of {
        PageFor::Browser {
            pending,
            state: back,
        } => Ok(browser::send_back(state, *pending, &back, outcome).given_to(user)),
        PageFor::Device(_) => {
            let said = match outcome {
                Outcome::Denied => "Request denied",
                _ => "Request approved",
            };
            if !state.sso.decide(value("user_code"), outcome, request.now) {
                return Err(wrong("Invalid user code provided"));
            }
            let text = format!(
                "<!doctype html><title>{said}</title><p>{said}. You can close this window.</p>"
            );
            Ok(Body::new("text/html", text).given_to(user))
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
