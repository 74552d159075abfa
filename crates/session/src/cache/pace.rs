//! How often a service is asked by all processes together.

use std::time::Duration;

use assumerole_host::Host;

use super::Cache;

/// How often a service is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Sets it apart from that of other services.
    name: &'static [u8],
    /// Milliseconds between two requests: with some to spare, for requests take
    /// differently long.
    step: i64,
}

impl Pace {
    /// What AWS takes of everything of one directory is twenty requests a second.
    ///
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
    pub(crate) const PORTAL: Self = Self {
        name: b"assumerole pace 1",
        step: 53,
    };

    /// Five a second: what is asked of Organizations counts for the whole account, and
    /// others ask, too.
    pub(crate) const ORGANIZATIONS: Self = Self {
        name: b"assumerole pace organizations 1",
        step: 205,
    };

    /// What a process waits that keeps the pace by itself.
    pub(crate) fn alone(self, slow_down: bool) -> Duration {
        let pause = if slow_down { PAUSE } else { self.step };
        Duration::from_millis(pause.unsigned_abs())
    }
}

/// Half as many are made so long after AWS had no time.
const SLOW: i64 = 60_000;
/// What is waited then, milliseconds.
const PAUSE: i64 = 1_000;
/// More cannot be meant: the clock was set back.
const MOST: i64 = 120_000;

/// Bytes: two numbers.
const LARGEST: usize = 100;

impl Cache {
    /// How long to wait before the next request to `what`, of which all processes
    /// together make so many a second; fewer for a minute after AWS had no time,
    /// which `slow_down` says.
    pub(crate) fn pace(&self, pace: Pace, what: &str, host: &Host, slow_down: bool) -> Duration {
        let name = self.seal.keyed(pace.name, what.as_bytes());
        let name = format!("{name}{ENDING}");
        let lock = self.guard(&name, true, host);
        let now = host.clock.now().as_millisecond();
        let text = self.dir.read(&name, LARGEST).ok().flatten();
        let (free, slow_until) = text.as_deref().and_then(read).unwrap_or((0, 0));
        let (wait, free, slow_until) = next(now, (free, slow_until), slow_down, pace.step);
        if lock.is_some() {
            // Where it cannot be written, each process keeps its own pace.
            let _ = self
                .dir
                .write(&name, format!("{free} {slow_until}").as_bytes());
        }
        wait
    }
}

/// What the names of these files end with.
pub(super) const ENDING: &str = ".pace";

fn read(bytes: &[u8]) -> Option<(i64, i64)> {
    let (free, slow) = std::str::from_utf8(bytes).ok()?.split_once(' ')?;
    Some((free.parse().ok()?, slow.parse().ok()?))
}

/// What to wait at `now`, and when the next may go, where this one may at `free`,
/// and slowly until `slow_until`; otherwise, `step` is between two. Milliseconds since 1970.
fn next(
    now: i64,
    (free, slow_until): (i64, i64),
    slow_down: bool,
    step: i64,
) -> (Duration, i64, i64) {
    let sane = |time: i64| match time.saturating_sub(now) > MOST {
        true => now,
        false => time,
    };
    let (mut free, mut slow_until) = (sane(free).max(now), sane(slow_until));
    if slow_down {
        slow_until = now + SLOW;
        free = free.max(now + PAUSE);
    }
    let step = match now < slow_until {
        true => 2 * step,
        false => step,
    };
    let wait = u64::try_from(free - now).unwrap_or(0);
    (Duration::from_millis(wait), free + step, slow_until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_keep_the_pace() {
        let wait = |millis| Duration::from_millis(millis);
        assert_eq!(next(1000, (0, 0), false, 53), (wait(0), 1053, 0));
        assert_eq!(next(1000, (1053, 0), false, 53), (wait(53), 1106, 0));
        // Half as many for a minute, after a second.
        assert_eq!(next(1000, (1050, 0), true, 53), (wait(1000), 2106, 61_000));
        assert_eq!(
            next(2000, (2100, 61_000), false, 53),
            (wait(100), 2206, 61_000)
        );
        assert_eq!(
            next(61_000, (2100, 61_000), false, 53),
            (wait(0), 61_053, 61_000)
        );
        // The clock was set back by a day.
        assert_eq!(
            next(1000, (86_400_000, 86_400_000), false, 53),
            (wait(0), 1053, 1000)
        );
    }
}
