//! Security Token Service:
//! <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_session_token;
mod policies;
mod tags;

use std::borrow::Cow;

use crate::clock;
use crate::fault::Trouble;
use crate::query::{self, Xml};
use crate::refusal::Refusal;
use crate::services::{Asked, Body, Request, Service};
use crate::state::{Given, State};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const VERSION: &str = "2011-06-15";

/// Security Token Service.
pub(super) struct Sts;

impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn operation<'a>(&self, asked: &Asked<'a>) -> Option<Cow<'a, str>> {
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
            "GetSessionToken" => get_session_token::answer(state, request),
            "GetCallerIdentity" => get_caller_identity::answer(request),
            _ => Err(query::unknown_action(request)),
        }
    }

    fn refuse(&self, refusal: &Refusal, request_id: &str) -> Body {
        Body::new("text/xml", query::error(refusal, NAMESPACE, request_id))
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        query::trouble(trouble)
    }
}

fn wrap(request: &Request<'_>, result: impl FnOnce(&mut Xml)) -> Body {
    let text = query::answer(request.action, NAMESPACE, request.request_id, result);
    Body::new("text/xml", text)
}

/// Whether `account` has STS on in the region of the request, as far as one is
/// named. GetCallerIdentity does not ask: AWS answers it everywhere.
fn check_region(state: &State, request: &Request<'_>) -> Result<(), Refusal> {
    let Some(caller) = request.caller else {
        return Ok(());
    };
    if !state.world.disabled_regions.contains(&caller.region) {
        return Ok(());
    }
    Err(Refusal::new(
        403,
        "RegionDisabledException",
        format!(
            "STS is not activated in this region for account:{}. Your account administrator \
             can activate STS in this region using the IAM Console.",
            caller.principal.account()
        ),
    ))
}

fn write_credentials(xml: &mut Xml, given: &Given) {
    xml.within("Credentials", |xml| {
        xml.leaf("AccessKeyId", &given.access_key_id);
        xml.leaf("SecretAccessKey", &given.secret);
        xml.leaf("SessionToken", &given.token);
        xml.leaf("Expiration", &clock::extended(given.expires));
    });
}
