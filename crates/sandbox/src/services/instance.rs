//! The metadata of an EC2 instance, version 2 only:
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::borrow::Cow;

use jiff::SignedDuration;
use serde_json::json;

use super::task::LAST;
use crate::arn::base_name;
use crate::clock;
use crate::fault::Trouble;
use crate::principal::{Facts, Principal};
use crate::random;
use crate::refusal::Refusal;
use crate::service::{Body, Request, RequestTarget, Service};
use crate::state::State;

const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// The metadata service.
pub(super) struct InstanceMetadata;

impl Service for InstanceMetadata {
    fn name(&self) -> &'static str {
        "ec2-metadata"
    }

    fn operation<'a>(&self, asked: &RequestTarget<'a>) -> Option<Cow<'a, str>> {
        let name = match (asked.method, asked.path) {
            (_, "/latest/api/token") => "GetMetadataToken",
            ("GET", path) if path.len() > ROLES.len() && path.starts_with(ROLES) => {
                "GetInstanceCredentials"
            }
            ("GET", path) if path.starts_with("/latest/") => "GetMetadata",
            _ => return None,
        };
        Some(name.into())
    }

    fn signed(&self, _action: &str) -> bool {
        false
    }

    fn answer(&self, state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
        if request.action == "GetMetadataToken" {
            return token(state, request);
        }
        let given = request.wire.header(TOKEN);
        let ends = given.and_then(|token| state.metadata.tokens.get(token));
        if ends.is_none_or(|ends| *ends <= request.now) {
            return Err(page(401));
        }
        let instance = state.world.instance.as_ref().ok_or_else(|| page(404))?;
        let role = instance.role.clone();
        let text = match request.wire.path {
            "/latest/meta-data/instance-id" => instance.id.clone(),
            "/latest/meta-data/placement/region" => instance.region.clone(),
            path if path == ROLES || Some(path) == ROLES.strip_suffix('/') => {
                base_name(&role.ok_or_else(|| page(404))?).to_owned()
            }
            "/latest/meta-data/iam/info" => {
                let role = role.ok_or_else(|| page(404))?;
                // Here a profile is called as its role is.
                let arn = role.replacen(":role/", ":instance-profile/", 1);
                let info = json!({
                    "Code": "Success",
                    "LastUpdated": clock::extended(request.now),
                    "InstanceProfileArn": arn,
                    "InstanceProfileId": "AIPAEXAMPLEPROFILE000",
                });
                serde_json::to_string_pretty(&info).unwrap_or_default()
            }
            path => {
                let wanted = path.strip_prefix(ROLES);
                let role = role.filter(|role| Some(base_name(role)) == wanted);
                let role = role.ok_or_else(|| page(404))?;
                let principal = Principal::session_of(&state.world.partition, &role, &instance.id);
                return Ok(credentials(state, request, principal));
            }
        };
        Ok(Body::new("text/plain", text))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &str) -> Body {
        let title = format!("{} - {}", refusal.status, refusal.message);
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
             <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\
             \t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
             <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n \
             <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n \
             </body>\n</html>\n"
        );
        Body::new("text/html", text)
    }

    fn trouble(&self, trouble: Trouble) -> Refusal {
        page(match trouble {
            Trouble::Throttled => 429,
            Trouble::Internal => 500,
            Trouble::Unavailable => 503,
        })
    }
}

/// One of the service's pages that say no.
fn page(status: u16) -> Refusal {
    let text = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        _ => "Service Unavailable",
    };
    Refusal::new(status, text.replace(' ', ""), text)
}

fn token(state: &mut State, request: &Request<'_>) -> Result<Body, Refusal> {
    if request.wire.method != "PUT" {
        return Err(page(405));
    }
    // What came through a proxy may not be for this instance.
    if request.wire.headers.contains_key("x-forwarded-for") {
        return Err(page(403));
    }
    let asked = request.wire.header(TTL);
    let seconds = asked.and_then(|text| text.parse::<i64>().ok());
    let seconds = seconds.filter(|seconds| (1..=21_600).contains(seconds));
    let seconds = seconds.ok_or_else(|| page(400))?;
    if state.world.instance.is_none() {
        return Err(page(404));
    }
    let token = format!("{}==", random::opaque());
    let ends = clock::after(request.now, SignedDuration::from_secs(seconds));
    state.metadata.tokens.insert(token.clone(), ends);
    Ok(Body::new("text/plain", token).header(TTL, seconds.to_string()))
}

fn credentials(state: &mut State, request: &Request<'_>, principal: Principal) -> Body {
    let who = principal.arn().to_owned();
    let given = state.give(
        principal,
        Facts::default(),
        LAST,
        request.now,
        request.fault,
    );
    let answer = json!({
        "Code": "Success",
        "LastUpdated": clock::extended(request.now),
        "Type": "AWS-HMAC",
        "AccessKeyId": given.access_key_id,
        "SecretAccessKey": given.secret,
        "Token": given.token,
        "Expiration": clock::extended(given.expires),
    });
    let text = serde_json::to_string_pretty(&answer).unwrap_or_default();
    Body::new("text/plain", text).given_to(who)
}
