//! AWS Sign-In, as far as `aws login` goes:
//! <https://docs.aws.amazon.com/signin/latest/APIReference/Welcome.html>

mod browser;
mod dpop;
mod sessions;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::fault::Trouble;
use crate::memory::signin::SignInChain;
use crate::principal::{Facts, Principal};
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

/// What refresh tokens begin with that can be revoked.
const REVOCABLE: &str = "ASOR";

/// Where the sandbox has sessions begin.
const REGION: &str = "eu-central-1";

/// How long the credentials last, in seconds.
const LAST: i64 = 900;

/// Calls that are signed.
const SIGNED: [&str; 4] = [
    "ListSessions",
    "GetSession",
    "BatchRevokeSessions",
    "RevokeOAuth2TokenWithIAM",
];

/// AWS Sign-In.
pub(super) struct Signin;

impl Service for Signin {
    fn name(&self) -> &'static str {
        "signin"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            ("POST", "/v1/token") => "CreateOAuth2Token",
            ("POST", "/list-sessions") => "ListSessions",
            ("POST", "/get-session") => "GetSession",
            ("POST", "/batch-revoke-sessions") => "BatchRevokeSessions",
            ("POST", "/v1/revoke") => "RevokeOAuth2TokenWithIAM",
            // What a person's browser is sent to: no operations of AWS's model.
            ("GET", "/v1/authorize") => "OpenSignInPage",
            ("POST", "/v1/authorize") => "SignInToAccount",
            ("GET", "/v1/sessions/confirmation") => "ShowSignInCode",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, action: &str) -> bool {
        SIGNED.contains(&action)
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        match request.action {
            "OpenSignInPage" => return browser::open(state, request),
            "SignInToAccount" => return browser::answer(state, request),
            "ShowSignInCode" => return Ok(browser::show_code(request)),
            action if SIGNED.contains(&action) => return sessions::answer(state, request),
            _ => {}
        }
        let input = rest::object(request.wire).map_err(|_| wrong("The request is malformed"))?;
        let grant = asked(&input)?;
        let proof = dpop::verify(request.wire, &state.url(request.wire), request.now)?;
        if !state.signin.proofs.insert(proof.id) {
            return Err(wrong("The DPoP proof was used already"));
        }
        let chain = match &grant {
            Granted::Refresh(token) => known(state, token)?,
            Granted::Code(code) => browser::redeem(state, &input, code, request.now)?,
        };
        let (principal, facts) = renew(state, &chain, &proof.key, request.now)?;
        sessions::note(state, &chain, REGION, request.now);
        let who = principal.arn().to_owned();
        let given = state.give(principal, facts, LAST, request.now, request.fault);
        // Of the kind that its first one was.
        let kind = match chain.login.starts_with(REVOCABLE) {
            true => REVOCABLE,
            false => "",
        };
        let refresh = format!("{kind}{}", random::opaque());
        if let Granted::Refresh(token) = &grant {
            state.signin.spent.insert((*token).to_owned());
        }
        state.signin.given.insert(refresh.clone(), chain);
        let mut answer = json!({
            "accessToken": {
                "accessKeyId": given.access_key_id,
                "secretAccessKey": given.secret,
                "sessionToken": given.token,
            },
            "tokenType": "aws_sigv4",
            "expiresIn": given.expires.as_second() - request.now.as_second(),
            "refreshToken": refresh,
        });
        if matches!(grant, Granted::Code(_)) {
            answer["idToken"] = browser::id_token(&who).into();
        }
        Ok(rest::answer(&answer).given_to(who))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let mut value = json!({"message": refusal.message});
        for (name, text) in &refusal.details {
            value[name] = text.as_str().into();
        }
        rest::error(refusal, "", &value)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(429, "TooManyRequestsError", "Rate exceeded")
                .with("error", "rate_exceeded"),
            Trouble::Internal => Refusal::new(500, "InternalServerException", "Internal error")
                .with("error", "server_error"),
            Trouble::Unavailable => Refusal::new(503, "ServiceUnavailableException", "Unavailable")
                .with("error", "service_unavailable"),
        }
    }
}

fn wrong(message: &str) -> Refusal {
    Refusal::new(400, "ValidationException", message).with("error", "INVALID_REQUEST")
}

fn denied(error: &str, message: &str) -> Refusal {
    Refusal::new(400, "AccessDeniedException", message).with("error", error)
}

fn invalid_grant() -> Refusal {
    wrong("The provided authorization grant is invalid, expired, revoked, or malformed")
}

/// What is shown for credentials.
enum Granted<'i> {
    Refresh(&'i str),
    Code(&'i str),
}

/// What is sent, in a request that is well-formed.
fn asked(input: &Map<String, Value>) -> Result<Granted<'_>, Refusal> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let client = text("clientId").unwrap_or_default();
    let clients =
        ["same-device", "cross-device"].map(|kind| format!("arn:aws:signin:::devtools/{kind}"));
    if !clients.iter().any(|known| known == client) {
        return Err(wrong("The client is invalid"));
    }
    match text("grantType") {
        Some("refresh_token") => {
            let token = text("refreshToken").filter(|token| (1..=2048).contains(&token.len()));
            let token = token.ok_or_else(|| wrong("The refresh token is missing"))?;
            Ok(Granted::Refresh(token))
        }
        Some("authorization_code") => {
            let code = text("code").ok_or_else(|| wrong("The code is missing"))?;
            Ok(Granted::Code(code))
        }
        _ => Err(wrong("The grant type is not supported")),
    }
}

/// The session that the refresh token `token` goes on with.
fn known(state: &State, token: &str) -> Result<SignInChain, Refusal> {
    if state.signin.spent.contains(token) {
        return Err(invalid_grant());
    }
    let given = state.signin.given.get(token).cloned();
    Ok(given.unwrap_or_else(|| SignInChain {
        first: token.to_owned(),
        login: token.to_owned(),
    }))
}

/// Who is given new credentials.
fn renew(
    state: &mut State,
    chain: &SignInChain,
    key: &str,
    now: Timestamp,
) -> Result<(Principal, Facts), Refusal> {
    let memory = &mut state.signin;
    let mut logins = state.world.logins.iter();
    let login = logins.find(|login| login.refresh_token == chain.login);
    let login = login.ok_or_else(invalid_grant)?;
    let bound = memory
        .keys
        .entry(chain.first.clone())
        .or_insert_with(|| key.to_owned());
    if bound != key {
        return Err(invalid_grant());
    }
    if sessions::is_revoked(state, &chain.first) {
        return Err(invalid_grant());
    }
    if login.expires.is_some_and(|end| end <= now) {
        return Err(denied("TOKEN_EXPIRED", "The refresh token has expired."));
    }
    if let Some(code) = &login.refused {
        let message = match code.as_str() {
            "USER_CREDENTIALS_CHANGED" => "The user's credentials have changed.",
            _ => "The user has insufficient permissions.",
        };
        return Err(denied(code, message));
    }
    let principal = state.world.principal(&login.session);
    let principal = principal.ok_or_else(invalid_grant)?;
    let facts = Facts {
        mfa: login.mfa,
        ..Facts::default()
    };
    Ok((principal, facts))
}
