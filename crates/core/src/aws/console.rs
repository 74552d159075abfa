//! The console in a browser: which URL signs in whom, and where to.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

mod isolation;
mod regions;
mod services;

pub use isolation::{AddOn, container_link, is_profile_of, look, profile_folder};
pub use regions::region;
pub use services::{ConsoleService, SERVICES, service};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::aws::Credentials;
use crate::aws::ids::{Partition, Region};
use crate::diagnostic::{Error, Kind, Result};

/// What AWS calls who signed somebody in.
const ISSUER: &str = "assumerole";

/// The hosts of a partition: of sign-in, and of the console.
const HOSTS: [(&str, &str, &str); 4] = [
    ("aws", "signin.aws.amazon.com", "console.aws.amazon.com"),
    ("aws-cn", "signin.amazonaws.cn", "console.amazonaws.cn"),
    (
        "aws-us-gov",
        "signin.amazonaws-us-gov.com",
        "console.amazonaws-us-gov.com",
    ),
    (
        "aws-eusc",
        "signin.amazonaws-eusc.eu",
        "console.amazonaws-eusc.eu",
    ),
];

/// The console of a partition, in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    signin: String,
    host: &'static str,
    region: Option<Region>,
    /// `REGION.`; empty in the region that is called without one.
    prefix: String,
}

/// Where in the console somebody wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsolePage {
    /// Its home page.
    Home,
    /// A service by its name.
    Service(String),
    /// A path, or a whole URL of the console.
    Url(String),
}

impl Console {
    /// The console of `partition`, in `region`.
    ///
    /// # Errors
    /// The partition has none that can be reached so; the region is one of
    /// another partition.
    pub fn new(partition: &Partition, region: Option<&Region>) -> Result<Self> {
        let name = partition.to_string();
        let Some((_, signin, host)) = HOSTS.iter().find(|(known, ..)| *known == name) else {
            let message = format!("the console of partition {name} cannot be signed in to");
            return Err(
                Error::new(Kind::Usage, message).because("its endpoint of federation is not known")
            );
        };
        if let Some(region) = region.filter(|region| Partition::of_region(region) != *partition) {
            let message =
                format!("the role is one of partition {name}, and {region} is a region of another");
            return Err(
                Error::new(Kind::Usage, message).hint("name one of its regions: --region REGION")
            );
        }
        let home = partition.default_region();
        let prefix = region.filter(|region| **region != home);
        let prefix = prefix.map_or_else(String::new, |region| format!("{region}."));
        Ok(Self {
            signin: format!("https://{prefix}{signin}"),
            host,
            region: region.cloned(),
            prefix,
        })
    }

    /// Signs in at `endpoint` instead.
    #[must_use]
    pub fn at(mut self, endpoint: Option<&str>) -> Self {
        if let Some(endpoint) = endpoint {
            endpoint.trim_end_matches('/').clone_into(&mut self.signin);
        }
        self
    }

    /// The endpoint that gives a token for credentials, and signs in who has
    /// one.
    pub fn federation(&self) -> String {
        format!("{}/federation", self.signin)
    }

    /// The URL of `place`.
    ///
    /// # Errors
    /// It is a URL of something else than this console.
    pub fn destination(&self, place: &ConsolePage) -> Result<String> {
        match place {
            ConsolePage::Home => Ok(self.page("console/home", false)),
            ConsolePage::Service(name) => Ok(match service(name) {
                Some(service) => self.page(service.path, service.global),
                None => self.page(&format!("{}/home", encoded(name)), false),
            }),
            ConsolePage::Url(url) => self.url(url),
        }
    }

    /// The page at `path`, in the region unless it is `global`.
    fn page(&self, path: &str, global: bool) -> String {
        let (path, fragment) = match path.split_once('#') {
            Some((path, fragment)) => (path, format!("#{fragment}")),
            None => (path, String::new()),
        };
        let (prefix, region) = match (&self.region, global) {
            (Some(region), false) => (self.prefix.as_str(), Some(region)),
            _ => ("", None),
        };
        let query = match region {
            Some(region) if !has_region(path) => {
                let mark = if path.contains('?') { '&' } else { '?' };
                format!("{mark}region={region}")
            }
            _ => String::new(),
        };
        format!("https://{prefix}{}/{path}{query}{fragment}", self.host)
    }

