//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use super::reply;
use jiff::{SignedDuration, Timestamp};

use super::policies;
use super::tags::{self, Tags};
use crate::arn::Arn;
use crate::caller::Caller;
use crate::constraints::{ARN, Constraints, DIGITS, EXTERNAL_ID, NAME, SERIAL};
use crate::fault::Kind;
use crate::principal::{Facts, Principal};
use crate::query::Params;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;
use crate::world::{Role, Trust};

/// Sessions made from sessions last an hour at most.
const CHAINED: i64 = 3600;

/// What is asked for, found to be well-formed.
struct AssumeRoleRequest<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    seconds: i64,
    serial: Option<&'a str>,
    code: Option<&'a str>,
    external_id: Option<&'a str>,
    source_identity: Option<&'a str>,
    tags: Tags,
    /// How much of what a session can hold is filled, in percent; `None`:
    /// there are neither policies nor tags.
    packed: Option<usize>,
}

pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let caller = request.caller()?;
    let asked = AssumeRoleRequest::read(request.params, caller)?;
    reply::check_region(state, request)?;
    // The code is spent from here on, whatever else is wrong with the request.
    let mfa = state.spend(caller, asked.serial, asked.code, request.now)?;
    let role = authorize(state, request, caller, &asked, mfa)?;
    check_duration(&asked, role, caller)?;

    let source_identity = asked
        .source_identity
        .map(str::to_owned)
        .or_else(|| caller.session.as_ref()?.source_identity.clone());
    let principal = Principal::session_of(&state.world.partition, &role.arn, asked.session_name);
    let session_arn = principal.arn().to_owned();
    let id = principal.id();
    let facts = Facts {
        of_user: false,
        chained: matches!(caller.principal, Principal::Role { .. }),
        // That a code was shown is known to the trust policy of this role,
        // and not to that of the next one.
        mfa: None,
        tags: asked.tags.all,
        source_identity: source_identity.clone(),
    };
    let given = state.give(principal, facts, asked.seconds, request.now, request.fault);
    let shown = match request.fault {
        Some(Kind::WrongRole(other)) => other,
        _ => &session_arn,
    };
    let said = match request.fault {
        Some(Kind::WrongIdentity(other)) => other,
        _ => &source_identity,
    };
    Ok(reply::wrap(request, |xml| {
        if let Some(identity) = said {
            xml.leaf("SourceIdentity", identity);
        }
        xml.within("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", &id);
            xml.leaf("Arn", shown);
        });
        reply::write_credentials(xml, &given);
        if let Some(packed) = asked.packed {
            xml.leaf("PackedPolicySize", &packed.to_string());
        }
    }))
}

impl<'a> AssumeRoleRequest<'a> {
    fn read(params: &'a Params, caller: &Caller) -> Result<Self, Refusal> {
        let mut constraints = Constraints::default();
        let role_arn = params.get("RoleArn");
        constraints.required("roleArn", role_arn, (20, 2048), ARN);
        let session_name = params.get("RoleSessionName");
        constraints.required("roleSessionName", session_name, (2, 64), NAME);
        let wanted = params.get("DurationSeconds");
        let seconds = constraints.number("durationSeconds", wanted, (900, 43_200), 3600)?;
        let serial = params.get("SerialNumber");
        constraints.text("serialNumber", serial, (9, 256), SERIAL);
        let code = params.get("TokenCode");
        constraints.text("tokenCode", code, (6, 6), DIGITS);
        let external_id = params.get("ExternalId");
        constraints.text("externalId", external_id, (2, 1224), EXTERNAL_ID);
        let source_identity = params.get("SourceIdentity");
        constraints.text("sourceIdentity", source_identity, (2, 64), NAME);
        tags::constrain(params, &mut constraints);
        policies::constrain(params, &mut constraints);
        constraints.check()?;

        let inherited = caller.session.as_ref().map_or(&[][..], |facts| &facts.tags);
        let tags = Tags::read(params, inherited)?;
        let packed = policies::pack(params, &tags)?;
        Ok(Self {
            role_arn: role_arn.unwrap_or_default(),
            session_name: session_name.unwrap_or_default(),
            seconds,
            serial,
            code,
            external_id,
            source_identity,
            tags,
            packed,
        })
    }
}

/// The role, if the caller may assume it as asked. A role that does not exist
/// is told like one that trusts somebody else.
fn authorize<'s>(
    state: &'s State,
    request: &Request<'_>,
    caller: &Caller,
    asked: &AssumeRoleRequest<'_>,
    mfa: Option<Timestamp>,
) -> Result<&'s Role, Refusal> {
    let arn = Arn::parse(asked.role_arn)
        .ok_or_else(|| Refusal::validation(format!("{} is invalid", asked.role_arn)))?;
    if arn.partition != state.world.partition || arn.iam("role").is_none() {
        return Err(Refusal::validation("Request ARN is invalid"));
    }
    let denied = |action: &str| {
        Refusal::denied(format!(
            "User: {} is not authorized to perform: sts:{action} on resource: {}",
            caller.principal.arn(),
            asked.role_arn
        ))
    };
    let role = state
        .world
        .find_role(asked.role_arn)
        .ok_or_else(|| denied("AssumeRole"))?;
    let mfa = mfa.or_else(|| caller.session.as_ref()?.mfa);
    let age = mfa.map(|seen| request.now.duration_since(seen));
    if !allows(&role.trust, &caller.principal, asked.external_id, age) {
        return Err(denied("AssumeRole"));
    }
    if asked.tags.any && !role.trust.tag_session {
        return Err(denied("TagSession"));
    }
    let held = caller
        .session
        .as_ref()
        .and_then(|facts| facts.source_identity.as_deref());
    if let Some(wanted) = asked.source_identity {
        // Once set, it stays for the whole chain.
        if !role.trust.set_source_identity || held.is_some_and(|held| held != wanted) {
            return Err(denied("SetSourceIdentity"));
        }
    } else if held.is_some() && !role.trust.set_source_identity {
        return Err(denied("SetSourceIdentity"));
    }
    Ok(role)
}

fn allows(
    trust: &Trust,
    caller: &Principal,
    external_id: Option<&str>,
    mfa_age: Option<SignedDuration>,
) -> bool {
    let named = trust.principals.iter().any(|named| is(named, caller));
    let shown = !trust.require_mfa || mfa_age.is_some();
    let recent = trust.max_mfa_age.is_none_or(|most| {
        mfa_age.is_some_and(|age| age < SignedDuration::from_secs(i64::from(most)))
    });
    let known = trust.external_id.is_none() || trust.external_id.as_deref() == external_id;
    named && shown && recent && known
}

/// Whether a principal of a trust policy means the caller.
fn is(named: &str, caller: &Principal) -> bool {
    if named == "*" || named == caller.account() || named == caller.arn() {
        return true;
    }
    if let Principal::Role { role_arn, .. } = caller
        && role_arn == named
    {
        return true;
    }
    Arn::parse(named).is_some_and(|arn| {
        arn.service == "iam" && arn.resource == "root" && arn.account == caller.account()
    })
}

fn check_duration(
    asked: &AssumeRoleRequest<'_>,
    role: &Role,
    caller: &Caller,
) -> Result<(), Refusal> {
    // AWS calls it chaining for the sessions of GetSessionToken too.
    if caller.session.is_some() && asked.seconds > CHAINED {
        return Err(Refusal::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
             by role chaining.",
        ));
    }
    if asked.seconds > i64::from(role.max_session_duration) {
        return Err(Refusal::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}
