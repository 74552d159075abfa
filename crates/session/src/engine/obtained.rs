//! What comes of a step, and what is kept of it.

use assumerole_core::Credentials;
use assumerole_core::plan::{CacheKey, Call, Step, Whose};
use jiff::{SignedDuration, Timestamp};

use super::Walk;
use crate::cache::{About, Entry, EntryKind};
use crate::context::Context;
use crate::made::Made;

/// What [`Context::obtain`] gives.
#[derive(Debug)]
pub struct Obtained {
    /// The credentials.
    pub credentials: Credentials,
    /// When they end, by our clock; `None`: not that anybody knows.
    pub ends: Option<Timestamp>,
    /// How long they lived when they were obtained; `None` where nobody knows,
    /// or where it was said that this is less than what was asked for.
    pub life: Option<SignedDuration>,
    /// Whether they came from the cache: this process asked nobody.
    pub cached: bool,
    /// What each result on the way is cached under, see
    /// [`Plan::keys`](assumerole_core::plan::Plan::keys).
    pub keys: Vec<Option<CacheKey>>,
    /// Whose first credentials they come from.
    pub whose: Whose,
    /// Whether what is made with them may be kept for those keys.
    pub(crate) kept: bool,
    /// Whether they were entered into the cache, where `logout` finds them.
    pub(crate) entered: bool,
}

impl Made {
    /// What to keep of it; nothing of what has no known end.
    pub(super) fn entry(
        &self,
        context: &Context<'_>,
        walk: &Walk<'_>,
        number: usize,
    ) -> Option<Entry> {
        let plan = walk.plan;
        let before = number.checked_sub(1).filter(|n| plan.is_kept(*n));
        let parent = before.zip(context.cache);
        let parent = parent.and_then(|(before, cache)| Some(cache.entry_name(&walk.keys[before]?)));
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
            expires: self
                .credentials
                .expires
                .filter(|_| self.kept && walk.kept)?,
            obtained: context.host.clock.now(),
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
    /// What they are cached under; `None` where they are not, because nobody can
    /// say whose they are, or because the cache could not be written.
    pub fn key(&self) -> Option<&CacheKey> {
        let last = self.keys.last().filter(|_| self.kept && self.entered);
        last.and_then(Option::as_ref)
    }

    pub(super) fn cached(entry: Entry) -> Self {
        Self {
            ends: Some(entry.ends()),
            // By AWS's clock, which had gone on by so much.
            life: Some(entry.expires.duration_since(entry.obtained) - entry.skew),
            credentials: entry.credentials,
            cached: true,
            keys: Vec::new(),
            whose: Whose::Unknown,
            kept: true,
            entered: true,
        }
    }

    pub(super) fn new(made: Made, now: Timestamp) -> Self {
        let behind = made.skew.max(SignedDuration::ZERO);
        let ends = made.credentials.expires;
        Self {
            ends: ends.map(|ends| ends.checked_sub(behind).unwrap_or(ends)),
            life: ends.map(|ends| ends.duration_since(now) - made.skew),
            credentials: made.credentials,
            cached: false,
            keys: Vec::new(),
            whose: Whose::Unknown,
            kept: true,
            entered: false,
        }
    }
}
