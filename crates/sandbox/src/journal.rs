//! What was asked of the sandbox, so that a test can say "exactly one".

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

/// How many requests are remembered; older ones go.
const MOST: usize = 10_000;

/// One request. No secret of a caller is in it; the MFA code is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When, by the sandbox's clock.
    pub time: Timestamp,
    /// The request ID that the answer has.
    pub request_id: String,
    /// The service that the signature names, such as `sts`; empty without one.
    pub service: String,
    /// Such as `AssumeRole`; empty if none was given.
    pub action: String,
    /// The region that the signature names; empty without one.
    pub region: String,
    /// Whose signature it claims to be; not proved if it was refused.
    pub access_key_id: Option<String>,
    /// Who that is, once the signature was proved.
    pub caller: Option<String>,
    /// The parameters, `Action` and `Version` left out.
    pub parameters: BTreeMap<String, String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code, or `OK`.
    pub outcome: String,
    /// The fault that was injected, such as `cut`, if one was.
    pub fault: Option<String>,
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
