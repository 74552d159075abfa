//! Walks a plan from its end: what is cached is taken, the rest is done once,
//! under the entry's lock, by one process.

use std::ops::Range;
use std::sync::Arc;

use assumerole_aws::sts::{self, CallError, Granted};
use assumerole_aws::{Asked, Connection, Now, Proxy, Reason};
use assumerole_core::aws_files::AwsFiles;
use assumerole_core::config::{Config, Policy};
use assumerole_core::error::Warning;
use assumerole_core::plan::{AssumeRole, Origin, Plan, Source, StsConnection};
use assumerole_core::settings::Settings;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::Host;
use jiff::SignedDuration;
use secrecy::SecretString;

use crate::cache::{About, Cache, Claim, Entry, Slot};
use crate::mfa::{Ask, Codes, Wanted};
use crate::report::Report;
use crate::sources;

/// What the engine works with.
pub struct Engine<'a> {
    /// The machine.
    pub host: &'a Host,
    /// `~/.assumerole`, for the places of values.
    pub config: &'a Config,
    /// `~/.aws`.
    pub aws_files: &'a AwsFiles,
    /// Environment and command line.
    pub settings: &'a Settings,
    /// The sealed cache; none where no folder can be had for it.
    pub cache: Option<&'a Cache>,
    /// Who hears what is going on.
    pub report: &'a dyn Report,
}

/// What [`Engine::obtain`] gives.
#[derive(Debug)]
pub struct Obtained {
    /// The credentials.
    pub entry: Entry,
    /// Whether they came from the cache: this process asked nobody.
    pub cached: bool,
}

impl Obtained {
    fn cached(entry: Entry) -> Self {
        Self {
            entry,
            cached: true,
        }
    }

    fn new(entry: Entry) -> Self {
        Self {
            entry,
            cached: false,
        }
    }
}

/// A clock this far off is worth a word, though AWS still accepts it.
const SKEW_WORTH_SAYING: SignedDuration = SignedDuration::from_mins(4);

