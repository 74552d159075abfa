//! A request of AWS's query protocol: a form in, XML out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use assumerole_core::aws::ids::Region;

use super::answer::text_within;
use crate::request::{Post, Refusal};

/// The call of `operation` to IAM by `form`.
pub(super) fn post(
    operation: &'static str,
    form: &'static str,
    (url, region): (String, Region),
) -> Post {
    Post {
        service: "iam",
        operation,
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: form.to_owned(),
        url,
        region,
        refusal,
    }
}

fn refusal(text: &str) -> Refusal {
    let found = |name| text_within(text, &["Error"], name).into_iter().next();
    Refusal::new(found("Code"), found("Message"))
}
