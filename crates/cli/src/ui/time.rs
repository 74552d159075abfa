//! Time as people say it: how long something lasts, and until when.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::look::{Look, styles};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Below this the rest of a session is worth a warning colour.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// How long something still lasts, rounded down: `45s`, `59m`, `1h 02m`,
/// `2d 01h` from 48 hours on; `expired` when nothing is left.
pub(crate) fn left(left: SignedDuration) -> String {
    let seconds = left.as_secs();
    if left <= SignedDuration::ZERO {
        return "expired".to_owned();
    }
    match seconds {
        ..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR.. if seconds < 2 * DAY => {
            format!("{}h {:02}m", seconds / HOUR, seconds % HOUR / MINUTE)
        }
        _ => format!("{}d {:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// The style for a rest of time: calm, soon over, over.
pub(crate) fn left_style(left: SignedDuration) -> anstyle::Style {
    if left <= SignedDuration::ZERO {
        styles::BAD
    } else if left < SOON {
        styles::SOON
    } else {
        styles::GOOD
    }
}

/// How much of `whole` is `left`, as a bar of `cells` characters: `███████░░░`,
/// or `#######...` where the terminal has ASCII only. A rest shows at least
/// one cell, and only a whole shows all of them.
pub(crate) fn bar(left: SignedDuration, whole: SignedDuration, cells: usize, look: Look) -> String {
    let (full, empty) = if look.utf8 {
        ("█", "░")
    } else {
        ("#", ".")
    };
    let filled = filled_cells(left, whole, cells);
    format!("{}{}", full.repeat(filled), empty.repeat(cells - filled))
}

fn filled_cells(left: SignedDuration, whole: SignedDuration, cells: usize) -> usize {
    if left <= SignedDuration::ZERO || cells == 0 {
        return 0;
    }
    if left >= whole {
        return cells;
    }
    let share = left.as_secs_f64() / whole.as_secs_f64();
    // Between 0 and `cells`, so nothing is cut by the conversion.
    let filled = (share * cells as f64).round() as usize;
    filled.clamp(1, cells.saturating_sub(1).max(1))
}

/// Until when something lasts: `until` and what [`clock`] says, or `since` once
/// it is over.
pub(crate) fn until(end: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let word = if end > now { "until" } else { "since" };
    format!("{word} {}", clock(end, now, zone))
}

/// A time near `now`, on the clock on the wall in `zone`: `14:32`,
/// `tomorrow 02:32`, `Tue 14:32` within a week, else `2026-12-24 14:32`.
pub(crate) fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    let days = match now.date().until(at.date()) {
        Ok(span) => i64::from(span.get_days()),
        Err(_) => i64::MAX,
    };
    match days {
        0 => clock,
        1 => format!("tomorrow {clock}"),
        -1 => format!("yesterday {clock}"),
        2..=6 => format!("{} {clock}", at.strftime("%a")),
        _ => format!("{} {clock}", at.date()),
    }
}

/// A moment on the clock on the wall in `zone`: `2026-11-23 14:32`.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_and_never_too_long() {
        for (seconds, text) in [
            (-1, "expired"),
            (0, "expired"),
            (1, "1s"),
            (59, "59s"),
            (60, "1m"),
            (3599, "59m"),
            (3600, "1h 00m"),
            (3720, "1h 02m"),
            (12 * 3600, "12h 00m"),
            (36 * 3600 + 59, "36h 00m"),
            (48 * 3600 - 1, "47h 59m"),
            (48 * 3600, "2d 00h"),
            (90 * 86400 + 3600, "90d 01h"),
        ] {
            assert_eq!(left(SignedDuration::from_secs(seconds)), text);
        }
        // A part of a second is still not over.
        assert_eq!(left(SignedDuration::from_millis(900)), "0s");
        assert_eq!(left(SignedDuration::from_millis(-1)), "expired");
    }

    #[test]
    fn the_bar_is_full_only_when_it_is() {
        let look = |utf8| Look { color: false, utf8 };
        let draw = |left, whole, utf8| {
            let secs = SignedDuration::from_secs;
            bar(secs(left), secs(whole), 10, look(utf8))
        };
        assert_eq!(draw(3600, 3600, true), "██████████");
        assert_eq!(draw(4000, 3600, true), "██████████");
        assert_eq!(draw(3599, 3600, true), "█████████░");
        assert_eq!(draw(1800, 3600, true), "█████░░░░░");
        assert_eq!(draw(1, 3600, true), "█░░░░░░░░░");
        assert_eq!(draw(0, 3600, true), "░░░░░░░░░░");
        assert_eq!(draw(-5, 3600, true), "░░░░░░░░░░");
        assert_eq!(draw(1800, 3600, false), "#####.....");
        assert_eq!(draw(5, 0, false), "##########");
        assert_eq!(bar(SOON, SOON, 0, look(false)), "");
        assert_eq!(bar(SOON, SOON * 2, 1, look(false)), "#");
    }

    #[test]
    fn the_end_is_told_by_the_clock_on_the_wall() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (end, text) in [
            ("2026-11-23T13:32:59Z", "until 14:32"),
            ("2026-11-23T22:59:00Z", "until 23:59"),
            ("2026-11-23T23:00:00Z", "until tomorrow 00:00"),
            ("2026-11-26T08:05:00Z", "until Thu 09:05"),
            ("2026-11-29T08:05:00Z", "until Sun 09:05"),
            ("2026-11-30T08:05:00Z", "until 2026-11-30 09:05"),
            ("2026-11-23T12:00:00Z", "since 13:00"),
            ("2026-11-22T12:00:00Z", "since yesterday 13:00"),
            ("2026-11-20T12:00:00Z", "since 2026-11-20 13:00"),
        ] {
            assert_eq!(until(end.parse().unwrap(), now, &berlin), text);
        }
        let end = "2026-11-23T13:32:59Z".parse().unwrap();
        assert_eq!(until(end, now, &TimeZone::UTC), "until 13:32");
        assert_eq!(moment(end, &berlin), "2026-11-23 14:32");
        // Summer time begins in between.
        let now: Timestamp = "2026-03-29T00:30:00Z".parse().unwrap();
        let end = "2026-03-29T01:30:00Z".parse().unwrap();
        assert_eq!(until(end, now, &berlin), "until 03:30");
    }

    #[test]
    fn colour_says_how_soon() {
        let style = |seconds| left_style(SignedDuration::from_secs(seconds));
        assert_eq!(style(0), styles::BAD);
        assert_eq!(style(299), styles::SOON);
        assert_eq!(style(300), styles::GOOD);
    }
}
