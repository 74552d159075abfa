//! Tokens of CodeArtifact: cached ones, or asked for once by one process.

use std::collections::BTreeMap;

use assumerole_aws::Reason;
use assumerole_aws::codeartifact::{self, explain};
use assumerole_aws::sts::CallError;
use assumerole_core::plan::CacheKey;
use assumerole_core::plan::codeartifact::Artifacts;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::{Credentials, Result};
use assumerole_host::Host;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::cache::{Cache, CachedToken, Claim, Lineage, Patience, Said, Slot, Terms, TokenAbout};
use crate::connect::connect;
use crate::context::aws_clock;
use crate::report::Report;

/// How long a refusal counts for whoever did not ask for a token by name: a
/// role that may have none would ask in vain at every start.
const REFUSED: SignedDuration = SignedDuration::from_mins(5);

/// Asks CodeArtifact for a role.
pub struct Broker<'a> {
    /// The machine.
    pub host: &'a Host,
    /// Environment and command line.
    pub settings: &'a RunSettings,
    /// The sealed cache; none where no folder can be had for it.
    pub cache: Option<&'a Cache>,
    /// Who hears what is going on.
    pub report: &'a dyn Report,
}

/// Whom a token is for.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    /// Whose it is, for people.
    pub about: &'a TokenAbout,
    /// What the role's credentials are cached under; `None`: they are not, and
    /// neither is the token.
    pub key: Option<&'a CacheKey>,
    /// What they come from.
    pub lineage: &'a Lineage,
    /// The role's credentials.
    pub credentials: &'a Credentials,
    /// When they end, by our clock; a token never outlives them.
    pub ends: Option<Timestamp>,
}

/// A token that ends this close to its session ends with it.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

impl Bearer<'_> {
    /// How long a token is asked for that shall last `wanted` seconds: 0 is as
    /// long as the session lasts. CodeArtifact takes 0, or 900 to 43,200.
    ///
    /// <https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetAuthorizationToken.html>
    fn duration(&self, wanted: Option<u32>, now: Timestamp) -> Option<u32> {
        let Some(ends) = self.ends else {
            return wanted;
        };
        let left = ends.duration_since(now);
        let fits = |seconds: &u32| SignedDuration::from_secs((*seconds).into()) < left;
        Some(wanted.filter(fits).unwrap_or_default())
    }

    /// Whether `token` was asked for with a session that lasted longer.
    fn is_outlived_by(&self, token: &CachedToken) -> bool {
        self.ends
            .is_some_and(|ends| token.ends.duration_since(ends) > SLACK)
    }

    /// Whether another token than `token` would last longer.
    fn outlives(&self, token: &CachedToken) -> bool {
        self.ends
            .is_none_or(|ends| ends.duration_since(token.ends) > SLACK)
    }
}

/// When what is there does not do. A token does not in any case where it would
/// outlive the session, or where less than a quarter of its life is left and a
/// new one would last longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renew {
    /// Only then.
    Over,
    /// Where CodeArtifact said no, too.
    Old,
    /// In any case.
    Always,
}

/// A token, and where the repository is.
#[derive(Debug)]
pub struct Granted {
    /// What package tools send.
    pub token: SecretString,
    /// Where the repository is by format of packages.
    pub endpoints: BTreeMap<String, String>,
    /// When it ends, by our clock.
    pub ends: Timestamp,
}

