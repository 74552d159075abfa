//! The access keys of a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use super::{MADE, NAMESPACE, Page, find, no_session_without_mfa};
use crate::arn::base_name;
use crate::clock;
use crate::constraints::{ANY, Constraints};
use crate::memory::iam::MadeKey;
use crate::principal::Principal;
use crate::query::{self, Xml};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;
use crate::world::{AccessKey, User};

/// The quota of IAM; no account has another one.
const MOST: usize = 2;

pub(super) fn list(state: &State, request: &Request<'_>) -> Result<Body, Refusal> {
    let user = named(state, request)?;
    let page = Page::read(request)?;
    Ok(answer(request, |xml| {
        page.write(xml, "AccessKeyMetadata", &user.access_keys, |xml, key| {
            xml.leaf("UserName", base_name(&user.name));
            xml.leaf("AccessKeyId", &key.id);
            xml.leaf("Status", if key.active { "Active" } else { "Inactive" });
            xml.leaf("CreateDate", &created(state, &key.id));
        });
    }))
}

pub(super) fn create(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let arn = state.world.user_arn(named(state, request)?);
    let user = of_arn(state, &arn)?;
    if user.access_keys.len() >= MOST {
        return Err(Refusal::new(
            409,
            "LimitExceeded",
            format!("Cannot exceed quota for AccessKeysPerUser: {MOST}"),
        ));
    }
    let key = AccessKey {
        id: random::long_term_key_id(),
        secret: random::secret(),
        active: true,
    };
    user.access_keys.push(key.clone());
    let name = base_name(&user.name).to_owned();
    let made = MadeKey {
        created: request.now,
        unknown_for: state.iam.unknown_for.into(),
    };
    state.iam.made.insert(key.id.clone(), made);
    state.gave = Some(key.id.clone());
    Ok(answer(request, |xml| {
        xml.within("AccessKey", |xml| {
            xml.leaf("UserName", &name);
            xml.leaf("AccessKeyId", &key.id);
            xml.leaf("Status", "Active");
            xml.leaf("SecretAccessKey", &key.secret);
            xml.leaf("CreateDate", &clock::extended(request.now));
        });
    }))
}

pub(super) fn update(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let status = request.params.get("Status");
    let mut constraints = Constraints::default();
    let of = |text: &str| text == "Active" || text == "Inactive";
    constraints.shape("status", status, (6, 8), "[Inactive, Active]", of);
    constraints.check()?;
    key(state, request)?.active = status == Some("Active");
    Ok(empty(request))
}

pub(super) fn delete(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let id = key(state, request)?.id.clone();
    let users = state.world.users.iter_mut();
    users.for_each(|user| user.access_keys.retain(|key| key.id != id));
    Ok(empty(request))
}

/// The key says whose it is; no user is named.
pub(super) fn last_used(state: &State, request: &Request<'_>) -> Result<Body, Refusal> {
    let caller = request.caller()?;
    let id = key_id(request)?;
    no_session_without_mfa(caller)?;
    let found = state.world.find_key(id);
    let found = found.filter(|(user, _)| user.account == caller.principal.account());
    let (user, _) = found.ok_or_else(|| no_key(id))?;
    let name = base_name(&user.name);
    let resource = format!("user {name}");
    state
        .world
        .allow(&caller.principal, "iam:GetAccessKeyLastUsed", &resource)?;
    let used = state.iam.used.get(id);
    Ok(answer(request, |xml| {
        xml.leaf("UserName", name);
        xml.within("AccessKeyLastUsed", |xml| {
            if let Some(used) = used {
                xml.leaf("LastUsedDate", &clock::extended(used.at));
            }
            xml.leaf("ServiceName", used.map_or("N/A", |used| &used.service));
            xml.leaf("Region", used.map_or("N/A", |used| &used.region));
        });
    }))
}

/// The user whose keys are meant: temporary credentials do not tell it.
fn named<'s>(state: &'s State, request: &Request<'_>) -> Result<&'s User, Refusal> {
    let caller = request.caller()?;
    let is_user = matches!(caller.principal, Principal::User { .. }) && caller.session.is_none();
    if request.params.get("UserName").is_none() && !is_user {
        no_session_without_mfa(caller)?;
        return Err(Refusal::validation(
            "Must specify userName when calling with non-User credentials",
        ));
    }
    find(state, request)
}

/// The key that is meant, of the user who is.
fn key<'s>(state: &'s mut State, request: &Request<'_>) -> Result<&'s mut AccessKey, Refusal> {
    let id = key_id(request)?;
    let arn = state.world.user_arn(named(state, request)?);
    let mut keys = of_arn(state, &arn)?.access_keys.iter_mut();
    keys.find(|key| key.id == id).ok_or_else(|| no_key(id))
}

fn key_id<'r>(request: &Request<'r>) -> Result<&'r str, Refusal> {
    let id = request.params.get("AccessKeyId");
    let mut constraints = Constraints::default();
    constraints.required("accessKeyId", id, (16, 128), ANY);
    constraints.check()?;
    Ok(id.unwrap_or_default())
}

fn of_arn<'s>(state: &'s mut State, arn: &str) -> Result<&'s mut User, Refusal> {
    let at = state
        .world
        .users
        .iter()
        .position(|user| state.world.user_arn(user) == arn);
    let user = at.and_then(|at| state.world.users.get_mut(at));
    user.ok_or_else(Refusal::invalid_token)
}

fn no_key(id: &str) -> Refusal {
    let message = format!("The Access Key with id {id} cannot be found.");
    Refusal::new(404, "NoSuchEntity", message)
}

fn created(state: &State, id: &str) -> String {
    let made = state.iam.made.get(id);
    made.map_or_else(|| MADE.to_owned(), |made| clock::extended(made.created))
}

fn answer(request: &Request<'_>, result: impl FnOnce(&mut Xml)) -> Body {
    let text = query::answer(request.action, NAMESPACE, request.request_id, result);
    Body::new("text/xml", text)
}

/// These have no result, not even an empty one.
fn empty(request: &Request<'_>) -> Body {
    let text = query::done(request.action, NAMESPACE, request.request_id);
    Body::new("text/xml", text)
}
