//! Security Token Service:
//! <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod assume_role;
mod get_caller_identity;
mod get_session_token;
mod tags;

use crate::clock;
use crate::query::{self, Xml};
use crate::refusal::Refusal;
use crate::services::{Body, Request};
use crate::state::{Given, State};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const VERSION: &str = "2011-06-15";

/// Does what the request asks.
pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    if request.action.is_empty() {
        return Err(Refusal::new(400, "MissingAction", "Missing Action"));
    }
    let version = request.params.get("Version").unwrap_or_default();
    let text = match request.action {
        "AssumeRole" if version == VERSION => assume_role::answer(state, request)?,
        "GetSessionToken" if version == VERSION => get_session_token::answer(state, request)?,
        "GetCallerIdentity" if version == VERSION => get_caller_identity::answer(request),
        action => {
            return Err(Refusal::new(
                400,
                "InvalidAction",
                format!("Could not find operation {action} for version {version}"),
            ));
        }
    };
    Ok(Body {
        content_type: "text/xml",
        text,
    })
}

/// Says no.
pub(super) fn refuse(refusal: &Refusal, request_id: &str) -> Body {
    Body {
        content_type: "text/xml",
        text: query::error(refusal, NAMESPACE, request_id),
    }
}

fn wrap(request: &Request<'_>, result: impl FnOnce(&mut Xml)) -> String {
    query::answer(request.action, NAMESPACE, request.request_id, result)
}

/// Whether the caller's account has STS on in the region of the request.
/// GetCallerIdentity does not ask: AWS answers it everywhere.
fn check_region(state: &State, request: &Request<'_>) -> Result<(), Refusal> {
    let caller = request.caller;
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
