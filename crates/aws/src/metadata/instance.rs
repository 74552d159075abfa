//! The credentials of an EC2 instance's role, by version 2 of the metadata
//! service.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html>

use std::time::Duration;

use assumerole_core::sent::Sent;
use assumerole_core::url::EndpointUrl;
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::http::{Answer, Request, send};
use super::read;

/// As in the AWS CLI: where nobody answers in a second, nobody will.
const WAIT: Duration = Duration::from_secs(1);

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
    endpoint: EndpointUrl,
    token: SecretString,
}

/// Asks the metadata service at `endpoint` for the instance's role. One attempt,
/// no proxy.
///
/// # Errors
/// Nobody answers; the instance has no role.
pub fn instance(endpoint: &EndpointUrl) -> Result<InstanceRole> {
    let base = endpoint.base();
    let seconds = SecretString::from(TOKEN_SECONDS);
    let headers = [("x-aws-ec2-metadata-token-ttl-seconds", &seconds)];
    let token = ask(
        endpoint,
        "PUT",
        &format!("{base}/latest/api/token"),
        &headers,
    )?;
    if token.status != 200 || token.body.is_empty() {
        return Err(refused(endpoint, &token, "no token").hint(
            "from inside a container: the instance may have to let more hops through (HttpPutResponseHopLimit)",
        ));
    }
    let token = SecretString::from(token.text());
    let headers = [("x-aws-ec2-metadata-token", &token)];
    let roles = ask(endpoint, "GET", &format!("{base}/{ROLES}"), &headers)?;
    let text = roles.text();
    let name = text.lines().next().unwrap_or_default();
    match roles.status {
        200 if is_name(name) => {}
        200 => return Err(refused(endpoint, &roles, "no name of a role")),
        404 => {
            return Err(Error::new(Kind::Refused, "this instance has no role")
                .hint("give it one: aws ec2 associate-iam-instance-profile"));
        }
        _ => return Err(refused(endpoint, &roles, "no role")),
    }
    let info = ask(endpoint, "GET", &format!("{base}/{INFO}"), &headers)?;
    Ok(InstanceRole {
        name: name.to_owned(),
        profile: profile(&info),
        endpoint: endpoint.clone(),
        token,
    })
}

/// The instance profile in the answer, where it holds one: not every service
/// that plays the one of EC2 does.
fn profile(info: &Answer) -> Option<(String, String)> {
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
        let (endpoint, name) = (&self.endpoint, &self.name);
        let url = format!("{}/{ROLES}{name}", endpoint.base());
        let headers = [("x-aws-ec2-metadata-token", &self.token)];
        let given = ask(endpoint, "GET", &url, &headers)?;
        let sent = Sent::default().with(&self.token);
        match (given.status, EndpointUrl::parse(&url)) {
            (200, Ok(url)) => Ok(read(&url, &given, now, &sent)?.credentials),
            _ => Err(refused(endpoint, &given, "no credentials")),
        }
    }
}

fn ask(
    endpoint: &EndpointUrl,
    method: &'static str,
    url: &str,
    headers: &[(&'static str, &SecretString)],
) -> Result<Answer> {
    let request = Request {
        method,
        url,
        headers,
        wait: WAIT,
        ca_bundle: None,
    };
    send(&request)?.map_err(|why| {
        Error::new(
            Kind::Unreachable,
            format!("the instance metadata service does not answer at {endpoint}"),
        )
        .because(why)
        .hint("this works on an EC2 instance, with its metadata service switched on")
    })
}

/// What it answered says no; its page of HTML tells a person nothing.
fn refused(endpoint: &EndpointUrl, answer: &Answer, what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the instance metadata service at {endpoint} gave {what}"),
    )
    .because(format!("HTTP status {}", answer.status))
}

/// Whether it can be the name of a role: it becomes a part of a URL.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>
fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}
