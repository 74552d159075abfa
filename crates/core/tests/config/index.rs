//! A big file by its index: the same answers, and no lie believed.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind};
use assumerole_core::config::{Config, Digest, Digester, INDEX_FROM, Index, ReadAt};
use assumerole_core::plan::request::Request;
use assumerole_core::plan::settings::Settings;
use assumerole_core::plan::{Inputs, Target, plan};
use proptest::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use crate::contract::many;
use crate::{PATH, config, told, warned};

/// A file in memory that counts how often it was read as a whole.
#[derive(Clone)]
struct Memory {
    bytes: Vec<u8>,
    whole: Arc<AtomicUsize>,
    slices: Arc<AtomicUsize>,
}

impl Memory {
    fn of(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            whole: Arc::default(),
            slices: Arc::default(),
        }
    }

    fn whole(&self) -> usize {
        self.whole.load(Ordering::Relaxed)
    }

    fn slices(&self) -> usize {
        self.slices.load(Ordering::Relaxed)
    }
}

impl ReadAt for Memory {
    fn read_at(&self, range: Range<usize>) -> io::Result<Vec<u8>> {
        self.slices.fetch_add(1, Ordering::Relaxed);
        let slice = self.bytes.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(slice.to_vec())
    }

    fn read_all(&self) -> io::Result<Vec<u8>> {
        self.whole.fetch_add(1, Ordering::Relaxed);
        Ok(self.bytes.clone())
    }
}

/// `text` made long enough for an index, by space within its object.
fn padded(text: &str) -> String {
    let at = text.find('{').unwrap() + 1;
    format!("{}{}{}", &text[..at], " ".repeat(INDEX_FROM), &text[at..])
}

fn index_of(text: &str) -> Vec<u8> {
    config(text).index().unwrap()
}

fn indexed(text: &str, index: Vec<u8>) -> Option<(Config, Memory)> {
    let memory = Memory::of(text);
    let digest = Digest::of(text.as_bytes());
    let config = Config::from_index(PATH, index, &digest, Box::new(memory.clone()))?;
    Some((config, memory))
}

/// Everything that a file says, asked for in one order.
fn answers(config: &Config, names: &[&str]) -> Vec<String> {
    let mut all = vec![format!("{:?}", config.protected())];
    for name in names {
        match config.role(name) {
            Ok(role) => {
                all.push(format!("{role:?}"));
                let warnings = role.iter().flat_map(|role| config.warnings_of(role));
                all.extend(warnings.map(|warning| warned(&warning)));
            }
            Err(error) => all.push(told(&error)),
        }
    }
    for profile in ["p", "q", ""] {
        match config.codeartifact_for(profile) {
            Ok(found) => all.push(format!("{found:?}")),
            Err(error) => all.push(told(&error)),
        }
    }
    all.push(format!(
        "{} {:?} {:?} {:?} {:?}",
        config.print_exports(),
        config.aws_region(),
        config.aws_profile(),
        config.aws_mfa_arn(),
        config.max_session_duration()
    ));
    all.extend(config.warnings().iter().map(warned));
    all.push(format!("{:?}", config.role_names()));
    all
}

#[test]
fn a_role_of_ten_thousand_is_found_by_one_slice() {
    let text = many(10_000);
    let whole = config(&text);
    let index = index_of(&text);
    assert!(index.len() < 150_000, "{}", index.len());
    for name in ["team-0-read", "team-5000-read", "team-9999-read"] {
        let (config, memory) = indexed(&text, index.clone()).unwrap();
        assert_eq!(config.role(name).unwrap(), whole.role(name).unwrap());
        assert!(config.codeartifact_for("bastion-1").unwrap().is_none());
        assert!(config.warnings().is_empty());
        assert_eq!((memory.whole(), memory.slices()), (0, 1), "{name}");
    }
    // What is not there, all names, and places need the file.
    let (config, memory) = indexed(&text, index).unwrap();
    assert_eq!(config.role("team-10000-read").unwrap(), None);
    assert_eq!(config.role_names().unwrap(), whole.role_names().unwrap());
    let span = config.role("team-7-read").unwrap().unwrap().aws_role.span;
    assert_eq!(
        config.snippet(span.clone()).unwrap(),
        whole.snippet(span).unwrap()
    );
    assert_eq!(memory.whole(), 1);
}

#[test]
fn the_index_holds_no_name() {
    let index = index_of(&many(10_000));
    for part in ["team", "bastion", "jdoe", "eu-central", "aws_"] {
        let found = index.windows(part.len()).any(|w| w == part.as_bytes());
        assert!(!found, "{part}");
    }
}

