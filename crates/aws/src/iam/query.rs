//! A request of AWS's query protocol: a form in, XML out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use assumerole_core::aws::ids::Region;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::text_within;
use crate::request::{Credential, Refusal, WireRequest};

/// The form that asks for `operation` with `parameters`.
pub(super) fn form(operation: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = format!("Action={operation}&Version=2010-05-08");
    for (name, value) in parameters {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        form.push_str(&format!("&{name}={value}"));
    }
    form
}

/// The call of `operation` to IAM by `form`.
pub(super) fn post(
    operation: &'static str,
    form: String,
    (url, region): (String, Region),
) -> WireRequest {
    WireRequest {
        service: "iam",
        operation,
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: form,
        method: "POST",
        path: "/".to_owned(),
        url,
        proof: Credential::Signature(region),
        refusal,
    }
}

fn refusal(_: Option<&str>, text: &str) -> Refusal {
    let found = |name| text_within(text, &["Error"], name).into_iter().next();
    Refusal::new(found("Code"), found("Message"))
}
