//! A client of the AWS query protocol, as small as one can be.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_sandbox::{Options, Role, Sandbox, User, World};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const USER: &str = "arn:aws:iam::210987654321:user/team/jdoe";
pub(crate) const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";
pub(crate) const READ: &str = "arn:aws:iam::123456789012:role/read";

/// One user with a device, and one role, as `change` makes it.
pub(crate) fn sandbox_with(change: impl FnOnce(Role) -> Role) -> Sandbox {
    let user = User::new("team/jdoe", "210987654321")
        .key(KEY, SECRET)
        .mfa(DEVICE, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let role = change(Role::new(READ).trusting(USER));
    start(World::default().user(user).role(role))
}

/// One user with a device, and one role that trusts the user.
pub(crate) fn sandbox() -> Sandbox {
    sandbox_with(|role| role)
}

/// A sandbox at the start of a window of MFA codes.
pub(crate) fn start(world: World) -> Sandbox {
    let sandbox = Sandbox::start(world, Options::default()).unwrap();
    sandbox.set_now("2026-01-05T12:00:00Z".parse().unwrap());
    sandbox
}

/// Who calls, from where, and how wrong the clock is.
#[derive(Clone)]
pub(crate) struct Client<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: &'static str,
    pub(crate) service: &'static str,
    /// Of the service's API.
    pub(crate) version: &'static str,
    /// How far the clock is ahead of the sandbox's.
    pub(crate) ahead: SignedDuration,
}

impl<'a> Client<'a> {
    /// The user, with long-term keys.
    pub(crate) fn new(sandbox: &'a Sandbox) -> Self {
        Self {
            sandbox,
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            region: "eu-central-1",
            service: "sts",
            version: "2011-06-15",
            ahead: SignedDuration::ZERO,
        }
    }

    /// Whoever was given the credentials in this answer of a JSON service, in
    /// the object at `pointer`.
    pub(crate) fn with_json(&self, answer: &Answer, pointer: &str) -> Self {
        let part = |name: &str| answer.at(&format!("{pointer}/{name}"));
        Self {
            key: part("accessKeyId"),
            secret: part("secretAccessKey"),
            token: Some(part("sessionToken")),
            ..self.clone()
        }
    }

    /// Whoever was given the credentials in `answer`.
    pub(crate) fn with(&self, answer: &Answer) -> Self {
        Self {
            key: answer.text("AccessKeyId"),
            secret: answer.text("SecretAccessKey"),
            token: Some(answer.text("SessionToken")),
            ..self.clone()
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.sandbox.now() + self.ahead
    }

    /// The bytes of a signed request of the query protocol.
    pub(crate) fn request(&self, body: &str) -> Vec<u8> {
        self.signed("POST", "/", body)
    }

    /// Calls a REST service. The query string has to be sorted and encoded.
    pub(crate) fn rest(&self, method: &str, target: &str, body: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        // By name, then by value.
        pairs.sort_unstable_by_key(|pair| pair.split_once('='));
        let target = match pairs.as_slice() {
            [] => path.to_owned(),
            pairs => format!("{path}?{}", pairs.join("&")),
        };
        self.send(&self.signed(method, &target, body)).unwrap()
    }

    fn signed(&self, method: &str, target: &str, body: &str) -> Vec<u8> {
        let now = self.now();
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let date = &time[..8];
        let host = format!("127.0.0.1:{}", self.sandbox.port());
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let (mut names, mut headers) = (
            "content-type;host;x-amz-date".to_owned(),
            format!("content-type:{kind}\nhost:{host}\nx-amz-date:{time}\n"),
        );
        if let Some(token) = &self.token {
            names.push_str(";x-amz-security-token");
            headers.push_str(&format!("x-amz-security-token:{token}\n"));
        }
        let digest = hex(&Sha256::digest(body.as_bytes()));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{digest}");
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let signed = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hex(&Sha256::digest(canonical.as_bytes()))
        );
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [date, self.region, self.service, "aws4_request", &signed] {
            key = hmac(&key, part);
        }
        format!(
            "{method} {target} HTTP/1.1\r\n{}authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, \
             SignedHeaders={names}, Signature={}\r\nuser-agent: test/1\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            headers.replace('\n', "\r\n"),
            self.key,
            hex(&key),
            body.len()
        )
        .into_bytes()
    }

