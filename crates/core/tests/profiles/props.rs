//! What holds for any file at all.

use assumerole_core::aws_config::profiles::{Decision, update};
use assumerole_core::aws_config::{AwsFile, FileKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{SOURCE, entry};

/// What files are made of, good and bad ones.
const SCRAPS: [&[u8]; 26] = [
    b"\n",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\t",
    b"[default]\n",
    b"[DEFAULT]\n",
    b"[profile x]\n",
    b"[profile \"x y\"]\n",
    b"[y]\r\n",
    b"region = r\n",
    b"  deeper = d\n",
    b"s3 =\n",
    b"# comment\n",
    b"; comment",
    b"#",
    b"stray",
    b"[broken\n",
    b"\xff",
    b"\xc3\xa9",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\0",
    b"=",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&SCRAPS[..]), 0..40)
        .prop_map(|scraps| scraps.concat())
        .prop_filter("UTF-16 is refused", |bytes| {
            !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff")
        })
}

fn roles() -> impl Strategy<Value = Vec<String>> {
    let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    proptest::sample::subsequence(names, 0..4).prop_shuffle()
}

/// `bytes` with the profiles of `roles` alone.
fn written(bytes: &[u8], roles: &[String]) -> Vec<u8> {
    let file = AwsFile::from_bytes(FileKind::Config, "~/.aws/config", bytes.to_vec());
    let mut decide = |role: &str| match roles.iter().any(|one| one == role) {
        true => Decision::Set(entry(role, Some("eu-west-1"))),
        false => Decision::Drop,
    };
    update(&file, SOURCE, roles, false, &mut decide)
        .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(bytes)))
        .content
}

/// The first and last bytes of the block, its line end not counted.
fn block(bytes: &[u8]) -> Option<(usize, usize)> {
    let find = |what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    let end = b"# END assumerole";
    Some((find(b"# BEGIN assumerole")?, find(end)? + end.len()))
}

/// What each section says.
fn said(bytes: &[u8]) -> Vec<String> {
    let file = AwsFile::from_bytes(FileKind::Config, "~/.aws/config", bytes.to_vec());
    let section = |section: assumerole_core::aws_config::Section<'_>| {
        let properties = section.properties();
        let values = properties.map(|one| file.as_str()[one.value_span()].to_owned());
        format!("{} {:?}", section.header(), values.collect::<Vec<_>>())
    };
    file.sections().map(section).collect()
}

proptest! {
    #[test]
    fn every_other_byte_is_as_it_was(before in bytes(), first in roles(), second in roles()) {
        let one = written(&before, &first);
        prop_assert!(one.starts_with(&before));
        prop_assert_eq!(&written(&one, &first), &one);
        let two = written(&one, &second);
        prop_assert!(two.starts_with(&before));
        let after = written(&two, &[]);
        prop_assert_eq!(&after, &before);
        // What stood there says the same.
        let sections = said(&before);
        prop_assert_eq!(&said(&one)[..sections.len()], &sections[..]);
        prop_assert_eq!(said(&one).len(), sections.len() + first.len());
    }

    #[test]
    fn a_block_in_the_middle_keeps_both_sides(
        before in bytes(),
        after in bytes(),
        first in roles(),
        second in roles(),
    ) {
        let mut one = written(&before, &first);
        prop_assume!(block(&one).is_some());
        one.extend_from_slice(b"\n[profile after]\n");
        one.extend_from_slice(&after);
        let (start, end) = block(&one).unwrap();
        let two = written(&one, &second);
        prop_assert!(two.starts_with(&one[..start]));
        match block(&two) {
            Some((_, new)) => prop_assert_eq!(&two[new..], &one[end..]),
            None => {
                let line_end = if one[end..].starts_with(b"\r\n") { 2 } else { 1 };
                prop_assert_eq!(&two[start..], &one[end + line_end..]);
            }
        }
    }
}
