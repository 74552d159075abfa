//! The OpenID Connect side of IAM Identity Center: how clients come by the
//! tokens of the access portal.
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>

mod browser;
mod device;
mod input;
mod page;
mod register;
mod token;

use std::borrow::Cow;

use serde_json::json;

use crate::fault::Trouble;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

const NAMESPACE: &str = ":http://internal.amazon.com/coral/com.amazonaws.sso.oidc/";

/// The OpenID Connect service.
pub(super) struct SsoOidc;

impl Service for SsoOidc {
    fn name(&self) -> &'static str {
        "sso-oidc"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            ("POST", "/token") => "CreateToken",
            ("POST", "/client/register") => "RegisterClient",
            ("POST", "/device_authorization") => "StartDeviceAuthorization",
            // What a person's browser is sent to: no operations of AWS's model.
            ("GET", "/device") => "OpenDevicePage",
            ("GET", "/authorize") => "Authorize",
            ("POST", "/device" | "/authorize") => "SignIn",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        match request.action {
            "OpenDevicePage" => return device::open(state, request),
            "Authorize" => return browser::authorize(state, request),
            "SignIn" => return page::answer(state, request),
            _ => {}
        }
        let input = rest::object(request.wire).map_err(|_| input::wrong("Invalid request"))?;
        match request.action {
            "RegisterClient" => register::answer(state, request, &input),
            "StartDeviceAuthorization" => device::start(state, request, &input),
            _ => token::answer(state, request, &input),
        }
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let error = oauth(&refusal.code);
        let value = json!({"error": error, "error_description": refusal.message});
        rest::error(refusal, NAMESPACE, &value)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(400, "SlowDownException", "Slow down"),
            Trouble::Internal => Refusal::new(500, "InternalServerException", "Internal error"),
            Trouble::Unavailable => Refusal::new(
                503,
                "ServiceUnavailableException",
                "Service is unable to handle request.",
            ),
        }
    }
}

/// The code that OAuth 2.0 has for an exception: `invalid_grant`.
fn oauth(code: &str) -> String {
    if code == "InternalServerException" {
        return "server_error".to_owned();
    }
    let mut out = String::new();
    for c in code.trim_end_matches("Exception").chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
