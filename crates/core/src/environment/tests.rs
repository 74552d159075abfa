use super::*;

fn pairs(list: &[(&str, &str)]) -> Pairs {
    list.iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn text(pairs: &Pairs, name: &str) -> Option<String> {
    let (_, value) = pairs.iter().find(|(have, _)| have == name)?;
    value.to_str().map(str::to_owned)
}

fn extra(list: &[(&str, &str)]) -> Vec<EnvVar> {
    list.iter()
        .map(|(name, value)| EnvVar {
            name: Spanned::new((*name).to_owned(), 0..0),
            value: Spanned::new((*value).to_owned(), 0..0),
        })
        .collect()
}

/// What runs in `role` when `assumerole` itself inherits `inherited`.
fn within(inherited: Pairs, role: &str, region: Option<&str>, own: &[(&str, &str)]) -> Pairs {
    let credentials = Credentials {
        access_key_id: format!("ASIA-{role}"),
        secret_access_key: format!("secret-{role}").into(),
        session_token: Some(format!("token-{role}").into()),
        expires: Some("2026-11-23T10:00:00Z".parse().unwrap()),
    };
    let account: AccountId = "123456789012".parse().unwrap();
    let region: Option<Region> = region.map(|region| region.parse().unwrap());
    let given = Given {
        role,
        account: Some(&account),
        region: region.as_ref(),
        credentials: &credentials,
        ends: credentials.expires,
        now: "2026-11-23T09:00:00Z".parse().unwrap(),
        note: None,
        flags: &[],
        tags: &[],
        extra: &extra(own),
    };
    let base = without_role(inherited);
    let set = variables(&given, &base, Some("/home/me"), &|_| None).unwrap();
    with_role(base, &set, Names::Exact)
}

#[test]
fn everything_of_the_contract_is_set() {
    let env = within(
        pairs(&[
            ("PATH", "/bin"),
            ("AWS_PROFILE", "x"),
            ("AWS_DEFAULT_PROFILE", "y"),
            ("AWS_SESSION_TOKEN", "old"),
            ("AWS_SECURITY_TOKEN", "older"),
        ]),
        "read",
        Some("eu-west-1"),
        &[],
    );
    for (name, value) in [
        ("PATH", "/bin"),
        ("AWS_ACCESS_KEY_ID", "ASIA-read"),
        ("AWS_SECRET_ACCESS_KEY", "secret-read"),
        ("AWS_SESSION_TOKEN", "token-read"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCOUNT", "read"),
        ("aws_account", "read"),
        ("AWSUME_PROFILE", "read"),
        ("AWS_ACCOUNT_ID", "123456789012"),
        ("AWS_EXPIRATION", "2026-11-23T10:00:00Z"),
        ("AWS_CREDENTIAL_EXPIRATION", "2026-11-23T10:00:00Z"),
        ("ASSUMEROLE_EXPIRES", "1795428000"),
        ("ASSUMEROLE_CHECK_AT", "1795427400"),
    ] {
        assert_eq!(text(&env, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(text(&env, "AWS_PROFILE"), None);
    assert_eq!(text(&env, "AWS_DEFAULT_PROFILE"), None);
    assert_eq!(text(&env, "AWS_SECURITY_TOKEN"), None);
    let mut names: Vec<_> = env.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), env.len(), "no name twice");
}

#[test]
fn a_role_without_a_region_unsets_the_regions() {
    let env = within(
        pairs(&[
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]),
        "read",
        None,
        &[],
    );
    assert_eq!(
        (text(&env, "AWS_REGION"), text(&env, "AWS_DEFAULT_REGION")),
        (None, None)
    );
}

#[test]
fn nothing_of_an_outer_role_is_left_and_what_was_before_comes_back() {
    let person = pairs(&[
        ("EDITOR", "vi"),
        ("AWS_REGION", "us-east-1"),
        ("HOME", "/home/me"),
    ]);
    let outer = within(
        person.clone(),
        "outer",
        Some("eu-west-1"),
        &[("EDITOR", "nano"), ("ONLY_OUTER", "1")],
    );
    assert_eq!(text(&outer, "EDITOR").as_deref(), Some("nano"));
    let inner = within(outer, "inner", None, &[("SAW", "$EDITOR")]);
    assert_eq!(text(&inner, "EDITOR").as_deref(), Some("vi"));
    assert_eq!(text(&inner, "SAW").as_deref(), Some("vi"));
    assert_eq!(
        (text(&inner, "ONLY_OUTER"), text(&inner, "AWS_REGION")),
        (None, None)
    );
    // Three deep, and back to what it was.
    let mut back = without_role(within(inner, "third", None, &[]));
    back.sort();
    let mut person = person;
    person.sort();
    assert_eq!(back, person);
}

#[test]
fn a_note_by_somebody_else_brings_back_no_credentials() {
    let note =
        r#"{"AWS_SECRET_ACCESS_KEY": "x", "AWS_PROFILE": "p", "A=B": "c", "": "d", "FINE": "e"}"#;
    let env = without_role(pairs(&[(RESTORE, note), ("FINE", "f")]));
    assert_eq!(env, pairs(&[("FINE", "e")]));
    // A note that is none is just dropped.
    assert_eq!(
        without_role(pairs(&[(RESTORE, "{"), ("FINE", "f")])),
        pairs(&[("FINE", "f")])
    );
}

#[test]
fn values_see_the_role_and_the_entries_before_them() {
    let env = within(
        pairs(&[("PATH", "/bin")]),
        "read",
        None,
        &[
            ("A", "$AWS_ACCOUNT_ID"),
            ("B", "${A}:$PATH"),
            ("C", "~/x"),
            ("D", "$(rm -rf /) `id` $$ $1"),
        ],
    );
    assert_eq!(text(&env, "B").as_deref(), Some("123456789012:/bin"));
    assert_eq!(text(&env, "C").as_deref(), Some("/home/me/x"));
    assert_eq!(text(&env, "D").as_deref(), Some("$(rm -rf /) `id` $$ $1"));
}

#[test]
fn no_secret_in_debug() {
    let variable = Variable {
        name: "A".to_owned(),
        value: "hidden".into(),
    };
    assert!(!format!("{variable:?}").contains("hidden"));
}

#[test]
fn bytes_that_are_no_text_come_back() {
    use std::os::unix::ffi::OsStrExt;
    let value = OsStr::from_bytes(b"a\xff\"b").to_owned();
    let person = vec![("EDITOR".into(), value)];
    let outer = within(person.clone(), "outer", None, &[("EDITOR", "nano")]);
    let inner = within(outer, "inner", None, &[("EDITOR", "vi")]);
    assert_eq!(without_role(inner), person);
    // Never something that no environment can hold.
    for note in [
        r#"{"A": [98, 0]}"#,
        r#"{"A": "b\u0000"}"#,
        r#"{"A": [256]}"#,
        r#"{"A": {}}"#,
    ] {
        assert_eq!(without_role(pairs(&[(RESTORE, note)])), []);
    }
}

/// What `changes` make of `shell`.
fn applied(mut shell: Pairs, changes: &[VariableChange]) -> Pairs {
    for change in changes {
        shell.retain(|(name, _)| name != change.name.as_str());
        if let Some(value) = &change.value {
            let value = String::from_utf8(value.expose_secret().to_vec()).unwrap();
            shell.push((change.name.clone().into(), value.into()));
        }
    }
    shell.sort();
    shell
}

fn variable(name: &str, value: &str) -> Variable {
    Variable {
        name: name.to_owned(),
        value: value.into(),
    }
}

#[test]
fn a_shell_goes_into_roles_and_out_and_has_what_it_had() {
    let mut person = pairs(&[
        ("AWS_PROFILE", "mine"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_SECRET_ACCESS_KEY", "own"),
        ("EDITOR", "vi"),
        ("OTHER", "x"),
    ]);
    person.sort();
    let roles = [
        vec![
            variable("AWS_ACCESS_KEY_ID", "1"),
            variable("EDITOR", "nano"),
            variable("A", "1"),
        ],
        vec![
            variable("AWS_ACCESS_KEY_ID", "2"),
            variable("AWS_REGION", "eu-west-1"),
        ],
        vec![
            variable("AWS_ACCESS_KEY_ID", "2"),
            variable("AWS_REGION", "eu-west-1"),
        ],
    ];
    let kept = dropped(&person).unwrap();
    let mut shell = person.clone();
    for set in &roles {
        let mut wanted = with_role(without_role(shell.clone()), set, Names::Exact);
        wanted.sort();
        shell = applied(shell.clone(), &into_role(&shell, set, Names::Exact));
        assert_eq!(shell, wanted);
        assert!(is_in_role(&shell) && dropped(&shell).is_none());
    }
    shell = applied(shell.clone(), &out_of_role(&shell));
    assert!(!is_in_role(&shell));
    assert_eq!(applied(shell, &kept), person);
    assert!(out_of_role(&person).is_empty());
}

#[test]
fn a_role_that_is_tagged_prod_says_so() {
    let label = |name: &str, value: Option<&str>| Label {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    };
    for (tag, prod) in [
        (label("prod", None), true),
        (label("Prod", Some("x")), true),
        (label("stage", Some("PROD")), true),
        (label("stage", Some("prod-like")), false),
        (label("product", None), false),
    ] {
        assert_eq!(is_prod(&tag), prod, "{tag:?}");
    }
}

#[test]
fn renewing_changes_what_holds_credentials_and_leaves_the_rest_to_the_person() {
    let shell = pairs(&[
        ("TOKEN_OF_ROLE", "old"),
        ("AWS_REGION", "mine"),
        ("MYVAR", "mine"),
    ]);
    let set = [
        variable("AWS_ACCESS_KEY_ID", "ASIANEW"),
        variable("AWS_SESSION_TOKEN", "token"),
        variable("AWS_REGION", "eu-west-1"),
        variable("AWS_EXPIRATION", "later"),
        variable("MYVAR", "of the role"),
        variable("TOKEN_OF_ROLE", "Bearer token"),
        variable("ADDED_SINCE", "token"),
    ];
    let changes = renewed(&shell, &set);
    let names: Vec<&str> = changes.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
            "AWS_EXPIRATION",
            "TOKEN_OF_ROLE",
        ]
    );
}
