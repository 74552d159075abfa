//! A token of CodeArtifact as it is cached.

use std::collections::BTreeMap;

use assumerole_core::Error;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::value::Value;

/// What CodeArtifact said to a role.
#[derive(Debug, Clone)]
pub(crate) struct CachedToken {
    /// When it was asked, by our clock.
    pub obtained: Timestamp,
    /// Until when it counts, by our clock.
    pub ends: Timestamp,
    /// The role that asked.
    pub about: TokenAbout,
    /// What it said.
    pub said: Said,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAbout {
    /// The role's name in the person's files, when it was asked for.
    pub role: String,
    /// The profile of the role's first credentials.
    pub profile: String,
}

/// CodeArtifact's answer.
#[derive(Debug, Clone)]
pub enum Said {
    /// A token, and where the repository is by format of packages.
    Granted(SecretString, BTreeMap<String, String>),
    /// That the role may have none.
    Refused(Error),
}

impl CachedToken {
    /// Whether less than a quarter of its life is left at `now`.
    pub(crate) fn is_old(&self, now: Timestamp) -> bool {
        let life = self.ends.duration_since(self.obtained);
        self.left(now) < life / 4
    }
}

impl Value for CachedToken {
    const ENDING: &'static str = ".token";

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (token, endpoints, refused) = match &self.said {
            Said::Granted(token, endpoints) => (token.expose_secret(), endpoints.clone(), None),
            Said::Refused(error) => ("", BTreeMap::new(), Some(error.clone())),
        };
        let stored = StoredToken {
            token,
            endpoints,
            refused,
            obtained: self.obtained,
            ends: self.ends,
            about: self.about.clone(),
        };
        // Sized at once, so that no half-grown buffer with secrets is left.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *bytes, &stored).ok()?;
        Some(bytes)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let stored: StoredToken<'_> = serde_json::from_slice(bytes).ok()?;
        let said = match stored.refused {
            Some(error) => Said::Refused(error),
            None => Said::Granted(stored.token.into(), stored.endpoints),
        };
        Some(Self {
            obtained: stored.obtained,
            ends: stored.ends,
            about: stored.about,
            said,
        })
    }

    fn obtained(&self) -> Timestamp {
        self.obtained
    }

    fn ends(&self) -> Timestamp {
        self.ends
    }
}

/// The token's JSON; see [`Entry`](super::Entry)'s.
#[derive(Serialize, Deserialize)]
struct StoredToken<'a> {
    token: &'a str,
    endpoints: BTreeMap<String, String>,
    refused: Option<Error>,
    obtained: Timestamp,
    ends: Timestamp,
    about: TokenAbout,
}

#[cfg(test)]
mod tests {
    use assumerole_core::Kind;

    use super::*;

    fn token(said: Said) -> CachedToken {
        CachedToken {
            obtained: "2026-11-25T08:00:00Z".parse().unwrap(),
            ends: "2026-11-25T20:00:00Z".parse().unwrap(),
            about: TokenAbout {
                role: "read".to_owned(),
                profile: "base".to_owned(),
            },
            said,
        }
    }

    #[test]
    fn a_token_comes_back_as_it_was_and_shows_no_secret() {
        let endpoints = BTreeMap::from([("npm".to_owned(), "https://x/".to_owned())]);
        let made = token(Said::Granted("hidden.token".into(), endpoints.clone()));
        let read = CachedToken::decode(&made.encode().unwrap()).unwrap();
        assert_eq!((read.about, read.ends), (made.about.clone(), made.ends));
        match read.said {
            Said::Granted(token, read) => {
                assert_eq!(token.expose_secret(), "hidden.token");
                assert_eq!(read, endpoints);
            }
            Said::Refused(error) => panic!("{error}"),
        }
        assert!(!format!("{made:?}").contains("hidden"));
        let refused = token(Said::Refused(Error::new(Kind::Refused, "no")));
        let read = CachedToken::decode(&refused.encode().unwrap()).unwrap();
        assert!(matches!(read.said, Said::Refused(error) if error.message() == "no"));
        assert!(CachedToken::decode(b"{}").is_none());
    }

    #[test]
    fn it_is_old_in_its_last_quarter() {
        let token = token(Said::Granted("t".into(), BTreeMap::new()));
        for (now, old, fresh) in [
            ("2026-11-25T08:00:00Z", false, true),
            ("2026-11-25T17:00:00Z", false, true),
            ("2026-11-25T17:00:01Z", true, true),
            ("2026-11-25T19:54:59Z", true, true),
            ("2026-11-25T19:55:00Z", true, false),
            // A clock that was set back by an hour says nothing any more.
            ("2026-11-25T07:00:00Z", false, false),
        ] {
            let now = now.parse().unwrap();
            assert_eq!(
                (token.is_old(now), token.is_fresh(now)),
                (old, fresh),
                "{now}"
            );
        }
    }
}
