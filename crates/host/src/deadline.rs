//! The time within which a run of the program answers, whatever it waits for.
//!
//! Each wait has a bound of its own, and two of them in one run would add up.
//! So each takes what is left of the time of the whole run as well. A person, a
//! person's program, and another process that asks a person may take as long as
//! they need: their time does not count.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// A run gives up before anybody else would: 45 seconds, with what it takes to
/// say so.
const WHOLE: Duration = Duration::from_secs(43);

/// What is left of a run's time. Belongs to a [`Clock`], whose
/// [`Clock::monotonic`] it counts by.
#[derive(Debug, Default)]
pub struct Deadline(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    begun: Duration,
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
        spent.uncounted = Duration::ZERO;
        spent.since = now;
    }

    /// How long may be waited at `now`; without end for what does not count.
    pub fn left(&self, now: Duration) -> Duration {
        let spent = self.spent();
        if spent.waits > 0 {
            return Duration::MAX;
        }
        let gone = now.saturating_sub(spent.begun);
        WHOLE.saturating_sub(gone.saturating_sub(spent.uncounted))
    }

    /// `time` that went by does not count.
    pub(crate) fn add(&self, time: Duration) {
        let mut spent = self.spent();
        spent.uncounted = spent.uncounted.saturating_add(time);
    }

    pub(crate) fn pause(&self, now: Duration) {
        let mut spent = self.spent();
        if spent.waits == 0 {
            spent.since = now;
        }
        spent.waits += 1;
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

/// Does `wait`, whose time does not count: a person is asked, or a person's
/// program runs.
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
