//! What a task says: talk on stderr, results on stdout.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Says something to the person who watches.
pub(crate) fn say(text: impl Display) {
    // Nobody is left to hear that stderr is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Begins a part of the work, so that it is found again in a long log.
pub(crate) fn heading(text: impl Display) {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        say(format!("\n\u{1b}[1m── {text}\u{1b}[0m"));
    } else {
        say(format!("\n── {text}"));
    }
}

/// Prints a result.
pub(crate) fn data(text: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A span of time as a person reads it: `4m 05s`, `12.3s`.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1}s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        assert_eq!(span(Duration::from_millis(12_340)), "12.3s");
        assert_eq!(span(Duration::from_secs(245)), "4m 05s");
    }
}
