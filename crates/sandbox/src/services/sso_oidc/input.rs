//! What the requests of IAM Identity Center's OIDC service have in common.

use serde_json::{Map, Value};

use crate::memory::sso::Client;
use crate::refusal::Refusal;
use crate::service::Request;
use crate::state::State;

pub(super) fn wrong(message: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", message)
}

pub(super) fn invalid_grant(message: &str) -> Refusal {
    Refusal::new(400, "InvalidGrantException", message)
}

pub(super) fn text<'i>(input: &'i Map<String, Value>, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

pub(super) fn texts(input: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = input.get(name).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

pub(super) fn required<'i>(input: &'i Map<String, Value>, name: &str) -> Result<&'i str, Refusal> {
    let value = text(input, name).filter(|value| !value.is_empty());
    value.ok_or_else(|| wrong(&format!("Missing required parameter: {name}")))
}

/// The ID of the client that asks, and the client, if it knows its secret.
pub(super) fn client<'i>(
    state: &State,
    request: &Request<'_>,
    input: &'i Map<String, Value>,
) -> Result<(&'i str, Client), Refusal> {
    let id = required(input, "clientId")?;
    let secret = required(input, "clientSecret")?;
    let client = state.sso.client(&state.world, id, secret, request.now);
    let client = client
        .ok_or_else(|| Refusal::new(401, "InvalidClientException", "Invalid client provided"))?;
    Ok((id, client))
}
