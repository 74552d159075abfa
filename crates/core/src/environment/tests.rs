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
        account: &account,
        region: region.as_ref(),
        credentials: &credentials,
        extra: &extra(own),
    };
    let base = without_role(inherited);
    let set = variables(&given, &base, Some("/home/me"), &|_| None).unwrap();
    with_role(base, &set)
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
