//! Logins at registries of ECR: cached ones, or asked for once by one process.

use std::collections::BTreeMap;

use assumerole_aws::ecr::{RegistryLogin, explain, get_authorization_token};
use assumerole_core::Result;
use assumerole_core::plan::{CacheKey, Route};
use jiff::{SignedDuration, Timestamp};

use crate::artifacts::{Bearer, Broker};
use crate::cache::{CachedToken, Claim, Patience, Said, Terms};
use crate::connect::connect;
use crate::context::aws_clock;

/// What the parts of a login are called that are no secret.
const USER: &str = "user";
const REGISTRY: &str = "registry";

/// A login that is over this close to the end of its session is over with it.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

impl Broker<'_> {
    /// What lets `bearer` into the registries that `route` leads to: many processes
    /// that want the same one ask once. It ends with the session, whatever AWS says.
    ///
    /// # Errors
    /// AWS said no or nothing, or a wait took too long.
    pub fn registry_login(&self, route: &Route, bearer: Bearer<'_>) -> Result<RegistryLogin> {
        let Some((cache, key)) = self.cache.zip(bearer.key) else {
            return self.ask_registry(route, &bearer);
        };
        let key = CacheKey::of_registry(key, route);
        let now = self.host.clock.now();
        let lasts = |token: &CachedToken| {
            let outlived = |ends: Timestamp| token.ends.duration_since(ends) > SLACK;
            !bearer.ends.is_some_and(outlived)
        };
        let found: Option<CachedToken> = cache.lookup_value(&key, now);
        let fresh = found.is_some();
        if let Some(login) = found.filter(lasts).and_then(read) {
            self.report.trace("ECR: cached, no request");
            return Ok(login);
        }
        let terms = Terms::new(Patience::Services).fresh(fresh);
        let slot = match cache.claim_value(&key, self.host, self.report, terms)? {
            Claim::Filled(token) => match read(*token) {
                Some(login) => return Ok(login),
                None => return self.ask_registry(route, &bearer),
            },
            Claim::Refused(error) => return Err(error),
            Claim::Mine(slot) => slot,
        };
        match self.ask_registry(route, &bearer) {
            Ok(login) => {
                let parts = [(USER, &login.user), (REGISTRY, &login.registry)];
                let parts = parts.map(|(name, part)| (name.to_owned(), part.clone()));
                let token = CachedToken {
                    obtained: now,
                    ends: login.expires,
                    about: bearer.about.clone(),
                    said: Said::Granted(login.password.clone(), BTreeMap::from(parts)),
                };
                if let Err(error) = slot.fill(&token, bearer.lineage, self.host) {
                    self.report.not_cached(&error);
                }
                Ok(login)
            }
            Err(error) => {
                slot.refuse(&error, self.host, false);
                Err(error)
            }
        }
    }

    fn ask_registry(&self, route: &Route, bearer: &Bearer<'_>) -> Result<RegistryLogin> {
        let connection = connect(route, self.settings, self.host)?;
        let begun = self.host.clock.monotonic();
        let now = aws_clock(self.host);
        let login = get_authorization_token(&connection, bearer.credentials, &now)
            .map_err(|error| explain(&error, &connection, &bearer.about.role))?;
        let took = self.host.clock.monotonic().saturating_sub(begun);
        self.report.trace(&format!(
            "GetAuthorizationToken through {}: granted in {} ms",
            connection.endpoint(),
            took.as_millis()
        ));
        let ends = bearer.ends.unwrap_or(login.expires);
        Ok(RegistryLogin {
            expires: login.expires.min(ends),
            ..login
        })
    }
}

/// The login that was kept.
fn read(token: CachedToken) -> Option<RegistryLogin> {
    let Said::Granted(password, mut parts) = token.said else {
        return None;
    };
    Some(RegistryLogin {
        user: parts.remove(USER)?,
        password,
        registry: parts.remove(REGISTRY)?,
        expires: token.ends,
    })
}
