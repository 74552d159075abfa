//! Looks for what is wrong with a file. Most files have nothing wrong and are
//! walked over once, without a table of their keys.

use std::collections::HashMap;
use std::ops::Range;

use super::FileKind;
use super::allowed::{Allowed, OF_PROFILE, OF_S3, OF_TRANSFERS};
use super::file::{AwsFile, Property, Section};
use super::lines::Lines;
use super::names::{SectionName, quoted};
use super::problem::{Problem, ProblemKind};
use super::value::Value;
use super::{shown, value};

/// The most problems of one file that are told: what is more is rubbish.
const MOST: usize = 1_000;

/// What is wrong with `file`, in the order of lines, and how much more there is.
pub(super) fn all(file: &AwsFile) -> (Vec<Problem>, usize) {
    let mut finder = Finder {
        file,
        found: Vec::new(),
        more: 0,
        keys: Vec::new(),
    };
    if file.text_start() > 0 {
        finder.add(ProblemKind::ByteOrderMark, 0..0);
    }
    for bad in &file.parsed.bad {
        finder.add(bad.kind, bad.span.clone());
    }
    for section in file.sections() {
        finder.prefix(&section);
        finder.sub_keys(&section);
        finder.values(&section);
    }
    let mut same = Vec::new();
    for sections in file.index().same_names() {
        same.clear();
        same.extend(sections.map(|index| file.section(index)));
        finder.same_name(&same);
    }
    for index in 0..file.parsed.entries.len() {
        finder.lines_below(&Property::new(file, index));
        finder.comment(&Property::new(file, index));
    }
    finder.located()
}

/// Keys that make a section a profile.
const OF_A_PROFILE: [&str; 7] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "region",
    "role_arn",
    "source_profile",
    "sso_session",
];

/// More keys than this in a section are looked up in a table.
const FEW: usize = 32;

/// A problem whose line is not yet looked up.
struct UnplacedProblem {
    kind: ProblemKind,
    span: Range<usize>,
    hint: Option<String>,
}

struct Finder<'a> {
    file: &'a AwsFile,
    found: Vec<UnplacedProblem>,
    /// How many more were found.
    more: usize,
    /// The keys of the section in hand; kept for its memory.
    keys: Vec<Property<'a>>,
}

impl<'a> Finder<'a> {
    fn add(&mut self, kind: ProblemKind, span: Range<usize>) {
        let hint = None;
        self.push(UnplacedProblem { kind, span, hint });
    }

    fn push(&mut self, problem: UnplacedProblem) {
        self.found.push(problem);
        // Of very many, no more are kept than will be told.
        if self.found.len() >= 8 * MOST {
            self.keep_first();
        }
    }

    /// Leaves the first [`MOST`] by their places, and counts the others.
    fn keep_first(&mut self) {
        self.found.sort_by_key(|found| found.span.start);
        self.more += self.found.len().saturating_sub(MOST);
        self.found.truncate(MOST);
    }

    /// Puts all that was found into its place: one walk over the lines.
    fn located(mut self) -> (Vec<Problem>, usize) {
        self.keep_first();
        let mut lines = Lines::from(self.file.as_str(), 0).zip(1..).peekable();
        let mut located = Vec::with_capacity(self.found.len());
        for UnplacedProblem { kind, span, hint } in self.found {
            while lines.next_if(|(line, _)| line.next <= span.start).is_some() {}
            let Some((line, number)) = lines.peek().copied() else {
                break;
            };
            located.push(Problem {
                kind,
                snippet: shown::snippet_in(self.file, line, number, span.clone()),
                span,
                hint,
            });
        }
        (located, self.more)
    }

    /// The words before a name in a header.
    fn prefix(&mut self, section: &Section<'a>) {
        let header = section.header();
        let (first, rest) = header.split_once([' ', '\t']).unwrap_or((header, ""));
        let rest = rest.trim();
        let (kind, hint) = if self.file.kind() == FileKind::Credentials {
            if first == "profile" && !rest.is_empty() {
                (ProblemKind::PrefixTooMany, Some(format!("write [{rest}]")))
            } else if header.trim() != header {
                let name = header.trim();
                let hint = (!name.is_empty()).then(|| format!("write [{name}]"));
                (ProblemKind::BlankInName, hint)
            } else {
                return;
            }
        } else if !matches!(section.name(), SectionName::Other(_)) {
            return;
        } else if matches!(first, "profile" | "sso-session" | "services") {
            let hint = (!rest.is_empty()).then(|| format!("write [{first} {}]", quoted(rest)));
            (ProblemKind::NamesNone, hint)
        } else if is_meant(header) || OF_A_PROFILE.iter().any(|key| section.get(key).is_some()) {
            (ProblemKind::PrefixMissing, Some(meant(header)))
        } else {
            return;
        };
        // Quotes and brackets gone wrong: no telling what was meant.
        let clear = !header.contains(['"', '\'', '\\', '[', ']']);
        self.push(UnplacedProblem {
            kind,
            span: section.header_span(),
            hint: hint.filter(|_| clear),
        });
    }

