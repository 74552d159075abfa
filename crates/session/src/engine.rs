//! Walks a plan from its end: what is cached is taken, the rest is done once,
//! under the entry's lock, by one process.

use std::sync::Arc;

use assumerole_aws::sts::{self, CallError, Granted};
use assumerole_aws::{Connection, Now, Reason};
use assumerole_core::aws_files::AwsFiles;
use assumerole_core::config::Config;
use assumerole_core::error::Warning;
use assumerole_core::plan::{CacheKey, Call, Fresh, MfaWay, Plan, Step};
use assumerole_core::settings::Settings;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::Host;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::cache::{About, Cache, Claim, Entry, EntryKind, Slot};
use crate::connect::connect;
use crate::mfa::{Ask, Codes, Wanted};
use crate::report::Report;
use crate::{asked, describe, sources};

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
    pub credentials: Credentials,
    /// When they end, by our clock; `None`: not that anybody knows.
    pub ends: Option<Timestamp>,
    /// Whether they came from the cache: this process asked nobody.
    pub cached: bool,
}

/// A clock this far off is worth a word, though AWS still accepts it.
const SKEW_WORTH_SAYING: SignedDuration = SignedDuration::from_mins(4);

/// A plan on the way to its end.
struct Walk<'w> {
    plan: &'w Plan,
    /// Those of [`Plan::keys`].
    keys: Vec<CacheKey>,
    ask: &'w mut dyn Ask,
    fresh: Fresh,
    /// Whether a clock that is off was spoken of: once is enough.
    skew_said: bool,
}

impl Walk<'_> {
    /// The step whose result has this number; `None`: the source.
    fn step(&self, number: usize) -> Option<&Step> {
        self.plan.steps.get(number.checked_sub(1)?)
    }

    fn wants_new(&self, number: usize) -> bool {
        self.plan.wants_new(number, self.fresh)
    }
}

