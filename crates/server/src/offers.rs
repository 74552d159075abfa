//! What there is to hand out. Whoever renews it puts it here; whoever asks gets
//! it as long as it lives.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use assumerole_core::Credentials;
use assumerole_host::Clock;
use bytes::Bytes;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::answer::{Form, Refusal};

/// Credentials whose end nobody knows are asked for again after so long: no SDK
/// can do without an end.
const UNKNOWN: SignedDuration = SignedDuration::from_hours(1);

/// Some SDKs read so many bytes of an answer and no more.
const LONGEST: usize = 10_000;

/// Credentials of a role.
#[derive(Clone, Debug)]
pub struct Given {
    /// They; `expires` is AWS's time.
    pub credentials: Credentials,
    /// When they end by this machine's clock; `None`: not that anybody knows.
    pub ends: Option<Timestamp>,
    /// The account, where it is known.
    pub account: Option<String>,
    /// The region, where it is known.
    pub region: Option<String>,
    /// What is said when they have ended.
    pub afterwards: Refusal,
}

/// What one role has.
enum Offer {
    Credentials {
        given: Box<Given>,
        /// What a container gets, made once.
        body: Option<Bytes>,
    },
    Nothing(Refusal),
}

/// What all roles have, by name.
pub struct Offers {
    clock: Arc<dyn Clock>,
    roles: RwLock<BTreeMap<String, Offer>>,
}

impl Offers {
    /// Nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            roles: RwLock::default(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Offer>> {
        self.roles.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Offer>> {
        self.roles.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the role `name` has these.
    pub fn give(&self, name: &str, given: Given) {
        let now = self.clock.now();
        let account = given.account.as_deref();
        let end = given.credentials.expires;
        let body = end.map(|end| Form::Container.body(&given.credentials, account, end, now));
        let given = Box::new(given);
        self.write()
            .insert(name.to_owned(), Offer::Credentials { given, body });
    }

    /// What is said when what the role `name` has is over.
    pub fn afterwards(&self, name: &str, why: Refusal) {
        if let Some(Offer::Credentials { given, .. }) = self.write().get_mut(name) {
            given.afterwards = why;
        }
    }

    /// From now on the role `name` has none, and this is why.
    pub fn refuse(&self, name: &str, why: Refusal) {
        self.write().insert(name.to_owned(), Offer::Nothing(why));
    }

    /// The names of the roles.
    pub(crate) fn names(&self) -> Vec<String> {
        self.read().keys().cloned().collect()
    }

    /// The region of the first role.
    pub(crate) fn region(&self) -> Option<String> {
        let roles = self.read();
        let Offer::Credentials { given, .. } = roles.values().next()? else {
            return None;
        };
        given.region.clone()
    }

    /// What is sent for the role `name`; without a name, for the only one.
    pub(crate) fn body(&self, name: Option<&str>, form: Form) -> Result<Bytes, Refusal> {
        let roles = self.read();
        let found = match name {
            Some(name) => roles.get(name),
            None if roles.len() == 1 => roles.values().next(),
            None => None,
        };
        let now = self.clock.now();
        match found {
            None => Err(unknown(name)),
            Some(Offer::Nothing(why)) => Err(why.clone()),
            Some(Offer::Credentials { given, body }) => {
                // By the clock of now: this machine may have slept.
                if given.ends.is_some_and(|ends| ends <= now) {
                    return Err(given.afterwards.clone());
                }
                if let (Form::Container, Some(body)) = (form, body) {
                    return sendable(form, body.clone());
                }
                let end = given.credentials.expires;
                let end = end.unwrap_or_else(|| now.checked_add(UNKNOWN).unwrap_or(now));
                let account = given.account.as_deref();
                sendable(form, form.body(&given.credentials, account, end, now))
            }
        }
    }
}

/// `body`, if whoever asks reads all of it.
fn sendable(form: Form, body: Bytes) -> Result<Bytes, Refusal> {
    match form {
        // A command reads it, which has no limit.
        Form::Process => Ok(body),
        _ if body.len() < LONGEST => Ok(body),
        _ => Err(Refusal::nothing_to_give(format!(
            "the session token is too long: SDKs read less than {LONGEST} bytes from a server; \
             use the role without one: assumerole exec ROLE -- COMMAND"
        ))),
    }
}

fn unknown(name: Option<&str>) -> Refusal {
    let message = match name {
        Some(_) => "no role of that name is handed out here",
        None => "several roles are handed out here: ask for /role/NAME",
    };
    Refusal::new(StatusCode::NOT_FOUND, "NotFound", message)
}

impl fmt::Debug for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Offers").field(&self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assumerole_host::clock::SteppedClock;

    use super::*;

    fn given(ends: Option<Timestamp>) -> Given {
        Given {
            credentials: Credentials {
                access_key_id: "ASIA1".to_owned(),
                secret_access_key: "hidden".into(),
                session_token: Some("token".into()),
                expires: ends,
            },
            ends,
            account: None,
            region: Some("eu-west-1".to_owned()),
            afterwards: Refusal::nothing_to_give("they have ended"),
        }
    }

    #[test]
    fn what_no_sdk_reads_to_its_end_is_not_sent() {
        let clock = Arc::new(SteppedClock::new(Timestamp::UNIX_EPOCH));
        let offers = Offers::new(clock);
        let rest = {
            offers.give("read", given(None));
            let body = offers.body(None, Form::Container).unwrap();
            body.len() - "token".len()
        };
        for ends in [None, Some(Timestamp::from_second(3600).unwrap())] {
            for (length, fits) in [(LONGEST - 1, true), (LONGEST, false), (100_000, false)] {
                let mut given = given(ends);
                given.credentials.session_token = Some("t".repeat(length - rest).into());
                offers.give("read", given);
                let body = offers.body(None, Form::Container);
                let body = body.map(|body| body.len()).map_err(|why| why.status);
                let expected = fits.then_some(length).ok_or(StatusCode::FORBIDDEN);
                assert_eq!(body, expected, "{length}");
                assert!(offers.body(None, Form::Process).is_ok());
            }
        }
    }

    #[test]
    fn what_is_given_lasts_until_its_end_by_the_clock_of_the_moment() {
        let clock = Arc::new(SteppedClock::new(Timestamp::UNIX_EPOCH));
        let offers = Offers::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let ask = |name| {
            let body = offers.body(name, Form::Container);
            body.map(|_| ()).map_err(|why| why.message)
        };
        assert!(ask(None).is_err());
        let end = Timestamp::from_second(3600).unwrap();
        offers.give("read", given(Some(end)));
        assert_eq!(ask(None), Ok(()));
        assert_eq!(ask(Some("read")), Ok(()));
        assert!(ask(Some("write")).unwrap_err().contains("of that name"));
        clock.advance(Duration::from_secs(3599));
        assert_eq!(ask(Some("read")), Ok(()));
        clock.advance(Duration::from_secs(1));
        assert_eq!(ask(Some("read")), Err("they have ended".to_owned()));
        offers.refuse("read", Refusal::nothing_to_give("log in"));
        assert_eq!(ask(Some("read")), Err("log in".to_owned()));
        offers.give("other", given(None));
        assert_eq!(ask(Some("other")), Ok(()));
        assert!(ask(None).unwrap_err().contains("/role/NAME"));
        let body = offers.body(Some("other"), Form::Container).unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("1970-01-01T02:00:00Z"), "{body}");
        assert!(!format!("{offers:?}").contains("hidden"));
    }
}
