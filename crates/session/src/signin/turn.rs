//! Whose turn it is to log in: of all processes that need one login, one asks the
//! person, the others wait for what comes of it. One that dies lets the next one ask.

use std::time::Duration;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{Plan, SsoPortal};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::lock::{Lock, LockError, LockHolder};

use super::SsoLogin;
use crate::cache::Cache;
use crate::context::Context;
use crate::sources;

/// Longer than a person may take: a code on another device is good for ten minutes.
const PERSON: Duration = Duration::from_mins(11);

/// How long a program waits for a login that is under way.
const PROGRAM: Duration = Duration::from_secs(20);

/// The turn of this process. The next one's begins when it is dropped.
pub struct LoginTurn<'c> {
    context: &'c Context<'c>,
    place: String,
    lock: Option<Lock<'c>>,
}

/// What came of waiting for the turn.
pub enum Turn<'c> {
    /// It is this process's.
    Mine(LoginTurn<'c>),
    /// Somebody has logged in meanwhile.
    LoggedIn,
    /// The person did not want to, or could not, which counts for all who waited.
    Refused(Error),
    /// There is no login to make, or another process takes too long.
    None,
}

impl<'c> LoginTurn<'c> {
    /// The turn to make the login that `plan` comes from. Where nobody can be asked
    /// here (`can_ask`), a login that is under way is waited for briefly.
    pub fn of(context: &'c Context<'c>, plan: &Plan, can_ask: bool) -> Turn<'c> {
        let Some(Ok(place)) = sources::login(context, &plan.source) else {
            return Turn::None;
        };
        let Some(cache) = context.cache else {
            let lock = None;
            return Turn::Mine(Self {
                context,
                place,
                lock,
            });
        };
        let mark = || sources::whose(context, plan).ok()?.0.mark();
        let (was, before) = (mark(), cache.login_refused(&place).map(|(id, _)| id));
        let mut meanwhile = || {
            if let Some((id, error)) = cache.login_refused(&place)
                && before != Some(id)
            {
                return Some(Turn::Refused(error));
            }
            let is_new = mark() != was && sources::look(context, &plan.source).is_ok();
            is_new.then_some(Turn::LoggedIn)
        };
        let longest = match can_ask {
            true => PERSON,
            false => PROGRAM,
        };
        let name = one_line(&plan.source.describe());
        let mut say = |holder: LockHolder| {
            if let (true, Some(pid)) = (can_ask, holder.pid) {
                let note = format!("waiting for process {pid}, which logs in to {name}");
                context.report.note(&note);
            }
        };
        match cache.login_lock(&place, context.host, longest, &mut say, &mut meanwhile) {
            Ok(Err(turn)) => turn,
            Ok(Ok(lock)) => meanwhile().unwrap_or(Turn::Mine(Self {
                context,
                place,
                lock: Some(lock),
            })),
            Err(LockError::TimedOut { .. }) => Turn::None,
            Err(LockError::Io(error)) => {
                context.report.not_cached(&error.into());
                let lock = None;
                Turn::Mine(Self {
                    context,
                    place,
                    lock,
                })
            }
        }
    }

    /// The turn of a person who logs in at `portal` unasked: the others wait for it.
    /// Where another process has it, this one goes on all the same.
    ///
    /// # Errors
    /// The home folder is not known.
    pub fn at(
        context: &'c Context<'c>,
        portal: &SsoPortal,
        profile: Option<&str>,
    ) -> Result<LoginTurn<'c>> {
        let place = SsoLogin::of(context, portal, profile)?.place();
        Ok(Self::now(context, place))
    }

    /// As [`Self::at`], of the login that `plan` comes from; `None`: of none.
    ///
    /// # Errors
    /// As there.
    pub fn first(context: &'c Context<'c>, plan: &Plan) -> Result<Option<LoginTurn<'c>>> {
        let place = sources::login(context, &plan.source).transpose()?;
        Ok(place.map(|place| Self::now(context, place)))
    }

    fn now(context: &'c Context<'c>, place: String) -> Self {
        let at_once = |cache: &'c Cache| {
            let nothing = &mut || None::<()>;
            let lock = cache.login_lock(&place, context.host, Duration::ZERO, &mut |_| {}, nothing);
            lock.ok()?.ok()
        };
        let lock = context.cache.and_then(at_once);
        Self {
            context,
            place,
            lock,
        }
    }

    /// Says how it ended: with a login, or why there is none.
    pub fn ends(self, error: Option<&Error>) {
        let Some(cache) = self.context.cache.filter(|_| self.lock.is_some()) else {
            return;
        };
        let (place, now) = (self.place.as_str(), self.context.host.clock.now());
        match error {
            None => cache.forget_login_refusal(place),
            Some(error) => match error.kind() {
                // What befell this process alone is no answer to the others.
                Kind::Signal(_) | Kind::CannotAsk => {}
                Kind::Interrupted => {
                    let declined = Error::new(Kind::Cancelled, error.message());
                    cache.refuse_login(place, &declined, now);
                }
                _ => cache.refuse_login(place, error, now),
            },
        }
    }
}
