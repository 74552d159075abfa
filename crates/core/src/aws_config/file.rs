//! One file of `~/.aws`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use secrecy::zeroize::Zeroizing;

use crate::diagnostic::text::Snippet;

use super::index::{Index, hash};
use super::large::{Crowd, Crowds, FEW, KeyHashes, Large};
use super::lines::{Lines, line_at};
use super::names::SectionName;
use super::parse::{self, Parsed, RawProperty, SectionSpan};
use super::problem::{Problem, ProblemKind};
use super::value::{self, Nested, Value};
use super::{checks, shown};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Which of the two files this is: their headers mean different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

/// One file: its text, and where everything in it stands. `Debug` shows
/// nothing of the text, which is wiped when this is dropped.
pub struct AwsFile {
    kind: FileKind,
    path: String,
    /// As read; a byte that is not UTF-8 is a `?` here, so that offsets hold.
    text: Zeroizing<String>,
    /// The bytes as they came, if they were not UTF-8.
    raw: Option<Zeroizing<Vec<u8>>>,
    pub(super) parsed: Parsed,
    index: OnceLock<Index>,
    large: OnceLock<Large>,
    crowds: OnceLock<Crowds>,
    /// The lines that cannot be read and would decide something.
    deciding: OnceLock<Vec<(String, Range<usize>)>>,
    /// Where each line's successor begins; worked out when a line is asked for.
    line_ends: OnceLock<Vec<usize>>,
    problems: OnceLock<(Vec<Problem>, usize)>,
    /// Where what stands in no file begins, and that by itself.
    more: Option<(usize, Box<AwsFile>)>,
}

impl AwsFile {
    /// Reads `text`. `path` is the file as a person would write it; nothing is
    /// opened. Never fails: see [`problems`](Self::problems).
    pub fn parse(kind: FileKind, path: &str, text: String) -> Self {
        Self::read(kind, path, text, None)
    }

