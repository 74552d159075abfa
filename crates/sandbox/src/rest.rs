//! The REST protocol: what is asked is in the path, the query string, headers
//! and a JSON body; answers are JSON.
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use serde_json::{Map, Value, json};

use crate::fault::Trouble;
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

/// The answer that says no, of services whose operations stand in a header:
/// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
pub(crate) fn typed_error(refusal: &Refusal) -> Body {
    let refusal = in_json_words(refusal);
    let value = json!({"__type": refusal.code, "message": refusal.message});
    Body::new("application/x-amz-json-1.1", value.to_string())
}

/// The answer `value` of such a service.
pub(crate) fn typed_answer(value: &Value) -> Body {
    Body::new("application/x-amz-json-1.1", value.to_string())
}

/// The codes that JSON services have for what the query protocol knows too.
pub(crate) fn in_json_words(refusal: &Refusal) -> Refusal {
    let code = match refusal.code.as_ref() {
        "AccessDenied" => "AccessDeniedException",
        "ExpiredToken" => "ExpiredTokenException",
        "IncompleteSignature" => "IncompleteSignatureException",
        "InvalidClientTokenId" => "UnrecognizedClientException",
        "MalformedInput" | "ValidationError" => "ValidationException",
        "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch" => "InvalidSignatureException",
        _ => return refusal.clone(),
    };
    Refusal {
        code: code.into(),
        ..refusal.clone()
    }
}

/// How JSON services word their own trouble.
pub(crate) fn trouble(trouble: Trouble) -> Refusal {
    match trouble {
        Trouble::Throttled => Refusal::new(429, "ThrottlingException", "Rate exceeded"),
        Trouble::Internal => Refusal::new(500, "InternalServerException", "Internal server error"),
        Trouble::Unavailable => Refusal::new(
            503,
            "ServiceUnavailableException",
            "Service is unable to handle request.",
        ),
    }
}

/// There is no such operation of the JSON protocol.
pub(crate) fn unknown_operation() -> Refusal {
    Refusal::new(400, "UnknownOperationException", "")
}
