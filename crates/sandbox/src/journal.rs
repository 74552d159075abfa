//! What was asked of the sandbox, so that a test can say "exactly one".

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How many requests are remembered; older ones go.
const MOST: usize = 10_000;

/// One request. What is secret of a caller is not in it, with two exceptions, so
/// that a test can compare: the MFA code, and `authorization`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When, by the sandbox's clock.
    pub time: Timestamp,
    /// The request ID that the answer has.
    pub request_id: String,
    /// Over which connection it came: the first one that was opened is 1.
    pub connection: u64,
    /// The service that the signature names, such as `sts`, or that answers
    /// without one, such as `sso`; empty if a signature is missing.
    pub service: String,
    /// Such as `AssumeRole`; empty if none was given.
    pub action: String,
    /// The path of the request: `/` in the query protocol.
    pub path: String,
    /// The region that the signature names; empty without one.
    pub region: String,
    /// Whose signature it claims to be; not proved if it was refused.
    pub access_key_id: Option<String>,
    /// Who that is, once it was proved: an ARN, or the name of an identity
    /// that is none of IAM's.
    pub caller: Option<String>,
    /// The access key ID of the credentials that the answer gives: a new one
    /// each time.
    pub gave: Option<String>,
    /// The parameters of the query string, the form or the JSON body, `Action`
    /// and `Version` left out. A secret is shown as `(secret)`.
    pub parameters: BTreeMap<String, String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Authorization` header of a service whose requests are not signed:
    /// what a package tool or a container has sent.
    pub authorization: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code, or `OK`.
    pub outcome: String,
    /// The fault that was injected, such as `cut`, if one was.
    pub fault: Option<String>,
}

/// The parameters that are secrets, in the words of the services.
const SECRETS: &[&str] = &[
    "Session",
    "SigninToken",
    "WebIdentityToken",
    "accessToken",
    "clientSecret",
    "code",
    "codeVerifier",
    "deviceCode",
    "page_token",
    "password",
    "refreshToken",
];

/// Hides the value of a parameter that is a secret.
pub(crate) fn hide(name: &str, value: &mut String) {
    if SECRETS.contains(&name) {
        "(secret)".clone_into(value);
    }
}

/// What the JSON object in a body says, as far as it is plain.
pub(crate) fn json_parameters(body: &[u8]) -> BTreeMap<String, String> {
    let read: BTreeMap<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let plain = |(name, value): (String, Value)| {
        let mut text = match value {
            Value::String(text) => text,
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) | Value::Null => return None,
        };
        hide(&name, &mut text);
        Some((name, text))
    };
    read.into_iter().filter_map(plain).collect()
}

/// The requests so far, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<Entry>);

impl Journal {
    pub(crate) fn add(&mut self, entry: Entry) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn count(&self, action: &str) -> usize {
        self.0.iter().filter(|entry| entry.action == action).count()
    }
}
