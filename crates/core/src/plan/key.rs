//! What a result is cached under.

use std::fmt;

use sha2::{Digest, Sha256};

use super::source::ManagedAccess;
use super::{
    AssumeRole, Call, Caller, Login, MetadataService, Printed, Route, SessionToken, Source,
    SourceKind, Sso, SsoPortal, Step, WebIdentity,
};
use crate::aws::ids::{ExternalId, SessionPolicy, SessionTag, SourceIdentity};
use crate::aws::url::EndpointUrl;
use crate::plan::codeartifact::Artifacts;

/// A digest over everything that changes the credentials, so that an edited
/// file is a miss and never a stale role. The key of a step holds that of the
/// step before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// Raised when the meaning of a field changes.
const VERSION: &str = "assumerole 2";

// Everything here is destructured without `..`: a new field does not compile
// until it is weighed.
impl CacheKey {
    /// The key of first credentials; `caller`: whose they are, where the plan
    /// does not say it.
    pub(super) fn of_source(source: &Source, caller: Option<&Caller>) -> Self {
        let mut fields = FieldHasher::new(VERSION);
        let Source {
            // The keys decide, not what they are called.
            profile: _,
            kind,
        } = source;
        match kind {
            SourceKind::Keys {
                access_key_id,
                secret_from: _,
                token_from,
            } => fields.keys(&access_key_id.value, token_from.is_some()),
            // Those of the same key in a file: it may have been moved.
            SourceKind::Stored {
                name: _,
                access_key_id,
            } => fields.keys(&access_key_id.value, false),
            SourceKind::Process { command } => {
                fields.text("source", "process");
                fields.text("command", &command.value);
            }
            SourceKind::Sso(sso) => fields.sso(sso),
            SourceKind::WebIdentity(web) => fields.web_identity(web),
            SourceKind::Login(login) => {
                let Login {
                    session,
                    // Part of the session.
                    account: _,
                    region,
                    route,
                } = login.as_ref();
                fields.text("source", "login");
                fields.text("session", &session.value);
                fields.text("region", region.value.as_str());
                fields.route(route);
            }
            SourceKind::Environment {
                access_key_id,
                temporary,
                from: _,
            } => fields.keys(access_key_id, *temporary),
            SourceKind::Container { uri, from: _ } => {
                fields.text("source", "container");
                fields.text("uri", uri.value.written());
            }
            SourceKind::Instance { service, from: _ } => {
                let MetadataService {
                    endpoint,
                    // How patiently it is asked.
                    attempts: _,
                    timeout: _,
                } = &**service;
                fields.text("source", "instance");
                fields.text("endpoint", endpoint.value.as_str());
            }
        }
        if let Some(caller) = caller {
            fields.bytes("caller", caller.bytes());
        }
        Self(fields.finish())
    }

    /// The key of keys that a process printed: that of the same ones in a file.
    pub(super) fn of_printed(printed: &Printed) -> Self {
        let Printed {
            access_key_id,
            temporary,
        } = printed;
        let mut fields = FieldHasher::new(VERSION);
        fields.keys(access_key_id, *temporary);
        Self(fields.finish())
    }

    /// The key of what is known of the logins that were renewed into that of
    /// `caller`.
    pub fn of_renewal(caller: &Caller) -> Self {
        let mut fields = FieldHasher::new(VERSION);
        fields.bytes("renewed", caller.bytes());
        Self(fields.finish())
    }

    /// The key of what is kept sealed of the login at `portal`.
    pub fn of_sealed_login(portal: &SsoPortal) -> Self {
        Self::of_portal("sealed login", portal)
    }

    /// The key of what is known of the directory of `portal`.
    pub fn of_directory(portal: &SsoPortal) -> Self {
        Self::of_portal("directory", portal)
    }

    /// The key of what is known of organizations.
    pub fn of_organizations() -> Self {
        let mut fields = FieldHasher::new(VERSION);
        fields.bytes("organizations", &[]);
        Self(fields.finish())
    }

    fn of_portal(what: &'static str, portal: &SsoPortal) -> Self {
        let mut fields = FieldHasher::new(VERSION);
        let session = portal
            .session
            .as_ref()
            .map(|session| session.value.as_str());
        fields.option(what, session);
        fields.text("start_url", &portal.start_url.value);
        fields.text("region", portal.portal.region.value.as_str());
        Self(fields.finish())
    }

    /// The key of `step`, which starts from what `before` is the key of.
    pub(super) fn of_step(before: &Self, step: &Step) -> Self {
        let mut fields = FieldHasher::new(VERSION);
        fields.bytes("before", &before.0);
        let Step { call, route } = step;
        match call {
            Call::Session(session) => fields.session(session, route),
            Call::Assume(assume) => {
                fields.assume(assume);
                fields.route(route);
            }
        }
        Self(fields.finish())
    }

    /// The key of what lets the role with the key `role` into the registries of ECR
    /// that `route` leads to.
    pub fn of_registry(role: &Self, route: &Route) -> Self {
        let mut fields = FieldHasher::new(VERSION);
        fields.bytes("role", &role.0);
        fields.text("call", "registries");
        fields.route(route);
        Self(fields.finish())
    }

