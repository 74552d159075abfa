//! What a sealed entry holds.

use assumerole_core::{Consumer, Credentials};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::value::Value;

/// Credentials as they are cached.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The credentials; `expires` is AWS's time and always there.
    pub credentials: Credentials,
    /// When AWS says they end.
    pub expires: Timestamp,
    /// When they were obtained, by our clock.
    pub obtained: Timestamp,
    /// How far AWS's clock was ahead of ours then.
    pub skew: SignedDuration,
    /// What they are, for `status`.
    pub about: About,
}

/// What an entry is, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What it is.
    pub kind: EntryKind,
    /// The role's or the profile's name in the person's files, when it was
    /// obtained.
    pub name: String,
    /// The role's ARN, of a role.
    pub arn: Option<String>,
    /// The account, where it is known.
    pub account: Option<String>,
    /// The profile of the first credentials.
    pub profile: String,
    /// The MFA device whose code is in it.
    pub device: Option<String>,
    /// The region that is exported with it.
    pub region: Option<String>,
    /// What it was obtained with: the name of that entry in the cache.
    pub parent: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// What a profile gave by itself: a process, IAM Identity Center, `aws
    /// login`, a web identity.
    Profile,
    /// A user's session (`GetSessionToken`): roles are assumed from it.
    Session,
    /// A role session.
    Role,
}

/// A clock that went back further than this since an entry was made says
/// nothing any more about how long the entry lasts.
pub(super) const CLOCK_STEP: SignedDuration = SignedDuration::from_mins(5);

impl Entry {
    /// When the credentials end, by our clock. A clock that was behind AWS's
    /// makes it earlier; one that was ahead does not make it later, for it may
    /// be set right at any moment.
    pub fn ends(&self) -> Timestamp {
        let behind = self.skew.max(SignedDuration::ZERO);
        self.expires.checked_sub(behind).unwrap_or(self.expires)
    }

    /// How much life is left; negative when it is over.
    pub fn left(&self, now: Timestamp) -> SignedDuration {
        self.ends().duration_since(now)
    }

    /// The whole life the session was given.
    pub fn life(&self) -> SignedDuration {
        self.ends().duration_since(self.obtained)
    }

    /// Whether the credentials may be handed out at `now`.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        Value::is_fresh(self, now)
    }

    /// As [`Self::is_fresh`], for `consumer`.
    pub fn is_fresh_for(&self, consumer: Consumer, now: Timestamp) -> bool {
        Value::is_fresh_for(self, consumer, now)
    }

    /// The bytes to seal.
    pub(crate) fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let stored = StoredEntry {
            access_key_id: &self.credentials.access_key_id,
            secret_access_key: self.credentials.secret_access_key.expose_secret(),
            session_token: self
                .credentials
                .session_token
                .as_ref()
                .map(ExposeSecret::expose_secret),
            expires: self.expires,
            obtained: self.obtained,
            skew_seconds: self.skew.as_secs(),
            about: self.about.clone(),
        };
        // Sized at once, so that no half-grown buffer with secrets is left.
        let mut bytes = Zeroizing::new(Vec::with_capacity(8192));
        serde_json::to_writer(&mut *bytes, &stored).ok()?;
        Some(bytes)
    }

    /// Reads [`Self::encode`]'s bytes; `None` for any others.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let stored: StoredEntry<'_> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            credentials: Credentials {
                access_key_id: stored.access_key_id.to_owned(),
                secret_access_key: stored.secret_access_key.into(),
                session_token: stored.session_token.map(SecretString::from),
                expires: Some(stored.expires),
            },
            expires: stored.expires,
            obtained: stored.obtained,
            skew: SignedDuration::from_secs(stored.skew_seconds),
            about: stored.about,
        })
    }
}

/// The entry's JSON. Its strings are borrowed from the opened bytes, which are
/// wiped, so no copy of a secret is left on the way in.
#[derive(Serialize, Deserialize)]
struct StoredEntry<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: Option<&'a str>,
    expires: Timestamp,
    obtained: Timestamp,
    skew_seconds: i64,
    about: About,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn entry(obtained: &str, expires: &str) -> Entry {
        let expires: Timestamp = expires.parse().unwrap();
        Entry {
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: "hidden/secret+key".into(),
                session_token: Some("hidden-token==".into()),
                expires: Some(expires),
            },
            expires,
            obtained: obtained.parse().unwrap(),
            skew: SignedDuration::ZERO,
            about: About {
                kind: EntryKind::Role,
                name: "read".to_owned(),
                arn: Some("arn:aws:iam::123456789012:role/read".to_owned()),
                account: Some("123456789012".to_owned()),
                profile: "base".to_owned(),
                device: None,
                region: None,
                parent: None,
            },
        }
    }

    #[test]
    fn freshness_is_a_margin_before_the_end_and_survives_clock_steps() {
        let hour = entry("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z");
        let quarter = entry("2026-11-23T10:00:00Z", "2026-11-23T10:15:00Z");
        for (entry, now, fresh) in [
            (&hour, "2026-11-23T10:00:00Z", true),
            (&hour, "2026-11-23T10:54:59Z", true),
            (&hour, "2026-11-23T10:55:00Z", false),
            (&hour, "2026-11-23T11:30:00Z", false),
            // A clock set back a little is one that was corrected; one set
            // back by an hour would make dead credentials look alive.
            (&hour, "2026-11-23T09:56:00Z", true),
            (&hour, "2026-11-23T09:00:00Z", false),
            (&quarter, "2026-11-23T10:13:29Z", true),
            (&quarter, "2026-11-23T10:13:30Z", false),
        ] {
            assert_eq!(entry.is_fresh(now.parse().unwrap()), fresh, "{now}");
        }
    }

    #[test]
    fn a_slow_clock_does_not_lengthen_a_session() {
        let mut entry = entry("2026-11-23T10:00:00Z", "2026-11-23T11:10:00Z");
        entry.skew = SignedDuration::from_mins(10);
        assert_eq!(entry.ends().to_string(), "2026-11-23T11:00:00Z");
        assert!(!entry.is_fresh("2026-11-23T10:56:00Z".parse().unwrap()));
    }

    #[test]
    fn an_entry_comes_back_as_it_was_and_shows_no_secret() {
        let made = entry("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z");
        let read = Entry::decode(&made.encode().unwrap()).unwrap();
        assert_eq!(
            read.credentials.secret_access_key.expose_secret(),
            "hidden/secret+key"
        );
        assert_eq!(
            (read.about, read.expires),
            (made.about.clone(), made.expires)
        );
        assert!(!format!("{made:?}").contains("hidden"));
        assert!(Entry::decode(b"{}").is_none());
    }
}
