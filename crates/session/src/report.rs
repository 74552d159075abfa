//! Who hears what is going on while credentials are obtained.

use assumerole_core::Error;
use assumerole_core::diagnostic::Warning;

/// A listener. All of it is talk: none of it is data, none of it is secret.
pub trait Report {
    /// Something the person wants to know now.
    fn note(&self, text: &str);
    /// Something that stops nobody.
    fn warn(&self, warning: &Warning);
    /// That nothing is cached, and why. Said once: whatever else cannot be
    /// written, locked or removed there is no news.
    fn not_cached(&self, why: &Error);
    /// What was done, for `--verbose`.
    fn trace(&self, text: &str);
    /// What it was done with, for `--verbose` twice.
    fn detail(&self, text: &str);
    /// Whether [`Report::detail`] is heard: what is long need not be written
    /// else.
    fn wants_detail(&self) -> bool {
        true
    }
}
