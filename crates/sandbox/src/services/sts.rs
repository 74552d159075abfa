//! Security Token Service:
//! <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod policies;
mod reply;
mod tags;

use std::borrow::Cow;

use crate::fault::Trouble;
use crate::query;
use crate::refusal::Refusal;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

const VERSION: &str = "2011-06-15";

/// Security Token Service.
pub(super) struct Sts;

impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        asked.query_action().map(Cow::Borrowed)
    }

    fn signed(&self, action: &str) -> bool {
        action != "AssumeRoleWithWebIdentity"
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        query::check_action(request, VERSION)?;
        match request.action {
            "AssumeRole" => assume_role::answer(state, request),
            "AssumeRoleWithWebIdentity" => assume_role_with_web_identity::answer(state, request),
            "GetFederationToken" => get_federation_token::answer(state, request),
            "GetSessionToken" => get_session_token::answer(state, request),
            "GetCallerIdentity" => get_caller_identity::answer(request),
            _ => Err(query::unknown_action(request)),
        }
    }

    fn refuse(&self, refusal: &Refusal, request_id: &str) -> Body {
        Body::new(
            "text/xml",
            query::error(refusal, reply::NAMESPACE, request_id),
        )
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        query::trouble(trouble)
    }
}
