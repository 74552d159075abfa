//! What is left of a result, for a program that asks again before its end. It is
//! renewed where that takes neither a question nor a service that does not
//! answer; else the program gets what is left, as it is, and asks again.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::consumer::LAST_MINUTE;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::plan::{CacheKey, Plan, Step};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::lock::Lock;
use jiff::Timestamp;

use super::{Obtained, Walk};
use crate::cache::{Cache, Claim, Entry, Patience, Terms, Value as _};
use crate::context::Context;
use crate::mfa::Wanted;

/// How an entry may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It lasts long enough.
    AsItIs,
    /// Where nothing newer can be had.
    AtAPinch,
}

impl Walk<'_> {
    /// Who uses result `number`: what leads on to the last one is used here,
    /// and now.
    pub(super) fn consumer(&self, number: usize) -> Consumer {
        match number == self.plan.steps.len() {
            true => self.plan.consumer,
            false => Consumer::Shell,
        }
    }

    /// How `entry`, result `number`, may be used at `now`, if it may.
    pub(super) fn usable(&self, number: usize, entry: &Entry, now: Timestamp) -> Option<Use> {
        let consumer = self.consumer(number);
        if entry.is_fresh_for(consumer, now) {
            return Some(Use::AsItIs);
        }
        let lasts = consumer == Consumer::Program && entry.lasts(LAST_MINUTE, now);
        lasts.then_some(Use::AtAPinch)
    }
}

impl Context<'_> {
    /// What `entry`, result `number` under `key`, is renewed into; itself, if
    /// that fails or would take a question.
    ///
    /// # Errors
    /// A signal ended it.
    pub(super) fn renewed_or_left(
        &self,
        walk: &mut Walk<'_>,
        number: usize,
        (cache, key): (&Cache, &CacheKey),
        entry: Entry,
    ) -> Result<Obtained> {
        let why = match self.renewed(walk, number, (cache, key)) {
            Ok(Ok(obtained)) => return Ok(obtained),
            Ok(Err(why)) => why.to_owned(),
            Err(error) if matches!(error.kind(), Kind::Signal(_) | Kind::Interrupted) => {
                return Err(error);
            }
            Err(error) => error.to_string(),
        };
        self.report
            .trace(&format!("what is left is handed out: {why}"));
        walk.kept = true;
        Ok(Obtained::cached(entry))
    }

    /// Renews result `number`; the reason, where that is not tried.
    fn renewed(
        &self,
        walk: &mut Walk<'_>,
        number: usize,
        (cache, key): (&Cache, &CacheKey),
    ) -> Result<Result<Obtained, &'static str>> {
        if self.would_ask(walk, number) {
            return Ok(Err("to renew it would take a question"));
        }
        if cache.was_refused_lately(key, self.host.clock.now()) {
            return Ok(Err("it was tried a moment ago"));
        }
        crate::sources::check_circle(self, &walk.plan.source, &walk.plan.source_key())?;
        let settings = RunSettings {
            hurried: true,
            ..self.settings.clone()
        };
        let quiet = Context {
            can_ask: false,
            settings: &settings,
            ..*self
        };
        let terms = Terms {
            patience: Patience::None,
            fresh: false,
            consumer: walk.consumer(number),
            unattended: true,
        };
        walk.silent = true;
        let renewed = match cache.claim(key, self.host, self.report, terms)? {
            Claim::Filled(entry) => Ok(Obtained::cached(*entry)),
            Claim::Refused(error) => Err(error),
            Claim::Mine(slot) => quiet.fill(slot, walk, number),
        };
        walk.silent = false;
        renewed.map(Ok)
    }

    /// Whether somebody would have to be asked for a code to obtain result
    /// `number`: a person, or a program that may want a touch.
    fn would_ask(&self, walk: &Walk<'_>, number: usize) -> bool {
        let now = self.host.clock.now();
        let is_there = |other: usize| {
            let cache = self.cache.filter(|_| walk.plan.is_kept(other));
            let found = cache.zip(walk.keys[other].as_ref());
            other < number && found.is_some_and(|(cache, key)| cache.lookup(key, now).is_some())
        };
        let mut needed = walk.plan.needed(is_there).iter();
        needed.any(|step: &Step| step.device().is_some())
    }
}

