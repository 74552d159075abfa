//! Faults to inject: what a client must bear and the real AWS does rarely.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

/// Something that goes wrong, for so many requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    action: Option<String>,
    /// How many requests it is for still; `None`: all.
    left: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An error instead of an answer; the request is not looked at.
    Error {
        status: u16,
        code: String,
        message: String,
    },
    /// The service's own words for what is wrong with it.
    Trouble(Trouble),
    /// The connection ends without an answer.
    Cut,
    /// The connection ends in the middle of the answer.
    CutMidBody,
    /// The answer comes late.
    Hang(Duration),
    /// Status 200 and no XML.
    Garbage,
    /// `AssumedRoleUser.Arn` is this.
    WrongRole(String),
    /// `SourceIdentity` is this; `None`: it is not in the answer.
    WrongIdentity(Option<String>),
    /// The credentials given end so many seconds from now.
    ExpireIn(i64),
    /// The answer says of its end what is here; `None`: nothing.
    ExpireAs(Option<String>),
}

/// What may be wrong with any service, each of which words it in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Too many requests.
    Throttled,
    /// It failed.
    Internal,
    /// It is not there.
    Unavailable,
}

/// The actions that give something that ends.
const GIVING: &[&str] = &[
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "CreateOAuth2Token",
    "CreateToken",
    "GetAuthorizationToken",
    "GetContainerCredentials",
    "GetInstanceCredentials",
    "GetRoleCredentials",
    "GetSessionToken",
];

impl Kind {
    /// As the journal calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Error { code, .. } => code.clone(),
            Self::Trouble(Trouble::Throttled) => "throttle".to_owned(),
            Self::Trouble(Trouble::Internal) => "internal-error".to_owned(),
            Self::Trouble(Trouble::Unavailable) => "service-unavailable".to_owned(),
            Self::Cut => "cut".to_owned(),
            Self::CutMidBody => "cut-mid-body".to_owned(),
            Self::Hang(_) => "hang".to_owned(),
            Self::Garbage => "garbage".to_owned(),
            Self::WrongRole(_) => "wrong-role".to_owned(),
            Self::WrongIdentity(_) => "wrong-identity".to_owned(),
            Self::ExpireIn(_) => "expire-in".to_owned(),
            Self::ExpireAs(_) => "expire-as".to_owned(),
        }
    }

    /// Whether it can happen to this action at all.
    fn fits(&self, action: &str) -> bool {
        match self {
            Self::WrongRole(_) => action.starts_with("AssumeRole"),
            Self::WrongIdentity(_) => action == "AssumeRole",
            Self::ExpireIn(_) | Self::ExpireAs(_) => GIVING.contains(&action),
            _ => true,
        }
    }
}

impl Fault {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            action: None,
            left: Some(1),
        }
    }

    /// Any error, at any HTTP status. The request is not looked at: a code in
    /// it is not spent. The message may hold what it likes, control characters
    /// too: they are sent as character references.
    pub fn error(code: impl Into<String>, message: impl Into<String>, status: u16) -> Self {
        Self::of(Kind::Error {
            status,
            code: code.into(),
            message: message.into(),
        })
    }

    /// The service is asked too often, in its own words: `Throttling`, "Rate
    /// exceeded", 400 of STS, `ThrottlingException`, 429 of CodeArtifact… As
    /// with [`Fault::error`] the request is not looked at.
    pub fn throttle() -> Self {
        Self::of(Kind::Trouble(Trouble::Throttled))
    }

    /// The service fails, in its own words: `InternalFailure`, 500 of STS.
    pub fn internal_error() -> Self {
        Self::of(Kind::Trouble(Trouble::Internal))
    }

    /// The service is not there, in its own words: `ServiceUnavailable`, 503
    /// of STS.
    pub fn service_unavailable() -> Self {
        Self::of(Kind::Trouble(Trouble::Unavailable))
    }

    /// The request is done, a code in it is spent, and then the connection
    /// ends without an answer.
    pub fn cut() -> Self {
        Self::of(Kind::Cut)
    }

    /// As [`Fault::cut`], but in the middle of the answer's body.
    pub fn cut_mid_body() -> Self {
        Self::of(Kind::CutMidBody)
    }

    /// The request is done, and its answer comes so much later.
    pub fn hang(time: Duration) -> Self {
        Self::of(Kind::Hang(time))
    }

    /// The request is done; the answer is status 200 and no XML.
    pub fn garbage() -> Self {
        Self::of(Kind::Garbage)
    }

    /// The lying server: AssumeRole answers that another role was assumed,
    /// whose session ARN is `arn`. What it gives is good for what was asked.
    pub fn wrong_role(arn: impl Into<String>) -> Self {
        Self::of(Kind::WrongRole(arn.into()))
    }

    /// The lying server: AssumeRole answers that the source identity is
    /// `identity`, or names none.
    pub fn wrong_identity(identity: Option<&str>) -> Self {
        Self::of(Kind::WrongIdentity(identity.map(str::to_owned)))
    }

    /// Credentials or tokens that are given end `seconds` from now, whatever was
    /// asked; negative: they have ended already.
    pub fn expire_in(seconds: i64) -> Self {
        Self::of(Kind::ExpireIn(seconds))
    }

    /// What is given is good, but the answer says of its end just `text`: not a
    /// time, or one in another way than the service writes it; `None`: nothing.
    /// In JSON `text` stands as it is, so that it may be a number.
    pub fn expire_as(text: Option<&str>) -> Self {
        Self::of(Kind::ExpireAs(text.map(str::to_owned)))
    }

    /// Only for requests of this action, such as `AssumeRole`.
    #[must_use]
    pub fn on(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// For so many requests; one, if not said.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.left = Some(count);
        self
    }

    /// For all requests, until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }
}

