//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use super::policies;
use super::reply;
use super::tags::Tags;
use crate::arn::Arn;
use crate::constraints::{ANY, ARN, Constraints, NAME};
use crate::fault::Kind;
use crate::principal::{Facts, Principal};
use crate::query::Params;
use crate::refusal::Refusal;
use crate::service::{Body, Request};
use crate::state::State;
use crate::web_identity::{self, Identity};
use crate::world::{Role, World};

/// What is asked for, found to be well-formed.
struct WebIdentityRequest<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    token: &'a str,
    seconds: i64,
    packed: Option<usize>,
}

pub(super) fn answer(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let asked = WebIdentityRequest::read(request.params)?;
    let arn = Arn::parse(asked.role_arn)
        .ok_or_else(|| Refusal::validation(format!("{} is invalid", asked.role_arn)))?;
    if arn.partition != state.world.partition || arn.iam("role").is_none() {
        return Err(Refusal::validation("Request ARN is invalid"));
    }
    let now = request.now.as_second();
    let identity = web_identity::verify(&state.world, arn.account, asked.token, now)?;
    let role = authorize(&state.world, asked.role_arn, &identity)?;
    if asked.seconds > i64::from(role.max_session_duration) {
        return Err(Refusal::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let principal = Principal::session_of(&state.world.partition, &role.arn, asked.session_name);
    let (id, session_arn) = (principal.id(), principal.arn().to_owned());
    let facts = Facts::default();
    let given = state.give(principal, facts, asked.seconds, request.now, request.fault);
    let shown = match request.fault {
        Some(Kind::WrongRole(other)) => other,
        _ => &session_arn,
    };
    let body = reply::wrap(request, |xml| {
        xml.leaf("SubjectFromWebIdentityToken", &identity.subject);
        xml.leaf("Audience", &identity.audience);
        xml.within("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", &id);
            xml.leaf("Arn", shown);
        });
        reply::write_credentials(xml, &given);
        xml.leaf("Provider", &identity.provider);
        if let Some(packed) = asked.packed {
            xml.leaf("PackedPolicySize", &packed.to_string());
        }
    });
    Ok(body.given_to(identity.subject))
}

impl<'a> WebIdentityRequest<'a> {
    fn read(params: &'a Params) -> Result<Self, Refusal> {
        let mut constraints = Constraints::default();
        let role_arn = params.get("RoleArn");
        constraints.required("roleArn", role_arn, (20, 2048), ARN);
        let session_name = params.get("RoleSessionName");
        constraints.required("roleSessionName", session_name, (2, 64), NAME);
        let token = params.get("WebIdentityToken");
        constraints.required_secret("webIdentityToken", token, (4, 20_000));
        let provider = params.get("ProviderId");
        constraints.text("providerId", provider, (4, 2048), ANY);
        let wanted = params.get("DurationSeconds");
        let seconds = constraints.number("durationSeconds", wanted, (900, 43_200), 3600)?;
        policies::constrain(params, &mut constraints);
        constraints.check()?;
        if provider.is_some() {
            // It is for OAuth 2.0 access tokens, of which there are none here.
            return Err(Refusal::validation("Invalid or unsupported provider"));
        }
        let none = Tags {
            all: Vec::new(),
            any: false,
        };
        Ok(Self {
            role_arn: role_arn.unwrap_or_default(),
            session_name: session_name.unwrap_or_default(),
            token: token.unwrap_or_default(),
            seconds,
            packed: policies::pack(params, &none)?,
        })
    }
}

/// The role, if its trust policy lets the identity have it.
fn authorize<'w>(
    world: &'w World,
    role_arn: &str,
    identity: &Identity,
) -> Result<&'w Role, Refusal> {
    let denied = || Refusal::denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    let role = world.find_role(role_arn).ok_or_else(denied)?;
    let trust = &role.trust;
    let named = trust.principals.contains(&identity.provider);
    // Neither MFA nor an external ID ever comes with a web identity.
    let unmet = trust.require_mfa || trust.max_mfa_age.is_some() || trust.external_id.is_some();
    let subject = trust
        .web_subject
        .as_deref()
        .is_none_or(|pattern| web_identity::like(pattern, &identity.subject));
    if named && subject && !unmet {
        Ok(role)
    } else {
        Err(denied())
    }
}