    /// `s3` of a profile without sub-keys.
    fn sub_keys(&mut self, section: &Section<'a>) {
        let found = section.get("s3").filter(|found| !found.is_nested());
        let Some(found) = found.filter(|_| matches!(section.name(), SectionName::Profile(_)))
        else {
            return;
        };
        let said = found.value().is_some_and(|value| !value.text().is_empty());
        let hint = match said {
            true => "write s3 = in a line of its own, and each KEY = VALUE indented below it",
            false => "indent the lines below it that belong to s3, or remove it",
        };
        self.push(UnplacedProblem {
            kind: ProblemKind::NoSubKeys,
            span: found.key_span(),
            hint: Some(hint.to_owned()),
        });
    }

    /// Values of a profile that end calls of the AWS CLI.
    fn values(&mut self, section: &Section<'a>) {
        if !matches!(section.name(), SectionName::Profile(_)) {
            return;
        }
        for property in section.properties() {
            if let Some(value) = property.value() {
                self.value(&OF_PROFILE, true, |key| property.is(key), &value);
            } else if property.is("s3") {
                for sub in property.nested() {
                    let is = |key: &str| sub.key == key;
                    self.value(&OF_S3, true, is, &sub.value);
                    self.value(&OF_TRANSFERS, false, is, &sub.value);
                }
            }
        }
    }

    fn value(
        &mut self,
        all: &[Allowed],
        every_call: bool,
        is: impl Fn(&str) -> bool,
        value: &Value<'_>,
    ) {
        let Some(Allowed { key, what, is }) = all.iter().find(|allowed| is(allowed.key)) else {
            return;
        };
        if !is(value.text()) {
            let kind = ProblemKind::WrongValue {
                key,
                what,
                every_call,
            };
            self.add(kind, value.span());
        }
    }

    /// What looks like a comment behind a value. A command may hold what it
    /// likes.
    fn comment(&mut self, property: &Property<'a>) {
        if property.is_nested() || property.written_key().to_lowercase().ends_with("_process") {
            return;
        }
        let span = property.entry().value.clone();
        let text = &self.file.as_str()[span.clone()];
        let sign = |at: &usize| {
            let before = text[..*at].chars().next_back();
            before.is_some_and(char::is_whitespace)
        };
        if let Some(at) = text.match_indices(['#', ';']).map(|(at, _)| at).find(sign) {
            self.add(ProblemKind::CommentInValue, span.start + at..span.end);
        }
    }

    /// The sections of one name: mostly one.
    fn same_name(&mut self, same: &[Section<'a>]) {
        let Some(last) = same.last() else {
            return;
        };
        for (at, section) in same.iter().enumerate() {
            let header = section.header();
            let twin = |other: &&Section<'a>| other.header() == header;
            if header != last.header() {
                let kind = ProblemKind::Replaced { by: last.line() };
                self.add(kind, section.header_span());
            }
            match same[..at].iter().find(twin) {
                None => self.keys(same[at..].iter().filter(twin)),
                // `[DEFAULT]` may be given as often as one likes.
                Some(_) if section.name() == SectionName::Defaults => {}
                Some(first) => {
                    let kind = ProblemKind::DuplicateSection {
                        first: first.line(),
                    };
                    self.add(kind, section.header_span());
                }
            }
        }
    }

    /// Keys given twice in what is read as one section.
    fn keys<'s>(&mut self, sections: impl Iterator<Item = &'s Section<'a>>)
    where
        'a: 's,
    {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        keys.extend(sections.flat_map(Section::properties));
        let mut table = HashMap::new();
        for (at, property) in keys.iter().enumerate() {
            let first = if keys.len() <= FEW {
                let key = property.written_key();
                let first = keys[..at].iter().find(|first| first.is(key));
                first.map(Property::line)
            } else {
                let line = property.line();
                let first = *table.entry(property.key()).or_insert(line);
                (first != line).then_some(first)
            };
            if let Some(first) = first {
                self.add(ProblemKind::DuplicateKey { first }, property.key_span());
            }
        }
        self.keys = keys;
    }

    /// Headers that are read as something else, and lines below a key.
    fn lines_below(&mut self, property: &Property<'a>) {
        if property.written_key().starts_with('[') {
            self.add(ProblemKind::HeaderReadAsKey, property.key_span());
        }
        if !property.entry().is_continued() {
            return;
        }
        for span in value::nested(property).bad {
            self.add(ProblemKind::NestedWithoutEquals, span);
        }
        for span in value::continuation(property) {
            let line = &self.file.as_str()[span.clone()];
            if line.starts_with('[') && line.ends_with(']') && !line.contains('=') {
                self.add(ProblemKind::HeaderReadAsValue, span);
            }
        }
    }
}

/// Whether a header of the config file is one of a profile but for blanks or
/// capitals.
fn is_meant(header: &str) -> bool {
    let name = header.trim();
    let first = name.split_whitespace().next().unwrap_or_default();
    let word = |word: &str| first.eq_ignore_ascii_case(word);
    (word("default") && name == first && first != "DEFAULT") || (word("profile") && name != first)
}

/// What the header of a profile without the right prefix should be.
fn meant(header: &str) -> String {
    let name = header.trim_matches([' ', '\t', '[', ']']);
    let (first, rest) = name.split_once([' ', '\t']).unwrap_or((name, ""));
    if name.eq_ignore_ascii_case("default") {
        "write [default]".to_owned()
    } else if first.eq_ignore_ascii_case("profile") && !rest.is_empty() {
        format!("write [profile {}]", quoted(rest.trim()))
    } else {
        format!("write [profile {}]", quoted(name))
    }
}
