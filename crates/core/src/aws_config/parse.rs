//! One pass over the lines: where sections and keys stand. What a value is,
//! and what its writer may have got wrong, is worked out when asked for.

use std::ops::Range;

use super::lines::{Line, Lines, is_comment, strip, strip_end, strip_start};
use super::problem::ProblemKind;

/// A section's header and where its keys are.
pub(super) struct SectionSpan {
    /// The first byte of the header's line.
    pub(super) line_start: usize,
    /// From `[` to `]`; the whole line if it cannot be read.
    pub(super) header: Range<usize>,
    /// Line of the header, from 1.
    pub(super) line: u32,
    /// It cannot be read.
    pub(super) broken: bool,
    /// The keys, as indices of [`Parsed::entries`].
    pub(super) entries: Range<usize>,
    /// Behind the last line of it that is neither blank nor a comment.
    pub(super) end: usize,
}

/// A key, its value and the lines that continue it.
pub(super) struct RawProperty {
    /// The first byte of its line.
    pub(super) line_start: usize,
    /// The key, without white space around it.
    pub(super) key: Range<usize>,
    /// The value as far as it stands on the key's line; may be empty.
    pub(super) value: Range<usize>,
    /// Behind the last byte of the value, continuation lines included.
    pub(super) end: usize,
    /// The first byte behind its last line.
    pub(super) next: usize,
    /// Line of the key, from 1.
    pub(super) line: u32,
}

impl RawProperty {
    /// Whether lines below continue the value.
    pub(super) fn is_continued(&self) -> bool {
        self.end > self.value.end
    }

    /// Whether the value is a list of sub-keys.
    pub(super) fn is_nested(&self) -> bool {
        self.value.is_empty() && self.is_continued()
    }
}

/// A line that cost its entry.
pub(super) struct BadLine {
    pub(super) kind: ProblemKind,
    /// The line's text, without white space around it.
    pub(super) span: Range<usize>,
}

/// What one pass finds.
pub(super) struct Parsed {
    pub(super) sections: Vec<SectionSpan>,
    pub(super) entries: Vec<RawProperty>,
    pub(super) bad: Vec<BadLine>,
}

/// What a deeper-indented line would continue.
#[derive(Clone, Copy, PartialEq)]
enum Above {
    /// A header, or nothing at all: such a line stands for itself.
    Header,
    /// The last entry.
    Entry,
    /// A line that cannot be read.
    Bad,
}

struct IniReader<'a> {
    text: &'a str,
    /// Whether the bytes here were not UTF-8.
    damaged: &'a dyn Fn(Range<usize>) -> bool,
    out: Parsed,
    above: Above,
    /// Of the last line that was no continuation, in characters.
    indent: usize,
}

impl Parsed {
    /// Nothing of a file, for one reason.
    pub(super) fn nothing(kind: ProblemKind) -> Self {
        Self {
            sections: Vec::new(),
            entries: Vec::new(),
            bad: vec![BadLine { kind, span: 0..0 }],
        }
    }
}

/// Reads `text` from the byte `from` on (behind a byte order mark).
pub(super) fn parse(text: &str, from: usize, damaged: &dyn Fn(Range<usize>) -> bool) -> Parsed {
    let mut reader = IniReader {
        text,
        damaged,
        out: Parsed {
            // A guess from real files, so that the lists seldom move.
            sections: Vec::with_capacity(text.len() / 160),
            entries: Vec::with_capacity(text.len() / 40),
            bad: Vec::new(),
        },
        above: Above::Header,
        indent: 0,
    };
    for (index, line) in Lines::from(text, from).enumerate() {
        reader.line(line, u32::try_from(index + 1).unwrap_or(u32::MAX));
    }
    reader.out
}

impl IniReader<'_> {
    fn line(&mut self, line: Line, number: u32) {
        let (span, indent) = strip_start(self.text, line.start..line.end);
        let span = strip_end(self.text, span);
        let damaged = (self.damaged)(span.clone());
        if span.is_empty() || is_comment(&self.text[span.clone()]) {
            if damaged {
                self.bad(ProblemKind::NotUtf8, span);
            }
            return;
        }
        let continues = match self.above {
            Above::Header => false,
            Above::Entry => indent > self.indent,
            // Never so a header: its keys would go to the section above.
            Above::Bad => indent > self.indent && !self.text[span.clone()].starts_with('['),
        };
        if continues {
            self.continuation(line, span, damaged);
        } else {
            self.indent = indent;
            self.element(line, span, number, damaged);
        }
        if let Some(section) = self.out.sections.last_mut() {
            section.end = line.next;
        }
    }

    /// A line that is indented deeper than the one it belongs to.
    fn continuation(&mut self, line: Line, span: Range<usize>, damaged: bool) {
        if damaged {
            self.bad(ProblemKind::NotUtf8, span);
        } else if self.above == Above::Bad {
            self.bad(ProblemKind::ContinuesBadLine, span);
        } else if let Some(entry) = self.out.entries.last_mut() {
            entry.end = span.end;
            entry.next = line.next;
        }
    }

    /// A header or a key.
    fn element(&mut self, line: Line, span: Range<usize>, number: u32, damaged: bool) {
        let stripped = &self.text[span.clone()];
        if stripped.starts_with('[') {
            // At least one character between the brackets: `[]]` is named `]`.
            let close = stripped.rfind(']').filter(|at| *at >= 2);
            if let Some(close) = close.filter(|_| !damaged) {
                let header = span.start..span.start + close + 1;
                return self.section(line, header, number, false);
            }
            if damaged || !stripped.contains(['=', ':']) {
                let kind = if damaged {
                    ProblemKind::NotUtf8
                } else {
                    ProblemKind::BrokenHeader
                };
                self.section(line, span.clone(), number, true);
                return self.bad(kind, span);
            }
        }
        if self.out.sections.is_empty() {
            return self.bad(ProblemKind::OutsideSection, span);
        }
        self.above = Above::Bad;
        if damaged {
            return self.bad(ProblemKind::NotUtf8, span);
        }
        let delimiter = stripped.bytes().position(|b| b == b'=' || b == b':');
        let Some(delimiter) = delimiter else {
            return self.bad(ProblemKind::NoDelimiter, span);
        };
        let delimiter = span.start + delimiter;
        let key = strip_end(self.text, span.start..delimiter);
        if key.is_empty() {
            return self.bad(ProblemKind::NoKey, span);
        }
        let value = strip(self.text, delimiter + 1..span.end);
        self.entry(line, key, value, number);
    }

    fn entry(&mut self, line: Line, key: Range<usize>, value: Range<usize>, number: u32) {
        // An empty value stands right behind its delimiter.
        self.above = Above::Entry;
        self.out.entries.push(RawProperty {
            line_start: line.start,
            key,
            end: value.end,
            value,
            next: line.next,
            line: number,
        });
        if let Some(section) = self.out.sections.last_mut() {
            section.entries.end = self.out.entries.len();
        }
    }

    fn section(&mut self, line: Line, header: Range<usize>, number: u32, broken: bool) {
        self.above = Above::Header;
        let first = self.out.entries.len();
        self.out.sections.push(SectionSpan {
            line_start: line.start,
            header,
            line: number,
            broken,
            entries: first..first,
            end: line.next,
        });
    }

    fn bad(&mut self, kind: ProblemKind, span: Range<usize>) {
        self.out.bad.push(BadLine { kind, span });
    }
}
