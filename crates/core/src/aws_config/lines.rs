//! Lines and white space as Python sees them.

use std::ops::Range;

/// A line of a text, as offsets.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// Its first byte.
    pub(super) start: usize,
    /// Behind its last byte, its line end not counted.
    pub(super) end: usize,
    /// The first byte of the next line.
    pub(super) next: usize,
}

/// The lines of a text from some offset on, which must be a line's start. Line
/// ends are those of Python's universal newlines: LF, CRLF and CR.
#[derive(Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn from(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let bytes = self.text.as_bytes();
        let (start, rest) = (self.at, &bytes[self.at..]);
        if rest.is_empty() {
            return None;
        }
        // Lines are short: a plain loop is faster than a search of 16 bytes at
        // a time, which has to find its footing first.
        let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
        let end = start + length.unwrap_or(rest.len());
        self.at = end + end_width(bytes, end);
        Some(Line {
            start,
            end,
            next: self.at,
        })
    }
}

/// The line that the byte `at` stands in.
pub(super) fn line_at(text: &str, at: usize) -> Line {
    let bytes = text.as_bytes();
    let mut at = at.min(bytes.len());
    // The second byte of CRLF belongs to the line that it ends.
    if at > 0 && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
        at -= 1;
    }
    let is_end = |b: &u8| matches!(b, b'\n' | b'\r');
    let start = bytes[..at].iter().rposition(is_end).map_or(0, |at| at + 1);
    let length = bytes[at..].iter().position(is_end);
    let end = length.map_or(bytes.len(), |length| at + length);
    Line {
        start,
        end,
        next: end + end_width(bytes, end),
    }
}

/// How many bytes the line end at `at` has.
fn end_width(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [] => 0,
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    }
}

/// `str.isspace` of Python: Unicode's White_Space and four separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// What ends a line for `str.splitlines` of Python but not in a file.
pub(super) fn ends_value_line(c: char) -> bool {
    matches!(
        c,
        '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `span` without white space at its start, and how many characters that was.
pub(super) fn strip_start(text: &str, span: Range<usize>) -> (Range<usize>, usize) {
    let slice = &text[span.clone()];
    // Nearly every line starts with a plain character.
    if slice.as_bytes().first().is_some_and(u8::is_ascii_graphic) {
        return (span, 0);
    }
    let rest = slice.trim_start_matches(is_space);
    let cut = slice.len() - rest.len();
    (span.start + cut..span.end, slice[..cut].chars().count())
}

/// `span` without white space at its end.
pub(super) fn strip_end(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = &text[span.clone()];
    if slice.as_bytes().last().is_some_and(u8::is_ascii_graphic) {
        return span;
    }
    span.start..span.start + slice.trim_end_matches(is_space).len()
}

/// `span` without white space around it.
pub(super) fn strip(text: &str, span: Range<usize>) -> Range<usize> {
    strip_end(text, strip_start(text, span).0)
}

/// Whether a stripped line is a comment.
pub(super) fn is_comment(stripped: &str) -> bool {
    matches!(stripped.as_bytes().first(), Some(b'#' | b';'))
}
