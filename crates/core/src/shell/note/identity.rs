//! What a session is, so that it can be told from any other one.

use std::fmt;

use crate::aws::ids::{PolicyArn, SessionTag};
use crate::plan::{CacheKey, Call, Plan, SourceKind};

/// Characters of a digest: 128 bits.
pub(super) const DIGEST: usize = 32;

/// Marks of what narrows a session that are worth noting.
const MOST_MARKS: usize = 8;

/// What a session is. The digests are over all that the plan says, so that
/// whatever makes another session makes another digest: where the first
/// credentials come from, the roles on the way, duration, names, tags, policies, external id, endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionIdentity {
    /// The ARN of the role, where there is one.
    pub arn: Option<String>,
    /// The name of what has no ARN: of a permission set of IAM Identity Center.
    pub role: Option<String>,
    /// The account, where it is known.
    pub account: Option<String>,
    /// Whose first credentials it comes from.
    pub source: String,
    /// What it is asked for with: the session before it.
    pub way: String,
    /// The session itself, with all that is above.
    pub session: String,
    /// How long it was asked for, seconds.
    pub seconds: Option<u32>,
    /// What narrows it, for a person.
    pub narrowed: Vec<String>,
}

/// The first thing in which two sessions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionDifference {
    /// Another role: its ARN, or its name, now; if it is one.
    Role(Option<String>),
    /// Another account, now.
    Account(Option<String>),
    /// Other first credentials.
    Source,
    /// Another session before it.
    Way,
    /// Other narrowing: what it was, what it is.
    Narrowing(Vec<String>, Vec<String>),
    /// Another duration: what it was, what it is.
    Duration(Option<u32>, Option<u32>),
    /// Something else that it is asked for with.
    Session,
}

impl SessionIdentity {
    /// What the session at the end of `plan` is; `keys` are the plan's
    /// ([`Plan::fingerprints`]).
    pub fn of(plan: &Plan, keys: &[CacheKey]) -> Self {
        let digest = |at: usize| keys.get(at).map(digest).unwrap_or_default();
        let last = keys.len().saturating_sub(1);
        let seconds = plan.steps.last().map(|step| match &step.call {
            Call::Session(session) => session.duration.value,
            Call::Assume(assume) => assume.duration.value,
        });
        Self {
            role: match plan.role_arn() {
                Some(_) => None,
                None => plan.role_name(),
            },
            arn: plan.role_arn().map(ToString::to_string),
            account: plan.account().map(|account| account.to_string()),
            source: digest(0),
            way: digest(last.saturating_sub(1)),
            session: digest(last),
            seconds,
            narrowed: narrowed(plan),
        }
    }

    /// In what `today` differs from this one; `None`: it is the same session.
    pub fn differs(&self, today: &Self) -> Option<SessionDifference> {
        let (was, is) = (self, today);
        Some(if (&was.arn, &was.role) != (&is.arn, &is.role) {
            SessionDifference::Role(is.arn.clone().or_else(|| is.role.clone()))
        } else if was.account != is.account {
            SessionDifference::Account(is.account.clone())
        } else if was.source != is.source {
            SessionDifference::Source
        } else if was.way != is.way {
            SessionDifference::Way
        } else if was.narrowed != is.narrowed {
            SessionDifference::Narrowing(was.narrowed.clone(), is.narrowed.clone())
        } else if was.seconds != is.seconds {
            SessionDifference::Duration(was.seconds, is.seconds)
        } else if was.session != is.session {
            SessionDifference::Session
        } else {
            return None;
        })
    }
}

/// Digit by digit: on the way of every cached call.
fn digest(key: &CacheKey) -> String {
    let digits = key.bytes()[..DIGEST / 2].iter();
    let digits = digits.flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// Policies and tags of the session, for a person.
fn narrowed(plan: &Plan) -> Vec<String> {
    let named = |arn: &PolicyArn| {
        let name = arn.as_str().rsplit('/').next();
        name.unwrap_or(arn.as_str()).to_owned()
    };
    let Some(role) = plan.role() else {
        return match &plan.source.kind {
            SourceKind::WebIdentity(web) if plan.steps.is_empty() => {
                web.policy_arns.value.iter().map(named).collect()
            }
            _ => Vec::new(),
        };
    };
    let arns = role.policy_arns.value.iter().map(named);
    let policy = role.policy.iter().map(|_| "a policy".to_owned());
    let tags = role
        .tags
        .value
        .iter()
        .map(|tag: &SessionTag| format!("tag {}={}", tag.key.as_str(), tag.value.as_str()));
    arns.chain(policy).chain(tags).take(MOST_MARKS).collect()
}

/// What `marks` say, in words.
fn words(marks: &[String]) -> String {
    match marks {
        [] => "nothing".to_owned(),
        marks => marks.join(", "),
    }
}

impl fmt::Display for SessionDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |seconds: &Option<u32>| match seconds {
            Some(seconds) => format!("{seconds} s"),
            None => "as long as it can".to_owned(),
        };
        match self {
            Self::Role(Some(arn)) => write!(f, "it is {arn}"),
            Self::Role(None) => f.write_str("it is no role"),
            Self::Account(Some(account)) => write!(f, "it is one of account {account}"),
            Self::Account(None) => f.write_str("its account is not known"),
            Self::Source => f.write_str("other credentials assume it"),
            Self::Way => f.write_str("it is assumed from another session"),
            Self::Narrowing(was, is) => {
                write!(f, "narrowed by {}, not by {}", words(is), words(was))
            }
            Self::Duration(was, is) => {
                write!(f, "it lasts {}, not {}", seconds(is), seconds(was))
            }
            Self::Session => f.write_str("its session is requested with other values"),
        }
    }
}
