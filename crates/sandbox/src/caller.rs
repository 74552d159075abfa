//! Who calls: keys and session tokens, proved by the signature.

use jiff::Timestamp;

use crate::arn::{Arn, base_name};
use crate::clock;
use crate::random;
use crate::refusal::Refusal;
use crate::services::Service;
use crate::sigv4::{Authorization, Wire};
use crate::state::State;

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// An IAM user, with long-term keys or from GetSessionToken.
    User { arn: String, account: String },
    /// A session of a role.
    Role {
        role_arn: String,
        session_arn: String,
        session_name: String,
        account: String,
    },
}

impl Principal {
    /// The session `name` of the role `role_arn`: its own ARN has no path.
    pub(crate) fn session_of(partition: &str, role_arn: &str, name: &str) -> Self {
        let account = Arn::parse(role_arn).map_or("", |arn| arn.account);
        let role = base_name(role_arn);
        Self::Role {
            role_arn: role_arn.to_owned(),
            session_arn: format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}"),
            session_name: name.to_owned(),
            account: account.to_owned(),
        }
    }

    /// The ARN that AWS names in its answers and refusals.
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::User { arn, .. } => arn,
            Self::Role { session_arn, .. } => session_arn,
        }
    }

    pub(crate) fn account(&self) -> &str {
        match self {
            Self::User { account, .. } | Self::Role { account, .. } => account,
        }
    }

    /// `AIDA…`, or `AROA…:session`.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::User { arn, .. } => random::unique_id("AIDA", arn),
            Self::Role {
                role_arn,
                session_name,
                ..
            } => format!("{}:{session_name}", random::unique_id("AROA", role_arn)),
        }
    }
}

/// A session tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
    /// Whether sessions made from this one have it too.
    pub(crate) transitive: bool,
}

/// What a session carries with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether it is of GetSessionToken.
    pub(crate) of_user: bool,
    /// When an MFA code was shown, if one was.
    pub(crate) mfa: Option<Timestamp>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) source_identity: Option<String>,
}

/// Temporary credentials that were given.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
    pub(crate) principal: Principal,
    pub(crate) facts: Facts,
}

/// Who has proved to call.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) region: String,
    pub(crate) principal: Principal,
    /// What the session carries; `None` for long-term keys.
    pub(crate) session: Option<Facts>,
    /// When the session ends; `None` for long-term keys.
    pub(crate) expires: Option<Timestamp>,
}

impl Caller {
    /// Checks the signature and all that belongs to it, in this order: form,
    /// scope, time, key, session token, signature.
    pub(crate) fn prove(
        state: &State,
        service: &dyn Service,
        wire: Wire<'_>,
        auth: &Authorization,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if auth.service != service.name() {
            return Err(Refusal::signature(format!(
                "Credential should be scoped to correct service: '{}'. ",
                service.name()
            )));
        }
        let signed = clock::signed_at(wire)?;
        if !state.world.has_region(&auth.region) {
            return Err(Refusal::signature(
                "Credential should be scoped to a valid region. ",
            ));
        }
        let time = clock::basic(signed);
        if auth.date != time[..time.len().min(8)] {
            return Err(Refusal::signature(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{}', from '{time}'.",
                auth.date,
                &time[..time.len().min(8)]
            )));
        }
        auth.check_headers(wire)?;
        clock::check_skew(signed, now, state.skew_minutes)?;
        let (secret, caller) = find(state, wire, auth, now)?;
        auth.verify(wire, &time, &secret)?;
        Ok(caller)
    }
}

/// The secret of the key, and who signs with it.
fn find(
    state: &State,
    wire: Wire<'_>,
    auth: &Authorization,
    now: Timestamp,
) -> Result<(String, Caller), Refusal> {
    let id = auth.access_key_id.as_str();
    let region = auth.region.clone();
    let token = wire.header("x-amz-security-token");
    if let Some((user, key)) = state.world.find_key(id) {
        if token.is_some() {
            return Err(Refusal::invalid_token());
        }
        if !key.active {
            return Err(Refusal::unknown_key());
        }
        let arn = state.world.user_arn(user);
        let account = user.account.clone();
        let caller = Caller {
            region,
            principal: Principal::User { arn, account },
            session: None,
            expires: None,
        };
        return Ok((key.secret.clone(), caller));
    }
    let (Some(session), Some(token)) = (state.sessions.get(id), token) else {
        return Err(Refusal::unknown_key());
    };
    if session.token != token {
        return Err(Refusal::invalid_token());
    }
    if !state.world.is_there(&session.principal) {
        return Err(Refusal::invalid_token());
    }
    if session.expires <= now {
        return Err(Refusal::expired_token());
    }
    let caller = Caller {
        region,
        principal: session.principal.clone(),
        session: Some(session.facts.clone()),
        expires: Some(session.expires),
    };
    Ok((session.secret.clone(), caller))
}
