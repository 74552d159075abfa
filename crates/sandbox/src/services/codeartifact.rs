//! CodeArtifact, as far as people log in to it:
//! <https://docs.aws.amazon.com/codeartifact/latest/APIReference/Welcome.html>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::caller::Caller;
use crate::clock;
use crate::constraints::{ANY, Constraints};
use crate::fault::{Kind, Trouble};
use crate::memory::artifacts::Held;
use crate::random;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::{Domain, FORMATS, World, is_domain, is_repository};

/// How long a token is good if nothing is said, in seconds.
const USUAL: i64 = 43_200;

/// CodeArtifact.
pub(super) struct CodeArtifact;

impl Service for CodeArtifact {
    fn name(&self) -> &'static str {
        "codeartifact"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            ("POST", "/v1/authorization-token") => "GetAuthorizationToken",
            ("GET", "/v1/repository/endpoint") => "GetRepositoryEndpoint",
            _ => return None,
        };
        Some(name.into())
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        match request.action {
            "GetAuthorizationToken" => token(state, request),
            _ => endpoint(state, request),
        }
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let refusal = rest::in_json_words(refusal);
        let mut value = json!({"message": refusal.message});
        for (name, text) in &refusal.details {
            value[name] = text.as_str().into();
        }
        rest::error(&refusal, "", &value)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        rest::trouble(trouble)
    }
}

/// The domain that is asked for, named before it is known to exist.
struct Named<'a> {
    caller: &'a Caller,
    domain: &'a str,
    owner: &'a str,
}

impl<'a> Named<'a> {
    fn read(request: &Request<'a>, constraints: &mut Constraints) -> Result<Self, Refusal> {
        let caller = request.caller()?;
        let domain = request.params.get("domain");
        constraints.shape(
            "domain",
            domain,
            (2, 50),
            r"[a-z][a-z0-9\-]{0,48}[a-z0-9]",
            is_domain,
        );
        let owner = request.params.get("domain-owner");
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if owner.is_some() {
            constraints.shape("domainOwner", owner, (12, 12), "[0-9]{12}", digits);
        }
        Ok(Self {
            caller,
            domain: domain.unwrap_or_default(),
            owner: owner.unwrap_or_else(|| caller.principal.account()),
        })
    }

    fn arn(&self, world: &World, kind: &str, rest: &str) -> String {
        format!(
            "arn:{}:codeartifact:{}:{}:{kind}/{}{rest}",
            world.partition, self.caller.region, self.owner, self.domain
        )
    }

    fn find<'w>(&self, world: &'w World) -> Result<&'w Domain, Refusal> {
        let found = world.find_domain(self.domain, self.owner, &self.caller.region);
        found.ok_or_else(|| {
            let message = format!(
                "Domain not found. Domain '{}' owned by account '{}' does not exist",
                self.domain, self.owner
            );
            Refusal::new(404, "ResourceNotFoundException", message)
                .with("resourceId", self.domain)
                .with("resourceType", "domain")
        })
    }
}

fn token(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    let mut constraints = Constraints::default();
    let named = Named::read(request, &mut constraints)?;
    let wanted = request.params.get("duration");
    let seconds = constraints.number("durationSeconds", wanted, (0, 43_200), USUAL)?;
    constraints.check()?;
    if (1..900).contains(&seconds) {
        return Err(Refusal::validation(
            "Invalid duration: durationSeconds must be 0 or between 900 and 43200",
        ));
    }
    let world = &state.world;
    let principal = &named.caller.principal;
    let resource = named.arn(world, "domain", "");
    world.allow(principal, "codeartifact:GetAuthorizationToken", &resource)?;
    world.allow(principal, "sts:GetServiceBearerToken", "*")?;
    let domain = named.find(world)?;
    let domain = (domain.name.clone(), domain.owner.clone());

    let lasting = |seconds| clock::after(request.now, SignedDuration::from_secs(seconds));
    let expires = match (request.fault, seconds, named.caller.expires) {
        (Some(Kind::ExpireIn(seconds)), _, _) => lasting(*seconds),
        // As long as the session; long-term keys have none.
        (_, 0, Some(end)) => end,
        (_, 0, None) => lasting(USUAL),
        (_, seconds, _) => lasting(seconds),
    };
    let expires = Timestamp::from_second(expires.as_second()).unwrap_or(expires);
    let token = spell(request.now, expires);
    let held = Held {
        domain,
        region: named.caller.region.clone(),
        principal: principal.clone(),
        expires,
    };
    state.artifacts.tokens.insert(token.clone(), held);
    Ok(rest::answer(&json!({
        "authorizationToken": token,
        "expiration": expires.as_second(),
    })))
}

/// A token that looks like AWS's: encrypted (five parts), and long.
fn spell(issued: Timestamp, expires: Timestamp) -> String {
    let header = json!({
        "ver": 1,
        "isu": issued.as_second(),
        "enc": "A128GCM",
        "exp": expires.as_second(),
        "alg": "A128GCMKW",
    });
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let claims: String = (0..10).map(|_| random::opaque()).collect();
    let part = &random::opaque()[..22];
    format!("{header}.{part}.{part}.{claims}.{part}")
}

fn endpoint(state: &State, request: &Request<'_>) -> Result<Body, Refusal> {
    let mut constraints = Constraints::default();
    let named = Named::read(request, &mut constraints)?;
    let repository = request.params.get("repository");
    constraints.shape(
        "repository",
        repository,
        (2, 100),
        r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}",
        is_repository,
    );
    let format = request.params.get("format");
    constraints.required("format", format, (0, 100), ANY);
    if format.is_some() {
        constraints.one_of("format", format, &FORMATS);
    }
    let kind = request.params.get("endpointType");
    if kind.is_some() {
        constraints.one_of("endpointType", kind, &["dualstack", "ipv4"]);
    }
    constraints.check()?;
    let (repository, format) = (repository.unwrap_or_default(), format.unwrap_or_default());
    let world = &state.world;
    let resource = named.arn(world, "repository", &format!("/{repository}"));
    let action = "codeartifact:GetRepositoryEndpoint";
    world.allow(&named.caller.principal, action, &resource)?;
    let domain = named.find(world)?;
    if !domain.repositories.iter().any(|one| one.name == repository) {
        let message = format!(
            "Repository not found. Repository '{repository}' in domain '{}' owned by account \
             '{}' does not exist",
            domain.name, domain.owner
        );
        let refusal = Refusal::new(404, "ResourceNotFoundException", message);
        return Err(refusal
            .with("resourceId", repository)
            .with("resourceType", "repository"));
    }
    let url = format!(
        "{}/d/{}-{}/{}/{format}/{repository}/",
        state.url(request.wire),
        domain.name,
        domain.owner,
        named.caller.region
    );
    Ok(rest::answer(&json!({"repositoryEndpoint": url})))
}