/// The faults to come. Of those that fit a request, the oldest happens.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What goes wrong with this request, if anything.
    pub(crate) fn next(&mut self, action: &str) -> Option<Kind> {
        self.0.retain(|fault| fault.left != Some(0));
        let fits = |fault: &&mut Fault| {
            fault.kind.fits(action) && fault.action.as_deref().is_none_or(|only| only == action)
        };
        let fault = self.0.iter_mut().find(fits)?;
        if let Some(left) = &mut fault.left {
            *left -= 1;
        }
        Some(fault.kind.clone())
    }
}

/// `body` with `text` in the place of everything that says when something ends,
/// or without it.
pub(crate) fn expiring_as(body: &[u8], text: Option<&str>) -> Vec<u8> {
    let body = String::from_utf8_lossy(body);
    if let (Some(start), Some(end)) = (body.find("<Expiration>"), body.find("</Expiration>")) {
        let (before, after) = (&body[..start], &body[end + "</Expiration>".len()..]);
        let inside = text.map(|text| format!("<Expiration>{text}</Expiration>"));
        return format!("{before}{}{after}", inside.unwrap_or_default()).into_bytes();
    }
    let Ok(mut json) = serde_json::from_str::<Value>(&body) else {
        return body.into_owned().into_bytes();
    };
    let value = text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.into()));
    ends(&mut json, value.as_ref());
    json.to_string().into_bytes()
}

/// Sets or removes what says in `json` when something ends.
fn ends(json: &mut Value, to: Option<&Value>) {
    const NAMES: [&str; 3] = ["Expiration", "expiration", "expiresIn"];
    let Value::Object(members) = json else { return };
    for name in NAMES {
        if members.contains_key(name) {
            match to {
                Some(value) => members.insert(name.to_owned(), value.clone()),
                None => members.remove(name),
            };
        }
    }
    members.values_mut().for_each(|member| ends(member, to));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_happen_in_order_as_often_as_said_and_where_said() {
        let mut faults = Faults::default();
        faults.push(Fault::cut().on("AssumeRole").times(2));
        faults.push(Fault::garbage());
        faults.push(Fault::throttle().times(0));
        assert_eq!(faults.next("GetCallerIdentity"), Some(Kind::Garbage));
        assert_eq!(faults.next("GetCallerIdentity"), None);
        assert_eq!(faults.next("AssumeRole"), Some(Kind::Cut));
        assert_eq!(faults.next("AssumeRole"), Some(Kind::Cut));
        assert_eq!(faults.next("AssumeRole"), None);
        faults.push(Fault::wrong_role("x"));
        faults.push(Fault::expire_in(1));
        assert_eq!(faults.next("GetCallerIdentity"), None);
        assert_eq!(faults.next("GetSessionToken"), Some(Kind::ExpireIn(1)));
        assert_eq!(
            faults.next("AssumeRole"),
            Some(Kind::WrongRole("x".to_owned()))
        );
        faults.push(Fault::hang(Duration::ZERO).always());
        for _ in 0..5 {
            assert_eq!(faults.next("Any"), Some(Kind::Hang(Duration::ZERO)));
        }
        faults.clear();
        assert_eq!(faults.next("Any"), None);
    }
}
