//! Where a container asks for its credentials.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::fmt;
use std::net::IpAddr;

use super::{EndpointUrl, UrlFault};

/// Where AWS gives them without TLS: ECS, EKS, and EKS by IPv6.
const HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// A URL that credentials may be asked for at: over TLS, on this machine, or
/// at an address that AWS has for that. Whoever could name another one would
/// be sent the token.
#[derive(Clone, PartialEq, Eq)]
pub struct ContainerUrl {
    url: EndpointUrl,
    /// As the variable has it.
    written: String,
}

impl ContainerUrl {
    /// The agent of ECS at `path`, the value of
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn relative(path: &str) -> Result<Self, UrlFault> {
        // Else it could go on with the host: `@example.com`, `.example.com`.
        if !path.starts_with('/') {
            return Err(UrlFault::Path);
        }
        Ok(Self {
            url: EndpointUrl::parse(&format!("http://{}{path}", HOSTS[0]))?,
            written: path.to_owned(),
        })
    }

    /// `url`, the value of `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn full(url: &str) -> Result<Self, UrlFault> {
        let parsed = EndpointUrl::parse(url)?;
        let host = parsed.host();
        let loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let trusted = HOSTS.contains(&host) || host.eq_ignore_ascii_case("localhost") || loopback;
        if !parsed.is_tls() && !trusted {
            return Err(UrlFault::Untrusted);
        }
        Ok(Self {
            url: parsed,
            written: url.to_owned(),
        })
    }

    /// What is called.
    pub fn url(&self) -> &EndpointUrl {
        &self.url
    }

    /// The value of the variable.
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for ContainerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl fmt::Debug for ContainerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContainerUrl({self})")
    }
}
