//! Time: what it is, how long something took, and waiting.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::{SignedDuration, Timestamp};

use crate::deadline::Deadline;

/// A clock that a test can step.
pub trait Clock: Send + Sync {
    /// The time of day. May step in either direction.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment. Never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns when `time` has gone by.
    fn sleep(&self, time: Duration);

    /// The time within which a run answers.
    fn deadline(&self) -> &Deadline;

    /// How long this run may still wait; see [`Deadline::left`].
    fn left(&self) -> Duration {
        self.deadline().left(self.monotonic())
    }
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
    deadline: Deadline,
}

impl SystemClock {
    /// A clock whose [`Clock::monotonic`] counts from now.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
            deadline: Deadline::default(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        at(SystemTime::now())
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn deadline(&self) -> &Deadline {
        &self.deadline
    }
}

/// `time`, moved to the nearest that a [`Timestamp`] can be: a machine whose
/// clock is wrong may be beyond the year 9999.
fn at(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(match time < SystemTime::UNIX_EPOCH {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    })
}

/// A clock for tests: it stands still until it is told to move, or until
/// somebody sleeps on it, which takes no real time.
#[derive(Debug)]
pub struct SteppedClock {
    at: Mutex<(Timestamp, Duration)>,
    deadline: Deadline,
}

impl SteppedClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            at: Mutex::new((now, Duration::ZERO)),
            deadline: Deadline::default(),
        }
    }

    /// Lets `time` go by, for which nobody waits.
    pub fn advance(&self, time: Duration) {
        self.deadline.add(time);
        self.step(time);
    }

    fn step(&self, time: Duration) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let step = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        at.0 = at.0.checked_add(step).unwrap_or(Timestamp::MAX);
        at.1 = at.1.saturating_add(time);
    }

    /// Sets the time of day, as a person or NTP would: time that went by is
    /// not changed.
    pub fn set(&self, now: Timestamp) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Duration {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn sleep(&self, time: Duration) {
        self.step(time);
        // Whoever is waited for may be another thread of the same test.
        std::thread::yield_now();
    }

    fn deadline(&self) -> &Deadline {
        &self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stepped_clock_moves_only_when_told_or_slept() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(2));
        clock.advance(Duration::from_millis(500));
        assert_eq!(clock.now().as_millisecond(), 2500);
        assert_eq!(clock.monotonic(), Duration::from_millis(2500));
    }

    #[test]
    fn setting_the_time_of_day_back_takes_no_time_back() {
        let clock = SteppedClock::new(Timestamp::from_second(100).unwrap());
        clock.advance(Duration::from_secs(5));
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
    }

    #[test]
    fn a_stepped_clock_does_not_overflow() {
        let clock = SteppedClock::new(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_time_that_is_out_of_bounds_is_the_nearest_one() {
        let day = |days: u64| Duration::from_secs(days * 86_400);
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(at(epoch), Timestamp::UNIX_EPOCH);
        assert_eq!(at(epoch + day(4_000_000)), Timestamp::MAX);
        assert_eq!(at(epoch - day(5_000_000)), Timestamp::MIN);
    }

    #[test]
    fn the_system_clock_never_goes_back() {
        let clock = SystemClock::new();
        let before = clock.monotonic();
        clock.sleep(Duration::from_millis(1));
        assert!(clock.monotonic() > before);
    }
}
