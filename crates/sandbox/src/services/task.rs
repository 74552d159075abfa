//! The credentials of an ECS task, as the agent on its host gives them:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use std::borrow::Cow;

use serde_json::json;

use crate::clock;
use crate::fault::Trouble;
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

const PLACE: &str = "/v2/credentials";
/// How long they last, in seconds.
pub(super) const LAST: i64 = 6 * 3600;

/// The agent of ECS.
pub(super) struct Task;

impl Service for Task {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let rest = asked.path.strip_prefix(PLACE)?;
        let here = asked.method == "GET" && (rest.is_empty() || rest.starts_with('/'));
        here.then_some("GetContainerCredentials".into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let id = request.wire.path.strip_prefix(PLACE).unwrap_or_default();
        let id = id.trim_start_matches('/');
        if id.is_empty() {
            return Err(wrong(
                "NoIdInRequest",
                "CredentialsV2Request: No Credential ID in the request",
            ));
        }
        let mut tasks = state.world.containers.iter();
        let task = tasks.find(|task| task.id == id && task.pod_token.is_none());
        let task = task.ok_or_else(|| {
            wrong(
                "InvalidIdInRequest",
                "CredentialsV2Request: Credentials not found",
            )
        })?;
        let role = task.role.clone();
        let principal = Principal::session_of(&state.world.partition, &role, id);
        let who = principal.arn().to_owned();
        let given = state.give(
            principal,
            Facts::default(),
            LAST,
            request.now,
            request.fault,
        );
        let answer = json!({
            "RoleArn": role,
            "AccessKeyId": given.access_key_id,
            "SecretAccessKey": given.secret,
            "Token": given.token,
            "Expiration": clock::extended(given.expires),
        });
        Ok(rest::answer(&answer).given_to(who))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::answer(&json!({
            "code": refusal.code,
            "message": refusal.message,
            "HTTPErrorCode": refusal.status,
        }))
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        let (status, text) = match trouble {
            Trouble::Throttled => (429, "Too Many Requests"),
            Trouble::Internal => (500, "Internal server error"),
            Trouble::Unavailable => (503, "Credentials uninitialized for ID"),
        };
        let code = match trouble {
            Trouble::Unavailable => "CredentialsUninitialized",
            Trouble::Throttled | Trouble::Internal => "InternalServerError",
        };
        Refusal::new(status, code, format!("CredentialsV2Request: {text}"))
    }
}

fn wrong(code: &'static str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}
