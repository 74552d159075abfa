//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use super::reply;
use crate::constraints::{Constraints, DIGITS, SERIAL};
use crate::principal::Facts;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;

pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let (params, caller) = (request.params, request.caller()?);
    let serial = params.get("SerialNumber");
    let code = params.get("TokenCode");
    let mut constraints = Constraints::default();
    let wanted = params.get("DurationSeconds");
    let seconds = constraints.number("durationSeconds", wanted, (900, 129_600), 43_200)?;
    constraints.text("serialNumber", serial, (9, 256), SERIAL);
    constraints.text("tokenCode", code, (6, 6), DIGITS);
    constraints.check()?;
    reply::check_region(state, request)?;
    if caller.session.is_some() {
        return Err(Refusal::denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    let mfa = state.spend(caller, serial, code, request.now)?;
    let facts = Facts {
        of_user: true,
        mfa,
        ..Facts::default()
    };
    let principal = caller.principal.clone();
    let given = state.give(principal, facts, seconds, request.now, request.fault);
    Ok(reply::wrap(request, |xml| {
        reply::write_credentials(xml, &given);
    }))
}
