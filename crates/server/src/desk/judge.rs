//! Who gets a page. One function, without effects.

use http::header::{CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, ORIGIN};
use http::header::{TRANSFER_ENCODING, UPGRADE};
use http::{Method, StatusCode, Uri};

use super::pages::{Found, PageState, Peers};
use crate::judge::Peer;

/// How a browser says that it fetches what nobody has asked for yet.
const PURPOSE: [HeaderName; 2] = [
    HeaderName::from_static("purpose"),
    HeaderName::from_static("sec-purpose"),
];

/// What a browser is to do with the answer.
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What a desk goes by.
#[derive(Clone, Debug)]
pub(super) struct DeskRules {
    /// Its only name in `Host`, with its port.
    pub(super) host: String,
    /// Whose it is.
    pub(super) user: u32,
    /// What the system tells of visitors.
    pub(super) peers: Peers,
}

/// A request, without its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit<'r> {
    /// How it is asked.
    pub(super) method: &'r Method,
    /// For what.
    pub(super) uri: &'r Uri,
    /// With what.
    pub(super) headers: &'r HeaderMap,
    /// By whom.
    pub(super) peer: Peer,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// The page of this number is handed over.
    Take(usize),
    /// It comes from a sign-in, if what it shows is right.
    Back,
    /// It is told how a sign-in ended: whether it was granted.
    End(bool),
    /// Somebody else knows the address of the page of this number: it is
    /// withdrawn.
    Foreign(usize, Option<u32>),
    /// The page was handed over before.
    Again(usize),
    /// It is refused, and nothing changes.
    Refused(Refused),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// What is answered.
    pub(super) status: StatusCode,
    /// A sentence for whoever reads it.
    pub(super) message: &'static str,
}

const fn refused(status: StatusCode, message: &'static str) -> Refused {
    Refused { status, message }
}

/// Decides on a request for what `found` stands for.
pub(super) fn judge(visit: &Visit<'_>, rules: &DeskRules, found: &Found) -> Admission {
    match decide(visit, rules, found) {
        Ok(verdict) => verdict,
        Err(refused) => Admission::Refused(refused),
    }
}

fn decide(visit: &Visit<'_>, rules: &DeskRules, found: &Found) -> Result<Admission, Refused> {
    let stranger = is_stranger(visit.peer, rules);
    match found {
        // Whoever has the address and is not the person has read it somewhere.
        Found::Page(number, PageState::Open, false) if stranger => {
            let user = match visit.peer {
                Peer::User(user) => Some(user),
                Peer::Unknown => None,
            };
            return Ok(Admission::Foreign(*number, user));
        }
        _ if stranger => {
            return Err(refused(
                StatusCode::FORBIDDEN,
                "this page is another user's",
            ));
        }
        _ => {}
    }
    for_us(visit, rules)?;
    bare(visit.headers)?;
    if visit.method != Method::GET {
        return Err(refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "the method here is GET",
        ));
    }
    match found {
        Found::Nothing => Err(refused(StatusCode::NOT_FOUND, "there is nothing here")),
        Found::Page(..) if visit.uri.query().is_some() => {
            Err(refused(StatusCode::NOT_FOUND, "there is nothing here"))
        }
        Found::Page(number, state, late) => match state {
            PageState::Taken => Ok(Admission::Again(*number)),
            PageState::Spent => Err(refused(
                StatusCode::FORBIDDEN,
                "another user has asked for this page, and it was withdrawn",
            )),
            PageState::Open if *late => {
                Err(refused(StatusCode::FORBIDDEN, "this page has expired"))
            }
            PageState::Open => Ok(Admission::Take(*number)),
        },
        Found::End(granted) => Ok(Admission::End(*granted)),
        Found::Return(true) => Err(refused(
            StatusCode::FORBIDDEN,
            "the sign-in has come back before",
        )),
        Found::Return(false) => Ok(Admission::Back),
    }
}

/// Other users of the machine reach its loopback, too.
fn is_stranger(peer: Peer, rules: &DeskRules) -> bool {
    match (peer, rules.peers) {
        (Peer::User(user), _) if user == rules.user => false,
        // Windows comes by a relay of the system.
        (Peer::User(0), Peers::Relayed) => false,
        (Peer::User(_), _) => true,
        (Peer::Unknown, peers) => peers == Peers::Known,
    }
}

/// A page of the network may have a name of its own lead to this machine.
fn for_us(visit: &Visit<'_>, rules: &DeskRules) -> Result<(), Refused> {
    let mut hosts = visit.headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none());
    let is_ours = host.is_some_and(|host| host.as_bytes() == rules.host.as_bytes());
    // A proxy is asked for a whole URL.
    match is_ours && visit.uri.authority().is_none() {
        true => Ok(()),
        false => Err(refused(
            StatusCode::FORBIDDEN,
            "the request's Host is none of this page",
        )),
    }
}

/// Nothing that a browser sends to open a page.
fn bare(headers: &HeaderMap) -> Result<(), Refused> {
    let has_body = headers.get_all(CONTENT_LENGTH).iter().any(|it| it != "0")
        || [TRANSFER_ENCODING, EXPECT, UPGRADE]
            .iter()
            .any(|name| headers.contains_key(name));
    if has_body {
        return Err(refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "a request has no body here",
        ));
    }
    if headers.contains_key(ORIGIN) || PURPOSE.iter().any(|name| headers.contains_key(name)) {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "a page is opened by a person, not by a script or ahead of time",
        ));
    }
    let is = |name: &HeaderName, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .all(|value| value.as_bytes() == wanted.as_bytes())
    };
    match is(&FETCH_MODE, "navigate") && is(&FETCH_DEST, "document") {
        true => Ok(()),
        false => Err(refused(
            StatusCode::FORBIDDEN,
            "a page is opened in a window of its own",
        )),
    }
}
