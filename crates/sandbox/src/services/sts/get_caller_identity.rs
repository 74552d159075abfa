//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use crate::refusal::Refusal;
use crate::services::{Body, Request};

pub(super) fn answer(request: &Request<'_>) -> Result<Body, Refusal> {
    let principal = &request.caller()?.principal;
    Ok(super::wrap(request, |xml| {
        xml.leaf("Arn", principal.arn());
        xml.leaf("UserId", &principal.id());
        xml.leaf("Account", principal.account());
    }))
}
