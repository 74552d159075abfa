//! Who is answered. One function, without effects: a request in, a verdict out.

use std::borrow::Cow;

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, ORIGIN, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{Method, StatusCode, Uri};

use crate::answer::{Form, Refusal};
use crate::path::Wanted;
use crate::token::Token;

/// Bytes of a path; a role's name has 512 at the most, written with three each.
const LONGEST_PATH: usize = 2048;

/// What a browser says of each of its requests.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a proxy says of those that it passes on, as the metadata service of
/// AWS heeds it.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What a client of the metadata service shows.
const INSTANCE_TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");

/// Who is at the other end, as the kernel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A user of this machine.
    User(u32),
    /// The kernel does not tell: the token decides.
    Unknown,
}

/// What a server goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Its names in `Host`, with its port, in small letters; `None`: no name of
    /// the network leads to it.
    pub hosts: Option<Vec<String>>,
    /// What is to be shown.
    pub token: Token,
    /// Whose server it is.
    pub user: u32,
    /// Whether it stands in for the metadata service of an instance.
    pub instance: bool,
}

impl Rules {
    /// Whether `peer` is this user, the system's, or nobody can tell.
    pub(crate) fn is_ours(&self, peer: Peer) -> bool {
        match peer {
            Peer::User(user) => user == self.user || user == 0,
            Peer::Unknown => true,
        }
    }
}

/// A request, without its body.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'r> {
    /// How it is asked.
    pub method: &'r Method,
    /// For what.
    pub uri: &'r Uri,
    /// With what.
    pub headers: &'r HeaderMap,
    /// By whom.
    pub peer: Peer,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'r> {
    /// It gets the credentials of a role: the only one, if none is named.
    Role(Option<Cow<'r, str>>, #[doc(hidden)] RoleForm),
    /// It gets to know that the server runs.
    Health,
    /// It gets a token of the metadata service.
    InstanceToken,
    /// It gets the names of the roles.
    InstanceRoles,
    /// It gets the region.
    InstanceRegion,
    /// It is refused.
    Refused(Refusal),
}

/// The form in which credentials are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleForm(pub(crate) Form);

impl Verdict<'_> {
    /// Whether the request came from somebody who may ask.
    pub(crate) fn is_trusted(&self) -> bool {
        !matches!(self, Self::Health | Self::Refused(_))
    }
}

/// Decides on a request.
pub fn judge<'r>(asked: &Asked<'r>, rules: &Rules) -> Verdict<'r> {
    match decide(asked, rules) {
        Ok(verdict) => verdict,
        Err(refusal) => Verdict::Refused(refusal),
    }
}

fn decide<'r>(asked: &Asked<'r>, rules: &Rules) -> Result<Verdict<'r>, Refusal> {
    of_user(asked.peer, rules)?;
    for_us(asked, rules)?;
    no_browser(asked.headers)?;
    no_body(asked.headers)?;
    let path = asked.uri.path();
    if path.len() > LONGEST_PATH {
        return Err(bad(StatusCode::URI_TOO_LONG, "the path is too long"));
    }
    let wanted = Wanted::of(path);
    method(asked.method, &wanted)?;
    if wanted == Wanted::Health {
        return Ok(Verdict::Health);
    }
    if wanted.is_of_instance() {
        of_instance(asked, rules, &wanted)?;
    } else {
        token(asked.headers, rules)?;
    }
    let role = |name, form| Ok(Verdict::Role(name, RoleForm(form)));
    match wanted {
        Wanted::TheRole => role(None, Form::Container),
        Wanted::Role(name) => role(Some(name), Form::Container),
        Wanted::Process(name) => role(Some(name), Form::Process),
        Wanted::InstanceRole(name) => role(Some(name), Form::Instance),
        Wanted::InstanceRoles => Ok(Verdict::InstanceRoles),
        Wanted::InstanceRegion => Ok(Verdict::InstanceRegion),
        Wanted::InstanceToken => Ok(Verdict::InstanceToken),
        Wanted::Health => Ok(Verdict::Health),
        Wanted::Nothing => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            "there is nothing here; credentials are at /role/NAME",
        )),
    }
}

