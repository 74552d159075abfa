//! The time within which a run of the program answers, whatever it waits for.
//!
//! Each wait has a bound of its own, and two of them in one run would add up.
//! So each takes what is left of the time of the whole run as well. A person, a
//! person's program, and another process that asks a person may take as long as
//! they need: their time does not count. For a program that asks for
//! credentials it does, for that gives up by itself, and then an answer that
//! comes late is lost, with the code that was typed for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// A run gives up before anybody else would: 45 seconds, with what it takes to
/// say so.
const WHOLE: Duration = Duration::from_secs(43);

/// The same for a program, which has nobody to ask.
const ALONE: Duration = Duration::from_secs(20);

/// The same for a program, where a person or a program of theirs takes part:
/// the AWS SDK for Go gives up after 60 seconds.
const WITH_PEOPLE: Duration = Duration::from_secs(50);

/// What is kept of [`WITH_PEOPLE`] for AWS to answer, once there is a code.
const ANSWER: Duration = Duration::from_secs(5);

/// What is left of a run's time. Belongs to a [`Clock`], whose
/// [`Clock::monotonic`] it counts by.
#[derive(Debug, Default)]
pub struct Deadline(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    begun: Duration,
    /// Whether a program waits for the answer: everything counts.
    for_program: bool,
    /// Whether somebody has been waited for in this run.
    people: bool,
    /// What does not count, of all the time since.
    uncounted: Duration,
    /// How many are waited for that do not count, and since when.
    waits: u32,
    since: Duration,
}

impl Deadline {
    /// Begins anew: at `now` nothing has been waited for.
    pub fn begin(&self, now: Duration) {
        let mut spent = self.spent();
        spent.begun = now;
        spent.for_program = false;
        spent.people = false;
        spent.uncounted = Duration::ZERO;
        spent.since = now;
    }

    /// A program waits for what this run, which has begun, answers.
    pub fn for_program(&self) {
        self.spent().for_program = true;
    }

    /// How long may be waited at `now`; without end for what does not count.
    pub fn left(&self, now: Duration) -> Duration {
        let spent = self.spent();
        let gone = now.saturating_sub(spent.begun);
        if spent.for_program {
            let whole = match (spent.people, spent.waits > 0) {
                (false, _) => ALONE,
                (true, false) => WITH_PEOPLE,
                (true, true) => WITH_PEOPLE - ANSWER,
            };
            return whole.saturating_sub(gone);
        }
        if spent.waits > 0 {
            return Duration::MAX;
        }
        WHOLE.saturating_sub(gone.saturating_sub(spent.uncounted))
    }

    /// `time` that is about to go by is no part of the run.
    pub(crate) fn add(&self, time: Duration) {
        let mut spent = self.spent();
        spent.begun = spent.begun.saturating_add(time);
        spent.since = spent.since.saturating_add(time);
    }

    pub(crate) fn pause(&self, now: Duration) {
        let mut spent = self.spent();
        if spent.waits == 0 {
            spent.since = now;
        }
        spent.waits += 1;
        spent.people = true;
    }

    pub(crate) fn resume(&self, now: Duration) {
        let mut spent = self.spent();
        spent.waits = spent.waits.saturating_sub(1);
        if spent.waits == 0 {
            let time = now.saturating_sub(spent.since);
            spent.uncounted = spent.uncounted.saturating_add(time);
        }
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `wait`, whose time counts for a program alone: a person is asked, or a
/// person's program runs. [`Clock::left`] says there how long that may take.
pub fn uncounted<T>(clock: &dyn Clock, wait: impl FnOnce() -> T) -> T {
    clock.deadline().pause(clock.monotonic());
    let result = wait();
    clock.deadline().resume(clock.monotonic());
    result
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::SteppedClock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_add_up_and_those_for_people_do_not_count() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        clock.sleep(30 * SECOND);
        assert_eq!(clock.left(), WHOLE - 30 * SECOND);
        uncounted(&clock, || {
            clock.sleep(100 * SECOND);
            // One within the other, as a program that asks at the terminal.
            uncounted(&clock, || clock.sleep(50 * SECOND));
            assert_eq!(clock.left(), Duration::MAX);
            clock.sleep(SECOND);
        });
        assert_eq!(clock.left(), WHOLE - 30 * SECOND);
        clock.sleep(5 * SECOND);
        assert_eq!(clock.left(), WHOLE - 35 * SECOND);
        clock.sleep(60 * SECOND);
        assert_eq!(clock.left(), Duration::ZERO);
    }

    #[test]
    fn a_program_is_answered_in_time_whoever_is_waited_for() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        clock.deadline().for_program();
        assert_eq!(clock.left(), ALONE);
        clock.sleep(5 * SECOND);
        assert_eq!(clock.left(), 15 * SECOND);
        uncounted(&clock, || {
            assert_eq!(clock.left(), 40 * SECOND);
            clock.sleep(30 * SECOND);
            uncounted(&clock, || assert_eq!(clock.left(), 10 * SECOND));
        });
        // AWS has the rest, and so has a second try.
        assert_eq!(clock.left(), 15 * SECOND);
        uncounted(&clock, || clock.sleep(60 * SECOND));
        assert_eq!(clock.left(), Duration::ZERO);
        clock.deadline().begin(clock.monotonic());
        assert_eq!(clock.left(), WHOLE);
    }

    #[test]
    fn each_run_has_its_own_time() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        clock.sleep(40 * SECOND);
        clock.deadline().begin(clock.monotonic());
        assert_eq!(clock.left(), WHOLE);
        // What a test lets go by is not waited for.
        clock.advance(1000 * SECOND);
        assert_eq!(clock.left(), WHOLE);
    }
}