#[test]
fn a_small_file_and_an_indexed_one_give_no_index() {
    assert!(config("{}").index().is_none());
    let text = padded("{}");
    let (config, _) = indexed(&text, index_of(&text)).unwrap();
    assert!(config.index().is_none());
}

#[test]
fn an_index_of_another_content_is_not_used() {
    let text = many(1000);
    let index = index_of(&text);
    for changed in [
        text.replacen("path/read", "path/rood", 1),
        format!("{text}\n"),
        text.replacen(' ', "\t", 1),
    ] {
        assert!(indexed(&changed, index.clone()).is_none());
    }
    assert!(indexed(&text, index).is_some());
}

#[test]
fn a_file_that_cannot_be_read_any_more_is_an_error_that_says_so() {
    struct Gone;
    impl ReadAt for Gone {
        fn read_at(&self, _: Range<usize>) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }
        fn read_all(&self) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let text = many(1000);
    let digest = Digest::of(text.as_bytes());
    let config = Config::from_index(PATH, index_of(&text), &digest, Box::new(Gone)).unwrap();
    let error = config.role("team-1-read").unwrap_err();
    assert_eq!(error.message(), "cannot read ~/.assumerole");
    assert!(config.warnings().is_empty());
    let with_setting = padded(r#"{"print_exports": false}"#);
    let digest = Digest::of(with_setting.as_bytes());
    assert!(Config::from_index(PATH, index_of(&with_setting), &digest, Box::new(Gone)).is_none());
}

#[test]
fn a_digest_is_the_same_in_any_pieces() {
    let text = many(100);
    for size in [1, 7, 4096, 1 << 20] {
        let mut digester = Digester::new();
        for piece in text.as_bytes().chunks(size) {
            digester.update(piece);
        }
        assert_eq!(digester.finish(), Digest::of(text.as_bytes()), "{size}");
    }
    assert_ne!(Digest::of(b""), Digest::of(b"\0"));
}

/// A cached call plans its role, and has no time to read the whole file.
#[test]
fn a_role_is_planned_without_reading_the_whole_file() {
    let text = many(400);
    let (config, memory) = indexed(&text, index_of(&text)).unwrap();
    let name = &config_names(&text)[200];
    let profile = config.role(name).unwrap().unwrap().aws_profile.unwrap();
    let keys = format!(
        "[{}]\naws_access_key_id = A\naws_secret_access_key = s\n",
        profile.value
    );
    let aws = AwsFiles {
        config: None,
        credentials: Some(AwsFile::parse(FileKind::Credentials, "c", keys)),
    };
    let inputs = Inputs {
        config: &config,
        aws: &aws,
        settings: &Settings::default(),
        request: &Request::default(),
        policies: &BTreeMap::new(),
    };
    let target = Target::find(&config, &aws, name).unwrap().unwrap();
    assert_eq!(&plan(inputs, &target).unwrap().name, name);
    assert_eq!(memory.whole(), 0);
}

fn config_names(text: &str) -> Vec<String> {
    config(text).role_names().unwrap()
}

/// `index` with its own check made good again after a change.
fn signed(mut index: Vec<u8>) -> Vec<u8> {
    let mut state = Xxh3::new();
    state.update(&index[..36]);
    state.update(&index[52..]);
    index[36..52].copy_from_slice(&state.digest128().to_le_bytes());
    index
}

#[test]
fn a_row_that_points_elsewhere_is_not_believed() {
    let text = many(300);
    let whole = config(&text);
    let index = index_of(&text);
    let rows = index.len() - 12 * 300;
    let row = |number: usize| rows + 12 * number;
    for number in (0..300).step_by(11) {
        // The place of one role under the hash of its neighbour, and half of
        // the one with half of the other.
        for part in [4..12, 4..8, 8..12] {
            let mut lie = index.clone();
            let other = row((number + 1) % 300);
            let place = lie[other + part.start..other + part.end].to_vec();
            lie[row(number) + part.start..row(number) + part.end].copy_from_slice(&place);
            let (config, _) = indexed(&text, signed(lie)).unwrap();
            for name in ["team-0-read", "team-1-read", "team-299-read", "none"] {
                assert_eq!(config.role(name), whole.role(name));
            }
        }
    }
}

#[test]
fn damaged_bytes_are_no_index() {
    let index = index_of(&many(300));
    assert!(Index::decode(index.clone()).is_some());
    for length in (0..index.len()).step_by(13).chain(0..80) {
        assert!(
            Index::decode(index[..length].to_vec()).is_none(),
            "{length}"
        );
    }
    for at in 0..index.len() {
        let mut damaged = index.clone();
        damaged[at] ^= 0x10;
        assert!(Index::decode(damaged).is_none(), "{at}");
    }
    let mut longer = index;
    longer.push(0);
    assert!(Index::decode(longer).is_none());
}

/// Members of a role, good and bad.
fn member() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#""aws_profile": "p""#,
        r#""aws_profile": 1"#,
        r#""aws_account": "123456789012""#,
        r#""aws_account": 123456789012"#,
        r#""aws_account": "1""#,
        r#""aws_role": "path/x""#,
        r#""aws_role": "arn:aws:iam::123456789012:role/x""#,
        r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#,
        r#""aws_mfa_arn": """#,
        r#""aws_region": "eu-west-1""#,
        r#""max_session_duration": "3600""#,
        r#""environment": [{"name": "A", "value": "b"}, {"name": "A", "value": 2, "x": 1}]"#,
        r#""environment": {"A": "b"}"#,
        r#""confirm": true"#,
        r#""\u0063onfirm" : true"#,
        r#""confirm": false"#,
        r#""x": {"assume_roles": {"a": {}}}"#,
        r#""sshk\u0065y" : "~/.ssh/é" "#,
    ])
    .prop_map(str::to_owned)
}