impl Engine<'_> {
    /// Credentials for `plan`: cached ones unless `fresh`, else new ones.
    /// Many processes that want the same ones ask AWS and the person once.
    ///
    /// # Errors
    /// No code could be had, AWS said no or nothing, or a wait took too long.
    pub fn obtain(&self, plan: &Plan, ask: &mut dyn Ask, fresh: bool) -> Result<Obtained> {
        self.describe(plan);
        let Some(cache) = self.cache else {
            return self.assume(plan, ask).map(Obtained::new);
        };
        let key = plan.key();
        if !fresh && let Some(entry) = cache.lookup(&key, self.host.clock.now()) {
            self.report.trace("cached: no request, no code");
            return Ok(Obtained::cached(entry));
        }
        match cache.claim(&key, self.host, self.report, fresh)? {
            Claim::Filled(entry) => Ok(Obtained::cached(*entry)),
            Claim::Refused(error) => Err(error),
            Claim::Mine(slot) => self.fill(slot, plan, ask).map(Obtained::new),
        }
    }

    fn describe(&self, plan: &Plan) {
        let Source::Profile {
            name,
            access_key_id,
            ..
        } = &plan.source;
        let assume = &plan.assume;
        let device = assume.mfa.as_ref().map(ToString::to_string);
        self.report.detail(&format!(
            "plan: key {access_key_id} of profile {name}, AssumeRole {} as {} for {} s, {}",
            assume.arn,
            assume.session_name,
            assume.duration,
            device.map_or_else(|| "no MFA".to_owned(), |device| format!("MFA {device}")),
        ));
        self.describe_session(assume);
        self.report.detail(&format!(
            "STS: region {}, end point {}, key {:?}",
            plan.sts.region,
            plan.sts.endpoint_url.as_deref().unwrap_or("of AWS"),
            plan.key()
        ));
    }

    /// What of the request [`Self::describe`] has not named; values of tags may
    /// be private.
    fn describe_session(&self, assume: &AssumeRole) {
        let mut parts = Vec::new();
        if let Some(id) = &assume.external_id {
            parts.push(format!("external ID {}", id.as_str()));
        }
        if let Some(identity) = &assume.source_identity {
            parts.push(format!("source identity {}", identity.as_str()));
        }
        if !assume.tags.is_empty() {
            let keys: Vec<&str> = assume.tags.iter().map(|tag| tag.key.as_str()).collect();
            parts.push(format!("tags {}", keys.join(", ")));
        }
        parts.extend(assume.policy_arns.iter().map(ToString::to_string));
        if let Some(policy) = &assume.policy {
            parts.push(format!("policy {}", policy.as_str()));
        }
        if !parts.is_empty() {
            self.report
                .detail(&format!("session: {}", parts.join("; ")));
        }
    }

    fn fill(&self, slot: Slot<'_>, plan: &Plan, ask: &mut dyn Ask) -> Result<Entry> {
        match self.assume(plan, ask) {
            Ok(entry) => {
                if let Err(error) = slot.fill(&entry) {
                    self.report.warn(&error.into_warning());
                }
                Ok(entry)
            }
            Err(error) => {
                // What befell this process alone is no answer to the others:
                // it is their turn.
                if !matches!(error.kind(), Kind::Signal(_) | Kind::CannotAsk) {
                    slot.refuse(&error);
                }
                Err(error)
            }
        }
    }

    fn assume(&self, plan: &Plan, ask: &mut dyn Ask) -> Result<Entry> {
        let Source::Profile { name, .. } = &plan.source;
        if let Some(asked) = plan.capped {
            self.report.note(&format!(
                "{}: {} s instead of {asked} s, because the keys of profile {name} are temporary (a rule of STS)",
                plan.role, plan.assume.duration
            ));
        }
        let keys = sources::profile::credentials(self.aws_files, name)?;
        let connection = connect(&plan.sts, self.settings)?;
        let granted = self.granted(plan, &keys, &connection, ask)?;
        self.report_skew(granted.skew);
        let expires = granted.credentials.expires.ok_or_else(|| {
            Error::new(Kind::Refused, "the credentials that AWS gave have no end")
        })?;
        Ok(Entry {
            expires,
            obtained: self.host.clock.now(),
            skew: granted.skew.unwrap_or_default(),
            about: About {
                role: plan.role.clone(),
                arn: plan.assume.arn.to_string(),
                account: plan.assume.arn.account.to_string(),
                profile: name.clone(),
                region: plan.region.as_ref().map(ToString::to_string),
            },
            credentials: granted.credentials,
        })
    }

    /// Calls AssumeRole, with a code where there is a device. A wrong code is
    /// asked for again where somebody can be asked.
    fn granted(
        &self,
        plan: &Plan,
        keys: &Credentials,
        connection: &Connection,
        ask: &mut dyn Ask,
    ) -> Result<Granted> {
        let Some(device) = &plan.assume.mfa else {
            let call = self.call(plan, keys, connection, None);
            return call.map_err(|error| error.explain(&self.asked(plan)));
        };
        let mut refused: Option<String> = None;
        let mut codes = Codes::new(ask, self.cache, self.host, self.report);
        loop {
            let wanted = Wanted {
                device,
                role: &plan.role,
                refused: refused.as_deref(),
            };
            let answer =
                codes.send(wanted, |code| self.call(plan, keys, connection, Some(code)))?;
            let error = match answer {
                Ok(granted) => return Ok(granted),
                Err(error) => error,
            };
            let explained = error.explain(&self.asked(plan));
            let again = error.reason() == Some(Reason::WrongCode) && codes.can_ask_again(&wanted);
            if !again {
                return Err(explained);
            }
            refused = Some(explained.message().to_owned());
        }
    }

    fn call(
        &self,
        plan: &Plan,
        keys: &Credentials,
        connection: &Connection,
        code: Option<&SecretString>,
    ) -> Result<Granted, CallError> {
        let begun = self.host.clock.monotonic();
        let result = sts::assume_role(connection, keys, &aws_clock(self.host), &plan.assume, code);
        let took = self.host.clock.monotonic().saturating_sub(begun);
        self.report.trace(&format!(
            "AssumeRole {} through {}: {} in {} ms",
            plan.assume.arn,
            connection.endpoint(),
            if result.is_ok() {
                "granted"
            } else {
                "not granted"
            },
            took.as_millis()
        ));
        result
    }

    fn asked(&self, plan: &Plan) -> Asked {
        let Source::Profile { name, .. } = &plan.source;
        // As it is written, for the places.
        let session = self.config.role(&plan.role).ok().flatten();
        let session = session.map(|role| role.session).unwrap_or_default();
        let policy = session.policy.filter(|_| plan.assume.policy.is_some());
        Asked {
            role: Some(plan.role.clone()),
            arn: Some(plan.assume.arn.to_string()),
            profile: name.clone(),
            keys_from: sources::profile::place(self.aws_files, name),
            device: plan.assume.mfa.as_ref().map(ToString::to_string),
            duration: Some(plan.assume.duration),
            duration_from: match &plan.assume.duration_from {
                Origin::Config(span) => self.place(span),
                Origin::Variable(name) | Origin::Flag(name) => Some((*name).to_owned()),
                Origin::Default => None,
            },
            external_id_from: session.external_id.and_then(|id| self.place(&id.span)),
            policy_from: policy.and_then(|policy| {
                let place = self.place(&policy.span)?;
                Some(match policy.value {
                    Policy::Inline(_) => place,
                    Policy::File(path) => format!("{path}, named at {place}"),
                })
            }),
            region: plan.sts.region.to_string(),
        }
    }

    fn place(&self, span: &Range<usize>) -> Option<String> {
        let snippet = self.config.snippet(span.clone()).ok()?;
        Some(snippet.place())
    }

    fn report_skew(&self, skew: Option<SignedDuration>) {
        if let Some(skew) = skew.filter(|skew| skew.abs() >= SKEW_WORTH_SAYING) {
            self.report
                .warn(&Warning::new(assumerole_aws::clock_hint(Some(skew))));
        }
    }
}

