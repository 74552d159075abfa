//! A role is added; everything else stays.

use assumerole_core::Kind;
use std::sync::Arc;

use assumerole_core::config::{NewRole, insert_role};
use proptest::prelude::*;
use serde_json::json;

use crate::{PATH, config, told};

const ARN: &str = "arn:aws:iam::123456789012:role/x";

fn new(name: &str) -> NewRole {
    NewRole {
        name: name.to_owned(),
        members: vec![
            ("aws_profile", json!("base")),
            ("aws_role", json!("x")),
            ("aws_account", json!("123456789012")),
        ],
    }
}

fn inserted(text: &str, role: &NewRole) -> Arc<String> {
    insert_role(PATH, &Arc::new(text.to_owned()), role)
        .unwrap_or_else(|error| panic!("{text}\n{}", told(&error)))
}

/// `\n` and `\t` are the characters.
#[test]
fn the_new_role_looks_like_those_around_it() {
    for (before, after) in [
        // Nothing is there yet.
        (
            "",
            "{\n  'assume_roles': {\n    'n': {\n      'aws_profile': 'base',\n      'aws_role': 'x',\n      'aws_account': '123456789012'\n    }\n  }\n}\n",
        ),
        (
            "\u{feff}\r\n",
            "\u{feff}\r\n{\r\n  'assume_roles': {\r\n    'n': {\r\n      'aws_profile': 'base',\r\n      'aws_role': 'x',\r\n      'aws_account': '123456789012'\r\n    }\r\n  }\r\n}\n",
        ),
        (
            "{}",
            "{\n  'assume_roles': {\n    'n': {\n      'aws_profile': 'base',\n      'aws_role': 'x',\n      'aws_account': '123456789012'\n    }\n  }\n}",
        ),
        // No roles yet, among other settings: four spaces, tabs, one line.
        (
            "{\n    'print_exports': true\n}\n",
            "{\n    'print_exports': true,\n    'assume_roles': {\n        'n': {\n            'aws_profile': 'base',\n            'aws_role': 'x',\n            'aws_account': '123456789012'\n        }\n    }\n}\n",
        ),
        (
            "{\n\t'assume_roles': {},\n\t'print_exports': true\n}",
            "{\n\t'assume_roles': {\n\t\t'n': {\n\t\t\t'aws_profile': 'base',\n\t\t\t'aws_role': 'x',\n\t\t\t'aws_account': '123456789012'\n\t\t}\n\t},\n\t'print_exports': true\n}",
        ),
        (
            "{\n\t'assume_roles': null\n}",
            "{\n\t'assume_roles': {\n\t\t'n': {\n\t\t\t'aws_profile': 'base',\n\t\t\t'aws_role': 'x',\n\t\t\t'aws_account': '123456789012'\n\t\t}\n\t}\n}",
        ),
        (
            "{\n  'assume_roles': {\n\n  }\n}",
            "{\n  'assume_roles': {\n    'n': {\n      'aws_profile': 'base',\n      'aws_role': 'x',\n      'aws_account': '123456789012'\n    }\n  }\n}",
        ),
        (
            "{'print_exports':true}\n",
            "{'print_exports':true,'assume_roles':{'n':{'aws_profile':'base','aws_role':'x','aws_account':'123456789012'}}}\n",
        ),
        (
            "{ 'print_exports': true, 'assume_roles': {} }",
            "{ 'print_exports': true, 'assume_roles': { 'n': { 'aws_profile': 'base', 'aws_role': 'x', 'aws_account': '123456789012' } } }",
        ),
        // Like the last one that is there.
        (
            "{\r\n  'assume_roles': {\r\n    'a' : {\r\n        'aws_profile' : 'p'\r\n    }\r\n  }\r\n}",
            "{\r\n  'assume_roles': {\r\n    'a' : {\r\n        'aws_profile' : 'p'\r\n    },\r\n    'n' : {\r\n        'aws_profile' : 'base',\r\n        'aws_role' : 'x',\r\n        'aws_account' : '123456789012'\r\n    }\r\n  }\r\n}",
        ),
        (
            "{\n  'assume_roles': {\n    'a': {\n      'x': 1\n    },\n\n    'b': { 'x': 1, 'y': 2 }\n\n  },\n  'x': 1\n}\n",
            "{\n  'assume_roles': {\n    'a': {\n      'x': 1\n    },\n\n    'b': { 'x': 1, 'y': 2 },\n    'n': { 'aws_profile': 'base', 'aws_role': 'x', 'aws_account': '123456789012' }\n\n  },\n  'x': 1\n}\n",
        ),
        (
            "{'assume_roles':{'a':{'x':1},'b':{}}}",
            "{'assume_roles':{'a':{'x':1},'b':{},'n':{'aws_profile':'base','aws_role':'x','aws_account':'123456789012'}}}",
        ),
    ] {
        let quotes = |text: &str| text.replace('\'', "\"");
        let made = inserted(&quotes(before), &new("n"));
        assert_eq!(*made, quotes(after), "{before}");
    }
}

