//! What holds for any bytes at all.

use std::fmt::Write as _;
use std::ops::Range;

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind, Problem, ProblemKind, SectionName};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What files of this kind, good and bad ones, are made of.
const SCRAPS: [&str; 44] = [
    "[",
    "]",
    "[]",
    "=",
    ":",
    " = ",
    "#",
    ";",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "\n  ",
    "a",
    "b",
    "é",
    "É",
    "[default]",
    "[DEFAULT]",
    "[profile ",
    "[profile a]\n",
    "[a]\n",
    "[services ",
    "\"",
    "'",
    "\\",
    "\u{a0}",
    "\u{2028}",
    "\u{b}",
    "\u{1c}",
    "\u{feff}",
    "\0",
    "a = b\n",
    "s3 =\n",
    "  c = d\n",
    "region = r",
    "aws_secret_access_key = x",
    "word\n",
];

fn text() -> impl Strategy<Value = String> {
    vec(select(&SCRAPS[..]), 0..60).prop_map(|scraps| scraps.concat())
}

/// Such text with some bytes that are not UTF-8.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop_oneof![
        9 => select(&SCRAPS[..]).prop_map(|s| s.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(scrap, 0..60).prop_map(|scraps| scraps.concat())
}

fn kind() -> impl Strategy<Value = FileKind> {
    select(&[FileKind::Config, FileKind::Credentials][..])
}

fn files(file: AwsFile) -> AwsFiles {
    match file.kind() {
        FileKind::Config => AwsFiles {
            config: Some(file),
            credentials: None,
        },
        FileKind::Credentials => AwsFiles {
            config: None,
            credentials: Some(file),
        },
    }
}

/// Every key and sub-key with its value, by section.
fn everything(file: &AwsFile) -> Vec<(String, Vec<(String, String)>)> {
    let value = |property: assumerole_core::aws_config::Property<'_>| {
        let nested = property.nested();
        let nested = nested
            .iter()
            .map(|n| format!("{}={}\n", n.key, n.value.text()));
        let plain = property.value().map(|value| value.text().to_owned());
        plain.unwrap_or_else(|| nested.collect())
    };
    file.sections()
        .filter(|section| section.name() != SectionName::Broken)
        .map(|section| {
            let pairs = section
                .properties()
                .map(|p| (p.key().into_owned(), value(p)));
            (section.header().to_owned(), pairs.collect())
        })
        .collect()
}

/// All spans of a file, those of keys and values in order.
fn spans(file: &AwsFile) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for section in file.sections() {
        spans.extend([section.header_span(), section.span()]);
        for property in section.properties() {
            spans.extend([property.span(), property.key_span(), property.value_span()]);
            spans.extend(property.value().map(|value| value.span()));
            for nested in property.nested() {
                spans.extend([nested.key_span.clone(), nested.value.span()]);
            }
        }
    }
    spans.extend(file.problems().iter().map(Problem::span));
    spans
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_bytes_are_kept_and_every_span_is_in_them(kind in kind(), bytes in bytes()) {
        let file = AwsFile::from_bytes(kind, "f", bytes.clone());
        prop_assert_eq!(file.as_bytes(), &bytes);
        prop_assert_eq!(file.as_str().len(), bytes.len());
        for span in spans(&file) {
            prop_assert!(file.as_str().get(span.clone()).is_some(), "{:?}", span);
        }
        let lines = file.problems().iter().map(Problem::line);
        prop_assert!(lines.is_sorted());
        for problem in file.problems() {
            prop_assert_eq!(problem.line(), file.line(problem.span().start));
            prop_assert_eq!(problem.snippet(), &file.snippet(problem.span()));
        }
        let files = files(file);
        for name in files.profile_names() {
            let profile = files.profile(&name).expect("a listed profile is found");
            prop_assert!(profile.sections().count() > 0);
            for key in profile.keys() {
                prop_assert!(profile.property(&key).is_some(), "{}", key);
            }
        }
        let _ = format!("{files:?}");
    }

    #[test]
    fn keys_and_values_stand_where_they_say(kind in kind(), text in text()) {
        let file = AwsFile::parse(kind, "f", text.clone());
        prop_assert_eq!(file.as_str(), &text);
        let mut before = 0;
        for section in file.sections() {
            prop_assert!(before <= section.header_span().start);
            before = section.header_span().end;
            for property in section.properties() {
                prop_assert!(before <= property.span().start);
                prop_assert_eq!(&text[property.key_span()], property.written_key());
                prop_assert_eq!(property.line(), file.line(property.key_span().start));
                prop_assert!(property.span().start <= property.key_span().start);
                prop_assert!(property.key_span().end < property.value_span().start);
                prop_assert!(property.value_span().end <= property.span().end);
                before = property.span().end;
                let Some(value) = property.value() else { continue };
                if !value.text().contains('\n') {
                    prop_assert_eq!(&text[value.span()], value.text());
                }
            }
            prop_assert!(before <= section.span().end);
            before = section.span().end;
        }
    }
}

