//! What is wrong with a file that is no XML.

use std::fmt::Display;

use xmlparser::{StreamError, TextPos};

use crate::edits::Fault;

/// The fault of a file that is not XML at `at`; `why` says what is there.
pub(super) fn malformed(at: usize, why: impl Display) -> Box<Fault> {
    Fault::new(at..at + 1, "is not well-formed XML").because(why)
}

/// What the tokenizer missed in `what`, which begins at `at`, and where.
pub(super) fn cause_of(what: &str, cause: StreamError, at: TextPos) -> (String, TextPos) {
    let expected = |text: &str| format!("{what} should go on with {text}");
    match cause {
        StreamError::UnexpectedEndOfStream
        | StreamError::InvalidString("-->" | "]]>" | "?>", _) => (format!("{what} has no end"), at),
        StreamError::InvalidName => (format!("{what} has no name"), at),
        StreamError::NonXmlChar(c, at) => {
            let code = u32::from(c);
            (format!("XML has no character U+{code:04X}"), at)
        }
        StreamError::InvalidSpace(b'<', at) | StreamError::InvalidChar(b'<', _, at) => {
            (format!("{what} does not end before the next <"), at)
        }
        StreamError::InvalidChar(_, byte, at) => (expected(&char::from(byte).to_string()), at),
        StreamError::InvalidString(text, at) => (expected(text), at),
        StreamError::InvalidQuote(_, at) => (expected("a quote"), at),
        StreamError::InvalidSpace(_, at) => (expected("a space"), at),
        StreamError::InvalidCharMultiple(_, _, at) => (format!("{what} cannot be read here"), at),
        StreamError::InvalidCommentData | StreamError::InvalidCommentEnd => {
            (format!("{what} holds --, which may only end it"), at)
        }
        StreamError::InvalidCharacterData => {
            (format!("{what} holds ]]>, which is written ]]&gt;"), at)
        }
        StreamError::InvalidReference | StreamError::InvalidExternalID => {
            (format!("{what} cannot be read"), at)
        }
    }
}

/// The byte at a line and column, both from 1, columns in characters.
pub(super) fn offset(text: &str, at: TextPos) -> usize {
    let line = usize::try_from(at.row).unwrap_or(1).max(1) - 1;
    let column = usize::try_from(at.col).unwrap_or(1).max(1) - 1;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start..];
    let ahead = rest.char_indices().nth(column);
    start + ahead.map_or(rest.len(), |(at, _)| at)
}