/// The machine's clock, as the AWS room wants it.
pub fn aws_clock(host: &Host) -> Now {
    let clock = Arc::clone(&host.clock);
    Arc::new(move || clock.now())
}

/// The connection that `sts` describes, with its certificates read.
///
/// # Errors
/// The CA bundle cannot be read.
pub fn connect(sts: &StsConnection, settings: &Settings) -> Result<Connection> {
    let plain = sts
        .endpoint_url
        .as_deref()
        .is_some_and(|url| url.to_ascii_lowercase().starts_with("http://"));
    let ca_bundle = match sts.ca_bundle.as_ref().filter(|_| !plain) {
        None => None,
        Some(path) => Some((path.clone(), read_bundle(path)?)),
    };
    let proxy = if plain {
        &settings.http_proxy
    } else {
        &settings.https_proxy
    };
    Ok(Connection {
        region: sts.region.clone(),
        endpoint_url: sts.endpoint_url.clone(),
        fips: sts.fips,
        dual_stack: sts.dual_stack,
        ca_bundle,
        proxy: proxy.as_ref().map(|url| Proxy {
            url: url.clone(),
            no_proxy: settings.no_proxy.clone(),
        }),
        attempts: sts.attempts,
    })
}

/// Bytes; the bundle of all public authorities has a few hundred thousand.
const BUNDLE: usize = 16 * 1024 * 1024;

fn read_bundle(path: &str) -> Result<Vec<u8>> {
    let fail = |why: String| {
        Error::new(Kind::Config, format!("the CA bundle {path} cannot be read"))
            .because(why)
            .hint("point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file")
    };
    assumerole_host::fs::read(std::path::Path::new(path), BUNDLE)
        .map_err(|error| fail(error.to_string()))?
        .ok_or_else(|| fail("there is no such file".to_owned()))
}
