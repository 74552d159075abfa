use std::collections::BTreeMap;

use super::*;
use crate::environment::Pairs;
use crate::environment::table::{OF_SERVER, TABLE};
use crate::environment::{Names, into_role, out_of_role, with_role, without_role};

const TOKEN: &str = "token-of-the-server";

fn variable(name: &str, value: &str) -> Variable {
    Variable {
        name: name.to_owned(),
        value: value.into(),
    }
}

/// A role that sets all that a role can.
fn role() -> Vec<Variable> {
    let set = TABLE
        .iter()
        .filter(|row| row.set && row.name != table::RESTORE);
    set.map(|row| variable(row.name, "of the role")).collect()
}

fn in_role(base: &Pairs) -> Vec<Variable> {
    let token = TOKEN.into();
    let server = Server {
        uri: "http://127.0.0.1:1/role/read",
        token: &token,
        token_file: Some("/run/token"),
        files: Some(AwsFileCopies {
            config: "/run/config",
            credentials: "/run/credentials",
        }),
    };
    served(role(), base, &server)
}

/// A person who has every variable that leads to a server.
fn person() -> Pairs {
    let rows = TABLE
        .iter()
        .filter(|row| row.before != table::Before::Forgotten);
    let names = rows.chain(OF_SERVER).map(|row| row.name);
    names.map(|name| (name.into(), "mine".into())).collect()
}

fn read(pairs: &Pairs) -> BTreeMap<String, String> {
    let text = |text: &OsString| text.to_str().unwrap().to_owned();
    pairs
        .iter()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

#[test]
fn what_leads_there_takes_the_place_of_credentials_and_of_their_end() {
    let base = without_role(person());
    let env = read(&with_role(base.clone(), &in_role(&base), Names::Exact));
    for row in TABLE.iter().chain(OF_SERVER) {
        let found = env.get(row.name).map(String::as_str);
        let is_there = match row.served {
            Served::Unset => false,
            Served::Set => true,
            Served::Same => row.set,
        };
        assert_eq!(found.is_some(), is_there, "{}: {found:?}", row.name);
        assert_ne!(found, Some("mine"), "{}", row.name);
    }
    assert_eq!(env["AWS_CONTAINER_AUTHORIZATION_TOKEN"], TOKEN);
    assert_eq!(env["NO_PROXY"], "mine,127.0.0.1");
}

#[test]
fn a_role_inside_another_and_leaving_find_nothing_of_the_server() {
    for person in [Pairs::new(), person()] {
        let base = without_role(person.clone());
        let inside = with_role(base.clone(), &in_role(&base), Names::Exact);
        assert_eq!(read(&without_role(inside.clone())), read(&base));
        // Another role in this very shell, and none.
        let mut changed = [
            (into_role(&inside, &role(), Names::Exact), true),
            (out_of_role(&inside), false),
        ];
        for (changes, in_role) in &mut changed {
            for row in OF_SERVER.iter().chain(TABLE) {
                if row.served != Served::Set {
                    continue;
                }
                let change = changes.iter().find(|change| change.name == row.name);
                let value = change.map(|change| {
                    let bytes = change.value.as_ref()?.expose_secret();
                    Some(String::from_utf8_lossy(bytes).into_owned())
                });
                let taken = *in_role && row.name == table::CONTAINER_URI;
                let mine = !taken && !person.is_empty();
                let wanted = mine.then(|| "mine".to_owned());
                assert_eq!(value, Some(wanted), "{} in a role: {in_role}", row.name);
            }
        }
    }
}

#[test]
fn hosts_without_a_proxy_are_kept() {
    for (upper, lower, wanted) in [
        (None, None, ["127.0.0.1", "127.0.0.1"]),
        (Some("a"), None, ["a,127.0.0.1", "a,127.0.0.1"]),
        (None, Some("b,"), ["b,127.0.0.1", "b,127.0.0.1"]),
        (Some("a"), Some("b, c"), ["a,127.0.0.1", "b, c,127.0.0.1"]),
        (Some("*"), Some(""), ["*", "*"]),
        (
            Some("x, 127.0.0.1,y"),
            Some("127.0.0.10"),
            ["x, 127.0.0.1,y", "127.0.0.10,127.0.0.1"],
        ),
    ] {
        let [one, two] = table::NO_PROXY;
        let pairs = [(one, upper), (two, lower)];
        let there = pairs
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let wanted: Vec<_> = [one, two]
            .into_iter()
            .zip(wanted.map(str::to_owned))
            .collect();
        let base: Pairs = there
            .clone()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        assert_eq!(without_proxy(&[], &base), wanted);
        // What the role sets itself wins over what is inherited.
        let set: Vec<Variable> = there.map(|(name, value)| variable(name, value)).collect();
        let other: Pairs = table::NO_PROXY
            .map(|name| (name.into(), "other".into()))
            .to_vec();
        if set.len() == 2 {
            assert_eq!(without_proxy(&set, &other), wanted);
        }
    }
}
