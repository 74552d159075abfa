//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use super::reply;
use crate::refusal::Refusal;
use crate::service::{Body, Request};

pub(super) fn answer(request: &Request<'_>) -> Result<Body, Refusal> {
    let principal = &request.caller()?.principal;
    Ok(reply::wrap(request, |xml| {
        xml.leaf("Arn", principal.arn());
        xml.leaf("UserId", &principal.id());
        xml.leaf("Account", principal.account());
    }))
}
