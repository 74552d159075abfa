use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

use super::*;

fn note() -> Note {
    Note {
        role: "a".to_owned(),
        identity: identity(),
        flags: vec![
            "--read-only".to_owned(),
            "--tag".to_owned(),
            "k=a b".to_owned(),
        ],
        duration: Some(900),
        files: UserFiles {
            config: "/home/jöe/with blank/.assumerole".into(),
            aws_config: "/home/jdoe/.aws/config".into(),
            aws_credentials: "/home/jdoe/.aws/credentials".into(),
        },
        whose: Some("3".repeat(32)),
        key: Some("ASIAEXAMPLE".to_owned()),
        region: Some("eu-central-1".to_owned()),
        ends: Some(1_800_000_000),
    }
}

fn identity() -> SessionIdentity {
    SessionIdentity {
        arn: Some("arn:aws:iam::123456789012:role/team/a".to_owned()),
        role: None,
        account: Some("123456789012".to_owned()),
        source: "0".repeat(32),
        way: "1".repeat(32),
        session: "2".repeat(32),
        seconds: Some(900),
        narrowed: vec!["ReadOnlyAccess".to_owned()],
    }
}

#[test]
fn a_note_comes_back_as_it_was() {
    let whole = note();
    assert_eq!(Note::read(&whole.write()), Ok(whole.clone()));
    let bare = Note {
        identity: SessionIdentity {
            arn: None,
            account: None,
            seconds: None,
            narrowed: vec![],
            ..identity()
        },
        flags: vec![],
        duration: None,
        whose: None,
        key: None,
        region: None,
        ends: None,
        ..whole
    };
    assert_eq!(Note::read(&bare.write()), Ok(bare));
}

