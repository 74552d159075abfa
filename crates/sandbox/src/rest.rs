//! The REST protocol: what is asked is in the path, the query string, headers
//! and a JSON body; answers are JSON.
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::service::Body;
use crate::sigv4::Wire;

/// The JSON object in the body; empty without a body.
///
/// # Errors
/// There is something else.
pub(crate) fn object(wire: Wire<'_>) -> Result<Map<String, Value>, Refusal> {
    if wire.body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(wire.body)
        .map_err(|_| Refusal::new(400, "SerializationException", "The body is no JSON object"))
}

/// The answer `value`.
pub(crate) fn answer(value: &Value) -> Body {
    Body::new("application/json", value.to_string())
}

/// The answer that says no: its code in the header that SDKs look at.
/// `namespace` is what the service adds to it there.
pub(crate) fn error(refusal: &Refusal, namespace: &str, value: &Value) -> Body {
    let kind = format!("{}{namespace}", refusal.code);
    answer(value).header("x-amzn-errortype", kind)
}