const NAMES: [&str; 5] = ["a", "b", "caf\u{e9}", "c d", "é\""];
const WRITTEN: [&str; 6] = ["a", "b", "caf\\u00e9", "c d", "é\\\"", "\\u0061"];

fn role() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        8 => prop::collection::vec(member(), 0..6).prop_map(|m| format!("{{ {} }}", m.join(",\n"))),
        8 => Just(r#"{"aws_profile": "p", "aws_account": "123456789012", "aws_role": "x"}"#.to_owned()),
        4 => Just(r#"{"aws_profile": "p", "aws_account": "123456789012", "aws_role": "x", "Confirm": true}"#.to_owned()),
        1 => Just("null".to_owned()),
    ];
    (prop::sample::select(WRITTEN.to_vec()), value)
        .prop_map(|(name, value)| format!("\"{name}\" : {value}"))
}

fn top() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(role(), 0..5)
            .prop_map(|roles| format!("\"assume_roles\":{{{}}}", roles.join(" , "))),
        prop::sample::select(vec![
            r#""codeartifact": {"domain": "d", "domain_owner": "123456789012"}"#,
            r#""codeartifact": [{"profile": "p", "domain": "d", "domain_owner": 123456789012, "x": 1}]"#,
            r#""codeartifact": {"x": {"profile": "q", "domain": "d", "domain_owner": "1"}}"#,
            r#""codeartifact": 7"#,
            r#""print_exports": false"#,
            r#""aws_region" :"eu-west-1""#,
            r#""print_export": true"#,
            r#""a": {"aws_profile": "p", "aws_account": "123456789012", "aws_role": "wrong"}"#,
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    /// Whatever is asked for first, both ways say the same.
    #[test]
    fn both_ways_say_the_same(
        members in prop::collection::vec(top(), 0..5),
        marked in any::<bool>(),
        names in Just(NAMES.to_vec()).prop_shuffle(),
    ) {
        let text = format!("{{{}}}", members.join("\n, "));
        let text = padded(&format!("{}{text}\n", if marked { "\u{feff}" } else { "" }));
        // A file that is refused as a whole has no index.
        if let Ok(whole) = crate::parse(&text) {
            let (config, memory) = indexed(&text, whole.index().unwrap()).unwrap();
            prop_assert_eq!(memory.whole(), 0);
            prop_assert_eq!(answers(&config, &names), answers(&whole, &names));
        }
    }

    #[test]
    fn any_bytes_are_decoded_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut with_magic = b"arindex\x03".to_vec();
        with_magic.extend(&bytes);
        prop_assert!(Index::decode(bytes).is_none());
        if with_magic.len() >= 76 {
            with_magic = signed(with_magic);
        }
        if let Some(index) = Index::decode(with_magic) {
            index.digest();
        }
    }
}

proptest! {
    // Each case reads a file of hundreds of roles.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes may stand in the place of offsets.
    #[test]
    fn a_lying_index_gives_no_wrong_role(
        changes in prop::collection::vec((0..76 + 12 * 40_usize, any::<u8>()), 1..6),
    ) {
        let text = many(220);
        let whole = config(&text);
        let mut index = index_of(&text);
        // Digest and length of the file stay: else the index is not used.
        for (at, byte) in changes.into_iter().filter(|(at, _)| *at >= 28) {
            index[at] = byte;
        }
        if let Some((config, _)) = indexed(&text, signed(index)) {
            for name in config.role_names().unwrap().iter().step_by(17) {
                prop_assert_eq!(config.role(name), whole.role(name));
            }
            let (config, _) = indexed(&text, index_of(&text)).unwrap();
            prop_assert_eq!(config.role("none"), Ok(None));
        }
    }
}
