//! Places in text files: byte ranges while deciding, line and column when a
//! person has to find them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A value and where in its file it stands, as a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

impl<T> Spanned<T> {
    /// `value`, which stands at `span`.
    pub fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            span: self.span,
        }
    }
}

/// A place in a file as a person reads it: `file:line:column` and the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The file, as the person would write it.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The line, without its end. Of a very long line (a file written on one
    /// line) only the part around the column, with `…` where it was cut.
    pub text: String,
    /// How many characters of the line are missing before `text`: 0 unless it
    /// was cut. What is meant begins `column - 1 - skipped` characters into
    /// `text`, see [`Snippet::indent`].
    #[serde(default)]
    pub skipped: u32,
    /// How many characters of `text` are meant, at least 1.
    pub width: u32,
}

/// A line of more characters than this is cut.
const LONGEST_LINE: usize = 160;
/// How many characters of a cut line are shown before the column.
const BEFORE: usize = 60;
/// The mark that some editors put before UTF-8 text; no column of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Snippet {
    /// The place of the bytes `span` of `text`, the content of `path`. A span
    /// over several lines is cut at the end of its first one.
    pub fn of(path: &str, text: &str, span: Range<usize>) -> Self {
        Self::from_mark(Mark::first(text), path, text, span)
    }

    /// As [`Snippet::of`], counting from `mark`, which is not behind the span.
    fn from_mark(mark: Mark, path: &str, text: &str, span: Range<usize>) -> Self {
        let start = floor_boundary(text, span.start).max(mark.at);
        let end = floor_boundary(text, span.end).max(start);
        let mark = mark.moved(text, start);
        let window = Window::around(text, &mark);
        let meant = text[start..end.min(start.max(window.end))].chars().count();
        Self {
            path: path.to_owned(),
            line: number(mark.line).saturating_add(1),
            column: number(mark.column).saturating_add(1),
            text: window.shown,
            skipped: number(window.skipped),
            width: number(meant).max(1),
        }
    }

    /// How many characters of `text` come before what is meant.
    pub fn indent(&self) -> usize {
        let column = self.column.saturating_sub(1);
        column.saturating_sub(self.skipped) as usize
    }

    /// `file:line:column`.
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }
}

/// A place in a text that has been counted up to.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Bytes before it.
    at: usize,
    /// Line, from 0, and where it begins.
    line: usize,
    line_start: usize,
    /// Characters of the line before it.
    column: usize,
}

impl Mark {
    /// The beginning of `text`.
    fn first(text: &str) -> Self {
        let at = text.len() - text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).len();
        Self {
            at,
            line: 0,
            line_start: at,
            column: 0,
        }
    }

    /// The place `to`, which is not before this one.
    fn moved(self, text: &str, to: usize) -> Self {
        let between = &text[self.at..to];
        match between.rfind('\n') {
            None => Self {
                at: to,
                column: self.column + between.chars().count(),
                ..self
            },
            Some(last) => Self {
                at: to,
                line: self.line + between.bytes().filter(|b| *b == b'\n').count(),
                line_start: self.at + last + 1,
                column: between[last + 1..].chars().count(),
            },
        }
    }
}

/// Places counted beforehand, for a text of which many snippets are made: each
/// then costs the same, wherever it stands.
#[derive(Clone, Debug)]
pub(crate) struct LineIndex {
    marks: Vec<Mark>,
}

impl LineIndex {
    /// How many bytes lie between two marks.
    const APART: usize = 4096;

    /// Counts through `text` once.
    pub(crate) fn of(text: &str) -> Self {
        let mut mark = Mark::first(text);
        let marks = (0..=text.len() / Self::APART).map(|number| {
            let at = floor_boundary(text, number * Self::APART);
            mark = mark.moved(text, at.max(mark.at));
            mark
        });
        Self {
            marks: marks.collect(),
        }
    }

    /// [`Snippet::of`] in the same `text` that was counted.
    pub(crate) fn snippet(&self, path: &str, text: &str, span: Range<usize>) -> Snippet {
        let start = span.start.min(text.len());
        let mark = self.marks.get(start / Self::APART);
        let mark = mark.filter(|mark| mark.at <= floor_boundary(text, start));
        let mark = mark.copied().unwrap_or_else(|| Mark::first(text));
        Snippet::from_mark(mark, path, text, span)
    }
}

/// The part of a line that is shown. The ellipsis in front stands for one
/// character, so that columns still count.
struct Window {
    shown: String,
    /// Characters of the line before it.
    skipped: usize,
    /// Where it ends in the text.
    end: usize,
}