/// An entry without anything to report: a key with what stands below it, a
/// header, a comment, a blank line.
#[derive(Clone, Debug)]
enum Block {
    Header,
    Plain(&'static str),
    Nested,
    Continued,
    Other(&'static str),
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        2 => Just(Block::Header),
        4 => select(&["", "x", "x # y", "[z]", "é"][..]).prop_map(Block::Plain),
        1 => Just(Block::Nested),
        1 => Just(Block::Continued),
        1 => select(&["", "# note", "  ; note", "   "][..]).prop_map(Block::Other),
    ]
}

/// The blocks as text, each with a name of its own; the first is a header.
fn written(blocks: &[Block]) -> Vec<String> {
    let mut all = vec!["[profile first]\n".to_owned()];
    for (n, block) in blocks.iter().enumerate() {
        let mut text = String::new();
        match block {
            Block::Header => writeln!(text, "[profile p{n}]"),
            Block::Plain(value) => writeln!(text, "k{n} = {value}"),
            Block::Nested => writeln!(text, "k{n} =\n\n  sub = 1\n  # note\n\n\tother = 2"),
            Block::Continued => writeln!(text, "k{n} = one\n  two\n\n  three"),
            Block::Other(line) => writeln!(text, "{line}"),
        }
        .expect("writing to a String");
        all.push(text);
    }
    all
}

/// What is wrong with `file`, but for values that look odd and are read.
fn problems(file: &AwsFile) -> Vec<&Problem> {
    let odd = |problem: &&Problem| problem.kind() != ProblemKind::CommentInValue;
    file.problems().iter().filter(odd).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Between entries, with the deeper lines below it.
    #[test]
    fn a_bad_line_costs_only_itself_and_is_reported(
        blocks in vec(block(), 0..12),
        at in any::<prop::sample::Index>(),
        bad in select(&[
            "stray", "two words", "wJalrXUtnFEMI/K7MDENG", "= x", ":", "]", "\u{feff}word",
            "stray\n  more\n\n    and more", "s3\n  a = 1",
        ][..]),
        not_utf8 in any::<bool>(),
    ) {
        let mut texts = written(&blocks);
        let good = AwsFile::parse(FileKind::Config, "f", texts.concat());
        prop_assert!(problems(&good).is_empty(), "{:?}", good.problems());
        // At 0 the line stands above the first header.
        let at = at.index(texts.len() + 1);
        let above = texts[..at].concat().lines().count();
        let bad_lines: Vec<u32> = (1..).zip(bad.lines()).filter(|(_, l)| !l.is_empty())
            .map(|(n, _)| n + u32::try_from(above).expect("few")).collect();
        texts.insert(at, format!("{bad}\n"));
        let mut bytes = texts.concat().into_bytes();
        if not_utf8 {
            let offset = texts[..at].concat().len();
            bytes.insert(offset, 0xff);
        }
        let file = AwsFile::from_bytes(FileKind::Config, "f", bytes);
        prop_assert_eq!(everything(&file), everything(&good));
        let mut reported: Vec<u32> = problems(&file).iter().map(|problem| problem.line()).collect();
        reported.dedup(); // A byte order mark and a line above any header are two problems.
        prop_assert_eq!(reported, bad_lines);
        prop_assert!(problems(&file).iter().all(|problem| problem.refused_by_aws_cli()));
        for problem in file.problems() {
            prop_assert!(!problem.snippet().text.contains("wJalr"));
        }
    }

    /// A header that cannot be read costs its section, never the one above.
    #[test]
    fn a_broken_header_costs_its_section(
        above in vec(block(), 0..6),
        below in vec(block(), 0..6),
        broken in select(&["[profile x", "[]", "[", "[profile \u{e9}"][..]),
    ) {
        let expected = AwsFile::parse(FileKind::Config, "f", written(&above).concat());
        let below = written(&below)[1..].concat().replace("[profile p", "[profile q");
        let lost = below.find("[profile").unwrap_or(below.len());
        let text = format!("{}{broken}\n{below}", expected.as_str());
        let rest = AwsFile::parse(FileKind::Config, "f", below[lost..].to_owned());
        let file = AwsFile::parse(FileKind::Config, "f", text);
        let mut kept = everything(&expected);
        kept.extend(everything(&rest));
        prop_assert_eq!(everything(&file), kept);
        prop_assert_eq!(problems(&file).len(), 1);
    }
}
