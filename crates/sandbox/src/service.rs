//! What a service of the sandbox is, what it is asked and what it answers.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::caller::Caller;
use crate::fault::{Kind, Trouble};
use crate::query::Params;
use crate::refusal::Refusal;
use crate::sigv4::{Authorization, Wire};
use crate::state::State;

/// A service.
pub(crate) trait Service: Sync {
    /// As signatures and the journal call it.
    fn name(&self) -> &'static str;

    /// The operation that is asked for, such as `AssumeRole`; `None`: there is
    /// nothing of this service at that place.
    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>>;

    /// Whether a request for `action` has to be signed.
    fn signed(&self, _action: &str) -> bool {
        true
    }

    /// Does what the request asks.
    ///
    /// # Errors
    /// What AWS would say.
    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal>;

    /// Says no the way the service does.
    fn refuse(&self, refusal: &Refusal, request_id: &str) -> Body;

    /// How the service words trouble of its own.
    fn trouble(&self, trouble: Trouble) -> Refusal;
}

/// Where a request goes, before anything of it is proved.
pub(crate) struct RequestTarget<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) params: Option<&'a Params>,
    /// The service that a signature names.
    pub(crate) scope: Option<&'a str>,
    /// What the header of the JSON protocol names: `AmazonSSM.StartSession`.
    pub(crate) target: Option<&'a str>,
}

impl<'a> RequestTarget<'a> {
    /// The action of a query request at the root; `None`: it is none.
    pub(crate) fn query_action(&self) -> Option<&'a str> {
        let here = matches!(self.method, "POST" | "GET") && self.path == "/";
        let named = || self.params.and_then(|params| params.get("Action"));
        here.then(|| named().unwrap_or_default())
    }

    /// The operation of the JSON protocol behind `prefix`; `None`: it is none.
    pub(crate) fn typed_action(&self, prefix: &str) -> Option<&'a str> {
        let here = self.method == "POST" && self.path == "/";
        let named = self.target?.strip_prefix(prefix)?.strip_prefix('.')?;
        here.then_some(named)
    }
}

/// A request whose signature, if it has to have one, was proved.
pub(crate) struct Request<'a> {
    /// Such as `AssumeRole`.
    pub(crate) action: &'a str,
    /// Of the query string and, at the root, of the form in the body.
    pub(crate) params: &'a Params,
    pub(crate) wire: Wire<'a>,
    /// Who signed it; `None`: nobody had to.
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    /// What is to go wrong with it.
    pub(crate) fault: Option<&'a Kind>,
}

impl<'a> Request<'a> {
    /// Who signed it.
    ///
    /// # Errors
    /// Nobody did.
    pub(crate) fn caller(&self) -> Result<&'a Caller, Refusal> {
        self.caller.ok_or_else(Authorization::missing)
    }
}

/// The body of an answer, and what goes with it.
pub(crate) struct Body {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Headers that only this answer has.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Who it was given to, if no signature says so.
    pub(crate) given_to: Option<String>,
}

impl Body {
    pub(crate) fn new(content_type: &'static str, text: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            content_type,
            bytes: text.into(),
            headers: Vec::new(),
            given_to: None,
        }
    }

    /// With a header more.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says whom it was given to.
    pub(crate) fn given_to(mut self, who: impl Into<String>) -> Self {
        self.given_to = Some(who.into());
        self
    }
}
