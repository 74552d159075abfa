//! What package tools see of CodeArtifact: files below the endpoints of its
//! repositories, for those who send a token. The paths are the sandbox's own:
//! `/d/DOMAIN-OWNER/REGION/FORMAT/REPOSITORY/…`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::fault::Trouble;
use crate::memory::artifacts::Held;
use crate::refusal::Refusal;
use crate::rest;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;
use crate::world::Repository;

/// The endpoints of repositories.
pub(super) struct Packages;

impl Service for Packages {
    fn name(&self) -> &'static str {
        "codeartifact-packages"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        Place::read(asked.path)?;
        let name = match asked.method {
            "GET" | "HEAD" => "ReadPackage",
            "PUT" | "POST" => "PublishPackage",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        let place = Place::read(request.wire.path).ok_or_else(gone)?;
        let realm = format!("{}/{}", place.domain, place.repository);
        let held = holder(state, request, &place).ok_or_else(|| {
            // Two headers: of one, Maven would only read the first word.
            Refusal::new(401, "UnauthorizedException", "Unauthorized")
                .with("www-authenticate", format!("Bearer realm=\"{realm}\""))
                .with("www-authenticate", format!("Basic realm=\"{realm}\""))
        })?;
        let action = match request.action {
            "ReadPackage" => "codeartifact:ReadFromRepository",
            _ => "codeartifact:PublishPackageVersion",
        };
        let resource = format!(
            "arn:{}:codeartifact:{}:{}:repository/{realm}",
            state.world.partition, place.region, place.owner
        );
        state.world.allow(&held.principal, action, &resource)?;
        let domain = state
            .world
            .find_domain(place.domain, place.owner, place.region);
        let mut repositories = domain.iter().flat_map(|domain| &domain.repositories);
        let repository = repositories.find(|one| one.name == place.repository);
        let repository = repository.ok_or_else(gone)?;
        let body = match request.action {
            "ReadPackage" => read(state, request, &place, repository)?,
            _ => publish(state, request, &place),
        };
        Ok(body.given_to(held.principal.arn()))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let mut body = rest::answer(&json!({"message": refusal.message}));
        for (name, text) in &refusal.details {
            body = body.header(name, text);
        }
        body
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Throttled => Refusal::new(429, "ThrottlingException", "Rate exceeded"),
            Trouble::Internal => {
                Refusal::new(500, "InternalServerException", "Internal server error")
            }
            Trouble::Unavailable => {
                Refusal::new(503, "ServiceUnavailableException", "Service Unavailable")
            }
        }
    }
}

fn gone() -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", "Not Found")
}

/// A path, taken apart.
struct Place<'a> {
    domain: &'a str,
    owner: &'a str,
    region: &'a str,
    format: &'a str,
    repository: &'a str,
    /// What follows.
    path: &'a str,
}

impl<'a> Place<'a> {
    fn read(path: &'a str) -> Option<Self> {
        let mut parts = path.strip_prefix("/d/")?.splitn(5, '/');
        let (domain, owner) = parts.next()?.rsplit_once('-')?;
        Some(Self {
            domain,
            owner,
            region: parts.next()?,
            format: parts.next()?,
            repository: parts.next()?,
            path: parts.next().unwrap_or_default(),
        })
    }

    fn key(&self) -> String {
        let Self {
            domain,
            owner,
            region,
            format,
            repository,
            path,
        } = self;
        format!("{domain}-{owner}/{region}/{format}/{repository}/{path}")
    }
}

/// Who sends a token for the domain that is good now.
fn holder(state: &State, request: &Request<'_>, place: &Place<'_>) -> Option<Held> {
    let token = token(request.wire.header("authorization")?)?;
    let held = state.artifacts.tokens.get(&token)?;
    let domain = (held.domain.0.as_str(), held.domain.1.as_str()) == (place.domain, place.owner);
    let good = domain && held.region == place.region && held.expires > request.now;
    good.then(|| held.clone())
}

/// The token of an `Authorization` header: `Bearer TOKEN`, or the password of
/// `Basic`.
fn token(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    let basic = scheme
        .eq_ignore_ascii_case("basic")
        .then_some(rest.trim())?;
    let text = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (_, password) = text.split_once(':')?;
    Some(password.to_owned())
}

fn read(
    state: &State,
    request: &Request<'_>,
    place: &Place<'_>,
    repository: &Repository,
) -> Result<Body, Refusal> {
    let kind = |bytes: &[u8]| match (place.format, bytes.first()) {
        (_, Some(b'{')) => "application/json",
        ("pypi", Some(b'<')) => "text/html",
        _ => "application/octet-stream",
    };
    if let Some(bytes) = state.artifacts.files.get(&place.key()) {
        return Ok(Body::new(kind(bytes), bytes.clone()));
    }
    if place.format == "npm" && place.path == "-/ping" {
        return Ok(rest::answer(&json!({})));
    }
    let name = format!("{}/{}", place.format, place.path);
    let text = repository.files.get(&name).ok_or_else(gone)?;
    let url = state.url(request.wire);
    let here = place.key();
    let endpoint = here.strip_suffix(place.path).unwrap_or(&here);
    let endpoint = format!("{url}/d/{}", endpoint.trim_end_matches('/'));
    let text = text.replace("{endpoint}", &endpoint);
    Ok(Body::new(kind(text.as_bytes()), text))
}

/// What is put somewhere is there from now on; what is posted (as twine does)
/// is taken and forgotten.
fn publish(state: &mut State, request: &Request<'_>, place: &Place<'_>) -> Body {
    if request.wire.method == "PUT" {
        let bytes = request.wire.body.to_vec();
        state.artifacts.files.insert(place.key(), bytes);
    }
    let mut body = rest::answer(&json!({}));
    body.status = 201;
    body
}