/// Other users of the machine reach its loopback, too.
fn of_user(peer: Peer, rules: &Rules) -> Result<(), Refusal> {
    match rules.is_ours(peer) {
        true => Ok(()),
        false => Err(Refusal::denied("this server is another user's")),
    }
}

/// A page in a browser may have a name of its own lead to this machine.
fn for_us(asked: &Asked<'_>, rules: &Rules) -> Result<(), Refusal> {
    let Some(hosts) = &rules.hosts else {
        return Ok(());
    };
    let ours = |host: &str| hosts.iter().any(|ours| host.eq_ignore_ascii_case(ours));
    let host = only(asked.headers, &HOST).and_then(|host| host.to_str().ok());
    let authority = asked.uri.authority();
    let is_ours = host.is_some_and(ours) && authority.is_none_or(|name| ours(name.as_str()));
    match is_ours {
        true => Ok(()),
        false => Err(Refusal::denied("the request's Host is none of this server")),
    }
}

fn no_browser(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.contains_key(ORIGIN) || headers.contains_key(FETCH_SITE) {
        true => Err(Refusal::denied("browsers get no credentials here")),
        false => Ok(()),
    }
}

/// Nobody who asks for credentials sends one.
fn no_body(headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get_all(CONTENT_LENGTH);
    let has_length = length.iter().any(|length| length != "0");
    match has_length
        || [TRANSFER_ENCODING, EXPECT, UPGRADE]
            .iter()
            .any(|name| headers.contains_key(name))
    {
        true => Err(bad(
            StatusCode::PAYLOAD_TOO_LARGE,
            "a request has no body here",
        )),
        false => Ok(()),
    }
}

fn method(method: &Method, wanted: &Wanted<'_>) -> Result<(), Refusal> {
    let right = match wanted {
        Wanted::InstanceToken => Method::PUT,
        _ => Method::GET,
    };
    match *method == right {
        true => Ok(()),
        false => Err(bad(
            StatusCode::METHOD_NOT_ALLOWED,
            &format!("the method here is {right}"),
        )),
    }
}

fn token(headers: &HeaderMap, rules: &Rules) -> Result<(), Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Err(Refusal::denied(
            "no token: set AWS_CONTAINER_AUTHORIZATION_TOKEN, or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        ));
    }
    let shown = only(headers, &AUTHORIZATION);
    match shown.is_some_and(|shown| rules.token.is(shown.as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::denied(
            "a wrong token: the server was started anew, or it is another one",
        )),
    }
}

/// Clients of the metadata service have no token of ours: the kernel says who
/// they are, or they get nothing.
fn of_instance(asked: &Asked<'_>, rules: &Rules, wanted: &Wanted<'_>) -> Result<(), Refusal> {
    let nothing = |message| Refusal::new(StatusCode::NOT_FOUND, "NotFound", message);
    if !rules.instance {
        return Err(nothing("this server is no metadata service"));
    }
    if asked.peer == Peer::Unknown {
        return Err(Refusal::denied("nothing tells which user asks"));
    }
    if asked.headers.contains_key(FORWARDED) {
        return Err(Refusal::denied(
            "requests that a proxy passes on are refused",
        ));
    }
    if *wanted == Wanted::InstanceToken {
        return Ok(());
    }
    let shown = only(asked.headers, &INSTANCE_TOKEN);
    match shown.is_some_and(|shown| rules.token.is(shown.as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "a token is asked for first: IMDSv2",
        )),
    }
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h http::HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

fn bad(status: StatusCode, message: &str) -> Refusal {
    Refusal::new(status, "BadRequest", message)
}

#[cfg(test)]
mod tests;
