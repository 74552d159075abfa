//! What is wrong with a file, while only bytes of its text are known.

use std::fmt::Display;
use std::ops::Range;

use crate::error::{Error, Kind};
use crate::text::Snippet;

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

    /// The file is not XML at `at`; `why` says what is there.
    pub(super) fn malformed(at: usize, why: impl Display) -> Box<Self> {
        Self::new(at..at + 1, "is not well-formed XML").because(why)
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

    /// As a person reads it, who calls the file `path`. Of the line, only
    /// markup and the names of `elements` are shown: the rest may be secret.
    pub(crate) fn into_error(self, path: &str, text: &str, elements: &[&str]) -> Error {
        let mut snippet = Snippet::of(path, text, self.span);
        snippet.text = markup_only(&snippet.text, elements);
        let error = Error::new(Kind::Config, format!("{path} {}", self.message)).at(snippet);
        let error = self.causes.into_iter().fold(error, Error::because);
        self.hints.into_iter().fold(error, Error::hint)
    }
}

/// `line` with a star for every character that is neither markup nor part of a
/// tag with one of the names `elements`.
fn markup_only(line: &str, elements: &[&str]) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    // The declaration holds no secret, and is what is wrong at times.
    if rest.starts_with("<?xml ") {
        let end = rest.find("?>").map_or(0, |at| at + 2);
        shown.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    while let Some(c) = rest.chars().next() {
        let opened = ["</", "<"].iter().find(|open| rest.starts_with(**open));
        let kept = opened.and_then(|open| {
            let name = name_at(&rest[open.len()..]);
            elements.contains(&name).then_some(open.len() + name.len())
        });
        let length = match kept {
            Some(length) => {
                shown.push_str(&rest[..length]);
                length
            }
            None => {
                let plain = c.is_whitespace() || "<>/=\"'!?-[]…".contains(c);
                shown.push(if plain { c } else { '*' });
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    shown
}

/// The letters and digits that `text` begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_only_markup_is_shown() {
        let shown = |line| markup_only(line, &["id", "password"]);
        assert_eq!(
            shown("  <id>x</id> <password a=\"b\">hun<ter2</password>"),
            "  <id>*</id> <password *=\"*\">***<****</password>"
        );
        assert_eq!(shown("<idx>é&amp;</idx>"), "<***>******</***>");
        assert_eq!(shown("<"), "<");
        assert_eq!(shown("<?xml a='1'?>b"), "<?xml a='1'?>*");
        assert_eq!(shown("<?xml a"), "<?*** *");
    }
}
