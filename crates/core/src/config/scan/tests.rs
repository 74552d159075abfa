use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::document::{slowly, start_of};
use super::super::protected::Protected;
use super::*;

/// What a reader finds, as places.
#[derive(Debug, PartialEq)]
struct Seen {
    top: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)>,
    roles: Vec<MemberSpan>,
    protected: Vec<Protected>,
}

fn seen(text: &str, found: &ScannedFile<'_>) -> Seen {
    let place = |(key, value): &(Node<'_>, Node<'_>)| (key.span(), value.span());
    let node = |(start, end): Place| Node::at(&text[start as usize..end as usize], start as usize);
    let suspects = found
        .suspects
        .iter()
        .map(|number| found.roles[*number as usize]);
    Seen {
        top: found.top.iter().map(place).collect(),
        protected: suspects
            .filter_map(|entry| protected::read(&node(entry.key), &node(entry.value)))
            .collect(),
        roles: found.roles.clone(),
    }
}

/// What both readers find in `text`, which begins with an object.
fn both(text: &str) -> (Option<Seen>, Option<Seen>) {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let quick = read(text, start_of(text, json)).map(|found| seen(text, &found));
    let slow = slowly(text, json).ok().map(|found| seen(text, &found));
    (quick, slow)
}

fn agree(text: &str) {
    let (quick, slow) = both(text);
    assert_eq!(quick, slow, "{text}");
}

#[test]
fn what_serde_reads_is_read_and_nothing_else() {
    for value in [
        "0",
        "-0",
        "00",
        "01",
        "-01",
        "-",
        "1.5",
        "1.",
        ".5",
        "1e5",
        "1E+05",
        "1e-5",
        "1e",
        "1e+",
        "1.5e400",
        "-1.0E1",
        "+1",
        "0x1",
        "NaN",
        "1 2",
        "true",
        "tru",
        "truely",
        "null",
        "nullx",
        "False",
        r#""""#,
        r#""\u00e9""#,
        r#""\u00g9""#,
        r#""\ud800""#,
        r#""\ud800\udc00""#,
        r#""\x""#,
        r#""\"#,
        r#""\""#,
        r#""\\""#,
        r#""\/\b\f\n\r\t""#,
        "\"a\nb\"",
        "\"a\tb\"",
        "\"\u{7f}\u{e9}\u{1f600}\"",
        "\"\u{1f}\"",
        "\"12345678\u{1}12345678\"",
        r#""12345678\n345678901""#,
        "[]",
        "[ ]",
        "[1]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{}",
        "{ }",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1]"#,
        "{1:1}",
        r#"{a:1}"#,
        "[[[[]]]]",
        r#"[{"a":[{}]}]"#,
        "",
        "\u{0}",
        "'a'",
        "/**/1",
        "\u{a0}1",
    ] {
        for text in [
            format!("{{\"a\":{value}}}"),
            format!("{{\"a\" : {value} ,\"b\": [ {value} ] }} \n"),
            format!("{{\"assume_roles\":{value}}}"),
            format!("{{\"assume_roles\": {{\"r\" :{value}}} , \"x\":1}}"),
            format!("{{\"assume_roles\": {{\"r\":{{\"k\":{value}}}}}}}"),
            format!("{{}}{value}"),
        ] {
            agree(&text);
        }
    }
    for text in [
        "{",
        "{\"",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{} {}",
        "{}\u{0}",
        "{}\u{feff}",
    ] {
        agree(text);
    }
}

/// No depth takes more memory or another way than serde's.
#[test]
fn what_is_too_deep_or_too_much_is_left_to_serde() {
    let nested = |depth: usize| {
        let (open, close) = ("[{\"a\":".repeat(depth), "}]".repeat(depth));
        format!("{{\"assume_roles\": {{\"r\": {open}1{close}}}}}")
    };
    agree(&nested(32));
    for depth in [33, 100_000] {
        let (quick, slow) = both(&nested(depth));
        assert!(quick.is_none() && slow.is_some(), "{depth}");
    }
    let many = |count: usize| vec!["\"a\":1"; count].join(",");
    for text in [
        format!("{{{}}}", many(MOST_ENTRIES + 1)),
        format!("{{\"assume_roles\":{{{}}}}}", many(MOST_ENTRIES + 1)),
    ] {
        assert_eq!(both(&text), (None, None));
    }
    agree(&format!("{{\"assume_roles\":{{{}}}}}", many(MOST_ENTRIES)));
}