#[test]
fn any_name_and_any_path_come_back_and_no_shell_has_a_word_in_it() {
    for role in [
        "a&b|c<d>e^f%PATH%!x!",
        "a'\"$(b)`c`\\",
        "\n\t\u{1b}[31m",
        "ünï \u{1f600}",
    ] {
        let mut made = note();
        made.role = role.to_owned();
        made.files.config = format!("/x/{role}").into();
        let text = made.write();
        assert!(
            !text.contains(['&', '|', '<', '>', '^', '%', '!', '\n', '\u{1b}']),
            "{text}"
        );
        assert_eq!(Note::read(&text), Ok(made.clone()));
        assert_eq!(Again::read(&made.again().write()), made.again());
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_comes_back() {
    use std::os::unix::ffi::OsStringExt as _;
    let mut made = note();
    made.files.config = OsString::from_vec(b"/x/\xff\xfe".to_vec()).into();
    assert_eq!(Note::read(&made.write()), Ok(made));
}

#[test]
fn what_was_changed_by_hand_is_no_note() {
    let whole = note().write();
    let with = |from: &str, to: &str| {
        let text = whole.replacen(from, to, 1);
        assert_ne!(text, whole, "{from}");
        text
    };
    for (text, why) in [
        (String::new(), Unreadable::Garbled),
        ("{}".to_owned(), Unreadable::Garbled),
        ("null".to_owned(), Unreadable::Garbled),
        ("[1]".to_owned(), Unreadable::Garbled),
        (r#"{"version":1}"#.to_owned(), Unreadable::Garbled),
        (whole[..whole.len() - 1].to_owned(), Unreadable::Garbled),
        (format!("{whole} x"), Unreadable::Garbled),
        (" ".repeat(LARGEST + 1), Unreadable::Garbled),
        (
            with(r#""version":1"#, r#""version":0"#),
            Unreadable::Garbled,
        ),
        (
            with(r#""version":1"#, r#""version":-1"#),
            Unreadable::Garbled,
        ),
        (
            with(r#""version":1"#, r#""version":"1""#),
            Unreadable::Garbled,
        ),
        // A later one may mean something else by any member.
        (with(r#""version":1"#, r#""version":2"#), Unreadable::Later),
        (r#"{"version":7,"whose":[1]}"#.to_owned(), Unreadable::Later),
        (with(r#""role":"a""#, r#""role":"""#), Unreadable::Garbled),
        (
            with(r#""role":"a""#, r#""role":"a","more":1"#),
            Unreadable::Garbled,
        ),
        (
            with(r#""role":"a""#, r#""role":"a","role":"b""#),
            Unreadable::Garbled,
        ),
        (with(r#""role":"a","#, ""), Unreadable::Garbled),
        (with("arn:aws:iam", "arn:aws:sts"), Unreadable::Garbled),
        (
            with(r#""account":"1"#, r#""account":"x"#),
            Unreadable::Garbled,
        ),
        (with("0000", "000"), Unreadable::Garbled),
        (with("0000", "000A"), Unreadable::Garbled),
        (
            with("/home/jdoe/.aws/config", ".aws/config"),
            Unreadable::Garbled,
        ),
        (with("/home/jdoe/.aws/config", ""), Unreadable::Garbled),
        (
            with(r#""ends":"#, r#""ends":1e99,"x":"#),
            Unreadable::Garbled,
        ),
        (with("k=a b", r"k=\u0000"), Unreadable::Garbled),
    ] {
        assert_eq!(Note::read(&text), Err(why), "{text}");
    }
}

#[test]
fn every_way_to_be_another_session_is_told() {
    let was = identity();
    assert_eq!(was.differs(&was), None);
    for (change, said) in [
        (
            (|is: &mut SessionIdentity| is.arn = Some("arn:aws:iam::1:role/b".to_owned()))
                as fn(&mut _),
            "it is arn:aws:iam::1:role/b",
        ),
        (|is| is.arn = None, "it is no role"),
        (
            |is| {
                is.arn = None;
                is.role = Some("Admin".to_owned());
            },
            "it is Admin",
        ),
        (
            |is| is.account = Some("210987654321".to_owned()),
            "it is one of account 210987654321",
        ),
        (|is| is.account = None, "its account is not known"),
        (
            |is| is.source = "f".repeat(32),
            "other credentials assume it",
        ),
        (
            |is| is.way = "f".repeat(32),
            "it is assumed from another session",
        ),
        (
            |is| is.narrowed.clear(),
            "narrowed by nothing, not by ReadOnlyAccess",
        ),
        (
            |is| is.narrowed.push("a policy".to_owned()),
            "narrowed by ReadOnlyAccess, a policy, not by ReadOnlyAccess",
        ),
        (|is| is.seconds = Some(3600), "it lasts 3600 s, not 900 s"),
        (
            |is| is.seconds = None,
            "it lasts as long as it can, not 900 s",
        ),
        (
            |is| is.session = "f".repeat(32),
            "its session is requested with other values",
        ),
    ] {
        let mut is = identity();
        change(&mut is);
        assert_eq!(was.differs(&is).unwrap().to_string(), said);
    }
}

#[test]
fn an_environment_is_in_the_session_whose_key_it_has() {
    let text = note().write();
    let keys = [
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_SESSION_TOKEN", "t"),
    ];
    let here = |pairs: &[(&str, &str)], in_role| {
        let pairs: HashMap<&str, OsString> = pairs
            .iter()
            .map(|(name, value)| (*name, value.into()))
            .collect();
        Here::of(|name| pairs.get(name).map(AsRef::as_ref), in_role)
    };
    let with = |changes: &[(&'static str, &'static str)]| {
        let mut pairs: Vec<(&str, &str)> = vec![(VARIABLE, &text)];
        pairs.extend(keys);
        for (name, value) in changes {
            pairs.retain(|(have, _)| have != name);
            pairs.push((name, value));
        }
        here(&pairs, true)
    };
    let boxed = || Box::new(note());
    assert_eq!(here(&[], false), Here::Nowhere);
    assert_eq!(here(&keys, false), Here::Nowhere);
    assert_eq!(here(&keys, true), Here::Unknown(Unreadable::Missing));
    assert_eq!(with(&[]), Here::In(boxed()));
    // Whatever an .envrc says of the role's name changes nothing of it.
    assert_eq!(with(&[("AWS_ACCOUNT", "prod")]), Here::In(boxed()));
    assert_eq!(
        with(&[("AWS_ACCESS_KEY_ID", "AKIAOWN")]),
        Here::Left(boxed(), ReplacedKeys::Other)
    );
    for name in keys.map(|(name, _)| name) {
        assert_eq!(
            with(&[(name, "")]),
            Here::Left(boxed(), ReplacedKeys::Gone),
            "{name}"
        );
    }
    assert_eq!(
        here(&[(VARIABLE, &text)], false),
        Here::Left(boxed(), ReplacedKeys::Gone)
    );
    assert_eq!(with(&[(VARIABLE, "")]), Here::Unknown(Unreadable::Missing));
    assert_eq!(with(&[(VARIABLE, "x")]), Here::Unknown(Unreadable::Garbled));
    assert_eq!(
        with(&[(VARIABLE, r#"{"version":2}"#)]),
        Here::Unknown(Unreadable::Later)
    );
    // A shell that was given a way to credentials, and none of them.
    let keyless = Note {
        key: None,
        ..note()
    };
    let text = keyless.write();
    assert_eq!(
        here(&[(VARIABLE, &text)], true),
        Here::In(Box::new(keyless))
    );
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = OsStr::from_bytes(b"\xff");
        let get = |name: &str| (name == VARIABLE).then_some(bytes);
        assert_eq!(Here::of(get, true), Here::Unknown(Unreadable::Garbled));
    }
}

#[test]
fn what_an_earlier_version_kept_is_a_name() {
    for name in ["a", "{}", "{\"role\":1}", "null", "[1]", "\"a\"", "1"] {
        assert_eq!(Again::read(name), Again::of_name(name));
    }
    // Files by a path that means something else in each folder are nobody's.
    let mut again = note().again();
    again.files.as_mut().unwrap().config = "narrow.json".into();
    let text = again.write();
    assert_eq!(Again::read(&text), Again::of_name(&text));
}
