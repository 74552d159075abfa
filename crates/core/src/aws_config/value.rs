//! What stands behind a key.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use secrecy::SecretString;

use crate::diagnostic::text::Snippet;

use super::file::{AwsFile, Property};
use super::lines::{Lines, ends_value_line, is_comment, strip};
use super::shown;

/// A value and its place. `Debug` shows the text only where the key is known
/// to hold no secret.
#[derive(Clone)]
pub struct Value<'a> {
    file: &'a AwsFile,
    key: &'a str,
    /// The key above a sub-key.
    parent: Option<&'a str>,
    text: Cow<'a, str>,
    span: Range<usize>,
}

impl<'a> Value<'a> {
    /// The text, without white space around it. Lines that continue it follow
    /// after a line feed each, without their indentation and without comments.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As [`text`](Self::text), for as long as the file lives where it need
    /// not be put together.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        self.text
    }

    /// The text as a secret.
    pub fn secret(&self) -> SecretString {
        SecretString::from(self.text.as_ref())
    }

    /// The key as written.
    pub fn key(&self) -> &'a str {
        self.key
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a AwsFile {
        self.file
    }

    /// Its bytes in the file, with the lines that continue it.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Its line, from 1.
    pub fn line(&self) -> u32 {
        self.file.line(self.span.start)
    }

    /// Its place; the line is masked if it may hold a secret.
    pub fn snippet(&self) -> Snippet {
        self.file.snippet(self.span())
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = |key: &str| shown::value_is_public(self.file.kind(), key);
        let text = if public(self.key) && self.parent.is_none_or(public) {
            &self.text
        } else {
            shown::MASK
        };
        f.debug_struct("Value")
            .field("path", &self.file.path())
            .field("key", &shown::key(self.key))
            .field("text", &text)
            .finish_non_exhaustive()
    }
}

/// A sub-key and its value, such as `max_concurrent_requests = 20` below
/// `s3 =`.
#[derive(Clone, Debug)]
pub struct Nested<'a> {
    /// The sub-key; its case matters.
    pub key: &'a str,
    /// Its bytes in the file.
    pub key_span: Range<usize>,
    /// What it is set to.
    pub value: Value<'a>,
}

/// The plain value of `property`.
pub(super) fn plain<'a>(property: &Property<'a>) -> Option<Value<'a>> {
    let (file, entry) = (property.file(), property.entry());
    if entry.is_nested() {
        return None;
    }
    let first = &file.as_str()[entry.value.clone()];
    let text = if entry.is_continued() {
        let mut text = first.to_owned();
        for line in continuation(property) {
            text.push('\n');
            text.push_str(&file.as_str()[line]);
        }
        Cow::Owned(text)
    } else {
        Cow::Borrowed(first)
    };
    Some(Value {
        file,
        key: property.written_key(),
        parent: None,
        text,
        span: property.value_span(),
    })
}

/// The sub-keys of a property, and the lines that are none.
pub(super) struct NestedLines<'a> {
    pub(super) found: Vec<Nested<'a>>,
    pub(super) bad: Vec<Range<usize>>,
}

/// Takes a nested value apart.
pub(super) fn nested<'a>(property: &Property<'a>) -> NestedLines<'a> {
    let (file, text) = (property.file(), property.file().as_str());
    let mut lines = NestedLines {
        found: Vec::new(),
        bad: Vec::new(),
    };
    if !property.is_nested() {
        return lines;
    }
    let parent = property.written_key();
    for span in continuation(property).flat_map(|line| value_lines(text, line)) {
        let Some(at) = text[span.clone()].find('=') else {
            lines.bad.push(span);
            continue;
        };
        let at = span.start + at;
        let key_span = strip(text, span.start..at);
        let value_span = strip(text, at + 1..span.end);
        let key = &text[key_span.clone()];
        lines.found.push(Nested {
            key,
            key_span,
            value: Value {
                file,
                key,
                parent: Some(parent),
                text: Cow::Borrowed(&text[value_span.clone()]),
                span: value_span,
            },
        });
    }
    lines
}

/// The lines that continue `property`, without white space around them and
/// without comments; blank ones are there, as empty ranges.
pub(super) fn continuation<'a>(
    property: &Property<'a>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let file = property.file();
    lines_below(property).filter(move |span| !file.is_damaged(span.clone()))
}

/// The first line below a property with sub-keys that is none, or is not UTF-8.
pub(super) fn unread(property: &Property<'_>) -> Option<Range<usize>> {
    let damaged = |span: &Range<usize>| property.file().is_damaged(span.clone());
    let damaged = lines_below(property).find(damaged);
    damaged.or_else(|| nested(property).bad.into_iter().next())
}

/// As [`continuation`], with those that are not UTF-8.
fn lines_below<'a>(property: &Property<'a>) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (file, entry) = (property.file(), property.entry());
    let text = file.as_str();
    Lines::from(&text[..entry.next], entry.line_start)
        .skip(1)
        .take_while(|line| line.start < entry.end)
        .map(|line| strip(text, line.start..line.end))
        .filter(|span| !is_comment(&text[span.clone()]))
}

/// `line` split where Python's `str.splitlines` would, stripped, blank parts
/// left out.
fn value_lines(text: &str, line: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = line.start;
    let slice = &text[line];
    slice.split(ends_value_line).filter_map(move |part| {
        let at = start + (part.as_ptr() as usize - slice.as_ptr() as usize);
        let span = strip(text, at..at + part.len());
        (!span.is_empty()).then_some(span)
    })
}

/// `key` in lower case, as `str.lower` of Python gives it.
pub(super) fn lower(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(key.to_lowercase())
    }
}

/// Whether two keys are one.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    // Most keys are told apart by their first letter: lower case makes ASCII of
    // ASCII, letter by letter.
    if let ([a, ..], [b, ..]) = (one.as_bytes(), other.as_bytes())
        && a.is_ascii()
        && b.is_ascii()
        && !a.eq_ignore_ascii_case(b)
    {
        return false;
    }
    if one.is_ascii() && other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        lower(one) == lower(other)
    }
}
