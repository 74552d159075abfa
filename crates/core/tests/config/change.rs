//! A role that is there is changed, renamed or removed; everything else stays.

use std::sync::Arc;

use assumerole_core::Kind;
use assumerole_core::config::{
    RoleChange, change_role, check_entry, remove_role, rename_role, replace_role, written_role,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{PATH, config, told};

/// `'` stands for `"`.
fn quotes(text: &str) -> String {
    text.replace('\'', "\"")
}

/// A good role, on one line.
const R: &str = "{'aws_profile': 'p', 'aws_role': 'r', 'aws_account': '123456789012'}";

fn with_r(text: &str) -> Arc<String> {
    Arc::new(quotes(&text.replace("{R}", R)))
}

#[test]
fn a_change_touches_its_key_and_nothing_else() {
    let set = |key: &'static str, value: Value| -> RoleChange { (key, Some(value)) };
    let role = |inside: &str| {
        format!(
            "\u{feff}{{ 'x': 1,\r\n 'assume_roles' : {{'a': {R}, 'n' : {inside},\n\n 'z':{R}}}}}\n\n"
        )
    };
    let whole = "{\n    'aws_profile' : 'p',\n    'aws_role' : 'r',\n    'aws_account' : '123456789012'\n  }";
    for (inside, changes, after) in [
        // The same again, however it is written.
        (
            R.to_owned(),
            vec![set("aws_role", json!("r"))],
            R.to_owned(),
        ),
        (
            R.replace("'r'", "'\\u0072'"),
            vec![set("aws_role", json!("r")), ("aws_region", None)],
            R.replace("'r'", "'\\u0072'"),
        ),
        (
            R.to_owned(),
            vec![
                set("aws_role", json!("x\"y/z")),
                set("aws_role", json!("z")),
            ],
            R.replace("'r'", "'z'"),
        ),
        // One more, in the style of the others.
        (
            whole.to_owned(),
            vec![set("aws_region", json!("eu-west-1"))],
            whole.replace("'\n  }", "',\n    'aws_region' : 'eu-west-1'\n  }"),
        ),
        // The first, one in the middle and the last go.
        (
            whole.to_owned(),
            vec![("aws_profile", None), set("via", json!("a"))],
            "{\n    'aws_role' : 'r',\n    'aws_account' : '123456789012',\n    'via' : 'a'\n  }"
                .to_owned(),
        ),
        (
            whole.to_owned(),
            vec![
                set("aws_role", json!("arn:aws:iam::123456789012:role/r")),
                ("aws_account", None),
            ],
            "{\n    'aws_profile' : 'p',\n    'aws_role' : 'arn:aws:iam::123456789012:role/r'\n  }"
                .to_owned(),
        ),
    ] {
        let (before, after) = (with_r(&role(&inside)), with_r(&role(&after)));
        let made = change_role(PATH, &before, "n", &changes);
        let made = made.unwrap_or_else(|error| panic!("{before}\n{}", told(&error)));
        assert_eq!(made, after, "{changes:?}");
    }
}

#[test]
fn removing_takes_one_comma_along() {
    for (before, name, after) in [
        ("{'assume_roles': {'a': {R}}}", "a", "{'assume_roles': {}}"),
        (
            "{'assume_roles': {\n  'a': {R}\n}, 'x': 1}",
            "a",
            "{'assume_roles': {}, 'x': 1}",
        ),
        (
            "{'assume_roles': {\n  'a': {R},\n\n  'b': 1,\n  'c': {R}\n}}",
            "a",
            "{'assume_roles': {\n  'b': 1,\n  'c': {R}\n}}",
        ),
        (
            "{'assume_roles': {\n  'a': {R},\n\n  'b': 1 ,\n  'c': {R}\n}}",
            "b",
            "{'assume_roles': {\n  'a': {R},\n\n  'c': {R}\n}}",
        ),
        (
            "{'assume_roles': {\n  'a': {R} ,\n  '\\u0062': [1]\n}}",
            "b",
            "{'assume_roles': {\n  'a': {R}\n}}",
        ),
    ] {
        let made = remove_role(PATH, &with_r(before), name);
        let made = made.unwrap_or_else(|error| panic!("{before}\n{}", told(&error)));
        assert_eq!(made, with_r(after), "{before}");
    }
}

#[test]
fn a_name_changes_wherever_the_role_is_meant_by_it() {
    let before = with_r(
        "{'assume_roles': {'a' : {R}, 'b': {'via' : 'a', 'aws_profile': 'a', 'description': 'a'},\n'c': {'via':'\\u0061'}, 'd': 'a'}, 'a': 'a'}",
    );
    let after = with_r(
        "{'assume_roles': {'n \\'' : {R}, 'b': {'via' : 'n \\'', 'aws_profile': 'a', 'description': 'a'},\n'c': {'via':'n \\''}, 'd': 'a'}, 'a': 'a'}",
    );
    assert_eq!(rename_role(PATH, &before, "a", "n \"").unwrap(), after);
}

#[test]
fn what_cannot_be_done_is_told_with_its_place() {
    let text = with_r(
        "{'assume_roles': {\n 'a': {R},\n 'b': {'via': 'a', 'aws_role': 'x', 'aws_account': '123456789012'},\n 'c': {'via': 'a'}}}",
    );
    let set = |key: &'static str, value: Value| -> Vec<RoleChange> { vec![(key, Some(value))] };
    for (made, kind, said) in [
        (
            remove_role(PATH, &text, "a"),
            Kind::Usage,
            "3:2 «\"b\"» role \"a\" is not removed: roles \"b\", \"c\" are assumed via it | remove them first, or change their \"via\": assumerole edit ROLE --via OTHER",
        ),
        (
            remove_role(PATH, &text, "x"),
            Kind::UnknownName,
            " there is no role \"x\" in ~/.assumerole | ",
        ),
        (
            rename_role(PATH, &text, "a", "b"),
            Kind::Usage,
            "3:2 «\"b\"» there is a role \"b\" already | choose another name, or change that role: assumerole edit b",
        ),
        (
            rename_role(PATH, &with_r("{}"), "a", "b"),
            Kind::UnknownName,
            " there is no role \"a\" in ~/.assumerole | ",
        ),
        (
            change_role(PATH, &text, "b", &set("aws_account", json!("1"))),
            Kind::Config,
            "3:52 «\"1\"» role \"b\": aws_account is not valid: an AWS account has 12 digits, this has 1 | ",
        ),
        (
            replace_role(PATH, &text, "a", "{}, \"x\": {}"),
            Kind::Config,
            "2:2 «\"a\"» role \"a\" has no aws_profile | ",
        ),
        (
            remove_role(PATH, &with_r("{'x': 1,}"), "a"),
            Kind::Config,
            "1:8 «,» ",
        ),
    ] {
        let error = made.unwrap_err();
        assert_eq!(error.kind(), kind, "{}", told(&error));
        assert!(told(&error).starts_with(said), "{}\n{said}", told(&error));
    }
}

/// Its entries are not looked at, and so must not be written anew.
#[test]
fn a_role_of_more_entries_than_are_read_is_left_alone() {
    let entries: Vec<String> = (0..=1 << 17).map(|n| format!("'k{n}': 1")).collect();
    let big = format!("'big': {{{}}}", entries.join(","));
    let text = with_r(&format!("{{'assume_roles': {{{big}, 'a': {{R}}}}}}"));
    let changes = [("aws_region", Some(json!("eu-west-1")))];
    let error = change_role(PATH, &text, "big", &changes).unwrap_err();
    assert!(
        told(&error).contains("has 131073 entries"),
        "{}",
        told(&error)
    );
    let removed = remove_role(PATH, &text, "a").unwrap();
    assert_eq!(removed, with_r(&format!("{{'assume_roles': {{{big}}}}}")));
    let renamed = rename_role(PATH, &text, "big", "b").unwrap();
    assert_eq!(*renamed, text.replacen("big", "b", 1));
    let rest = remove_role(PATH, &text, "big").unwrap();
    assert_eq!(rest, with_r("{'assume_roles': {'a': {R}}}"));
}

#[test]
fn an_entry_by_itself_is_checked_with_places_of_its_own() {
    let mut wrong = Vec::new();
    for (entry, said) in [
        (quotes(R), ""),
        (quotes(&format!("\n {R}\n\n")), ""),
        (
            quotes("{\n  'aws_profile': 'p',\n  'aws_role': 'r',\n}"),
            "3:18 «,» ",
        ),
        (
            quotes("{\n  'aws_profile': 'p'\n  'aws_role': 'r'\n}"),
            "2:21 «» a comma is missing",
        ),
        (
            quotes("{\n  'aws_profile': 'p',\n  'aws_role': 'r'\n"),
            "1:1 «{» ",
        ),
        (quotes(&format!("{R}, 'b': {R}")), "1:69 «,» "),
        (quotes("'r'"), "1:1 «\"r\"» a role must be an object"),
        (String::new(), "1:1 «» the file is empty"),
    ] {
        let found = check_entry(PATH, &entry).err();
        let found = found.as_ref().map(told).unwrap_or_default();
        if !found.starts_with(said) || found.is_empty() != said.is_empty() {
            wrong.push(format!("{entry}\n{found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

proptest! {
    /// Whatever is done to one role, the others are as they were.
    #[test]
    fn the_others_are_as_they_were(space in "[ \n\t]{0,3}", count in 1_usize..6, at in 0_usize..6) {
        let at = at % count;
        let name = |number: usize| format!("r{number}");
        let roles: Vec<String> = (0..count)
            .map(|number| format!("\"{}\"{space}:{space}{}", name(number), quotes(R)))
            .collect();
        let text = Arc::new(format!("{{{space}\"assume_roles\":{{{space}{}{space}}}{space}}}", roles.join(&format!("{space},{space}"))));
        let removed = remove_role(PATH, &text, &name(at)).unwrap();
        let renamed = rename_role(PATH, &text, &name(at), "new").unwrap();
        let entry = written_role(PATH, &text, &name(at)).unwrap().unwrap();
        prop_assert_eq!(&replace_role(PATH, &text, &name(at), &entry).unwrap(), &text);
        prop_assert_eq!(&rename_role(PATH, &renamed, "new", &name(at)).unwrap(), &text);
        let left: Vec<String> = (0..count).filter(|number| *number != at).map(name).collect();
        prop_assert_eq!(config(&removed).role_names(), left);
    }
}
