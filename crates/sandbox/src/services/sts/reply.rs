//! What the answers of STS have in common.

use crate::clock;
use crate::query::{self, Xml};
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::{Given, State};

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(super) fn wrap(request: &Request<'_>, result: impl FnOnce(&mut Xml)) -> Body {
    let text = query::answer(request.action, NAMESPACE, request.request_id, result);
    Body::new("text/xml", text)
}

/// Whether `account` has STS on in the region of the request, as far as one is
/// named. GetCallerIdentity does not ask: AWS answers it everywhere.
pub(super) fn check_region(state: &State, request: &Request<'_>) -> Result<(), Refusal> {
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

pub(super) fn write_credentials(xml: &mut Xml, given: &Given) {
    xml.within("Credentials", |xml| {
        xml.leaf("AccessKeyId", &given.access_key_id);
        xml.leaf("SecretAccessKey", &given.secret);
        xml.leaf("SessionToken", &given.token);
        xml.leaf("Expiration", &clock::extended(given.expires));
    });
}