impl Context<'_> {
    /// Spares a person without a terminal the question for result `number`
    /// that somebody refused a moment ago: an SDK's many threads each start a
    /// process, and start another one when that fails.
    ///
    /// # Errors
    /// Somebody did.
    pub(super) fn spare(
        &self,
        walk: &Walk<'_>,
        number: usize,
        (cache, key): (&Cache, &CacheKey),
    ) -> Result<()> {
        let device = walk.step(number).and_then(Step::device);
        let Some(device) = device.filter(|_| walk.ask.is_unattended()) else {
            return Ok(());
        };
        let now = self.host.clock.now();
        let refusal = cache.lately_refused_by_somebody(key, now);
        let refusal = refusal.or_else(|| cache.device_refused(device, now));
        // A program of theirs that has no code may be put right by now: a
        // person tries again, an SDK only repeats itself.
        let counts = |error: &Error| {
            error.kind() != Kind::CannotAsk || walk.plan.consumer == Consumer::Program
        };
        match refusal.filter(counts) {
            Some(refusal) => Err(refused_lately(walk.plan, device, refusal)),
            None => Ok(()),
        }
    }

    /// Whether a person is asked for a code of `device`, not a program.
    pub(super) fn asks_a_person(walk: &Walk<'_>, device: &MfaDevice) -> bool {
        let wanted = Wanted::first(walk.plan, device);
        walk.ask.takes_time(&wanted) && !walk.ask.is_automatic(&wanted)
    }

    /// The turn of this process to ask a person without a terminal for a code of
    /// `device`: one question at a time, and none when the one before it was
    /// refused. None where somebody else is asked, or it cannot be had.
    ///
    /// # Errors
    /// It was refused.
    pub(super) fn question_of(
        &self,
        walk: &Walk<'_>,
        device: &MfaDevice,
    ) -> Result<Option<Lock<'_>>> {
        let takes_turns = !walk.silent && walk.ask.is_unattended();
        let is_asked = takes_turns && Self::asks_a_person(walk, device);
        let Some(cache) = self.cache.filter(|_| is_asked) else {
            return Ok(None);
        };
        let turn = cache.guard(&format!("question {device}"), true, self.host);
        match cache.device_refused(device, self.host.clock.now()) {
            Some(refusal) => Err(refused_lately(walk.plan, device, refusal)),
            None => Ok(turn),
        }
    }

    /// Remembers how the question for a code of `device` ended: `refused`, or
    /// with an answer. Whether the refusal is remembered.
    pub(super) fn remember_question(&self, device: &MfaDevice, refused: Option<&Error>) -> bool {
        let Some(cache) = self.cache else {
            return false;
        };
        let now = self.host.clock.now();
        match refused {
            Some(error) if matches!(error.kind(), Kind::Mfa | Kind::Cancelled) => {
                cache.refuse_device(device, error, now);
                true
            }
            Some(_) => false,
            None => {
                cache.forget_device_refusal(device);
                false
            }
        }
    }

    /// Forgets what was refused of `plan` a moment ago: somebody is there now.
    pub fn forget_refusals(&self, plan: &Plan) {
        let Some(cache) = self.cache else { return };
        for key in self.keys(plan).iter().flatten() {
            cache.forget_refusal(key);
        }
        for device in plan.steps.iter().filter_map(Step::device) {
            cache.forget_device_refusal(device);
        }
    }
}

fn refused_lately(plan: &Plan, device: &MfaDevice, refusal: Error) -> Error {
    let role = one_line(&plan.name);
    let message = format!("role {role} needs an MFA code, which was refused a moment ago");
    Error::new(Kind::Mfa, message)
        .called(Id::MfaCodeRefused)
        .because(refusal)
        .hint(Wanted::first(plan, device).hint("give it"))
}

/// The error of a result whose code nobody is asked for.
pub(super) const NOBODY: &str = "nobody is asked while there is something left";
