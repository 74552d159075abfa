//! Elastic Container Registry, as far as Docker is let in:
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use serde_json::json;

use crate::clock;
use crate::fault::{Kind, Trouble};
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

/// How long a token is good, in seconds.
const LASTS: i64 = 43_200;

/// ECR.
pub(super) struct Ecr;

impl Service for Ecr {
    fn name(&self) -> &'static str {
        "ecr"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let action = asked.typed_action("AmazonEC2ContainerRegistry_V20150921");
        action.map(Cow::Borrowed)
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        if request.action != "GetAuthorizationToken" {
            return Err(rest::unknown_operation());
        }
        rest::object(request.wire)?;
        let caller = request.caller()?;
        let world = &state.world;
        world.allow(&caller.principal, "ecr:GetAuthorizationToken", "*")?;
        let seconds = match request.fault {
            Some(Kind::ExpireIn(seconds)) => *seconds,
            _ => LASTS,
        };
        let expires = clock::after(request.now, SignedDuration::from_secs(seconds));
        // A real one is about so long.
        let password: String = (0..20).map(|_| random::opaque()).collect();
        let (account, region) = (caller.principal.account(), &caller.region);
        let domain = match world.partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        Ok(rest::typed_answer(&json!({
            "authorizationData": [{
                "authorizationToken": BASE64_STANDARD.encode(format!("AWS:{password}")),
                "expiresAt": expires.as_millisecond() as f64 / 1000.0,
                "proxyEndpoint": format!("https://{account}.dkr.ecr.{region}.{domain}"),
            }]
        })))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        rest::typed_error(refusal)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        rest::trouble(trouble)
    }
}
