//! Walks a plan from its end: what is cached is taken, the rest is done once,
//! under the entry's lock, by one process.

mod callers;
mod carried;
mod left;
mod obtained;

use assumerole_aws::sts::{self, CallError, Granted};
use assumerole_aws::{Connection, Reason};
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::diagnostic::Warning;
use assumerole_core::plan::origin::{Origin, Sourced};
use assumerole_core::plan::{CacheKey, Call, Fresh, MfaWay, Plan, Step, Whose};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::Host;
use jiff::SignedDuration;
use secrecy::SecretString;

use crate::cache::{Claim, Lineage, Patience, Slot, Terms, Value};
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::gate::Cleared;
use crate::made::Made;
use crate::mfa::{Ask, Codes, Never, Wanted};
use crate::sources::Asked;
use crate::{asked, describe, sources};
use left::Use;

pub use obtained::Obtained;

/// A clock this far off is worth a word, though AWS still accepts it.
const SKEW_WORTH_SAYING: SignedDuration = SignedDuration::from_mins(4);

/// A plan on the way to its end.
struct Walk<'w> {
    plan: &'w Plan,
    /// Whose the first credentials are, as far as that is known.
    whose: Whose,
    /// Those of [`Plan::keys`].
    keys: Vec<Option<CacheKey>>,
    /// What was learnt of the source when it was asked whose they are.
    asked: Asked,
    /// The first credentials, if they were had for that.
    first: Option<Obtained>,
    /// Whether what comes out is that of `keys`: not if the first credentials
    /// turn out to be somebody else's, because a file changed meanwhile.
    kept: bool,
    /// Whose the first credentials were that were had just now.
    made_by: Option<Whose>,
    ask: &'w mut dyn Ask,
    fresh: Fresh,
    /// Whether a clock that is off was spoken of: once is enough.
    skew_said: bool,
    /// Whether it was said that the session is shorter than what was asked for.
    shorter_said: bool,
    /// The device of an MFA session that could not be had, because the keys
    /// turned out to be temporary: its code goes with the role.
    no_session: Option<Sourced<MfaDevice>>,
    /// The result that is cached and that AWS does not accept any more.
    dead: Option<usize>,
    /// Whether nobody is asked, because there is something to fall back on.
    silent: bool,
    /// Whether somebody was asked for a code, or a program of theirs.
    asked_somebody: bool,
}

impl Walk<'_> {
    /// The step whose result has this number; `None`: the source.
    fn step(&self, number: usize) -> Option<&Step> {
        self.plan.steps.get(number.checked_sub(1)?)
    }

    fn wants_new(&self, number: usize) -> bool {
        self.plan.wants_new(number, self.fresh) || self.dead == Some(number)
    }
}

/// Leaves word of a failure for others who wait for the same. What befell this
/// process alone is no answer to them: it is their turn.
fn leave_word<T: Value>(slot: Slot<'_, T>, error: &Error, host: &Host, asked: bool) {
    match error.kind() {
        Kind::Signal(_) => {}
        Kind::CannotAsk if !asked => {}
        // Nobody pressed a key there.
        Kind::Interrupted => {
            slot.refuse(&Error::new(Kind::Cancelled, error.message()), host, asked);
        }
        _ => slot.refuse(error, host, asked),
    }
}

