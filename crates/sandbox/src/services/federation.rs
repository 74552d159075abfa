//! The federation endpoint of the console:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use std::borrow::Cow;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::clock;
use crate::fault::Trouble;
use crate::memory::federation::SigninToken;
use crate::principal::Principal;
use crate::query;
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

/// How long a token for signing in is good, in seconds.
const LASTS: i64 = 900;

/// The federation endpoint.
pub(super) struct Federation;

impl Service for Federation {
    fn name(&self) -> &'static str {
        "federation"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let here = matches!(asked.method, "GET" | "POST") && asked.path == "/federation";
        let action = || asked.params.and_then(|params| params.get("Action"));
        here.then(|| action().unwrap_or_default().into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        match request.action {
            "getSigninToken" => token(state, request),
            "login" => login(state, request),
            _ => Err(wrong("Action is invalid")),
        }
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::error(refusal, "", &json!({"message": refusal.message}))
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        query::trouble(trouble)
    }
}

fn wrong(message: &str) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}

fn token(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let session = request.params.get("Session").unwrap_or_default();
    let session: Value =
        serde_json::from_str(session).map_err(|_| wrong("Session is malformed"))?;
    let part = |name: &str| session[name].as_str().unwrap_or_default();
    let known = state.sessions.get(part("sessionId")).filter(|known| {
        known.secret == part("sessionKey")
            && known.token == part("sessionToken")
            && known.expires > request.now
    });
    let Some(known) = known.filter(|known| !known.facts.of_user) else {
        return Err(wrong("Session is invalid"));
    };
    if let Some(duration) = request.params.get("SessionDuration") {
        let seconds = duration.parse::<u32>().ok();
        let fits = seconds.is_some_and(|seconds| (900..=43_200).contains(&seconds));
        let of_user = matches!(known.principal, Principal::Federated { .. });
        if !fits || known.facts.chained || of_user {
            return Err(wrong("SessionDuration is invalid"));
        }
    }
    let who = known.principal.arn().to_owned();
    let token = random::opaque();
    let lasts = SignedDuration::from_secs(LASTS);
    let expires = clock::after(request.now, lasts);
    let given = SigninToken {
        who: who.clone(),
        expires,
    };
    state.federation.tokens.insert(token.clone(), given);
    Ok(rest::answer(&json!({"SigninToken": token})).given_to(who))
}

/// A page that says who is signed in, and where the browser would be sent.
fn login(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let value = |name: &str| request.params.get(name).unwrap_or_default();
    let token = state.federation.tokens.get(value("SigninToken"));
    let token = token.filter(|token| token.expires > request.now);
    let Some(token) = token else {
        return Err(wrong("SigninToken is invalid"));
    };
    let page = format!(
        "<!doctype html>\n<title>Console</title>\n<p id=\"who\">{}</p>\n<p id=\"where\">{}</p>\n",
        escaped(&token.who),
        escaped(value("Destination"))
    );
    Ok(Body::new("text/html; charset=utf-8", page).given_to(token.who.clone()))
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
        out
    })
}
