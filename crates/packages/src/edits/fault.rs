//! What is wrong with a file that cannot be edited, while only bytes of its
//! text are known.

use std::fmt::Display;
use std::ops::Range;

use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::diagnostic::{Error, Kind};

/// The result of reading a part of a file.
pub(crate) type Read<T> = Result<T, Box<Fault>>;

/// An [`Error`] whose place is still a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    span: Range<usize>,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Fault {
    /// What is wrong with the bytes `span`.
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            span,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
        })
    }

    /// Adds why.
    pub(crate) fn because(mut self: Box<Self>, cause: impl Display) -> Box<Self> {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hints.push(hint.into());
        self
    }

    /// As a person reads it, who calls the file `path`. `shown` makes of a line
    /// what of it is no secret, character for character.
    pub(crate) fn into_error(
        self,
        path: &str,
        text: &str,
        shown: impl Fn(&str) -> String,
    ) -> Error {
        let mut snippet = Snippet::of(path, text, self.span);
        snippet.text = shown(&snippet.text);
        let error = Error::new(Kind::Config, format!("{path} {}", self.message)).at(snippet);
        let error = self.causes.into_iter().fold(error, Error::because);
        self.hints.into_iter().fold(error, Error::hint)
    }
}