/// However many keys there were before, and wherever they are remembered.
#[test]
fn confirm_is_found_among_many_keys() {
    let keys: String = (0..5_000)
        .map(|number| format!("\"key{number}\":1,"))
        .collect();
    for word in [
        "confirm",
        "Cofnirm",
        "\\u0063onfirm",
        "protected",
        "\u{441}onfirm",
    ] {
        for before in ["", &keys] {
            let role = format!("{{{before}\"{word}\":true}}");
            let text = format!("{{\"assume_roles\":{{\"a\":{{}},\"b\":{role},\"c\":[{role}]}}}}");
            let (quick, slow) = both(&text);
            assert_eq!(quick, slow);
            let names: Vec<_> = quick
                .unwrap()
                .protected
                .into_iter()
                .map(|one| one.name)
                .collect();
            assert!(names.contains(&"b".to_owned()), "{word}: {names:?}");
        }
    }
    let text = format!("{{\"assume_roles\":{{\"a\":{{{keys}\"x\":1}},\"b\":{{\"confirm\":1}}}}}}");
    assert_eq!(read(&text, 0).unwrap().suspects, [1]);
}

#[test]
fn eight_bytes_are_looked_at_at_once() {
    let first = |eight: [u8; 8]| {
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
        eight.iter().position(special).unwrap_or(8)
    };
    let bytes = [
        0, 0x1f, b' ', b'!', b'"', b'#', b'[', b'\\', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff,
    ];
    for (one, other) in bytes
        .iter()
        .flat_map(|one| bytes.iter().map(move |other| (*one, *other)))
    {
        for at in 0..7 {
            for fill in *b"a!" {
                let mut eight = [fill; 8];
                (eight[at], eight[at + 1]) = (one, other);
                let found = first_special(u64::from_le_bytes(eight));
                assert_eq!(found, first(eight), "{eight:?}");
            }
        }
    }
}

/// Members of a role, good and bad.
fn member() -> impl Strategy<Value = String> {
    let members = vec![
        r#""aws_profile": "p""#,
        r#""aws_account":"123456789012""#,
        r#""aws_account": 123456789012"#,
        r#""aws_role": "path/x""#,
        r#""aws_role": "arn:aws:iam::123456789012:role/x""#,
        r#""via": "b""#,
        r#""environment": [{"name": "A", "value": "b"}, {"name": "A", "value": 2.5e1, "x": []}]"#,
        r#""confirm": true"#,
        r#""\u0063onfirm" : true"#,
        r#""Confrim": [null]"#,
        r#""confirm": false"#,
        r#""x": {"assume_roles": {"a": {}}}"#,
        r#""sshk\u0065y" : "~/.ssh/é\"\\" "#,
    ];
    select(members).prop_map(str::to_owned)
}

fn role() -> impl Strategy<Value = String> {
    let names = vec!["a", "b", "caf\\u00e9", "c d", "é\\\"", "\\u0061", "\\ud800"];
    let value = prop_oneof![
        8 => prop::collection::vec(member(), 0..6).prop_map(|m| format!("{{ {} }}", m.join(",\n"))),
        1 => select(vec!["null", "[{\"confirm\": true}]", "\"confirm\"", "7"]).prop_map(str::to_owned),
    ];
    (select(names), value).prop_map(|(name, value)| format!("\"{name}\" : {value}"))
}

fn top() -> impl Strategy<Value = String> {
    let others = vec![
        r#""codeartifact": {"domain": "d", "domain_owner": "123456789012"}"#,
        r#""print_exports":false"#,
        r#""aws_region" :"eu-west-1""#,
        r#""assume_roles": null"#,
        r#""assume_roles" : [ ]"#,
        r#""a": {"aws_profile": "p"}"#,
    ];
    prop_oneof![
        (
            select(vec!["assume_roles", "\\u0061ssume_roles"]),
            prop::collection::vec(role(), 0..5)
        )
            .prop_map(|(key, roles)| format!("\"{key}\":{{{}}}", roles.join(" , "))),
        select(others).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whole files, and files with a few bytes changed, left out or put in:
    /// a broken one at the end is seen as well.
    #[test]
    fn both_readers_agree(
        members in prop::collection::vec(top(), 0..5),
        marked in any::<bool>(),
        changes in prop::collection::vec((any::<Index>(), select(b"{}[]:,\"\\ \n\x01u0-.e1t\xc3".to_vec()), 0..3), 0..3),
    ) {
        let mut text = format!("{{{}}}\n", members.join("\n, "));
        agree(&text);
        for (at, byte, kind) in changes {
            let mut bytes = text.into_bytes();
            // The first one is needed: without it nobody reads on.
            let at = 1 + at.index(bytes.len() - 1);
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        agree(&format!("{}{text}", if marked { "\u{feff}" } else { "" }));
    }
}
