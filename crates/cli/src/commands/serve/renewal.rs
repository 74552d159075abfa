//! New credentials for a role that is handed out, without a question.

use assumerole_core::plan::{CacheKey, Fresh, Guard, Plan, Step, Whose};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::cache::{Cache, Entry, Lineage};
use assumerole_session::gate::{self, Confirm};
use assumerole_session::mfa::Never;
use assumerole_session::{Context, Obtained};
use jiff::{SignedDuration, Timestamp};

use super::super::assume::context;
use crate::app::App;

/// Credentials are renewed with so much left: programs want sixteen minutes.
const LEAD: SignedDuration = SignedDuration::from_mins(20);

/// With how much left credentials are renewed that live for `life`.
pub(super) fn lead(life: SignedDuration) -> SignedDuration {
    LEAD.min(life * 5 / 8)
}

/// What comes of it.
pub(super) enum Came {
    /// Credentials, whose may have been there.
    Here(Box<Obtained>),
    /// Somebody would have to be asked.
    WouldAsk,
    /// Nothing tells that they would be the same caller's.
    OtherCaller,
}

/// Those who confirmed it when the server started.
struct Beforehand<'a>(&'a [String]);

impl Confirm for Beforehand<'_> {
    fn confirm(&mut self, plan: &Plan, guard: &Guard) -> Result<()> {
        if self.is_confirmed(&guard.name) {
            return Ok(());
        }
        let message = format!("role {} has to be confirmed by name now", plan.name);
        Err(Error::new(Kind::CannotAsk, message))
    }

    fn is_confirmed(&self, name: &str) -> bool {
        self.0.iter().any(|confirmed| confirmed == name)
    }
}

/// Renews what `plan` gives; `caller` is whose first credentials it had. What
/// another process has obtained meanwhile will do.
///
/// # Errors
/// Nobody answered, or AWS said no.
pub(super) fn renew(
    app: &App<'_>,
    plan: &Plan,
    caller: Option<&str>,
    confirmed: &[String],
) -> Result<Came> {
    let (existing, now) = (app.existing_cache(), app.host.clock.now());
    let (keys, whose) = quiet(app, existing.as_ref())?.learnt_keys(plan)?;
    let is_renewal = |cache: &Cache| cache.is_renewal_of(&whose, caller, now);
    let is_same = whose.is_of(caller) || existing.as_ref().is_some_and(is_renewal);
    if !is_same && !matches!(whose, Whose::Process { .. }) {
        return Ok(Came::OtherCaller);
    }
    let last = plan.steps.len();
    let find = |number: usize| -> Option<Entry> {
        let cache = existing.as_ref().filter(|_| plan.is_kept(number))?;
        cache.find(keys.get(number)?.as_ref()?)
    };
    let there = find(last).filter(|entry| entry.is_fresh(now));
    let lasts = |entry: &Entry| entry.left(now) > lead(entry.life());
    let good = there.as_ref().is_some_and(lasts);
    let is_fresh = |number: usize| number < last && find(number).is_some_and(|it| it.is_fresh(now));
    let would_ask = plan
        .needed(is_fresh)
        .iter()
        .any(|step| step.device().is_some());
    if would_ask && there.is_none() {
        return Ok(Came::WouldAsk);
    }
    let fresh = Fresh {
        role: !good && !would_ask,
        mfa: false,
    };
    let cache = app.cache();
    let cleared = gate::clear(&app.guarding()?, plan, &mut Beforehand(confirmed))?;
    let mut nobody = Never::new("nobody is asked by a server");
    let obtained = quiet(app, cache.as_ref())?.obtain(&cleared, &mut nobody, fresh)?;
    let renewed = whose.mark().filter(|_| is_same);
    let is_of = |mark| obtained.whose.is_of(mark);
    match is_of(caller) || renewed.is_some() && is_of(renewed.as_deref()) {
        true => Ok(Came::Here(Box::new(obtained))),
        false => Ok(Came::OtherCaller),
    }
}

/// Whether to renew what `plan` gives would take a question at `at`, as far as
/// what is cached tells.
pub(super) fn would_ask(app: &App<'_>, plan: &Plan, at: Timestamp) -> Result<bool> {
    let existing = app.existing_cache();
    let keys = quiet(app, existing.as_ref())?.keys(plan);
    let last = plan.steps.len();
    let is_there = |number: usize| {
        let cache = existing.as_ref().filter(|_| plan.is_kept(number));
        let found = cache.zip(keys.get(number).and_then(Option::as_ref));
        let found = found.and_then(|(cache, key)| cache.find(key));
        number < last && found.is_some_and(|entry| entry.is_fresh(at))
    };
    let mut needed = plan.needed(is_there).iter();
    Ok(needed.any(|step: &Step| step.device().is_some()))
}

/// When the newest was obtained of what `plan` needs and of what it gives, as
/// far as it is cached.
pub(super) fn newest(app: &App<'_>, plan: &Plan) -> Result<Option<Timestamp>> {
    let existing = app.existing_cache();
    let keys = quiet(app, existing.as_ref())?.keys(plan);
    let Some(cache) = &existing else {
        return Ok(None);
    };
    let now = app.host.clock.now();
    let entries = keys.iter().flatten().filter_map(|key| cache.find(key));
    let fresh = entries.filter(|entry| entry.is_fresh(now));
    Ok(fresh.map(|entry| entry.obtained).max())
}

/// Under which key what `plan` gives is cached, as far as that is known.
pub(super) fn key(app: &App<'_>, plan: &Plan) -> Result<Option<CacheKey>> {
    let existing = app.existing_cache();
    let keys = quiet(app, existing.as_ref())?.keys(plan);
    Ok(keys.last().copied().flatten())
}

/// What it comes from that `plan` gives, as far as that is known.
pub(super) fn lineage(app: &App<'_>, plan: &Plan, cache: Option<&Cache>) -> Lineage {
    let last = plan.steps.len();
    let keys = match quiet(app, cache) {
        Ok(context) => context.keys(plan),
        Err(_) => vec![None; last + 1],
    };
    Lineage::of(plan, &keys, last, cache)
}

/// As [`key`], if it is cached.
pub(super) fn cached(app: &App<'_>, plan: &Plan) -> Result<Option<CacheKey>> {
    let existing = app.existing_cache();
    let key = key(app, plan)?;
    let found = existing.as_ref().zip(key);
    Ok(found.and_then(|(cache, key)| cache.find(&key).map(|_| key)))
}

fn quiet<'a>(app: &'a App<'_>, cache: Option<&'a Cache>) -> Result<Context<'a>> {
    Ok(Context {
        can_ask: false,
        ..context(app, cache)?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_out_lasts_for_sixteen_minutes_or_half_its_life() {
        for (life, lead_of) in [(60, 20), (720, 20), (32, 20), (16, 10)] {
            let minutes = SignedDuration::from_mins;
            assert_eq!(lead(minutes(life)), minutes(lead_of));
            assert!(lead(minutes(life)) > minutes(16).min(minutes(life) / 2));
        }
    }
}