    /// As [`parse`](Self::parse), for bytes that may not be UTF-8. The lines
    /// that are not are left out and reported.
    pub fn from_bytes(kind: FileKind, path: &str, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::read(kind, path, text, None),
            Err(error) => {
                let raw = error.into_bytes();
                let text = patched(&raw);
                Self::read(kind, path, text, Some(raw))
            }
        }
    }

    fn read(kind: FileKind, path: &str, text: String, raw: Option<Vec<u8>>) -> Self {
        let damaged = |span| is_damaged(raw.as_deref(), &text, span);
        let parsed = if raw.as_deref().is_some_and(is_utf16) {
            Parsed::nothing(ProblemKind::Utf16)
        } else {
            parse::parse(&text, behind_mark(&text), &damaged)
        };
        Self {
            kind,
            path: path.to_owned(),
            text: Zeroizing::new(text),
            raw: raw.map(Zeroizing::new),
            parsed,
            index: OnceLock::new(),
            large: OnceLock::new(),
            crowds: OnceLock::new(),
            deciding: OnceLock::new(),
            line_ends: OnceLock::new(),
            problems: OnceLock::new(),
            more: None,
        }
    }

    /// The same file with the text `more` behind it, which stands in no file: its
    /// places are shown as in `path`.
    pub(super) fn followed_by(&self, more: String, path: &str) -> Self {
        let mut bytes = self.as_bytes().to_vec();
        if !more.is_empty() && !bytes.is_empty() && bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        let from = bytes.len();
        bytes.extend_from_slice(more.as_bytes());
        let mut file = Self::from_bytes(self.kind, &self.path, bytes);
        file.more = (!more.is_empty()).then(|| {
            let own = Self::parse(self.kind, path, more);
            (from, Box::new(own))
        });
        file
    }

    /// The path of what stands at the byte `at`, as a person would write it.
    pub fn path_at(&self, at: usize) -> &str {
        match &self.more {
            Some((from, own)) if at >= *from => &own.path,
            _ => &self.path,
        }
    }

    /// Which of the two files this is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The file as a person would write it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes, exactly as they came. They hold secrets.
    pub fn as_bytes(&self) -> &[u8] {
        self.raw
            .as_ref()
            .map_or(self.text.as_bytes(), |raw| raw.as_slice())
    }

    /// The text that all spans speak of: what came, with a `?` for each byte
    /// that is not UTF-8. It holds secrets.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Behind the byte order mark, if there is one.
    pub(super) fn text_start(&self) -> usize {
        behind_mark(&self.text)
    }

    /// Whether the bytes at `span` were not UTF-8.
    pub(super) fn is_damaged(&self, span: Range<usize>) -> bool {
        is_damaged(
            self.raw.as_ref().map(|raw| raw.as_slice()),
            &self.text,
            span,
        )
    }

    /// The sections in the order of their headers; a header given twice is
    /// here twice.
    pub fn sections(&self) -> impl DoubleEndedIterator<Item = Section<'_>> + ExactSizeIterator {
        (0..self.parsed.sections.len()).map(|index| self.section(index))
    }

    pub(super) fn section(&self, index: usize) -> Section<'_> {
        Section { file: self, index }
    }

    pub(super) fn index(&self) -> &Index {
        self.index
            .get_or_init(|| Index::of(self.sections().map(|section| section.name())))
    }

    /// The keys of its large sections; built when first asked for.
    fn large(&self) -> &Large {
        self.large.get_or_init(|| {
            let mut large = Large::default();
            for (number, section) in self.sections().enumerate() {
                if section.properties().len() > FEW {
                    large.add(
                        number,
                        section.properties().map(|one| Property::written_key(&one)),
                    );
                }
            }
            large
        })
    }

    /// Its names that many sections have; built when first asked for.
    pub(super) fn crowds(&self) -> &Crowds {
        self.crowds.get_or_init(|| {
            if self.parsed.sections.len() <= FEW {
                return Crowds::default();
            }
            let groups = self.index().same_names();
            let large = groups.filter(|sections| sections.len() > FEW);
            Crowds::new(large.filter_map(|sections| self.crowd(sections.collect())))
        })
    }

    /// `sections` of one hash of a name; none if their names are not one.
    fn crowd(&self, mut sections: Vec<usize>) -> Option<(u64, Crowd)> {
        let last = self.section(*sections.last()?);
        let mut names = sections.iter().map(|number| self.section(*number).name());
        if names.any(|name| name != last.name()) {
            return None;
        }
        // Those that count: with the header of the last one.
        sections.retain(|number| self.section(*number).header() == last.header());
        let entries = sections.iter().flat_map(|number| {
            let section = self.section(*number);
            let keys = section.properties().map(|property| property.key());
            keys.zip(section.parsed().entries.clone())
                .collect::<Vec<_>>()
        });
        let entries: Vec<_> = entries.collect();
        let crowd = Crowd::new(sections, entries.into_iter());
        Some((hash(&last.name())?, crowd))
    }

    /// The lines that cannot be read and whose first word, in lower case, `is` a
    /// key that is looked for: that word and the place, in order. It is always the
    /// same that `is` looks for.
    pub(super) fn deciding(&self, is: fn(&str) -> bool) -> &[(String, Range<usize>)] {
        use ProblemKind as P;
        self.deciding.get_or_init(|| {
            let unread =
                |kind: &P| matches!(kind, P::NoDelimiter | P::ContinuesBadLine | P::NotUtf8);
            let bad = self.parsed.bad.iter().filter(|bad| unread(&bad.kind));
            let words = bad.map(|bad| {
                let line = &self.text[bad.span.clone()];
                let end = line.find(|c: char| c.is_whitespace() || "=:".contains(c));
                let word = &line[..end.unwrap_or(line.len())];
                (word.to_lowercase(), bad.span.clone())
            });
            words.filter(|(word, _)| is(word)).collect()
        })
    }

    /// What is wrong with the file, in the order of lines: the first thousand.
    /// Worked out at the first call.
    pub fn problems(&self) -> &[Problem] {
        &self.problems.get_or_init(|| checks::all(self)).0
    }

    /// How much more is wrong than [`AwsFile::problems`] tells.
    pub fn more_problems(&self) -> usize {
        self.problems.get_or_init(|| checks::all(self)).1
    }

    /// The place of the bytes `span`, with whatever may be secret of its line
    /// masked.
    pub fn snippet(&self, span: Range<usize>) -> Snippet {
        if let Some((from, own)) = &self.more
            && span.start >= *from
        {
            return own.snippet(span.start - from..span.end - from);
        }
        shown::snippet(self, span)
    }

    /// The line of the byte `at`, from 1, by the line ends that count here.
    pub fn line(&self, at: usize) -> u32 {
        self.line_number(line_at(&self.text, at).start)
    }

    /// Its lines: each without its end, and where the next one begins.
    pub(super) fn lines(&self) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
        let lines = Lines::from(&self.text, self.text_start());
        lines.map(|line| (line.start..line.end, line.next))
    }

    /// The number, from 1, of the line that begins at `start`. Told of every line
    /// that is shown, and a file may have a hundred thousand of these.
    pub(super) fn line_number(&self, start: usize) -> u32 {
        let ends = || Lines::from(&self.text, 0).map(|line| line.next).collect();
        let ends: &Vec<usize> = self.line_ends.get_or_init(ends);
        let before = ends.partition_point(|end| *end <= start);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

impl fmt::Debug for AwsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsFile")
            .field("kind", &self.kind)
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .field("sections", &self.parsed.sections.len())
            .finish_non_exhaustive()
    }
}

/// Whether `raw` starts with the byte order mark of UTF-16.
fn is_utf16(raw: &[u8]) -> bool {
    raw.starts_with(&[0xff, 0xfe]) || raw.starts_with(&[0xfe, 0xff])
}

fn behind_mark(text: &str) -> usize {
    text.len() - text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).len()
}

/// `raw` with each byte that is not UTF-8 replaced by one that is: never by
/// white space, a delimiter, a bracket or a comment sign.
fn patched(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

fn is_damaged(raw: Option<&[u8]>, text: &str, span: Range<usize>) -> bool {
    raw.is_some_and(|raw| raw[span.clone()] != text.as_bytes()[span])
}

/// A header and the keys below it.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    file: &'a AwsFile,
    index: usize,
}

