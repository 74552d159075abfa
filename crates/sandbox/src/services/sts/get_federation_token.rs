//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use super::tags::Tags;
use super::{policies, reply};
use crate::constraints::{Constraints, NAME};
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;

pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let (params, caller) = (request.params, request.caller()?);
    let mut constraints = Constraints::default();
    let wanted = params.get("DurationSeconds");
    let seconds = constraints.number("durationSeconds", wanted, (900, 129_600), 43_200)?;
    let name = params.get("Name").unwrap_or_default();
    constraints.text("name", Some(name), (2, 32), NAME);
    policies::constrain(params, &mut constraints);
    constraints.check()?;
    reply::check_region(state, request)?;
    if caller.session.is_some() {
        return Err(Refusal::denied(
            "Cannot call GetFederationToken with session credentials",
        ));
    }
    let packed = policies::pack(
        params,
        &Tags {
            all: Vec::new(),
            any: false,
        },
    )?;
    let account = caller.principal.account();
    let partition = &state.world.partition;
    let principal = Principal::Federated {
        arn: format!("arn:{partition}:sts::{account}:federated-user/{name}"),
        account: account.to_owned(),
    };
    let (arn, id) = (principal.arn().to_owned(), principal.id());
    let facts = Facts::default();
    let given = state.give(principal, facts, seconds, request.now, request.fault);
    Ok(reply::wrap(request, |xml| {
        xml.within("FederatedUser", |xml| {
            xml.leaf("FederatedUserId", &id);
            xml.leaf("Arn", &arn);
        });
        reply::write_credentials(xml, &given);
        if let Some(packed) = packed {
            xml.leaf("PackedPolicySize", &packed.to_string());
        }
    }))
}