impl Window {
    /// The part around `mark`: the whole line unless it is a very long one.
    fn around(text: &str, mark: &Mark) -> Self {
        let ahead = upto(&text[mark.at..], LONGEST_LINE + 1);
        let whole = mark.column + ahead.chars().count() <= LONGEST_LINE;
        let skipped = if whole {
            0
        } else {
            mark.column.saturating_sub(BEFORE)
        };
        let back = (mark.column - skipped).checked_sub(1);
        let before = text[mark.line_start..mark.at].char_indices();
        let start = back
            .and_then(|back| before.rev().nth(back))
            .map_or(mark.at, |(at, _)| mark.line_start + at);
        let line = upto(&text[start..], LONGEST_LINE);
        let end = start + line.len();
        let more = !upto(&text[end..], 1).is_empty();
        let line = if more {
            line
        } else {
            line.trim_end_matches('\r')
        };
        let mut shown = String::with_capacity(line.len() + 6);
        if skipped > 0 {
            shown.push('…');
            shown.extend(line.chars().skip(1));
        } else {
            shown.push_str(line);
        }
        if more {
            shown.push('…');
        }
        Self {
            shown,
            skipped,
            end: start + line.len(),
        }
    }
}

/// The first `most` characters of `text`, up to the end of its first line.
fn upto(text: &str, most: usize) -> &str {
    let mut chars = text.char_indices().enumerate();
    let end = chars.find(|(number, (_, c))| *number == most || *c == '\n');
    end.map_or(text, |(_, (at, _))| &text[..at])
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters_from_one() {
        let text = "{\n  \"é\": 12\r\n}";
        let at = text.find("12").unwrap_or_default();
        let snippet = Snippet::of("f", text, at..at + 2);
        assert_eq!(snippet.place(), "f:2:8");
        assert_eq!((snippet.text.as_str(), snippet.width), ("  \"é\": 12", 2));
    }

    #[test]
    fn a_span_past_the_end_is_the_end() {
        assert_eq!(Snippet::of("f", "a\nb", 90..91).place(), "f:2:2");
        assert_eq!(Snippet::of("f", "", 0..0).place(), "f:1:1");
    }

    #[test]
    fn a_long_line_is_cut_around_the_column_and_the_mark_stays_in_place() {
        let text = format!("x\n{}HERE{}\n", "é".repeat(5000), "b".repeat(5000));
        let at = text.find("HERE").unwrap_or_default();
        let snippet = Snippet::of("f", &text, at..at + 4);
        assert_eq!(snippet.place(), "f:2:5001");
        let meant = snippet
            .text
            .chars()
            .skip(snippet.indent())
            .take(snippet.width as usize);
        assert_eq!(meant.collect::<String>(), "HERE");
        assert!(snippet.text.starts_with("…é") && snippet.text.ends_with("b…"));
        assert!(snippet.text.chars().count() <= LONGEST_LINE + 1);

        let first = Snippet::of("f", &text[2..], 0..2);
        assert_eq!((first.skipped, first.indent(), first.width), (0, 0, 1));
        assert!(first.text.starts_with('é'));
        let whole = Snippet::of("f", &text, 2..text.len());
        assert_eq!(whole.width as usize, LONGEST_LINE);
    }

    #[test]
    fn a_line_of_usual_length_is_whole() {
        let text = "a".repeat(LONGEST_LINE);
        let snippet = Snippet::of("f", &text, 150..152);
        assert_eq!((snippet.text.as_str(), snippet.skipped), (text.as_str(), 0));
        assert_eq!(snippet.indent(), 150);
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let snippet = Snippet::of("f", "\u{feff}{x\n}", 4..5);
        assert_eq!(snippet.place(), "f:1:2");
        assert_eq!(snippet.text, "{x");
        assert_eq!(Snippet::of("f", "\u{feff}", 0..0).place(), "f:1:1");
    }

    #[test]
    fn counting_beforehand_changes_nothing() {
        let line = "é\tü — ".repeat(700);
        for text in [
            String::new(),
            "\u{feff}".to_owned(),
            format!("\u{feff}{line}"),
            format!("{line}\n{line}\r\n\n{line}"),
            "a line\n".repeat(2000),
        ] {
            let lines = LineIndex::of(&text);
            for at in (0..text.len() + 3).step_by(101).chain([text.len()]) {
                let counted = lines.snippet("f", &text, at..at + 5);
                assert_eq!(counted, Snippet::of("f", &text, at..at + 5), "{at}");
            }
        }
    }
}
