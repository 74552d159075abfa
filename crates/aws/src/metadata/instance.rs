//! The credentials of an EC2 instance's role, by version 2 of the metadata
//! service.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>

use std::time::Duration;

use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Credentials, Error, Kind, Result};
use aws_smithy_http_client::proxy::ProxyConfig;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use crate::connection::Left;

use super::http::{HttpAnswer, Request, send};
use super::read;

/// For all that is asked at once, however patient somebody wants to be.
const ALTOGETHER: Duration = Duration::from_secs(40);

/// Seconds; for one conversation a minute would do, but this is what AWS's own
/// tools ask for.
const TOKEN_SECONDS: &str = "21600";

const ROLES: &str = "latest/meta-data/iam/security-credentials/";

/// Where it says of which profile the role is.
const INFO: &str = "latest/meta-data/iam/info";

/// The role of the instance that this runs on.
#[derive(Debug)]
pub struct InstanceRole {
    /// Its name.
    pub name: String,
    /// ARN and ID of the instance profile that it is in, where the service says
    /// them: the name alone may be that of a role of another account.
    pub profile: Option<(String, String)>,
    service: Service,
    token: SecretString,
    /// Of the time for all.
    left: Duration,
}

/// The metadata service, and how patiently it is asked.
#[derive(Clone, Debug)]
pub struct Service {
    /// Where it is.
    pub endpoint: EndpointUrl,
    /// How often a request is made that gets an answer which may be another one
    /// a moment later.
    pub attempts: u32,
    /// How often one is made that gets none: where nobody answers in a second,
    /// mostly nobody will.
    pub attempts_in_silence: u32,
    /// For the connection, and for the answer.
    pub wait: Duration,
    /// What is left of the time of the whole run.
    pub left: Left,
}

/// What is left of the time for all.
struct Asking<'a> {
    service: &'a Service,
    left: Duration,
}

/// Asks the metadata service for the instance's role, without a proxy.
///
/// # Errors
/// Nobody answers; the instance has no role.
pub fn instance(service: &Service) -> Result<InstanceRole> {
    let endpoint = &service.endpoint;
    let mut asking = Asking {
        service,
        left: service.left.of(ALTOGETHER),
    };
    let base = endpoint.base();
    let seconds = SecretString::from(TOKEN_SECONDS);
    let headers = [("x-aws-ec2-metadata-token-ttl-seconds", &seconds)];
    let token = asking.ask(
        "PUT",
        &format!("{base}/latest/api/token"),
        &headers,
        is_text,
    )?;
    if token.status != 200 || token.body.is_empty() {
        return Err(refused(endpoint, &token, "no token")
            .hint("raise the instance's HttpPutResponseHopLimit if this is a container"));
    }
    let token = SecretString::from(token.text());
    let headers = [("x-aws-ec2-metadata-token", &token)];
    let roles = asking.ask("GET", &format!("{base}/{ROLES}"), &headers, is_text)?;
    let text = roles.text();
    let name = text.lines().next().unwrap_or_default();
    match roles.status {
        200 if is_name(name) => {}
        200 => return Err(refused(endpoint, &roles, "no name of a role")),
        404 => {
            return Err(Error::new(Kind::Refused, "this instance has no role")
                .hint("attach one: aws ec2 associate-iam-instance-profile"));
        }
        _ => return Err(refused(endpoint, &roles, "no role")),
    }
    let info = asking.ask("GET", &format!("{base}/{INFO}"), &headers, |_| true)?;
    Ok(InstanceRole {
        name: name.to_owned(),
        profile: profile(&info),
        service: service.clone(),
        token,
        left: asking.left,
    })
}

/// The instance profile in the answer, where it holds one: not every service
/// that plays the one of EC2 does.
fn profile(info: &HttpAnswer) -> Option<(String, String)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        instance_profile_arn: String,
        instance_profile_id: String,
    }
    let info: Info = serde_json::from_slice(&info.body)
        .ok()
        .filter(|_| info.status == 200)?;
    Some((info.instance_profile_arn, info.instance_profile_id))
}

impl InstanceRole {
    /// Asks for its credentials. `now` counts where the answer does not say what
    /// time it is.
    ///
    /// # Errors
    /// Nobody answers; AWS has no credentials for it.
    pub fn credentials(&self, now: Timestamp) -> Result<Credentials> {
        let (endpoint, name) = (&self.service.endpoint, &self.name);
        let url = format!("{}/{ROLES}{name}", endpoint.base());
        let headers = [("x-aws-ec2-metadata-token", &self.token)];
        let mut asking = Asking {
            service: &self.service,
            left: self.left,
        };
        let given = asking.ask("GET", &url, &headers, is_json)?;
        let sent = Sent::default().with(&self.token);
        match (given.status, EndpointUrl::parse(&url)) {
            (200, Ok(url)) => Ok(read(&url, &given, now, &sent)?.credentials),
            _ => Err(refused(endpoint, &given, "no credentials")),
        }
    }
}

impl Asking<'_> {
    /// Asks until there is an answer that a second attempt would not change:
    /// one that `holds` what it should, or a refusal.
    fn ask(
        &mut self,
        method: &'static str,
        url: &str,
        headers: &[(&'static str, &SecretString)],
        holds: impl Fn(&HttpAnswer) -> bool,
    ) -> Result<HttpAnswer> {
        let Service {
            endpoint,
            attempts,
            attempts_in_silence,
            wait,
            left: _,
        } = self.service;
        let mut made = 0;
        loop {
            let begun = tokio::time::Instant::now();
            let request = Request {
                method,
                url,
                headers,
                wait: (*wait).min(self.left / 2),
                ca_bundle: None,
                body: None,
                proxy: ProxyConfig::disabled(),
            };
            let answer = send(&request)?;
            made += 1;
            self.left = self.left.saturating_sub(begun.elapsed());
            let most = match &answer {
                Ok(answer) if answer.status == 200 && holds(answer) => 0,
                Ok(answer) if answer.status != 200 && !may_pass(answer.status) => 0,
                Ok(_) => *attempts,
                Err(_) => *attempts_in_silence,
            };
            if made < most && !self.left.is_zero() {
                continue;
            }
            return answer.map_err(|why| {
                Error::new(
                    Kind::Unreachable,
                    format!("the instance metadata service does not answer at {endpoint}"),
                )
                .because(why)
                .hint("run it on an EC2 instance, with its metadata service switched on")
            });
        }
    }
}

/// Whether an answer with this status may be another one a moment later.
fn may_pass(status: u16) -> bool {
    status >= 500 || status == 429
}

fn is_text(answer: &HttpAnswer) -> bool {
    !answer.body.is_empty()
}

fn is_json(answer: &HttpAnswer) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok()
}

/// What it answered says no; its page of HTML tells a person nothing.
fn refused(endpoint: &EndpointUrl, answer: &HttpAnswer, what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the instance metadata service at {endpoint} returned {what}"),
    )
    .because(format!("HTTP status {}", answer.status))
}

/// Whether it can be the name of a role: it becomes a part of a URL.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>
fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}
