//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::input::{required, text, texts, wrong};
use crate::clock;
use crate::memory::sso::Client;
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request};
use crate::state::State;

/// A registration is good for 90 days.
const LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn answer(
    state: &mut State,
    request: &Request<'_>,
    input: &Map<String, Value>,
) -> Result<Body, Refusal> {
    required(input, "clientName")?;
    if required(input, "clientType")? != "public" {
        return Err(Refusal::new(
            400,
            "InvalidClientMetadataException",
            "Invalid client type provided",
        ));
    }
    let redirects = texts(input, "redirectUris");
    let browsers = texts(input, "grantTypes").contains(&"authorization_code".to_owned());
    let loopback = |uri: &String| uri.starts_with("http://127.0.0.1");
    if browsers && (redirects.is_empty() || !redirects.iter().all(loopback)) {
        return Err(Refusal::new(
            400,
            "InvalidRedirectUriException",
            "Invalid redirect uri provided",
        ));
    }
    let issuer = text(input, "issuerUrl");
    if issuer.is_some_and(|url| state.world.identity_center(url).is_none()) {
        return Err(wrong("Invalid start url provided"));
    }
    let client = Client {
        secret: random::opaque(),
        expires: clock::after(request.now, LASTS),
        scopes: texts(input, "scopes"),
        redirects,
        issuer: issuer.map(str::to_owned),
    };
    let id = random::opaque();
    let answer = rest::answer(&json!({
        "clientId": id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": request.now.as_second(),
        "clientSecretExpiresAt": client.expires.as_second(),
    }));
    state.sso.clients.insert(id, client);
    Ok(answer)
}
