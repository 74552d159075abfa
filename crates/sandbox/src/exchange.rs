//! One request in, one answer out, without the network: what was asked is
//! judged, done and written into the journal.

use std::time::Duration;

use jiff::Timestamp;

use crate::caller::Caller;
use crate::clock;
use crate::fault::Kind;
use crate::journal::Entry;
use crate::query::Params;
use crate::random;
use crate::refusal::Refusal;
use crate::services::{Body, Request, Service};
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
    action: String,
}

/// Answers `wire`.
pub(crate) fn exchange(state: &mut State, wire: Wire<'_>) -> Reply {
    let now = state.clock.now();
    let request_id = random::request_id();
    let params = Params::of(wire);
    let action = params
        .as_ref()
        .map(|params| params.get("Action").unwrap_or_default().to_owned())
        .unwrap_or_default();
    let read = Read {
        auth: Authorization::of(wire),
        params,
        action,
    };
    let fault = state.faults.next(&read.action);
    let (caller, result) = judge(state, wire, &read, now, &request_id, fault.as_ref());

    let mut entry = Entry {
        time: now,
        request_id: request_id.clone(),
        service: String::new(),
        action: read.action,
        region: String::new(),
        access_key_id: None,
        caller: caller.map(|caller| caller.principal.arn().to_owned()),
        parameters: read.params.map(Params::rest).unwrap_or_default(),
        user_agent: wire.header("user-agent").map(str::to_owned),
        status: 200,
        outcome: "OK".to_owned(),
        fault: fault.as_ref().map(Kind::name),
    };
    let service = read.auth.as_ref().ok().map(|auth| auth.service.clone());
    if let Ok(auth) = read.auth {
        entry.service = auth.service;
        entry.region = auth.region;
        entry.access_key_id = Some(auth.access_key_id);
    }
    let body = result.unwrap_or_else(|refusal| {
        entry.status = refusal.status;
        entry.outcome = refusal.code.clone().into_owned();
        speaker(service.as_deref()).refuse(&refusal, &request_id)
    });
    state.journal.add(entry.clone());
    finish(state, fault.as_ref(), body, entry, now)
}

/// The service that says no: the one asked for, else STS.
fn speaker(name: Option<&str>) -> Service {
    name.and_then(|name| Service::named(name).ok())
        .unwrap_or(Service::Sts)
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
    if let Some(Kind::Error {
        status,
        code,
        message,
    }) = fault
    {
        let refusal = Refusal::new(*status, code.clone(), message.clone());
        return (None, Err(refusal));
    }
    let proved = prove(state, wire, read, now);
    let (service, caller, params) = match proved {
        Ok(proved) => proved,
        Err(refusal) => return (None, Err(refusal)),
    };
    let request = Request {
        action: &read.action,
        params,
        caller: &caller,
        now,
        request_id,
        fault,
    };
    let result = service.answer(state, &request);
    (Some(caller), result)
}

fn prove<'a>(
    state: &State,
    wire: Wire<'_>,
    read: &'a Read,
    now: Timestamp,
) -> Result<(Service, Caller, &'a Params), Refusal> {
    if !matches!(wire.method, "POST" | "GET") || wire.path != "/" {
        return Err(Refusal::new(
            404,
            "UnknownOperationException",
            format!("There is nothing at {} {}", wire.method, wire.path),
        ));
    }
    let auth = read.auth.as_ref().map_err(Clone::clone)?;
    let service = Service::named(&auth.service)?;
    let caller = Caller::prove(state, wire, auth, now)?;
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
            reply.body.text = "\u{0}\u{1b}[2J<html>}{ this is not the answer".to_owned();
        }
        Some(Kind::Error { .. } | Kind::WrongRole(_) | Kind::ExpireIn(_)) | None => {}
    }
    reply
}

/// Answers a request that was not even read to its end, such as one that is
/// too large.
pub(crate) fn reject(state: &mut State, refusal: &Refusal) -> Reply {
    let now = state.clock.now();
    let request_id = random::request_id();
    let body = Service::Sts.refuse(refusal, &request_id);
    let entry = Entry {
        time: now,
        request_id,
        service: String::new(),
        action: String::new(),
        region: String::new(),
        access_key_id: None,
        caller: None,
        parameters: std::collections::BTreeMap::new(),
        user_agent: None,
        status: refusal.status,
        outcome: refusal.code.clone().into_owned(),
        fault: None,
    };
    state.journal.add(entry.clone());
    finish(state, None, body, entry, now)
}

#[cfg(test)]
mod tests;