impl Broker<'_> {
    /// The token that `artifacts` wants for `bearer`. Many processes that want
    /// the same one ask once.
    ///
    /// # Errors
    /// AWS said no or nothing, or a wait took too long.
    pub fn token(
        &self,
        artifacts: &Artifacts,
        bearer: Bearer<'_>,
        renew: Renew,
    ) -> Result<Granted> {
        let Some((cache, key)) = self.cache.zip(bearer.key) else {
            return granted(self.ask(artifacts, bearer)?);
        };
        let key = artifacts.key(key);
        let now = self.host.clock.now();
        let found: Option<CachedToken> = cache.lookup_value(&key, now);
        let fresh = found.is_some() || renew == Renew::Always;
        if let Some(token) = found.filter(|token| does(token, &bearer, renew, now)) {
            self.report.trace("CodeArtifact: cached, no request");
            return granted(token);
        }
        let terms = Terms::new(Patience::Services).fresh(fresh);
        match cache.claim_value(&key, self.host, self.report, terms)? {
            Claim::Filled(token) => granted(*token),
            Claim::Refused(error) => Err(error),
            Claim::Mine(slot) => granted(self.fill(slot, artifacts, bearer)?),
        }
    }

    fn fill(
        &self,
        slot: Slot<'_, CachedToken>,
        artifacts: &Artifacts,
        bearer: Bearer<'_>,
    ) -> Result<CachedToken> {
        match self.ask(artifacts, bearer) {
            Ok(token) => {
                if let Err(error) = slot.fill(&token, bearer.lineage, self.host) {
                    self.report.not_cached(&error);
                }
                Ok(token)
            }
            Err(error) => {
                slot.refuse(&error, self.host, false);
                Err(error)
            }
        }
    }

    /// What CodeArtifact says. That the role may have no token is an answer
    /// too; what may be otherwise next time is an error.
    fn ask(&self, artifacts: &Artifacts, bearer: Bearer<'_>) -> Result<CachedToken> {
        let now = self.host.clock.now();
        let artifacts = &Artifacts {
            duration: bearer.duration(artifacts.duration, now),
            ..artifacts.clone()
        };
        let (ends, said) = match self.call(artifacts, bearer.credentials) {
            Ok((ends, token, endpoints)) => (ends, Said::Granted(token, endpoints)),
            Err(error) => {
                let explained = explain(&error, artifacts, &bearer.about.role);
                if !is_final(&error) {
                    return Err(explained);
                }
                (
                    now.checked_add(REFUSED).unwrap_or(now),
                    Said::Refused(explained),
                )
            }
        };
        Ok(CachedToken {
            obtained: now,
            ends,
            about: bearer.about.clone(),
            said,
        })
    }

    fn call(
        &self,
        artifacts: &Artifacts,
        keys: &Credentials,
    ) -> Result<(Timestamp, SecretString, BTreeMap<String, String>), CallError> {
        let connection = connect(&artifacts.route, self.settings, self.host)?;
        let now = aws_clock(self.host);
        let begun = self.host.clock.monotonic();
        let mut endpoints = BTreeMap::new();
        // Where it is comes first: a token that leads nowhere is not asked for.
        if let Some(repository) = &artifacts.repository {
            for format in &artifacts.formats {
                let url = codeartifact::get_repository_endpoint(
                    &connection,
                    keys,
                    &now,
                    artifacts,
                    repository,
                    format,
                )?;
                endpoints.insert((*format).to_owned(), url);
            }
        }
        let token = codeartifact::get_authorization_token(&connection, keys, &now, artifacts)?;
        let took = self.host.clock.monotonic().saturating_sub(begun);
        self.report.trace(&format!(
            "GetAuthorizationToken for domain {} through {}: granted in {} ms",
            artifacts.domain,
            connection.endpoint(),
            took.as_millis()
        ));
        // As with credentials: a clock that is behind makes it end earlier.
        let behind = token.skew.unwrap_or_default().max(SignedDuration::ZERO);
        let ends = token.expires.checked_sub(behind).unwrap_or(token.expires);
        Ok((ends, token.token, endpoints))
    }
}

/// Whether what is there will do.
fn does(token: &CachedToken, bearer: &Bearer<'_>, renew: Renew, now: Timestamp) -> bool {
    let is_granted = matches!(token.said, Said::Granted(..));
    // One of the session before is renewed with the session.
    let would_last_longer = token.is_old(now) && bearer.outlives(token);
    let lasts = !is_granted || !bearer.is_outlived_by(token) && !would_last_longer;
    match renew {
        Renew::Over => lasts,
        Renew::Old => is_granted && lasts,
        Renew::Always => false,
    }
}

fn granted(token: CachedToken) -> Result<Granted> {
    match token.said {
        Said::Granted(secret, endpoints) => Ok(Granted {
            token: secret,
            endpoints,
            ends: token.ends,
        }),
        Said::Refused(error) => Err(error),
    }
}

/// Whether AWS would say the same a minute later.
fn is_final(error: &CallError) -> bool {
    let passing = [
        Reason::Throttled,
        Reason::Server,
        Reason::Clock,
        Reason::Garbage,
        Reason::Expired,
    ];
    error
        .reason()
        .is_some_and(|reason| !reason.is_silence() && !passing.contains(&reason))
}
