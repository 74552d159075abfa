//! One request in, one answer out, without the network: what was asked is
//! judged, done and written into the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::caller::Caller;
use crate::clock;
use crate::fault::{self, Kind};
use crate::journal::{self, Entry};
use crate::query::Params;
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::services;
use crate::sigv4::{Authorization, Wire};
use crate::state::State;

/// An answer, and how it is to be sent.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) request_id: String,
    /// The `Date` header.
    pub(crate) date: String,
    pub(crate) ending: Ending,
    /// How long it is kept back.
    pub(crate) late: Duration,
    pub(crate) entry: Entry,
}

/// How the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it should.
    Whole,
    /// It ends before the answer.
    Cut,
    /// It ends in the middle of the body.
    CutMidBody,
}

/// What came over the wire as far as it could be read.
struct Read {
    auth: Result<Authorization, Refusal>,
    params: Result<Params, Refusal>,
    /// Who is asked; `None`: there is nothing at that place.
    service: Option<&'static dyn Service>,
    action: String,
}

impl Read {
    fn of(wire: Wire<'_>) -> Self {
        let params = Params::of(wire);
        let auth = Authorization::of(wire);
        let found = services::find(&RequestTarget {
            method: wire.method,
            path: wire.path,
            params: params.as_ref().ok(),
            scope: auth.as_ref().ok().map(|auth| auth.service.as_str()),
            target: wire.header("x-amz-target"),
        });
        let (service, action) = match found {
            Some((service, action)) => (Some(service), action.into_owned()),
            // What was asked of nobody is journaled all the same.
            None => {
                let named = params.as_ref().ok().and_then(|params| params.get("Action"));
                (None, named.unwrap_or_default().to_owned())
            }
        };
        Self {
            auth,
            params,
            service,
            action,
        }
    }

    /// Whether the request has to be signed.
    fn signed(&self) -> bool {
        self.service
            .is_none_or(|service| service.signed(&self.action))
    }
}

/// Answers `wire`.
pub(crate) fn exchange(state: &mut State, wire: Wire<'_>) -> Reply {
    let now = state.clock.now();
    let request_id = random::request_id();
    let read = Read::of(wire);
    let fault = state.faults.next(&read.action);
    state.gave = None;
    let (caller, result) = judge(state, wire, &read, now, &request_id, fault.as_ref());

    if let (Some(caller), Ok(auth)) = (&caller, &read.auth) {
        state.note_use(caller, auth, now);
    }
    let signed = read.signed();
    let speaker = read.service.unwrap_or(services::DEFAULT);
    let mut parameters = read.params.map(Params::rest).unwrap_or_default();
    parameters.extend(journal::json_parameters(wire.body));
    let mut entry = Entry {
        time: now,
        request_id: request_id.clone(),
        connection: wire.connection,
        service: String::new(),
        action: read.action,
        path: wire.path.to_owned(),
        region: String::new(),
        access_key_id: None,
        caller: caller.map(|caller| caller.principal.arn().to_owned()),
        gave: state.gave.take(),
        parameters,
        user_agent: wire.header("user-agent").map(str::to_owned),
        authorization: None,
        status: 200,
        outcome: "OK".to_owned(),
        fault: fault.as_ref().map(Kind::name),
    };
    if let Ok(auth) = read.auth {
        entry.service = auth.service;
        entry.region = auth.region;
        entry.access_key_id = Some(auth.access_key_id);
    } else if !signed {
        speaker.name().clone_into(&mut entry.service);
        entry.authorization = wire.header("authorization").map(str::to_owned);
    }
    let body = match result {
        Ok(body) => {
            entry.status = body.status;
            entry.caller = entry.caller.or_else(|| body.given_to.clone());
            body
        }
        Err(refusal) => {
            entry.status = refusal.status;
            entry.outcome = refusal.code.clone().into_owned();
            speaker.refuse(&refusal, &request_id)
        }
    };
    state.journal.add(entry.clone());
    finish(state, fault.as_ref(), body, entry, now)
}

