use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;

use super::*;
use crate::environment::{
    InPlace, Names, Pairs, Variable, dropped, into_role, out_of_role, with_role, without_role,
};

const PAGE: &str = include_str!("../../../../../docs/environment.md");

fn role() -> Vec<Variable> {
    [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, ROLE]
        .map(|name| Variable {
            name: name.to_owned(),
            value: format!("{name} of the role").into(),
        })
        .to_vec()
}

/// A person who has every variable of the table.
fn person() -> Pairs {
    let theirs = TABLE
        .iter()
        .filter(|row| row.before != Forgotten)
        .map(|row| (row.name.into(), "mine".into()));
    [("PATH".into(), "/bin".into())]
        .into_iter()
        .chain(theirs)
        .collect()
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a OsString> {
    let (_, value) = pairs.iter().find(|(have, _)| have == name)?;
    Some(value)
}

#[test]
fn each_name_stands_there_once_and_says_what_it_is() {
    let names: HashSet<&str> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    let of_server: HashSet<&str> = OF_SERVER.iter().map(|row| row.name).collect();
    assert_eq!(of_server.len(), OF_SERVER.len());
    assert!(names.is_disjoint(&of_server));
    for row in TABLE.iter().chain(OF_SERVER) {
        assert!(!row.holds.is_empty(), "{}", row.name);
        assert!(row.internal || !row.taken_by.is_empty(), "{}", row.name);
    }
}

#[test]
fn no_credential_is_noted_and_what_is_ours_means_nothing_outside() {
    for row in TABLE {
        if row.credential {
            assert!(row.is_dropped(), "{} may be noted", row.name);
        }
        assert_eq!(row.internal, row.before == Forgotten, "{}", row.name);
        let is_set = row.set || row.served == Served::Set;
        assert!(is_set || !row.printed && !row.internal, "{}", row.name);
    }
}

#[test]
fn nothing_that_was_inherited_is_left_in_a_role() {
    let inside = with_role(without_role(person()), &role(), Names::Exact);
    let set = role();
    for row in TABLE {
        let found = value(&inside, row.name).and_then(|value| value.to_str());
        match set.iter().find(|variable| variable.name == row.name) {
            Some(_) => assert_eq!(found, Some(format!("{} of the role", row.name).as_str())),
            None if row.name == RESTORE => assert!(found.is_some()),
            None => assert_eq!(found, None, "{}", row.name),
        }
    }
    assert_eq!(value(&inside, "PATH"), Some(&"/bin".into()));
}

#[test]
fn a_role_inside_and_leaving_it_bring_back_what_is_noted_and_no_more() {
    let inside = with_role(without_role(person()), &role(), Names::Exact);
    let before = without_role(inside.clone());
    // In place, and deeper, it is the same.
    let deeper = without_role(with_role(before.clone(), &role(), Names::Exact));
    for row in TABLE {
        let mine = (row.before == Noted).then(|| OsString::from("mine"));
        assert_eq!(value(&before, row.name), mine.as_ref(), "{}", row.name);
        assert_eq!(value(&deeper, row.name), mine.as_ref(), "{}", row.name);
    }
    let mut back: BTreeMap<String, bool> = BTreeMap::new();
    for change in out_of_role(&inside) {
        back.insert(change.name, change.value.is_some());
    }
    for row in TABLE.iter().filter(|row| row.before == Noted) {
        assert_eq!(back.get(row.name), Some(&true), "{}", row.name);
    }
}

#[test]
fn what_is_in_no_note_is_kept_by_the_shell() {
    let kept = dropped(&person()).unwrap();
    let kept: HashSet<&str> = kept.iter().map(|change| change.name.as_str()).collect();
    for row in TABLE {
        assert_eq!(kept.contains(row.name), row.is_dropped(), "{}", row.name);
    }
    let inside = with_role(without_role(person()), &role(), Names::Exact);
    let off = InPlace::new(&inside, None, Names::Exact);
    for row in TABLE.iter().filter(|row| row.is_dropped()) {
        let name = row.name.to_owned();
        assert!(off.uncovered.contains(&name), "{name}");
    }
}

#[test]
fn a_text_for_another_shell_unsets_all_that_the_role_does_not_set() {
    let set = role();
    let changes = into_role(&Pairs::new(), &set, Names::Exact);
    for row in TABLE {
        let change = changes.iter().find(|change| change.name == row.name);
        let is_set = row.name == RESTORE || set.iter().any(|v| v.name == row.name);
        assert_eq!(
            change.map(|change| change.value.is_some()),
            Some(is_set),
            "{}",
            row.name
        );
    }
}

/// A line of the table in the page.
fn line(row: &Row) -> String {
    let yes = |yes: bool| if yes { "yes" } else { "" };
    let kept = OF_SERVER.iter().any(|kept| kept.name == row.name);
    let in_role = match (row.set, kept) {
        (true, _) => "set",
        (false, false) => "unset",
        (false, true) => "kept",
    };
    let served = match row.served {
        Served::Same => "",
        Served::Unset => "unset",
        Served::Set => "set",
    };
    let before = match row.before {
        Noted => "noted",
        Dropped => "dropped",
        Forgotten => "none",
    };
    let cells = [
        &format!("`{}`", row.name),
        row.holds,
        in_role,
        served,
        before,
        yes(row.credential),
        yes(row.internal),
        yes(!row.reserved),
        row.taken_by,
    ];
    cells.iter().fold("|".to_owned(), |line, cell| match cell {
        &"" => line + " |",
        cell => format!("{line} {cell} |"),
    })
}

#[test]
fn the_page_shows_the_table() {
    let wanted: Vec<String> = TABLE.iter().chain(OF_SERVER).map(line).collect();
    let found: Vec<&str> = PAGE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert!(
        found == wanted,
        "the table of docs/environment.md is:\n{}",
        wanted.join("\n")
    );
}
