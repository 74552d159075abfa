//! What is wrong with the file, while only bytes are known of the place.

use std::fmt::Display;
use std::ops::Range;

use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind};

/// The result of reading a part of the file.
pub(super) type Read<T> = Result<T, Box<Fault>>;

/// An [`Error`] whose places are still byte ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    message: String,
    span: Range<usize>,
    causes: Vec<String>,
    elsewhere: Vec<(String, Range<usize>)>,
    hints: Vec<String>,
}

impl Fault {
    /// What is wrong with the bytes `span`.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            message: message.into(),
            span,
            causes: Vec::new(),
            elsewhere: Vec::new(),
            hints: Vec::new(),
        })
    }

    /// Puts what is spoken of before the message: `role "x": aws_account`.
    pub(super) fn about(mut self: Box<Self>, what: impl Display) -> Box<Self> {
        self.message = format!("{what} {}", self.message);
        self
    }

    /// Adds why.
    pub(super) fn because(mut self: Box<Self>, cause: impl Display) -> Box<Self> {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds a second place that has to do with it.
    pub(super) fn see(
        mut self: Box<Self>,
        what: impl Into<String>,
        span: Range<usize>,
    ) -> Box<Self> {
        self.elsewhere.push((what.into(), span));
        self
    }

    /// Adds what to do about it.
    pub(super) fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hints.push(hint.into());
        self
    }

    /// Where it is.
    pub(super) fn start(&self) -> usize {
        self.span.start
    }

    /// As a person reads it; `snippet` makes the place of some bytes.
    pub(super) fn into_error(self, snippet: impl Fn(Range<usize>) -> Snippet) -> Error {
        let mut error = Error::new(Kind::Config, self.message).at(snippet(self.span));
        for cause in self.causes {
            error = error.because(cause);
        }
        for (what, span) in self.elsewhere {
            let place = snippet(span).place();
            error = error.because(format!("{what} at {place}"));
        }
        for hint in self.hints {
            error = error.hint(hint);
        }
        error
    }
}

/// A [`Warning`](crate::diagnostic::Warning) whose place is still a byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// One sentence without a full stop.
    pub(super) message: String,
    /// The bytes that it speaks of.
    pub(super) span: Range<usize>,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// The most findings that one thing of the file gives: a file of rubbish is
/// not answered with a million lines.
pub(super) const MOST_FINDINGS: usize = 10;

/// A name out of the file in a message: in quotes, control characters
/// escaped, cut when it is very long.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    match name.char_indices().nth(LONGEST) {
        None => format!("{name:?}"),
        Some((end, _)) => format!("{:?}…", &name[..end]),
    }
}