/// Proves who calls, then lets the service answer.
fn judge(
    state: &mut State,
    wire: Wire<'_>,
    read: &Read,
    now: Timestamp,
    request_id: &str,
    fault: Option<&Kind>,
) -> (Option<Caller>, Result<Body, Refusal>) {
    let speaker = read.service.unwrap_or(services::DEFAULT);
    match fault {
        Some(Kind::Error {
            status,
            code,
            message,
        }) => {
            let refusal = Refusal::new(*status, code.clone(), message.clone());
            return (None, Err(refusal));
        }
        Some(Kind::Trouble(trouble)) => return (None, Err(speaker.trouble(*trouble))),
        _ => {}
    }
    let (service, caller, params) = match prove(state, wire, read, now) {
        Ok(proved) => proved,
        Err(refusal) => return (None, Err(refusal)),
    };
    let request = Request {
        action: &read.action,
        params,
        wire,
        caller: caller.as_ref(),
        now,
        request_id,
        fault,
    };
    let result = service.answer(state, &request);
    (caller, result)
}

type Proved<'a> = (&'static dyn Service, Option<Caller>, &'a Params);

fn prove<'a>(
    state: &State,
    wire: Wire<'_>,
    read: &'a Read,
    now: Timestamp,
) -> Result<Proved<'a>, Refusal> {
    let Some(service) = read.service else {
        return Err(Refusal::new(
            404,
            "UnknownOperationException",
            format!("There is nothing at {} {}", wire.method, wire.path),
        ));
    };
    let caller = match service.signed(&read.action) {
        true => {
            let auth = read.auth.as_ref().map_err(Clone::clone)?;
            Some(Caller::prove(state, service.name(), wire, auth, now)?)
        }
        false => None,
    };
    let params = read.params.as_ref().map_err(Clone::clone)?;
    Ok((service, caller, params))
}

/// Adds what goes wrong after the request is done.
fn finish(state: &State, fault: Option<&Kind>, body: Body, entry: Entry, now: Timestamp) -> Reply {
    let mut reply = Reply {
        status: entry.status,
        body,
        request_id: entry.request_id.clone(),
        date: clock::http(now),
        ending: Ending::Whole,
        late: state.latency,
        entry,
    };
    match fault {
        Some(Kind::Cut) => reply.ending = Ending::Cut,
        Some(Kind::CutMidBody) => reply.ending = Ending::CutMidBody,
        Some(Kind::Hang(time)) => reply.late = reply.late.saturating_add(*time),
        Some(Kind::Garbage) => {
            reply.status = 200;
            reply.body.bytes = b"\0\x1b[2J<html>}{ this is not the answer".to_vec();
        }
        Some(Kind::ExpireAs(text)) if reply.status == 200 => {
            reply.body.bytes = fault::expiring_as(&reply.body.bytes, text.as_deref());
        }
        Some(
            Kind::Error { .. }
            | Kind::Trouble(_)
            | Kind::WrongRole(_)
            | Kind::WrongIdentity(_)
            | Kind::ExpireIn(_)
            | Kind::ExpireAs(_),
        )
        | None => {}
    }
    reply
}

/// Answers a request that was not even read to its end, such as one that is
/// too large.
pub(crate) fn reject(state: &mut State, connection: u64, refusal: &Refusal) -> Reply {
    let now = state.clock.now();
    let request_id = random::request_id();
    let body = services::DEFAULT.refuse(refusal, &request_id);
    let entry = Entry {
        time: now,
        request_id,
        connection,
        service: String::new(),
        action: String::new(),
        path: String::new(),
        region: String::new(),
        access_key_id: None,
        caller: None,
        gave: None,
        parameters: BTreeMap::new(),
        user_agent: None,
        authorization: None,
        status: refusal.status,
        outcome: refusal.code.clone().into_owned(),
        fault: None,
    };
    state.journal.add(entry.clone());
    finish(state, None, body, entry, now)
}

#[cfg(test)]
mod tests;
