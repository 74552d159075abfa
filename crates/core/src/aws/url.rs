//! URLs that requests are sent to: endpoints of services, metadata services,
//! proxies. Each is parsed once, when a plan is made, into a type that can hold
//! no other; so that nothing downstream has to refuse one, which the SDK does
//! by printing the request.
//!
//! Stricter than RFC 3986 where a URL that it allows cannot be meant: a port 0,
//! a host with an empty label.

mod container;
mod proxy;

use std::fmt;
use std::net::Ipv6Addr;
use std::ops::Range;

pub use container::ContainerUrl;
pub use proxy::ProxyUrl;

/// Bytes. The HTTP client takes 65,534 with the path of the request.
const LONGEST: usize = 4096;

/// Bytes of a host name, and of one of its labels (RFC 1035, 2.3.4).
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// What is wrong with a URL. Its `Display` completes "it …" and repeats
/// nothing of the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlFault {
    /// Another scheme than HTTP's, or none.
    Scheme,
    /// A blank, a control character, or one that must be written as `%XX`.
    Character,
    /// Other characters than ASCII.
    NotAscii,
    /// A `%` without two hexadecimal digits behind it.
    Escape,
    /// No host.
    NoHost,
    /// A host that is neither a name nor an address.
    Host,
    /// A port other than 1 to 65535.
    Port,
    /// More than one `@`, or a user's name that is none.
    User,
    /// More bytes than any URL has.
    Long,
    /// SOCKS, of a proxy.
    Socks,
    /// A path, of a variable that holds one, that does not begin with a slash.
    Path,
    /// An address that is neither this machine's nor AWS's, without TLS.
    Untrusted,
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "it begins with neither http:// nor https://",
            Self::Character => "it holds a blank or another character that no URL has",
            Self::NotAscii => "it holds characters other than ASCII",
            Self::Escape => "it holds a % without two hexadecimal digits behind it",
            Self::NoHost => "it names no host",
            Self::Host => "its host is neither a name nor an address",
            Self::Port => "its port is not a number from 1 to 65535",
            Self::User => "the user and password before its host cannot be told apart from it",
            Self::Long => "it is longer than any URL",
            Self::Socks => "SOCKS proxies are not supported",
            Self::Path => "it does not begin with a slash",
            // As in `container::HOSTS`.
            Self::Untrusted => {
                "its host is neither this machine nor an address of AWS (169.254.170.2, 169.254.170.23, fd00:ec2::23), and it is not https://"
            }
        })
    }
}

/// The URL of an endpoint: `http[s]://[user[:password]@]host[:port][/path][?query]`.
///
/// `Display` and `Debug` leave out user, password and query, which may be
/// secret; [`EndpointUrl::as_str`] has the whole of it.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl {
    text: String,
    parts: Parts,
}

/// Where the parts of a URL are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    tls: bool,
    /// `user:password`, if there is one.
    user: Option<Range<usize>>,
    /// With brackets.
    host: Range<usize>,
    /// Where path, query or fragment begin.
    path: usize,
}

impl EndpointUrl {
    /// `text`, if it is a URL that a request can be sent to.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        let parts = parts(text)?;
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The whole URL, as it was written. It may hold a password: not for people.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is called over TLS.
    pub fn is_tls(&self) -> bool {
        self.parts.tls
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        bare_host(&self.text, &self.parts)
    }

    /// The URL without query and fragment, and without a slash at its end:
    /// what a path can be added to.
    pub fn base(&self) -> &str {
        let end = self.text[self.parts.path..].find(['?', '#']);
        let end = end.map_or(self.text.len(), |end| self.parts.path + end);
        self.text[..end].trim_end_matches('/')
    }

    /// User, password, query and fragment: what must be shown to nobody.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        secrets(&self.text, &self.parts)
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.text, &self.parts, f)
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({self})")
    }
}

/// A URL that is none, or may be none, as a person may see it: without what
/// stands before an `@` and without a query.
pub fn masked(text: &str) -> String {
    const MOST: usize = 200;
    let start = text.find("://").map_or(0, |at| at + 3);
    let (head, rest) = match text.rfind('@') {
        Some(at) if at >= start => (&text[..start], &text[at + 1..]),
        Some(at) => ("", &text[at + 1..]),
        None => ("", text),
    };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let mark = if head.len() + rest.len() < text.len() {
        "***@"
    } else {
        ""
    };
    let query = if end < rest.len() { "?***" } else { "" };
    let shown: String = rest[..end].chars().take(MOST).collect();
    format!("{head}{mark}{shown}{query}")
}