    /// The key of what CodeArtifact says to the role of `role`.
    pub(crate) fn of_artifacts(role: &Self, artifacts: &Artifacts) -> Self {
        let Artifacts {
            domain,
            domain_owner,
            duration,
            repository,
            formats,
            route,
        } = artifacts;
        let mut fields = FieldHasher::new(VERSION);
        fields.bytes("role", &role.0);
        fields.text("call", "GetAuthorizationToken");
        fields.text("domain", domain);
        fields.text("domain_owner", domain_owner);
        fields.option("duration", duration.map(|s| s.to_string()).as_deref());
        fields.option("repository", repository.as_deref());
        for format in formats {
            fields.text("format", format);
        }
        fields.route(route);
        Self(fields.finish())
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

/// Names and values, each with its length before it, so that no two lists of
/// fields have the same bytes.
struct FieldHasher(Sha256);

impl FieldHasher {
    fn new(version: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.part(version.as_bytes());
        fields
    }

    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        self.part(name.as_bytes());
        self.0.update([1]);
        self.part(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.bytes(name, value.as_bytes());
    }

    fn flag(&mut self, name: &str, on: bool) {
        self.text(name, if on { "yes" } else { "no" });
    }

    fn number(&mut self, name: &str, number: u32) {
        self.text(name, &number.to_string());
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => {
                self.part(name.as_bytes());
                self.0.update([0]);
            }
        }
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn keys(&mut self, access_key_id: &str, temporary: bool) {
        self.text("source", "keys");
        self.text("access_key_id", access_key_id);
        self.flag("temporary", temporary);
    }

    fn sso(&mut self, sso: &Sso) {
        let Sso {
            at,
            account,
            role,
            access,
        } = sso;
        let SsoPortal {
            session,
            start_url,
            // What a login asks for, and how a token is renewed.
            scopes: _,
            access: _,
            oidc: _,
            portal,
        } = at;
        self.text("source", "sso");
        // Another session may be that of another person at the same portal.
        let session = session.as_ref().map(|session| session.value.as_str());
        self.option("session", session);
        self.text("start_url", &start_url.value);
        self.text("account", account.value.as_str());
        self.text("role", &role.value);
        let Some(access) = access else {
            self.route(portal);
            return;
        };
        let ManagedAccess {
            tenant,
            arn,
            session_name,
            duration,
            route,
        } = &**access;
        self.text("tenant", &tenant.value);
        self.text("arn", &arn.value.to_string());
        let name = session_name.as_ref().map(|name| name.value.as_str());
        self.option("session_name", name);
        let seconds = duration.as_ref().map(|seconds| seconds.value.to_string());
        self.option("duration", seconds.as_deref());
        self.route(route);
    }

    fn web_identity(&mut self, web: &WebIdentity) {
        let WebIdentity {
            token_file,
            arn,
            session_name,
            duration,
            policy_arns,
            route,
        } = web;
        self.text("source", "web identity");
        self.text("token_file", &token_file.value);
        self.text("arn", &arn.value.to_string());
        self.text("session_name", session_name.value.as_str());
        self.number("duration", duration.value);
        for arn in &policy_arns.value {
            self.text("policy_arn", arn.as_str());
        }
        self.route(route);
    }

    /// Whichever region's STS gives the session, it is good in all of them:
    /// one code opens the roles of every region.
    fn session(&mut self, session: &SessionToken, route: &Route) {
        let SessionToken { device, duration } = session;
        self.text("call", "GetSessionToken");
        let device = device.as_ref().map(|device| device.value.as_str());
        self.option("device", device);
        self.number("duration", duration.value);
        let url = route.endpoint_url.value.as_ref();
        self.option("endpoint_url", url.map(EndpointUrl::as_str));
    }

    fn assume(&mut self, assume: &AssumeRole) {
        let AssumeRole {
            // What it is called, and who said what, changes nothing.
            name: _,
            arn,
            account_from: _,
            partition_from: _,
            session_name,
            duration,
            capped: _,
            mfa,
            no_device_from: _,
            way: _,
            external_id,
            source_identity,
            tags,
            policy_arns,
            policy,
        } = assume;
        self.text("call", "AssumeRole");
        self.text("arn", &arn.value.to_string());
        self.text("session_name", session_name.value.as_str());
        self.number("duration", duration.value);
        self.option("mfa", mfa.as_ref().map(|device| device.value.as_str()));
        let id = external_id.as_ref().map(|id| ExternalId::as_str(&id.value));
        self.option("external_id", id);
        let identity = source_identity
            .as_ref()
            .map(|identity| SourceIdentity::as_str(&identity.value));
        self.option("source_identity", identity);
        for SessionTag {
            key,
            value,
            transitive,
        } in &tags.value
        {
            self.text("tag", key.as_str());
            self.text("value", value.as_str());
            self.flag("transitive", *transitive);
        }
        for arn in &policy_arns.value {
            self.text("policy_arn", arn.as_str());
        }
        let policy = policy
            .as_ref()
            .map(|policy| SessionPolicy::as_str(&policy.value));
        self.option("policy", policy);
    }

    fn route(&mut self, route: &Route) {
        let Route {
            service,
            region,
            endpoint_url,
            fips,
            dual_stack,
            // How the same AWS is reached, not what it answers.
            ca_bundle: _,
            attempts: _,
        } = route;
        self.text("service", service.key());
        self.text("region", region.value.as_str());
        let url = endpoint_url.value.as_ref();
        self.option("endpoint_url", url.map(EndpointUrl::as_str));
        self.flag("fips", fips.value);
        self.flag("dual_stack", dual_stack.value);
    }
}
