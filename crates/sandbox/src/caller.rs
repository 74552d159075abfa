//! Who calls: keys and session tokens, proved by the signature.

use jiff::Timestamp;

use crate::clock;
use crate::principal::{Facts, Principal};
use crate::refusal::Refusal;
use crate::sigv4::{Authorization, Wire};
use crate::state::State;

/// Who has proved to call.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) region: String,
    pub(crate) principal: Principal,
    /// What the session carries; `None` for long-term keys.
    pub(crate) session: Option<Facts>,
    /// When the session ends; `None` for long-term keys.
    pub(crate) expires: Option<Timestamp>,
}

impl Caller {
    /// Checks the signature and all that belongs to it, in this order: form,
    /// scope, time, key, session token, signature.
    pub(crate) fn prove(
        state: &State,
        service: &str,
        wire: Wire<'_>,
        auth: &Authorization,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if auth.service != service {
            return Err(Refusal::signature(format!(
                "Credential should be scoped to correct service: '{service}'. "
            )));
        }
        // STS does not look at `X-Amz-Expires`: clusters of EKS count on that.
        let signed = match &auth.presigned {
            Some(presigned) => clock::read(&presigned.date)?,
            None => clock::signed_at(wire)?,
        };
        if !state.world.has_region(&auth.region) {
            return Err(Refusal::signature(
                "Credential should be scoped to a valid region. ",
            ));
        }
        let time = clock::basic(signed);
        if auth.date != time[..time.len().min(8)] {
            return Err(Refusal::signature(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{}', from '{time}'.",
                auth.date,
                &time[..time.len().min(8)]
            )));
        }
        auth.check_headers(wire)?;
        clock::check_skew(signed, now, state.skew_minutes)?;
        let (secret, caller) = find(state, wire, auth, now)?;
        auth.verify(wire, &time, &secret)?;
        Ok(caller)
    }
}

/// The secret of the key, and who signs with it.
fn find(
    state: &State,
    wire: Wire<'_>,
    auth: &Authorization,
    now: Timestamp,
) -> Result<(String, Caller), Refusal> {
    let id = auth.access_key_id.as_str();
    let region = auth.region.clone();
    let token = match &auth.presigned {
        Some(presigned) => presigned.token.as_deref(),
        None => wire.header("x-amz-security-token"),
    };
    if let Some((user, key)) = state.world.find_key(id) {
        if token.is_some() {
            return Err(Refusal::invalid_token());
        }
        if !key.active || !state.iam.is_known(id) {
            return Err(Refusal::unknown_key());
        }
        let arn = state.world.user_arn(user);
        let account = user.account.clone();
        let caller = Caller {
            region,
            principal: Principal::User { arn, account },
            session: None,
            expires: None,
        };
        return Ok((key.secret.clone(), caller));
    }
    let (Some(session), Some(token)) = (state.sessions.get(id), token) else {
        return Err(Refusal::unknown_key());
    };
    if session.token != token {
        return Err(Refusal::invalid_token());
    }
    if !state.world.is_there(&session.principal) {
        return Err(Refusal::invalid_token());
    }
    if session.expires <= now {
        return Err(Refusal::expired_token());
    }
    let caller = Caller {
        region,
        principal: session.principal.clone(),
        session: Some(session.facts.clone()),
        expires: Some(session.expires),
    };
    Ok((session.secret.clone(), caller))
}
