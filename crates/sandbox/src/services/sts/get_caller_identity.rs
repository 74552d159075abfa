//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use crate::services::Request;

pub(super) fn answer(request: &Request<'_>) -> String {
    let principal = &request.caller.principal;
    super::wrap(request, |xml| {
        xml.leaf("Arn", principal.arn());
        xml.leaf("UserId", &principal.id());
        xml.leaf("Account", principal.account());
    })
}