impl<'a> Section<'a> {
    pub(super) fn parsed(&self) -> &'a SectionSpan {
        &self.file.parsed.sections[self.index]
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a AwsFile {
        self.file
    }

    /// The text between the brackets; the whole line of a broken header.
    pub fn header(&self) -> &'a str {
        let parsed = self.parsed();
        let text = &self.file.text[parsed.header.clone()];
        if parsed.broken {
            text
        } else {
            &text[1..text.len() - 1]
        }
    }

    /// What the header says.
    pub fn name(&self) -> SectionName<'a> {
        if self.parsed().broken {
            SectionName::Broken
        } else {
            SectionName::of(self.file.kind, self.header())
        }
    }

    /// The header with its brackets, as a range of bytes.
    pub fn header_span(&self) -> Range<usize> {
        self.parsed().header.clone()
    }

    /// From the start of the header's line to the end of the section's last
    /// line that is neither blank nor a comment, as a range of bytes.
    pub fn span(&self) -> Range<usize> {
        let parsed = self.parsed();
        parsed.line_start..parsed.end
    }

    /// The line of the header, from 1.
    pub fn line(&self) -> u32 {
        self.parsed().line
    }

    /// Where the header stands.
    pub fn snippet(&self) -> Snippet {
        self.file.snippet(self.header_span())
    }

    /// The keys in order; a key given twice is here twice.
    pub fn properties(
        &self,
    ) -> impl DoubleEndedIterator<Item = Property<'a>> + ExactSizeIterator + use<'a> {
        let file = self.file;
        self.parsed()
            .entries
            .clone()
            .map(move |index| Property::new(file, index))
    }

    /// The property `key`, in whatever case; the last one if it is given more
    /// than once.
    pub fn get(&self, key: &str) -> Option<Property<'a>> {
        match self.file.large().get(self.index) {
            Some(keys) => {
                let mut found = keys.find(key).filter_map(|at| self.properties().nth(at));
                found.find(|found| found.is(key))
            }
            None => self.properties().rev().find(|found| found.is(key)),
        }
    }

    /// Whether a key may stand in it twice.
    pub(super) fn may_repeat(&self) -> bool {
        let keys = self.file.large().get(self.index);
        keys.is_none_or(KeyHashes::repeats)
    }
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("path", &self.file.path)
            .field("line", &self.line())
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// A key and what stands behind and below it.
#[derive(Clone, Copy)]
pub struct Property<'a> {
    file: &'a AwsFile,
    index: usize,
}

impl<'a> Property<'a> {
    pub(super) fn new(file: &'a AwsFile, index: usize) -> Self {
        Self { file, index }
    }

    pub(super) fn entry(&self) -> &'a RawProperty {
        &self.file.parsed.entries[self.index]
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a AwsFile {
        self.file
    }

    /// The key as written.
    pub fn written_key(&self) -> &'a str {
        &self.file.text[self.entry().key.clone()]
    }

    /// The key in lower case, as the AWS CLI knows it.
    pub fn key(&self) -> Cow<'a, str> {
        value::lower(self.written_key())
    }

    /// Whether this is `key`, in whatever case.
    pub fn is(&self, key: &str) -> bool {
        value::same_key(self.written_key(), key)
    }

    /// Whether the value is a list of sub-keys.
    pub fn is_nested(&self) -> bool {
        self.entry().is_nested()
    }

    /// The value; `None` if it is a list of sub-keys.
    pub fn value(&self) -> Option<Value<'a>> {
        value::plain(self)
    }

    /// The first line among the sub-keys that cannot be read.
    pub(crate) fn unread_sub_key(&self) -> Option<Snippet> {
        value::unread(self).map(|span| self.file.snippet(span))
    }

    /// The sub-keys in order; none if the value is a plain one. A sub-key
    /// given twice is here twice, and the last one counts.
    pub fn nested(&self) -> Vec<Nested<'a>> {
        value::nested(self).found
    }

    /// The key, as a range of bytes.
    pub fn key_span(&self) -> Range<usize> {
        self.entry().key.clone()
    }

    /// The value with the lines that continue it, as a range of bytes. An
    /// empty value stands right behind its delimiter.
    pub fn value_span(&self) -> Range<usize> {
        let entry = self.entry();
        entry.value.start..entry.end
    }

    /// All lines of it with their line ends, as a range of bytes.
    pub fn span(&self) -> Range<usize> {
        let entry = self.entry();
        entry.line_start..entry.next
    }

    /// The line of the key, from 1.
    pub fn line(&self) -> u32 {
        self.entry().line
    }

    /// Where the key stands.
    pub fn snippet(&self) -> Snippet {
        self.file.snippet(self.key_span())
    }
}

impl fmt::Debug for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Property")
            .field("path", &self.file.path)
            .field("line", &self.line())
            .field("key", &shown::key(self.written_key()))
            .finish_non_exhaustive()
    }
}
