//! A role that is handed out: what it has, and when that is renewed.

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{CacheKey, Plan};
use assumerole_core::shell::command_line::argument;
use assumerole_core::shell::note::{Note, SessionIdentity};
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_server::{Given, Offers, Refusal};
use assumerole_session::cache::Since;
use jiff::{SignedDuration, Timestamp};

use super::super::assume::planned;
use super::control::RoleReport;
use super::renewal::{self, Came, lead};
use super::sentry::{Logout, Sentry};
use super::spec::Role;
use super::talk::Talk;
use crate::app::App;
use crate::options::{Obtain, Session};

/// What could not be renewed is tried again after so long.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Where somebody has to log in, so often it is looked whether they have.
const LOOK: SignedDuration = SignedDuration::from_secs(2);

/// Of what ends at no known time, something newer is asked for so often.
const UNKNOWN: SignedDuration = SignedDuration::from_mins(30);

/// So long before the end it is said that a question is needed.
const WARNINGS: [SignedDuration; 2] =
    [SignedDuration::from_mins(30), SignedDuration::from_mins(10)];

/// Said where others may see it.
const NO_MORE: &str = "A program gets no more credentials. Log in: assumerole login";

/// What a role has to do with what is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// It is handed out.
    Handed,
    /// `logout` forgot it: what is obtained later counts.
    Forgotten(Logout),
    /// The files have no such role, or another one: what it had is no more.
    Changed,
}

/// What a role is handed out by.
pub(super) struct House<'a> {
    pub(super) offers: &'a Offers,
    pub(super) talk: &'a Talk<'a>,
    pub(super) sentry: &'a Sentry,
}

/// A role that is handed out.
pub(super) struct Kept {
    note: Note,
    obtain: Obtain,
    confirmed: Vec<String>,
    plan: Option<Plan>,
    state: State,
    /// When what it has ends; `None`: at no known time.
    ends: Option<Timestamp>,
    /// With how much left it is renewed.
    lead: SignedDuration,
    obtained: Timestamp,
    /// When what it had at the start was asked for.
    began: Timestamp,
    /// Whether it lay in the cache when the server was started.
    cached: bool,
    /// Whether the sentry knows where it lies in the cache.
    guarded: bool,
    /// Not before then is it tried again.
    next: Timestamp,
    /// Why it could not be renewed.
    trouble: Option<Trouble>,
    /// How many of [`WARNINGS`] were given.
    warned: usize,
    /// Whether its end was said.
    end_said: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Trouble {
    why: String,
    /// What to type, if anything helps.
    hint: Option<String>,
    /// Whether a person is needed.
    person: bool,
}

impl Kept {
    /// What `role` has when the server starts.
    ///
    /// # Errors
    /// It was not written by this program.
    pub(super) fn of(app: &App<'_>, role: &Role) -> Result<Self> {
        let note = role.note()?;
        let session = Session::of_words(&note.flags);
        let session = session.ok_or_else(|| {
            Error::new(Kind::Failed, "the flags are not ours").called(Id::ServerFailed)
        })?;
        let now = app.host.clock.now();
        let left = role.ends.map(|ends| ends.duration_since(now));
        let life = note
            .identity
            .seconds
            .map(|seconds| SignedDuration::from_secs(seconds.into()));
        Ok(Self {
            obtain: Obtain::of(session),
            confirmed: role.confirmed.clone(),
            plan: None,
            state: State::Handed,
            ends: role.ends,
            // What was cached may have had a longer life.
            lead: lead(life.or(left).unwrap_or(UNKNOWN)),
            obtained: now,
            began: role.began,
            cached: role.cached,
            guarded: false,
            next: Timestamp::MIN,
            trouble: None,
            warned: 0,
            end_said: false,
            note,
        })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.note.role
    }

    /// What is told of it to whoever wants to know.
    pub(super) fn told(&self, now: Timestamp) -> RoleReport {
        let over = self.ends.is_some_and(|ends| ends <= now);
        let handed_out = self.state == State::Handed && !over;
        let trouble = match (&self.state, &self.trouble) {
            (State::Handed, Some(trouble)) => Some(format!(
                "{}; {}",
                trouble.why,
                trouble.hint.clone().unwrap_or_else(|| self.login())
            )),
            (State::Handed, None) => None,
            (State::Forgotten(logout), _) => Some(logout.why.clone()),
            (State::Changed, Some(trouble)) => Some(trouble.why.clone()),
            (State::Changed, None) => Some("the role has changed".to_owned()),
        };
        RoleReport {
            name: self.name().to_owned(),
            region: self.note.region.clone(),
            ends: self.ends.filter(|_| handed_out),
            trouble,
            handed_out,
        }
    }

    /// What it was asked for with.
    pub(super) fn note(&self) -> &Note {
        &self.note
    }

