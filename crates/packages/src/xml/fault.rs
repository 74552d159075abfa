//! What is wrong with a file that is no XML.

use std::fmt::Display;

use crate::edits::Fault;

/// The fault of a file that is not XML at `at`; `why` says what is there.
pub(super) fn malformed(at: usize, why: impl Display) -> Box<Fault> {
    Fault::new(at..at + 1, "is not well-formed XML").because(why)
}