#[test]
fn values_of_every_kind_are_written() {
    let role = NewRole {
        name: "a \"name\" — é".to_owned(),
        members: vec![
            ("aws_profile", json!("p\\q")),
            ("aws_role", json!(ARN)),
            ("max_session_duration", json!(3600)),
            ("policy_arns", json!(["arn:aws:iam::aws:policy/A"])),
            ("session_tags", json!({"team": "payments", "x": "y"})),
        ],
    };
    let made = inserted("", &role);
    assert!(made.contains(r#""session_tags": {"team": "payments", "x": "y"}"#));
    let read = config(&made).role(&role.name).unwrap().unwrap();
    assert_eq!(read.aws_profile.unwrap().value, "p\\q");
    assert_eq!(read.session.tags.unwrap().value.len(), 2);
    let tight = inserted("{\"assume_roles\":{\"a\":{\"x\":1}}}", &role);
    assert!(
        tight.contains(r#""policy_arns":["arn:aws:iam::aws:policy/A"],"#),
        "{tight}"
    );
}

#[test]
fn what_cannot_be_done_is_an_error_with_its_place() {
    let refused = |text: &str, role: &NewRole| {
        let error = insert_role(PATH, &Arc::new(text.to_owned()), role).unwrap_err();
        (error.kind(), told(&error))
    };
    let text = "{\"assume_roles\": {\n  \"caf\\u00e9\": {}}}";
    assert_eq!(
        refused(text, &new("café")),
        (
            Kind::Usage,
            r#"2:3 «"caf\u00e9"» there is a role "café" already | choose another name, or change that role: assumerole edit café"#
                .to_owned()
        )
    );
    assert_eq!(refused("{\"x\": 1,}", &new("n")).0, Kind::Config);
    assert_eq!(refused("[]", &new("n")).0, Kind::Config);
    // What the reader would not take is not written.
    let mut wrong = new("n");
    wrong.members[2].1 = json!("12");
    let (kind, said) = refused("{}", &wrong);
    assert_eq!(kind, Kind::Config);
    assert!(
        said.starts_with("6:22 «\"12\"» role \"n\": aws_account is not valid"),
        "{said}"
    );
    assert!(refused("{}", &new("")).1.contains("empty name"));
}

/// JSON's white space.
fn space() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "", "", " ", "\n", "\n  ", "\n\t", "\r\n    ", "  \n\n ",
    ])
    .prop_map(str::to_owned)
}

/// An object of `members`, white space wherever it may be.
fn object(
    members: impl Strategy<Value = (String, String)>,
    most: usize,
) -> impl Strategy<Value = String> {
    let member = (space(), members, space(), space(), space());
    let member = member.prop_map(|(a, (key, value), b, c, d)| format!("{a}{key}{b}:{c}{value}{d}"));
    (prop::collection::vec(member, 0..most), space()).prop_map(|(members, space)| {
        if members.is_empty() {
            format!("{{{space}}}")
        } else {
            format!("{{{}}}", members.join(","))
        }
    })
}

fn select(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn role() -> impl Strategy<Value = String> {
    let key = select(&["\"aws_profile\"", "\"aws_role\"", "\"x\"", "\"n\""]);
    let value = select(&[
        "\"p\"",
        "\"arn:aws:iam::123456789012:role/r\"",
        "{}",
        "[1, {}]",
        "null",
    ]);
    object((key, value), 5)
}

fn file() -> impl Strategy<Value = String> {
    let names = ["\"a\"", "\"b\\n\"", "\"caf\\u00e9\"", "\"d e\"", "\"f\""];
    let roles = prop_oneof![
        8 => object((prop::sample::select(names.to_vec()).prop_map(str::to_owned), role()), 5),
        1 => Just("null".to_owned()),
    ];
    let roles = roles.prop_map(|roles| ("\"assume_roles\"".to_owned(), roles));
    let others = (
        select(&["\"aws_region\"", "\"odd\"", "\"assume\\u005froles\""]),
        select(&["\"eu-west-1\"", "{}", "{\"assume_roles\": {}}"]),
    );
    let top = object(prop_oneof![roles, others], 4);
    let marks = select(&["", "\u{feff}"]);
    (marks, space(), top, space()).prop_map(|(mark, a, top, b)| format!("{mark}{a}{top}{b}"))
}

proptest! {
    /// Everything outside the insert is there as it was, and is read as it was.
    #[test]
    fn everything_else_stays(text in file(), name in select(&["n", "\"", "b\n", "x y", "ü"])) {
        let Ok(before) = assumerole_core::config::Config::parse(PATH, text.clone()) else {
            return Ok(());
        };
        let names = before.role_names();
        let made = match insert_role(PATH, &Arc::new(text.clone()), &new(&name)) {
            Ok(made) => made,
            Err(error) => {
                // It is there, or no role may be called so.
                prop_assert!(names.contains(&name) || name == "b\n", "{}", told(&error));
                return Ok(());
            }
        };
        let after = config(&made);
        let mut expected = names.clone();
        expected.push(name.clone());
        prop_assert_eq!(after.role_names(), expected);
        for other in &names {
            // The line that an error shows may have grown.
            let said = |error: assumerole_core::Error| error.to_string();
            let (now, then) = (after.role(other), before.role(other));
            prop_assert_eq!(now.map_err(said), then.map_err(said));
        }
        prop_assert_eq!(after.aws_region().map(|r| &r.value), before.aws_region().map(|r| &r.value));
        let role = after.role(&name).unwrap().unwrap();
        prop_assert_eq!(role.aws_profile.unwrap().value, "base");

        // What was taken away is white space between braces, or null.
        let same = |(a, b): &(u8, u8)| a == b;
        let start = text.bytes().zip(made.bytes()).take_while(same).count();
        let rest = text.len() - start;
        let end = text.bytes().rev().zip(made.bytes().rev()).take(rest).take_while(same).count();
        let gone = &text[start..text.len() - end];
        prop_assert!(gone.trim().is_empty() || "null".contains(gone.trim()), "{gone:?}");
    }
}
