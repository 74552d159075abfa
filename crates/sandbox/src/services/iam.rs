//! IAM, as far as a person's own user goes:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

mod access_keys;

use std::borrow::Cow;

use crate::arn::base_name;
use crate::caller::Caller;
use crate::constraints::{Constraints, MARKER, NAME_SOME};
use crate::fault::Trouble;
use crate::principal::Principal;
use crate::query::{self, Xml};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::User;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const VERSION: &str = "2010-05-08";
/// When everything was made.
const MADE: &str = "2025-01-01T00:00:00Z";

/// IAM.
pub(super) struct Iam;

impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let mine = asked.scope == Some("iam");
        asked.query_action().filter(|_| mine).map(Cow::Borrowed)
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        query::check_action(request, VERSION)?;
        let write = match request.action {
            "GetUser" => write_user,
            "ListMFADevices" => write_mfa_devices,
            "ListAccessKeys" => return access_keys::list(state, request),
            "CreateAccessKey" => return access_keys::create(state, request),
            "UpdateAccessKey" => return access_keys::update(state, request),
            "DeleteAccessKey" => return access_keys::delete(state, request),
            "GetAccessKeyLastUsed" => return access_keys::last_used(state, request),
            _ => return Err(query::unknown_action(request)),
        };
        let user = find(state, request)?;
        let page = Page::read(request)?;
        let arn = state.world.user_arn(user);
        let text = query::answer(request.action, NAMESPACE, request.request_id, |xml| {
            write(xml, user, &arn, &page);
        });
        Ok(Body::new("text/xml", text))
    }

    fn refuse(&self, refusal: &Refusal, request_id: &str) -> Body {
        Body::new("text/xml", query::error(refusal, NAMESPACE, request_id))
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        query::trouble(trouble)
    }
}

/// The user that is asked for, if the caller may ask: the one named, else the
/// caller.
fn find<'s>(state: &'s State, request: &Request<'_>) -> Result<&'s User, Refusal> {
    let caller = request.caller()?;
    let mut constraints = Constraints::default();
    let named = request.params.get("UserName");
    constraints.text("userName", named, (1, 128), NAME_SOME);
    constraints.check()?;
    no_session_without_mfa(caller)?;
    let name = match (named, &caller.principal) {
        (Some(name), _) => name,
        (None, Principal::User { arn, .. }) => base_name(arn),
        (None, Principal::Role { .. } | Principal::Federated { .. }) => {
            return Err(Refusal::validation(
                "Must specify userName when calling with non-User credentials",
            ));
        }
    };
    let action = format!("iam:{}", request.action);
    let resource = format!("user {name}");
    state.world.allow(&caller.principal, &action, &resource)?;
    let account = caller.principal.account();
    let mut users = state.world.users.iter();
    users
        .find(|user| user.account == account && base_name(&user.name) == name)
        .ok_or_else(|| {
            Refusal::new(
                404,
                "NoSuchEntity",
                format!("The user with name {name} cannot be found."),
            )
        })
}

/// GetSessionToken without MFA is not good enough for IAM.
fn no_session_without_mfa(caller: &Caller) -> Result<(), Refusal> {
    let facts = caller.session.as_ref();
    match facts.is_some_and(|facts| facts.of_user && facts.mfa.is_none()) {
        true => Err(Refusal::invalid_token()),
        false => Ok(()),
    }
}

/// The part of a list that is asked for.
struct Page {
    from: usize,
    most: usize,
}

impl Page {
    fn read(request: &Request<'_>) -> Result<Self, Refusal> {
        let mut constraints = Constraints::default();
        let marker = request.params.get("Marker");
        constraints.text("marker", marker, (1, 320), MARKER);
        let most = request.params.get("MaxItems");
        let most = constraints.number("maxItems", most, (1, 1000), 100)?;
        constraints.check()?;
        let from = marker.map(|text| {
            text.parse()
                .map_err(|_| Refusal::validation("Invalid Marker."))
        });
        Ok(Self {
            from: from.transpose()?.unwrap_or(0),
            most: usize::try_from(most).unwrap_or(1),
        })
    }

    /// Writes that part of `all` as the list `name`.
    fn write<T>(&self, xml: &mut Xml, name: &str, all: &[T], one: impl Fn(&mut Xml, &T)) {
        let end = self.from.saturating_add(self.most);
        let truncated = all.len() > end;
        xml.leaf("IsTruncated", if truncated { "true" } else { "false" });
        xml.within(name, |xml| {
            for item in all.iter().skip(self.from).take(self.most) {
                xml.within("member", |xml| one(xml, item));
            }
        });
        if truncated {
            xml.leaf("Marker", &end.to_string());
        }
    }
}

fn write_user(xml: &mut Xml, user: &User, arn: &str, _page: &Page) {
    let name = base_name(&user.name);
    let path = user.name.strip_suffix(name).unwrap_or_default();
    xml.within("User", |xml| {
        xml.leaf("Path", &format!("/{path}"));
        xml.leaf("UserName", name);
        xml.leaf("UserId", &random::unique_id("AIDA", arn));
        xml.leaf("Arn", arn);
        xml.leaf("CreateDate", MADE);
    });
}

fn write_mfa_devices(xml: &mut Xml, user: &User, _arn: &str, page: &Page) {
    page.write(xml, "MFADevices", &user.mfa_devices, |xml, device| {
        xml.leaf("UserName", base_name(&user.name));
        xml.leaf("SerialNumber", &device.arn);
        xml.leaf("EnableDate", MADE);
    });
}
