//! The services that the sandbox speaks, one file each. The one that a
//! request is for is the one that its signature names.

mod sts;

use jiff::Timestamp;

use crate::caller::Caller;
use crate::fault::Kind;
use crate::query::Params;
use crate::refusal::Refusal;
use crate::state::State;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Security Token Service.
    Sts,
}

/// A request whose signature was proved.
pub(crate) struct Request<'a> {
    /// Such as `AssumeRole`.
    pub(crate) action: &'a str,
    pub(crate) params: &'a Params,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    /// What is to go wrong with it.
    pub(crate) fault: Option<&'a Kind>,
}

/// The body of an answer.
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

impl Service {
    /// The one that a signature is for.
    ///
    /// # Errors
    /// The sandbox does not speak it.
    pub(crate) fn named(name: &str) -> Result<Self, Refusal> {
        match name {
            "sts" => Ok(Self::Sts),
            _ => Err(Refusal::signature(
                "Credential should be scoped to correct service: 'sts'. ",
            )),
        }
    }

    /// Does what the request asks.
    pub(crate) fn answer(self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        match self {
            Self::Sts => sts::answer(state, request),
        }
    }

    /// Says no the way the service does.
    pub(crate) fn refuse(self, refusal: &Refusal, request_id: &str) -> Body {
        match self {
            Self::Sts => sts::refuse(refusal, request_id),
        }
    }
}