fn bare_host<'t>(text: &'t str, parts: &Parts) -> &'t str {
    text[parts.host.clone()]
        .trim_start_matches('[')
        .trim_end_matches(']')
}

fn secrets<'t>(text: &'t str, parts: &Parts) -> impl Iterator<Item = &'t str> {
    let user = parts.user.clone().map(|user| &text[user]);
    // The password alone, for whoever repeats that.
    let password = user.and_then(|user| Some(user.split_once(':')?.1));
    let rest = &text[parts.path..];
    let query = rest.split_once(['?', '#']).map(|(_, query)| query);
    // Each value of the query, for whoever repeats one.
    let values = query.into_iter().flat_map(|query| query.split('&'));
    let values = values.filter_map(|pair| Some(pair.split_once('=')?.1));
    let whole = [user, password, query];
    whole.into_iter().flatten().chain(values)
}

fn show(text: &str, parts: &Parts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scheme = text.find("://").map_or(0, |at| at + 3);
    let rest = &text[parts.host.start..];
    let path = &text[parts.path..];
    let shown = path
        .find(['?', '#'])
        .map_or(rest.len(), |end| parts.path - parts.host.start + end);
    f.write_str(&text[..scheme])?;
    f.write_str(&rest[..shown])?;
    if shown < rest.len() {
        f.write_str("?***")?;
    }
    Ok(())
}

fn parts(text: &str) -> Result<Parts, UrlFault> {
    if text.len() > LONGEST {
        return Err(UrlFault::Long);
    }
    if !text.is_ascii() {
        return Err(UrlFault::NotAscii);
    }
    if text.bytes().any(|b| !fits(b)) {
        return Err(UrlFault::Character);
    }
    let (scheme, rest) = text.split_once("://").ok_or(UrlFault::Scheme)?;
    let tls = match scheme {
        scheme if scheme.eq_ignore_ascii_case("https") => true,
        scheme if scheme.eq_ignore_ascii_case("http") => false,
        _ => return Err(UrlFault::Scheme),
    };
    let start = scheme.len() + 3;
    let path = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(path);
    if !escapes_are_whole(after) {
        return Err(UrlFault::Escape);
    }
    let (user, host_at) = match authority.split_once('@') {
        Some((_, host)) if host.contains('@') => return Err(UrlFault::User),
        Some((user, _)) if !escapes_are_whole(user) => return Err(UrlFault::Escape),
        Some((user, _)) if user.contains(['[', ']']) => return Err(UrlFault::User),
        Some((user, _)) => (Some(start..start + user.len()), start + user.len() + 1),
        None => (None, start),
    };
    let host = host(&text[host_at..start + path])?;
    Ok(Parts {
        tls,
        user,
        host: host_at..host_at + host,
        path: start + path,
    })
}

/// Whether a byte stands in a URL as it is (RFC 3986, 2).
fn fits(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)
}

fn escapes_are_whole(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// The length of the host in `host[:port]`.
fn host(authority: &str) -> Result<usize, UrlFault> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(UrlFault::Host)?;
            address.parse::<Ipv6Addr>().map_err(|_| UrlFault::Host)?;
            let host = authority.len() - port.len();
            match port {
                "" => (host, None),
                port => (host, Some(port.strip_prefix(':').ok_or(UrlFault::Host)?)),
            }
        }
        None => {
            let (name, port) = match authority.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (authority, None),
            };
            if name.is_empty() {
                return Err(UrlFault::NoHost);
            }
            if !is_name(name) {
                return Err(UrlFault::Host);
            }
            (name.len(), port)
        }
    };
    match port {
        Some(port) if !is_port(port) => Err(UrlFault::Port),
        _ => Ok(host),
    }
}

/// Whether it can be looked up, or is an IPv4 address. Underscores are in
/// names of containers.
fn is_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    host.len() <= LONGEST_HOST && host.split('.').all(label)
}

fn is_port(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits && text.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests;
