//! The credentials of a pod of EKS, as the Pod Identity Agent on its node gives
//! them: <https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html>

use std::borrow::Cow;

use serde_json::json;

use super::task::LAST;
use crate::arn::Arn;
use crate::clock;
use crate::fault::Trouble;
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

/// The Pod Identity Agent.
pub(super) struct Pod;

impl Service for Pod {
    fn name(&self) -> &'static str {
        "eks-pod-identity"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let here = (asked.method, asked.path) == ("GET", "/v1/credentials");
        here.then_some("GetContainerCredentials".into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let token = request.wire.header("authorization").unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::new(
                400,
                "InvalidRequest",
                "Service account token cannot be empty",
            ));
        }
        let mut pods = state.world.containers.iter();
        let pod = pods.find(|pod| pod.pod_token.as_deref() == Some(token));
        let pod = pod.ok_or_else(|| {
            let code = "ResourceNotFoundException";
            let text = "The token included in the request has no service account role \
                        association for it.";
            let message = format!("[{}]: ({code}): {text}, fault: client", request.request_id);
            Refusal::new(404, code, message)
        })?;
        let name = format!("eks-{}", pod.id);
        let principal = Principal::session_of(&state.world.partition, &pod.role, &name);
        let account = Arn::parse(&pod.role).map(|arn| arn.account.to_owned());
        let who = principal.arn().to_owned();
        let given = state.give(
            principal,
            Facts::default(),
            LAST,
            request.now,
            request.fault,
        );
        let answer = json!({
            "AccessKeyId": given.access_key_id,
            "SecretAccessKey": given.secret,
            "Token": given.token,
            "AccountId": account,
            "Expiration": clock::extended(given.expires),
        });
        Ok(rest::answer(&answer).given_to(who))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let text = format!("{}\n", refusal.message);
        Body::new("text/plain; charset=utf-8", text)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(
                429,
                "TooManyRequests",
                "Too Many Requests. Reached maximum number of requests",
            ),
            Trouble::Internal => Refusal::new(500, "InternalServerError", "Internal error"),
            Trouble::Unavailable => Refusal::new(503, "ServiceUnavailable", "Unavailable"),
        }
    }
}
