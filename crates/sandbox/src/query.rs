//! The AWS query protocol: forms in, XML out.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::fault::Trouble;
use crate::journal;
use crate::refusal::Refusal;
use crate::service::Request;
use crate::sigv4::Wire;

/// The parameters of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Those of the query string and, where one is taken, of a form in the body.
    ///
    /// # Errors
    /// They are not UTF-8.
    pub(crate) fn of(wire: Wire<'_>) -> Result<Self, Refusal> {
        let form = wire.header("content-type").is_none_or(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        // Elsewhere nobody speaks the query protocol; these are pages for people, and
        // the endpoint of federation.
        let pages = ["/", "/device", "/authorize", "/v1/authorize", "/federation"];
        let form = form && pages.contains(&wire.path);
        let body = if form { wire.body } else { b"" };
        let malformed = || Refusal::new(400, "MalformedInput", "The request is not valid UTF-8");
        let body = std::str::from_utf8(body).map_err(|_| malformed())?;
        let mut params = BTreeMap::new();
        for pair in wire.query.split('&').chain(body.trim().split('&')) {
            if pair.is_empty() {
                continue;
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(malformed)?;
            params.insert(name, decode(value).ok_or_else(malformed)?);
        }
        Ok(Self(params))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The numbers of the members of the list `name`, ascending:
    /// `Tags.member.1.Key` has 1. A list starts at 1, gaps are let pass.
    pub(crate) fn members(&self, name: &str) -> Vec<u32> {
        let prefix = format!("{name}.member.");
        let mut numbers: Vec<u32> = self
            .0
            .range(prefix.clone()..)
            .map_while(|(key, _)| key.strip_prefix(&prefix))
            .filter_map(|rest| rest.split('.').next()?.parse().ok())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// All but what names the action, secrets left out.
    pub(crate) fn rest(self) -> BTreeMap<String, String> {
        let mut rest = self.0;
        rest.remove("Action");
        rest.remove("Version");
        // What a signature in the query consists of is said elsewhere.
        rest.retain(|name, _| !name.starts_with("X-Amz-"));
        for (name, value) in &mut rest {
            journal::hide(name, value);
        }
        rest
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// XML being written.
#[derive(Debug)]
pub(crate) struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    /// A document whose root is `name`.
    pub(crate) fn new(name: &str, namespace: &str) -> Self {
        Self {
            text: format!("<{name} xmlns=\"{}\">\n", escape(namespace)),
            depth: 1,
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    /// `<name>` with what `inside` writes in it.
    pub(crate) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.indent();
        let _ = writeln!(self.text, "<{name}>");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    /// `<name>value</name>`.
    pub(crate) fn leaf(&mut self, name: &str, value: &str) {
        self.indent();
        let _ = writeln!(self.text, "<{name}>{}</{name}>", escape(value));
    }

    /// Closes the root, and with it the document.
    pub(crate) fn end(mut self, name: &str) -> String {
        let _ = writeln!(self.text, "</{name}>");
        self.text
    }
}

/// What XML gives a meaning to, and what it cannot hold, as references.
fn escape(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, '<' | '>' | '&' | '"') && (c == '\n' || !c.is_control());
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if plain(c) => out.push(c),
            c => {
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
        }
    }
    Cow::Owned(out)
}

/// The answer to `action` with what `result` writes.
pub(crate) fn answer(
    action: &str,
    namespace: &str,
    request_id: &str,
    result: impl FnOnce(&mut Xml),
) -> String {
    let root = format!("{action}Response");
    let mut xml = Xml::new(&root, namespace);
    xml.within(&format!("{action}Result"), result);
    xml.within("ResponseMetadata", |xml| xml.leaf("RequestId", request_id));
    xml.end(&root)
}

/// The answer to an `action` that has no result.
pub(crate) fn done(action: &str, namespace: &str, request_id: &str) -> String {
    let root = format!("{action}Response");
    let mut xml = Xml::new(&root, namespace);
    xml.within("ResponseMetadata", |xml| xml.leaf("RequestId", request_id));
    xml.end(&root)
}

/// Whether the request names an action and `version`.
///
/// # Errors
/// AWS's words for that it does not.
pub(crate) fn check_action(request: &Request<'_>, version: &str) -> Result<(), Refusal> {
    if request.action.is_empty() {
        return Err(Refusal::new(400, "MissingAction", "Missing Action"));
    }
    if request.params.get("Version") == Some(version) {
        return Ok(());
    }
    Err(unknown_action(request))
}

/// There is no such action in that version.
pub(crate) fn unknown_action(request: &Request<'_>) -> Refusal {
    let version = request.params.get("Version").unwrap_or_default();
    Refusal::new(
        400,
        "InvalidAction",
        format!(
            "Could not find operation {} for version {version}",
            request.action
        ),
    )
}

/// How services of the query protocol word their own trouble.
pub(crate) fn trouble(trouble: Trouble) -> Refusal {
    match trouble {
        Trouble::Throttled => Refusal::new(400, "Throttling", "Rate exceeded"),
        Trouble::Internal => Refusal::new(
            500,
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        Trouble::Unavailable => Refusal::new(
            503,
            "ServiceUnavailable",
            "Service is unable to handle request.",
        ),
    }
}

/// The answer that says no.
pub(crate) fn error(refusal: &Refusal, namespace: &str, request_id: &str) -> String {
    let mut xml = Xml::new("ErrorResponse", namespace);
    xml.within("Error", |xml| {
        let sender = refusal.status < 500;
        xml.leaf("Type", if sender { "Sender" } else { "Receiver" });
        xml.leaf("Code", &refusal.code);
        xml.leaf("Message", &refusal.message);
    });
    xml.leaf("RequestId", request_id);
    xml.end("ErrorResponse")
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::*;

    fn params(body: &[u8]) -> Result<Params, Refusal> {
        Params::of(Wire {
            connection: 1,
            method: "POST",
            path: "/",
            query: "Version=2011-06-15&&Only",
            headers: &HeaderMap::new(),
            body,
        })
    }

    #[test]
    fn forms_are_read() {
        let read = params(b"Action=A%20b+c%2B&Tags.member.2.Key=k&Tags.member.10.Key=k&Tags.member.x.Key=k&Tags.member.2.Value=&Tags.memberx.1=").unwrap();
        assert_eq!(read.get("Action"), Some("A b c+"));
        assert_eq!(read.get("Version"), Some("2011-06-15"));
        assert_eq!(read.get("Only"), Some(""));
        assert_eq!(read.get("None"), None);
        assert_eq!(read.members("Tags"), [2, 10]);
        assert!(read.members("Tag").is_empty());
        assert_eq!(read.rest().len(), 6);
        assert_eq!(params(b"Action=%ff").unwrap_err().code, "MalformedInput");
        assert_eq!(params(b"Action=\xff").unwrap_err().code, "MalformedInput");
        assert!(params(b"%ff=1").is_err());
    }

    #[test]
    fn a_body_that_is_no_form_is_not_read() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        let read = Params::of(Wire {
            connection: 1,
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body: b"Action=A",
        });
        assert_eq!(read, Ok(Params::default()));
    }

    #[test]
    fn xml_holds_any_text() {
        let refusal = Refusal::new(503, "A", "<&>\"\u{1b}]0;\u{9b}\r\nend");
        let text = error(&refusal, "https://x/", "id");
        assert_eq!(
            text,
            "<ErrorResponse xmlns=\"https://x/\">\n  <Error>\n    <Type>Receiver</Type>\n    \
             <Code>A</Code>\n    <Message>&lt;&amp;&gt;&quot;&#x1B;]0;&#x9B;&#xD;\nend</Message>\n  \
             </Error>\n  <RequestId>id</RequestId>\n</ErrorResponse>\n"
        );
    }
}