    /// Calls `action`.
    pub(crate) fn call(&self, action: &str, params: &[(&str, &str)]) -> Answer {
        let form = form(action, params).replace("2011-06-15", self.version);
        self.send(&self.request(&form)).unwrap()
    }

    /// Assumes [`READ`] with these parameters more.
    pub(crate) fn assume(&self, more: &[(&str, &str)]) -> Answer {
        self.assume_role(READ, more)
    }

    pub(crate) fn assume_role(&self, role: &str, more: &[(&str, &str)]) -> Answer {
        let mut params = vec![("RoleArn", role), ("RoleSessionName", "jdoe")];
        params.extend_from_slice(more);
        self.call("AssumeRole", &params)
    }

    pub(crate) fn send(&self, request: &[u8]) -> io::Result<Answer> {
        Answer::read(&raw(self.sandbox, request)?)
    }
}

/// Sends bytes, and gives what comes back until the end.
pub(crate) fn raw(sandbox: &Sandbox, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", sandbox.port()))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    // The other side may have said no and left before it read everything.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if bytes.is_empty() => Err(error),
        _ => Ok(bytes),
    }
}

/// A request without a signature, with these headers more.
pub(crate) fn http(
    sandbox: &Sandbox,
    (method, target): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{more}content-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        sandbox.port(),
        body.len()
    );
    Answer::read(&raw(sandbox, request.as_bytes()).unwrap()).unwrap()
}

/// Calls an action of the query protocol without a signature.
pub(crate) fn unsigned(sandbox: &Sandbox, action: &str, params: &[(&str, &str)]) -> Answer {
    let kind = "application/x-www-form-urlencoded";
    let body = form(action, params);
    http(sandbox, ("POST", "/"), &[("content-type", kind)], &body)
}

/// A body of the query protocol.
pub(crate) fn form(action: &str, params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", action)
        .append_pair("Version", "2011-06-15")
        .extend_pairs(params)
        .finish()
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> io::Result<Self> {
        let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "no whole answer");
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        let answer = Self {
            status: status.ok_or_else(broken)?,
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length: usize = answer
            .header("content-length")
            .parse()
            .map_err(|_| broken())?;
        if bytes.len() < head.len() + 4 + length {
            return Err(broken());
        }
        Ok(answer)
    }

    /// The value of a header; empty without one.
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_default().to_owned()
    }

    /// The text of the first element of that name; empty without one.
    pub(crate) fn text(&self, element: &str) -> String {
        let start = format!("<{element}>");
        let Some(from) = self.body.find(&start) else {
            return String::new();
        };
        let rest = &self.body[from + start.len()..];
        let end = rest.find(&format!("</{element}>")).unwrap_or(0);
        rest[..end]
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A value of the JSON in the body: `/accountList/0/accountId`.
    pub(crate) fn at(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    /// Fails unless the answer of a JSON service is this refusal.
    #[track_caller]
    pub(crate) fn is_json(&self, status: u16, code: &str, message: &str) {
        let kind = self.header("x-amzn-errortype");
        let text = ["/message", "/error_description"]
            .map(|at| self.at(at))
            .concat();
        assert_eq!(
            (self.status, kind.split(':').next().unwrap(), text.as_str()),
            (status, code, message)
        );
    }

    /// Status, error code and message: what a client sees of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        (self.status, self.text("Code"), self.text("Message"))
    }

    /// Fails unless the answer is a success.
    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }

    /// Fails unless the answer is this refusal.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str, message: &str) {
        assert_eq!(
            self.refusal(),
            (status, code.to_owned(), message.to_owned())
        );
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