impl Context<'_> {
    /// Credentials for the plan of `cleared`: cached ones unless `fresh`, else new ones.
    /// Many processes that want the same ones ask AWS and the person once.
    ///
    /// # Errors
    /// No code could be had, AWS said no or nothing, or a wait took too long;
    /// nobody is logged in, though something is cached of who was.
    pub fn obtain(
        &self,
        cleared: &Cleared<'_>,
        ask: &mut dyn Ask,
        fresh: Fresh,
    ) -> Result<Obtained> {
        let plan = cleared.plan();
        let mut walk = self.walk(plan, ask, fresh)?;
        describe::plan(self.report, plan, &walk.keys);
        self.learn(&mut walk)?;
        cleared.check(walk.asked.role().as_ref())?;
        let last = plan.steps.len();
        let obtained = self.result(&mut walk, last)?;
        callers::check_no_long_term(plan, &obtained.credentials)?;
        Ok(Obtained {
            whose: walk.made_by.unwrap_or(walk.whose),
            keys: walk.keys,
            kept: walk.kept,
            life: obtained.life.filter(|_| !walk.shorter_said),
            ..obtained
        })
    }

    /// The result of number `number`, see [`Plan::keys`].
    fn result(&self, walk: &mut Walk<'_>, number: usize) -> Result<Obtained> {
        if number == 0
            && let Some(first) = walk.first.take()
        {
            return Ok(first);
        }
        let cache = self.cache.filter(|_| walk.plan.is_kept(number));
        let Some((cache, key)) = cache.zip(walk.keys[number]) else {
            sources::check_circle(self, &walk.plan.source, &walk.plan.source_key())?;
            return Ok(Obtained::new(
                self.make(walk, number)?,
                self.host.clock.now(),
            ));
        };
        let (new, now) = (walk.wants_new(number), self.host.clock.now());
        if let Some(entry) = cache.find(&key).filter(|_| !new) {
            match walk.usable(number, &entry, now) {
                Some(Use::AsItIs) => {
                    self.report.trace("cached: no request, no code");
                    return Ok(Obtained::cached(entry));
                }
                Some(Use::AtAPinch) => {
                    return self.renewed_or_left(walk, number, (cache, &key), entry);
                }
                None => {}
            }
        }
        sources::check_circle(self, &walk.plan.source, &walk.plan.source_key())?;
        let patience = match walk.plan.asks_people(number) {
            true => Patience::People,
            false => Patience::Services,
        };
        let terms = Terms {
            patience,
            fresh: new,
            consumer: walk.consumer(number),
            unattended: walk.ask.is_unattended(),
        };
        self.spare(walk, number, (cache, &key))?;
        match cache.claim(&key, self.host, self.report, terms)? {
            Claim::Filled(entry) => Ok(Obtained::cached(*entry)),
            Claim::Refused(error) => Err(error),
            Claim::Mine(slot) => self.fill(slot, walk, number),
        }
    }

    fn fill(&self, slot: Slot<'_>, walk: &mut Walk<'_>, number: usize) -> Result<Obtained> {
        match self.make(walk, number) {
            Ok(made) => {
                let entry = made.entry(self, walk, number);
                let lineage = Lineage::of(walk.plan, &walk.keys, number, self.cache);
                let filled = entry.map(|entry| slot.fill(&entry, &lineage, self.host));
                let entered = match filled {
                    Some(Ok(entered)) => entered,
                    Some(Err(error)) => {
                        self.report.not_cached(&error);
                        false
                    }
                    None => false,
                };
                Ok(Obtained {
                    entered,
                    ..Obtained::new(made, self.host.clock.now())
                })
            }
            Err(error) => {
                leave_word(slot, &error, self.host, walk.asked_somebody);
                Err(error)
            }
        }
    }

    /// Obtains result `number` anew.
    fn make(&self, walk: &mut Walk<'_>, number: usize) -> Result<Made> {
        let Some(before) = number.checked_sub(1) else {
            let asked = std::mem::replace(&mut walk.asked, Asked::Nothing);
            let made = sources::credentials(self, walk.plan, asked, !walk.silent)?;
            self.heed_caller(walk, &made);
            return Ok(self.heed_skew(walk, made));
        };
        let mut base = self.result(walk, before)?;
        if let Some(Call::Session(session)) = walk.step(number).map(|step| &step.call)
            && base.credentials.session_token.is_some()
        {
            // What a process prints may be temporary; then STS gives no
            // session for it.
            walk.no_session = session.device.clone();
            return Ok(Made {
                credentials: base.credentials,
                skew: SignedDuration::ZERO,
                kept: false,
                whose: None,
                role: None,
            });
        }
        loop {
            let error = match self.call(walk, number, &base)? {
                Ok(granted) => return Ok(self.heed_skew(walk, granted.into())),
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
                .trace("the cached session is no longer accepted: getting a new one");
            if let Some(key) = &walk.keys[before]
                && let Err(error) = cache.remove(key)
            {
                self.report.not_cached(&error);
                walk.dead = Some(before);
            }
            base = self.result(walk, before)?;
        }
    }

    /// Says, once, that the clock is off.
    fn heed_skew(&self, walk: &mut Walk<'_>, made: Made) -> Made {
        let off = made.skew.abs() >= SKEW_WORTH_SAYING;
        if off && !std::mem::replace(&mut walk.skew_said, true) {
            self.report
                .warn(&Warning::new(assumerole_aws::clock_hint(Some(made.skew))));
        }
        made
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
        let Some(mut step) = walk.step(number).cloned() else {
            return Err(Error::new(Kind::Failed, "a plan has no such step"));
        };
        if base.credentials.session_token.is_some() {
            step.from_temporary(walk.no_session.take())?;
        }
        walk.shorter_said |= self.note(plan, &step);
        let connection = connect(&step.route, self.settings, self.host)?;
        let Some(device) = step.device() else {
            return Ok(self.request(&step, base, &connection, None));
        };
        let is_asked = !walk.silent && Self::asks_a_person(walk, device);
        let _turn = self.question_of(walk, device)?;
        let mut refused: Option<String> = None;
        let why = why_a_code(&step);
        let mut nobody = Never::new(left::NOBODY);
        let ask = match walk.silent {
            true => &mut nobody,
            false => &mut *walk.ask,
        };
        let codes = Codes::new(ask, self.cache, self.host, self.report);
        let mut codes = codes.to(&connection);
        loop {
            let wanted = Wanted {
                why: why.as_deref(),
                refused: refused.as_deref(),
                ..Wanted::first(plan, device)
            };
            walk.asked_somebody |= codes.takes_time(&wanted);
            let answer = codes.send(wanted, |code| {
                self.request(&step, base, &connection, Some(code))
            });
            if is_asked && self.remember_question(device, answer.as_ref().err()) {
                // Said of the device, it goes with the next answer for any role.
                walk.asked_somebody = false;
            }
            let error = match answer? {
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

    /// Says what a person would wonder about, if there is such a thing.
    fn note(&self, plan: &Plan, step: &Step) -> bool {
        let text = shorter(plan, step);
        if let Some(text) = &text {
            self.report.note(text);
        }
        text.is_some()
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
        let what = format!("{}{what}", step.operation());
        self.trace_request(&what, connection, result.is_ok(), took);
        result
    }
}

/// That `step` of `plan` gives a shorter session than was asked for, if it does.
fn shorter(plan: &Plan, step: &Step) -> Option<String> {
    if plan.consumer != Consumer::Shell {
        // It comes back for more.
        return None;
    }
    let Call::Assume(assume) = &step.call else {
        return None;
    };
    let asked = assume.capped.as_ref()?;
    Some(format!(
        "{}: {} s instead of {} s, because a role assumed from temporary credentials lasts an hour at most (a rule of STS)",
        plan.name, assume.duration.value, asked.value
    ))
}

/// As what is said when a session is asked for, of one that was cached.
pub fn cached_shorter(plan: &Plan, obtained: &Obtained) -> Option<String> {
    shorter(plan, plan.steps.last().filter(|_| obtained.cached)?)
}

/// This much less than was asked for is worth a word.
const CLEARLY_SHORTER: SignedDuration = SignedDuration::from_mins(1);

/// That AWS gave a shorter session than a flag asked for, where no rule that we
/// know says so beforehand.
pub fn granted_shorter(plan: &Plan, obtained: &Obtained) -> Option<String> {
    let assume = plan.role()?;
    let asked = i64::from(assume.duration.value);
    let by_flag = matches!(assume.duration.from, Origin::Flag(_));
    let life = obtained.life.filter(|_| by_flag)?;
    if SignedDuration::from_secs(asked) - life <= CLEARLY_SHORTER {
        return None;
    }
    // It was asked for a moment before it was there.
    let minutes = (life.as_secs() + 30) / 60;
    Some(format!(
        "{}: {} s instead of {asked} s, because AWS gave no more",
        plan.name,
        minutes * 60
    ))
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