impl Engine<'_> {
    /// Credentials for `plan`: cached ones unless `fresh`, else new ones.
    /// Many processes that want the same ones ask AWS and the person once.
    ///
    /// # Errors
    /// No code could be had, AWS said no or nothing, or a wait took too long.
    pub fn obtain(&self, plan: &Plan, ask: &mut dyn Ask, fresh: Fresh) -> Result<Obtained> {
        let mut walk = Walk {
            plan,
            keys: plan.keys(),
            ask,
            fresh,
            skew_said: false,
        };
        describe::plan(self.report, plan, &walk.keys);
        let last = plan.steps.len();
        self.result(&mut walk, last)
    }

    /// The result of number `number`, see [`Plan::keys`].
    fn result(&self, walk: &mut Walk<'_>, number: usize) -> Result<Obtained> {
        let Some(cache) = self.cache.filter(|_| walk.plan.is_kept(number)) else {
            return Ok(Obtained::new(self.make(walk, number)?));
        };
        let (key, new) = (walk.keys[number], walk.wants_new(number));
        if !new && let Some(entry) = cache.lookup(&key, self.host.clock.now()) {
            self.report.trace("cached: no request, no code");
            return Ok(Obtained::cached(entry));
        }
        match cache.claim(&key, self.host, self.report, new)? {
            Claim::Filled(entry) => Ok(Obtained::cached(*entry)),
            Claim::Refused(error) => Err(error),
            Claim::Mine(slot) => self.fill(slot, walk, number),
        }
    }

    fn fill(&self, slot: Slot<'_>, walk: &mut Walk<'_>, number: usize) -> Result<Obtained> {
        match self.make(walk, number) {
            Ok(made) => {
                let entry = made.entry(self, walk, number);
                let filled = entry.map(|entry| slot.fill(&entry));
                if let Some(Err(error)) = filled {
                    self.report.warn(&error.into_warning());
                }
                Ok(Obtained::new(made))
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

    /// Obtains result `number` anew.
    fn make(&self, walk: &mut Walk<'_>, number: usize) -> Result<Made> {
        let Some(before) = number.checked_sub(1) else {
            return sources::credentials(self, &walk.plan.source);
        };
        let mut base = self.result(walk, before)?;
        loop {
            let error = match self.call(walk, number, &base)? {
                Ok(granted) => return Ok(self.granted(walk, granted)),
                Err(error) => error,
            };
            // Keys that were withdrawn since: what was made with them is of
            // no use to anybody any more.
            let dead = matches!(error.reason(), Some(Reason::InvalidKey | Reason::Expired));
            let cache = self.cache.filter(|_| dead && base.cached);
            let Some(cache) = cache else {
                return Err(error.explain(&asked::of(self, walk.plan, number, base.cached)));
            };
            self.report
                .trace("the cached session is not accepted any more: obtaining a new one");
            cache.remove(&walk.keys[before])?;
            base = self.result(walk, before)?;
        }
    }

    fn granted(&self, walk: &mut Walk<'_>, granted: Granted) -> Made {
        let off = granted.skew.filter(|skew| skew.abs() >= SKEW_WORTH_SAYING);
        if let Some(skew) = off.filter(|_| !std::mem::replace(&mut walk.skew_said, true)) {
            self.report
                .warn(&Warning::new(assumerole_aws::clock_hint(Some(skew))));
        }
        Made {
            credentials: granted.credentials,
            skew: granted.skew.unwrap_or_default(),
        }
    }

    /// Makes the call of step `number` with the credentials `base`, with a
    /// code where there is a device. A wrong code is asked for again where
    /// somebody can be asked.
    fn call(
        &self,
        walk: &mut Walk<'_>,
        number: usize,
        base: &Obtained,
    ) -> Result<Result<Granted, CallError>> {
        let plan = walk.plan;
        let Some(step) = walk.step(number).cloned() else {
            return Err(Error::new(Kind::Failed, "a plan has no such step"));
        };
        self.note(plan, &step);
        let connection = connect(&step.route, self.settings)?;
        let Some(device) = step.device() else {
            return Ok(self.request(&step, base, &connection, None));
        };
        let mut refused: Option<String> = None;
        let why = why_a_code(&step);
        let device_of = match plan.first_role() {
            Some(assume) => assume.name.as_str(),
            None => &plan.name,
        };
        let mut codes = Codes::new(walk.ask, self.cache, self.host, self.report);
        loop {
            let wanted = Wanted {
                device,
                role: &plan.name,
                device_of,
                why: why.as_deref(),
                refused: refused.as_deref(),
            };
            let answer = codes.send(wanted, |code| {
                self.request(&step, base, &connection, Some(code))
            })?;
            let error = match answer {
                Ok(granted) => return Ok(Ok(granted)),
                Err(error) => error,
            };
            let again = error.reason() == Some(Reason::WrongCode) && codes.can_ask_again(&wanted);
            if !again {
                return Ok(Err(error));
            }
            let explained = error.explain(&asked::of(self, plan, number, base.cached));
            refused = Some(explained.message().to_owned());
        }
    }

    /// Says what a person would wonder about.
    fn note(&self, plan: &Plan, step: &Step) {
        let Call::Assume(assume) = &step.call else {
            return;
        };
        if let Some(asked) = &assume.capped {
            self.report.note(&format!(
                "{}: {} s instead of {} s, because a role assumed from temporary credentials lasts an hour at most (a rule of STS)",
                plan.name, assume.duration.value, asked.value
            ));
        }
    }

    fn request(
        &self,
        step: &Step,
        base: &Obtained,
        connection: &Connection,
        code: Option<&SecretString>,
    ) -> Result<Granted, CallError> {
        let begun = self.host.clock.monotonic();
        let (keys, now) = (&base.credentials, aws_clock(self.host));
        let (what, result) = match &step.call {
            Call::Session(session) => (
                String::new(),
                sts::get_session_token(connection, keys, &now, session, code),
            ),
            Call::Assume(assume) => (
                format!(" {}", assume.arn.value),
                sts::assume_role(connection, keys, &now, assume, code),
            ),
        };
        let took = self.host.clock.monotonic().saturating_sub(begun);
        self.report.trace(&format!(
            "{}{what} through {}: {} in {} ms",
            step.operation(),
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
}

/// Why a step wants a code of its own, where a person would wonder.
fn why_a_code(step: &Step) -> Option<String> {
    match &step.call {
        Call::Assume(assume) if assume.way == MfaWay::DirectForLong => Some(format!(
            "{} lasts {} s, longer than the hour that STS gives from an MFA session: it takes a code of its own.",
            assume.name, assume.duration.value
        )),
        _ => None,
    }
}

/// What was obtained just now.
#[derive(Debug)]
pub(crate) struct Made {
    /// The credentials; `expires` is AWS's time.
    pub(crate) credentials: Credentials,
    /// How far AWS's clock is ahead of ours.
    pub(crate) skew: SignedDuration,
}

impl Made {
    /// What to keep of it; nothing of what has no known end.
    fn entry(&self, engine: &Engine<'_>, walk: &Walk<'_>, number: usize) -> Option<Entry> {
        let plan = walk.plan;
        let before = number.checked_sub(1).filter(|n| plan.is_kept(*n));
        let parent = before.zip(engine.cache);
        let parent = parent.map(|(before, cache)| cache.entry_name(&walk.keys[before]));
        let (kind, name, arn, account) = match walk.step(number).map(|step| &step.call) {
            None => (
                EntryKind::Profile,
                plan.source.profile.value.clone(),
                plan.source.role_arn().map(ToString::to_string),
                plan.source.account().map(ToString::to_string),
            ),
            Some(Call::Session(session)) => (
                EntryKind::Session,
                plan.source.profile.value.clone(),
                None,
                session
                    .device
                    .as_ref()
                    .and_then(|device| Some(device.value.account()?.to_string())),
            ),
            Some(Call::Assume(assume)) => (
                EntryKind::Role,
                assume.name.clone(),
                Some(assume.arn.value.to_string()),
                Some(assume.arn.value.account.to_string()),
            ),
        };
        let device = walk.step(number).and_then(Step::device);
        let region = plan
            .region
            .value
            .as_ref()
            .filter(|_| number == plan.steps.len());
        Some(Entry {
            expires: self.credentials.expires?,
            obtained: engine.host.clock.now(),
            skew: self.skew,
            about: About {
                kind,
                name,
                arn,
                account,
                profile: plan.source.profile.value.clone(),
                device: device.map(ToString::to_string),
                region: region.map(ToString::to_string),
                parent,
            },
            credentials: self.credentials.clone(),
        })
    }
}

impl Obtained {
    fn cached(entry: Entry) -> Self {
        Self {
            ends: Some(entry.ends()),
            credentials: entry.credentials,
            cached: true,
        }
    }

    fn new(made: Made) -> Self {
        let behind = made.skew.max(SignedDuration::ZERO);
        let ends = made.credentials.expires;
        Self {
            ends: ends.map(|ends| ends.checked_sub(behind).unwrap_or(ends)),
            credentials: made.credentials,
            cached: false,
        }
    }
}

/// The machine's clock, as the AWS room wants it.
pub fn aws_clock(host: &Host) -> Now {
    let clock = Arc::clone(&host.clock);
    Arc::new(move || clock.now())
}
