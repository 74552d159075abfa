//! Proxies, as `HTTPS_PROXY` and its like name them.

use std::fmt;

use super::{EndpointUrl, UrlFault};

/// The URL of a proxy: `[http[s]://][user[:password]@]host[:port]`. `Display`
/// and `Debug` leave out user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(EndpointUrl);

impl ProxyUrl {
    /// `text`, if requests can be sent through it. Without a scheme it is
    /// `http://`, as everywhere.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        let socks = |scheme: &str| scheme.to_ascii_lowercase().starts_with("socks");
        let url = match scheme {
            Some(scheme) if socks(scheme) => return Err(UrlFault::Socks),
            Some(_) => EndpointUrl::parse(text)?,
            None => EndpointUrl::parse(&format!("http://{text}"))?,
        };
        Ok(Self(url))
    }

    /// The whole URL, with its scheme. It may hold a password: not for people.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the proxy itself is spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        self.0.is_tls()
    }

    /// User and password: what must be shown to nobody.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.secrets()
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({self})")
    }
}