    /// Hands out `credentials`.
    pub(super) fn give(&self, offers: &Offers, credentials: Credentials) {
        let given = Given {
            credentials,
            ends: self.ends,
            account: self.note.identity.account.clone(),
            region: self.note.region.clone(),
            afterwards: Refusal::nothing_to_give(self.ended()),
        };
        offers.give(self.name(), given);
    }

    /// What is said when what it has is over.
    fn ended(&self) -> String {
        let name = one_line(self.name());
        match &self.trouble {
            Some(trouble) => format!(
                "the credentials of {name} have ended: {}; {}",
                trouble.why,
                trouble.hint.clone().unwrap_or_else(|| self.login())
            ),
            None => format!("the credentials of {name} have ended; {}", self.login()),
        }
    }

    /// What to type to go on.
    fn login(&self) -> String {
        format!("to go on, type: assumerole login {}", argument(self.name()))
    }

    /// The files are not what they were: the role is planned anew.
    pub(super) fn plan_anew(&mut self) {
        self.plan = None;
        self.next = Timestamp::MIN;
    }

    /// `logout` has forgotten what it has: the sentry hands out nothing of it
    /// any more.
    pub(super) fn heed_logout(&mut self, talk: &Talk<'_>, logout: Logout) {
        talk.say(&logout.why, NO_MORE);
        self.state = State::Forgotten(logout);
        self.end_said = true;
        self.next = Timestamp::MIN;
    }

    /// Hands out nothing any more, and says why.
    fn stop(&mut self, house: &House<'_>, why: String) {
        self.end_said = true;
        house.talk.say(&why, NO_MORE);
        house
            .offers
            .refuse(self.name(), Refusal::nothing_to_give(why));
    }

    /// Looks after it: renews what is due, and says what has to be said.
    pub(super) fn look_after(&mut self, app: &App<'_>, house: &House<'_>) {
        let now = app.host.clock.now();
        if now >= self.next {
            self.next = now.checked_add(LOOK).unwrap_or(now);
            if self.plan.is_none() {
                self.plan(app, house);
            }
            self.renew_if_due(app, house, now);
        }
        self.warn(app, house.talk, now);
        if self.state == State::Handed
            && !self.end_said
            && self.ends.is_some_and(|ends| ends <= now)
        {
            let why = self.ended();
            self.stop(house, why);
        }
    }

    /// Plans it, by the files as they are.
    pub(super) fn plan(&mut self, app: &App<'_>, house: &House<'_>) {
        let planned = match planned(app, self.name(), &self.obtain) {
            Ok(planned) => planned,
            Err(error) => {
                let gone = error.kind() == Kind::UnknownName;
                self.trouble = Some(Trouble::of(&error));
                // A file that is being edited may be wrong for a while.
                if gone && self.state != State::Changed {
                    self.state = State::Changed;
                    let why = format!(
                        "there is no role {} any more; see: assumerole list",
                        one_line(self.name())
                    );
                    self.stop(house, why);
                }
                return;
            }
        };
        let today = SessionIdentity::of(&planned.plan, &planned.plan.fingerprints());
        if self.note.identity.differs(&today).is_some() {
            self.state = State::Changed;
            let name = one_line(self.name());
            let why = format!("role {name} has changed; {}", self.login());
            house
                .offers
                .refuse(self.name(), Refusal::nothing_to_give(why));
            house.sentry.dismiss(self.name());
            self.note.identity = today;
        }
        self.note.region = planned.plan.region.value.as_ref().map(ToString::to_string);
        if self.state == State::Handed && !self.guarded {
            let key = match self.cached {
                // If it is there no more, it was forgotten.
                true => renewal::key(app, &planned.plan),
                false => renewal::cached(app, &planned.plan),
            };
            let key = key.ok().flatten();
            self.guarded = key.is_some();
            self.guard(app, house, &planned.plan, key, self.began);
        }
        self.plan = Some(planned.plan);
    }

    /// Has the sentry look after it. It was asked for when it `began`, and lies
    /// under `key`, if it is cached.
    fn guard(
        &self,
        app: &App<'_>,
        house: &House<'_>,
        plan: &Plan,
        key: Option<CacheKey>,
        began: Timestamp,
    ) {
        match (app.existing_cache(), key, app.places.state()) {
            (Some(cache), Some(key), _) => house.sentry.guard(self.name(), cache, key),
            (cache, _, Some(state)) => {
                // What ends at no known time is not kept.
                let never = self.ends.is_none() || !plan.is_kept(plan.steps.len());
                let lineage = renewal::lineage(app, plan, cache.as_ref());
                let what = (Since::begun(&state, began), lineage);
                house.sentry.guard_uncached(self.name(), cache, what, never);
            }
            (_, _, None) => house.sentry.dismiss(self.name()),
        }
    }