    fn url(&self, url: &str) -> Result<String> {
        let wrong = |why: &str| {
            Err(Error::new(Kind::Usage, "--url is no URL of the console")
                .because(why)
                .hint("write a path (/s3/buckets/NAME), or copy a URL of the console"))
        };
        if url.is_empty()
            || url.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\')
        {
            return wrong("it is empty, or has a blank, a backslash or a control character");
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            let path = url.trim_start_matches('/');
            return Ok(self.page(path, false));
        };
        if !scheme.eq_ignore_ascii_case("https") {
            return wrong("it does not begin with https://");
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.to_ascii_lowercase();
        let is_here = host == self.host
            || host.strip_suffix(self.host).is_some_and(|before| {
                let label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
                before.ends_with('.') && before.chars().all(label)
            });
        match is_here {
            true => Ok(url.to_owned()),
            false => wrong(&format!(
                "its host is not {}, nor one below that",
                self.host
            )),
        }
    }

    /// What is asked for a token with `credentials`, for a session of
    /// `duration` seconds where that is said: the form of the request.
    ///
    /// # Errors
    /// The credentials are no temporary ones.
    pub fn token_request(credentials: &Credentials, duration: Option<u32>) -> Result<SecretString> {
        let Some(token) = &credentials.session_token else {
            return Err(Error::new(
                Kind::Usage,
                "the console takes temporary credentials only",
            ));
        };
        let session = Zeroizing::new(
            serde_json::json!({
                "sessionId": credentials.access_key_id,
                "sessionKey": credentials.secret_access_key.expose_secret(),
                "sessionToken": token.expose_secret(),
            })
            .to_string(),
        );
        let duration =
            duration.map_or_else(String::new, |seconds| format!("&SessionDuration={seconds}"));
        let session = Zeroizing::new(encoded(&session));
        Ok(format!("Action=getSigninToken{duration}&Session={}", *session).into())
    }

    /// The URL that signs in who has `token`, at `destination`.
    pub fn login_url(&self, destination: &str, token: &SecretString) -> SecretString {
        format!(
            "{}?Action=login&Issuer={ISSUER}&Destination={}&SigninToken={}",
            self.federation(),
            encoded(destination),
            encoded(token.expose_secret())
        )
        .into()
    }

    /// Whether a browser can have several of its sessions.
    pub fn has_several(&self) -> bool {
        self.host == HOSTS[0].2
    }

    /// The URL that lets a browser have several sessions, and goes on to `url`.
    ///
    /// # Errors
    /// Only the partition `aws` has them.
    pub fn beside_others(&self, url: &SecretString) -> Result<SecretString> {
        if !self.has_several() {
            return Err(Error::new(
                Kind::Usage,
                "--multi: several sessions in one browser are there in the partition aws only",
            ));
        }
        let url = encoded(url.expose_secret());
        Ok(
            format!(
                "https://us-east-1.signin.aws.amazon.com/sessions/v1/opt-in?redirect_uri={url}"
            )
            .into(),
        )
    }
}

/// The short cut of the portal at `start` to the console, as the role `role` of
/// `account`.
pub fn portal_url(start: &str, account: &str, role: &str, destination: Option<&str>) -> String {
    let start = start.trim_end_matches('/').trim_end_matches("/#");
    let destination =
        destination.map_or_else(String::new, |url| format!("&destination={}", encoded(url)));
    format!(
        "{start}/#/console?account_id={}&role_name={}{destination}",
        encoded(account),
        encoded(role)
    )
}

fn has_region(path: &str) -> bool {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.starts_with("region="))
}

/// `text` as a value in a query.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// All but what may stand for itself anywhere in a URL.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[cfg(test)]
mod tests;