    fn is_due(&self, now: Timestamp) -> bool {
        match (&self.state, self.ends) {
            (State::Handed, Some(ends)) => ends.duration_since(now) <= self.lead,
            (State::Handed, None) => now.duration_since(self.obtained) >= UNKNOWN,
            (State::Forgotten(..) | State::Changed, _) => true,
        }
    }

    fn renew_if_due(&mut self, app: &App<'_>, house: &House<'_>, now: Timestamp) {
        let Some(plan) = self.plan.take() else {
            return;
        };
        if self.is_due(now) && self.may_renew(app, &plan) {
            // Each renewal has a time of its own, however long the server runs.
            let clock = &app.host.clock;
            clock.deadline().begin(clock.monotonic());
            clock.deadline().for_program();
            let caller = self.note.whose.clone();
            let came = renewal::renew(app, &plan, caller.as_deref(), &self.confirmed);
            self.heed(app, house, &plan, came, now);
        }
        self.plan = Some(plan);
    }

    /// After a logout, only what somebody has obtained since counts.
    fn may_renew(&self, app: &App<'_>, plan: &Plan) -> bool {
        let State::Forgotten(logout) = &self.state else {
            return true;
        };
        let newest = renewal::newest(app, plan).ok().flatten();
        newest.is_some_and(|newest| newest > logout.at)
    }

    /// `came` is what came of asking for what `plan` gives at `began`.
    fn heed(
        &mut self,
        app: &App<'_>,
        house: &House<'_>,
        plan: &Plan,
        came: Result<Came>,
        began: Timestamp,
    ) {
        let now = app.host.clock.now();
        let trouble = match came {
            Ok(Came::Here(obtained)) => {
                let newer = obtained.ends != self.ends || self.state != State::Handed;
                let over = obtained.ends.is_some_and(|ends| ends <= now);
                if newer && !over && !house.sentry.is_forgotten(self.name()) {
                    self.state = State::Handed;
                    self.ends = obtained.ends;
                    self.lead = lead(obtained.life.unwrap_or(UNKNOWN));
                    self.obtained = now;
                    self.guarded = obtained.key().is_some();
                    (self.trouble, self.warned, self.end_said) = (None, 0, false);
                    let key = obtained.key().copied();
                    self.give(house.offers, obtained.credentials);
                    self.guard(app, house, plan, key, began);
                    return;
                }
                Trouble::would_ask()
            }
            Ok(Came::WouldAsk) => Trouble::would_ask(),
            Ok(Came::OtherCaller) => Trouble {
                why: "somebody else is logged in".to_owned(),
                hint: Some("start the server anew".to_owned()),
                person: true,
            },
            Err(error) => Trouble::of(&error),
        };
        // A person is looked for in the cache; a service is given time.
        let wait = if trouble.person { LOOK } else { AGAIN };
        self.next = now.checked_add(wait).unwrap_or(now);
        if self.trouble.as_ref() != Some(&trouble) {
            self.trouble = Some(trouble);
            house
                .offers
                .afterwards(self.name(), Refusal::nothing_to_give(self.ended()));
            if self.state == State::Changed && !self.end_said {
                let why = format!(
                    "role {} has changed; {}",
                    one_line(self.name()),
                    self.login()
                );
                self.stop(house, why);
            }
        }
    }

    /// Says in time that a question will be needed.
    fn warn(&mut self, app: &App<'_>, talk: &Talk<'_>, now: Timestamp) {
        let (State::Handed, Some(ends), Some(plan)) = (&self.state, self.ends, &self.plan) else {
            return;
        };
        let left = ends.duration_since(now);
        let due = WARNINGS.iter().filter(|before| left <= **before).count();
        if due <= self.warned || left.is_negative() {
            return;
        }
        let renewal = ends.checked_sub(self.lead).unwrap_or(now).max(now);
        let person = self.trouble.as_ref().is_some_and(|trouble| trouble.person);
        if !person && !renewal::would_ask(app, plan, renewal).unwrap_or(false) {
            return;
        }
        self.warned = due;
        let minutes = (left.as_secs() + 59) / 60;
        let name = one_line(self.name());
        let text = format!(
            "the credentials of {name} end in {minutes} min, and to renew them takes an MFA code; {}",
            self.login()
        );
        let short = format!(
            "The credentials of a running program end in {minutes} min. Log in: assumerole login"
        );
        talk.say(&text, &short);
    }
}

impl Trouble {
    fn would_ask() -> Self {
        Self {
            why: "to renew them takes an MFA code".to_owned(),
            hint: None,
            person: true,
        }
    }

    fn of(error: &Error) -> Self {
        let person = matches!(
            error.kind(),
            Kind::CannotAsk | Kind::Mfa | Kind::LoginNeeded
        );
        let hint = error.hints().first().cloned();
        Self {
            why: one_line(error.message()),
            hint: hint.filter(|_| error.kind() == Kind::LoginNeeded),
            person,
        }
    }
}
