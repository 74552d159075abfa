//! The keys of a role that go with the request for a session, and those that
//! only people read.

use assumerole_core::aws::ids::{PolicyArn, SessionPolicy};
use assumerole_core::config::{Label, Policy, Role};

use crate::{config, told};

/// The rest of a good role.
const GOOD: &str = r#""aws_profile": "p", "aws_account": "123456789012", "aws_role": "x""#;

/// The role `r`, whose first members are `body`; the first of them is at 1:26.
fn read(body: &str) -> Result<Role, String> {
    let file = config(&format!(
        r#"{{"assume_roles": {{"r": {{ {body}, {GOOD} }}}}}}"#
    ));
    let role = file.role("r").map_err(|error| told(&error))?.unwrap();
    assert!(file.warnings_of(&role).is_empty(), "{body}");
    Ok(role)
}

fn role(body: &str) -> Role {
    read(body).unwrap_or_else(|error| panic!("{body}\n{error}"))
}

/// Each of them is refused, with these words.
fn refused(rows: &[(&str, &str)]) {
    for (body, expected) in rows {
        assert_eq!(read(body).unwrap_err(), *expected, "{body}");
    }
}

#[test]
fn names() {
    let session =
        role(r#""external_id": "acme:1/x", "session_name": "ci@acme", "source_identity": "j.doe""#)
            .session;
    assert_eq!(session.external_id.unwrap().value.as_str(), "acme:1/x");
    assert_eq!(session.name.unwrap().value.as_str(), "ci@acme");
    assert_eq!(session.source_identity.unwrap().value.as_str(), "j.doe");
    let none =
        role(r#""external_id": null, "session_name": null, "session_tags": null, "policy": null"#);
    assert_eq!(none.session, Default::default());
    refused(&[
        (
            r#""external_id": 12"#,
            r#"1:41 «12» role "r": external_id must be a string, this is a number | "#,
        ),
        (
            r#""external_id": "a b""#,
            r#"1:41 «"a b"» role "r": external_id is not valid: an external ID has letters, digits and _+=,.@:/- only, this has ' ' | "#,
        ),
        (
            r#""external_id": """#,
            r#"1:41 «""» role "r": external_id is empty | give it a value, or remove the key"#,
        ),
        (
            r#""session_name": "j doe""#,
            r#"1:42 «"j doe"» role "r": session_name is not valid: a session name has 2 to 64 letters, digits and _+=,.@- (a rule of STS) | "#,
        ),
        (
            r#""source_identity": "j""#,
            r#"1:45 «"j"» role "r": source_identity is not valid: a source identity has 2 to 64 characters, this has 1 | "#,
        ),
    ]);
}

#[test]
fn tags_of_the_session() {
    let tags = role(
        r#""transitive_tags": ["TEAM"], "session_tags": {"Team": "pay ments", "cost": "", "größe": "ü"}"#,
    )
    .session
    .tags
    .unwrap()
    .value;
    let shown: Vec<_> = tags
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str(), tag.transitive))
        .collect();
    assert_eq!(
        shown,
        [
            ("Team", "pay ments", true),
            ("cost", "", false),
            ("größe", "ü", false)
        ]
    );
    refused(&[
        (
            r#""session_tags": ["a"]"#,
            r#"1:42 «["a"]» role "r": session_tags must be an object, this is a list | write {"team": "payments"}"#,
        ),
        (
            r#""session_tags": {"a": 1}"#,
            r#"1:48 «1» role "r": session_tags "a" must be a string, this is a number | "#,
        ),
        (
            r#""session_tags": {"a": null}"#,
            r#"1:48 «null» role "r": session_tags "a" must be a string, this is null | "#,
        ),
        (
            r#""session_tags": {"a,b": "1"}"#,
            r#"1:43 «"a,b"» role "r": session_tags key "a,b" is not valid: the key of a session tag has letters, digits and spaces and _.:/=+-@ only, this has ',' | "#,
        ),
        (
            r#""session_tags": {"": "1"}"#,
            r#"1:43 «""» role "r": session_tags key "" is not valid: the key of a session tag has 1 to 128 characters, this has 0 | "#,
        ),
        (
            r#""session_tags": {"aws:x": "1"}"#,
            r#"1:43 «"aws:x"» role "r": session_tags key "aws:x" is not valid: AWS keeps keys that begin with aws: for itself | "#,
        ),
        (
            r#""session_tags": {"a": "x*"}"#,
            r#"1:48 «"x*"» role "r": session_tags "a" is not valid: the value of a session tag has letters, digits and spaces and _.:/=+-@ only, this has '*' | "#,
        ),
        (
            r#""session_tags": {"Team": "1", "tEAM": "2"}"#,
            r#"1:56 «"tEAM"» role "r": session_tags has the key "tEAM" twice: AWS ignores the case of keys: the first is at ~/.assumerole:1:43 | remove one of the two"#,
        ),
        (
            r#""session_tags": {"team": "1"}, "transitive_tags": "team""#,
            r#"1:76 «"team"» role "r": transitive_tags must be a list of strings, this is a string | "#,
        ),
        (
            r#""session_tags": {"team": "1"}, "transitive_tags": ["team", 1]"#,
            r#"1:85 «1» role "r": transitive_tags entry 2 must be a string, this is a number | "#,
        ),
        (
            r#""session_tags": {"team": "1"}, "transitive_tags": ["taem"]"#,
            r#"1:77 «"taem"» role "r": transitive_tags names "taem", which is not a key of session_tags | did you mean "team"?"#,
        ),
        (
            r#""transitive_tags": ["team"]"#,
            r#"1:46 «"team"» role "r": transitive_tags names "team", which is not a key of session_tags | add it to session_tags, or remove it here"#,
        ),
    ]);
}

#[test]
fn at_most_fifty_tags_and_ten_policies() {
    let tags = |count: usize| {
        let tags: Vec<String> = (0..count).map(|n| format!("\"k{n}\": \"\"")).collect();
        format!("\"session_tags\": {{{}}}", tags.join(","))
    };
    assert_eq!(role(&tags(50)).session.tags.unwrap().value.len(), 50);
    let error = read(&tags(52)).unwrap_err();
    assert!(
        error.contains(r#"«"k50"» role "r": session_tags has too many tags: AWS accepts at most 50 per session, this has 52"#),
        "{error}"
    );
    let arns = |count: usize| {
        let arns: Vec<String> = (0..count)
            .map(|n| format!("\"arn:aws:iam::aws:policy/p{n}\""))
            .collect();
        format!("\"policy_arns\": [{}]", arns.join(","))
    };
    let found = role(&arns(10)).session.policy_arns.unwrap().value;
    let last = found.last().map(PolicyArn::as_str);
    assert_eq!(
        (found.len(), last),
        (10, Some("arn:aws:iam::aws:policy/p9"))
    );
    let error = read(&arns(11)).unwrap_err();
    assert!(
        error.contains(
            "policy_arns has too many policies: AWS accepts at most 10 per session, this has 11"
        ),
        "{error}"
    );
}

#[test]
fn policies() {
    for (value, policy) in [
        (
            r#"{"Version": "2012-10-17", "Statement": []}"#,
            Policy::Inline(r#"{"Version":"2012-10-17","Statement":[]}"#.parse().unwrap()),
        ),
        (
            r#"" { \"Version\": 1 } ""#,
            Policy::Inline(r#"{"Version":1}"#.parse().unwrap()),
        ),
        (r#""~/p.json""#, Policy::File("~/p.json".to_owned())),
        (r#""/etc/p.json""#, Policy::File("/etc/p.json".to_owned())),
    ] {
        let found = role(&format!("\"policy\": {value}")).session.policy;
        assert_eq!(found.unwrap().value, policy, "{value}");
    }
    let long = format!(
        r#""policy": {{"x": "{}"}}"#,
        "x".repeat(SessionPolicy::LONGEST)
    );
    let error = read(&long).unwrap_err();
    assert!(
        error.contains("policy is not valid: a policy has at most 2048 characters, this has 2056"),
        "{error}"
    );
    refused(&[
        (
            r#""policy": [1]"#,
            r#"1:36 «[1]» role "r": policy must be an object, its text, or the path of a file, this is a list | "#,
        ),
        (
            r#""policy": "{\"a\": }""#,
            r#"1:36 «"{\"a\": }"» role "r": policy is not valid: a policy is JSON, and this is none: expected value at line 1 column 7 | "#,
        ),
        (
            r#""policy": "[]""#,
            r#"1:36 «"[]"» role "r": policy is not valid: a policy is a JSON object, {…} | "#,
        ),
        (
            r#""policy": {"a": "日"}"#,
            r#"1:36 «{"a": "日"}» role "r": policy is not valid: a policy has characters up to U+00FF only (a rule of STS), this has '日' | "#,
        ),
        (
            r#""policy": "p.json""#,
            r#"1:36 «"p.json"» role "r": policy is neither a policy nor the path of one | begin a policy with {, the path of its file with / or ~/"#,
        ),
        (
            r#""policy": "arn:aws:iam::aws:policy/x""#,
            r#"1:36 «"arn:aws:iam::aws:policy/x"» role "r": policy is the ARN of a managed policy | write "policy_arns": ["arn:aws:iam::aws:policy/x"]"#,
        ),
        (
            r#""policy_arns": "arn:aws:iam::aws:policy/x""#,
            r#"1:41 «"arn:aws:iam::aws:policy/x"» role "r": policy_arns must be a list of strings, this is a string | "#,
        ),
        (
            r#""policy_arns": ["ReadOnlyAccess"]"#,
            r#"1:42 «"ReadOnlyAccess"» role "r": policy_arns "ReadOnlyAccess" is not valid: the ARN of a policy looks like arn:aws:iam::aws:policy/NAME or arn:aws:iam::123456789012:policy/NAME | "#,
        ),
    ]);
}

#[test]
fn what_only_people_read() {
    let found = role(r#""description": "Reads all", "tags": {"team": "payments", "env": ""}"#);
    assert_eq!(found.description.unwrap().value, "Reads all");
    let label = |name: &str, value: Option<&str>| Label {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    };
    assert_eq!(
        found.tags,
        [label("team", Some("payments")), label("env", Some(""))]
    );
    let found = role(r#""tags": ["prod", "eu"]"#).tags;
    assert_eq!(found, [label("prod", None), label("eu", None)]);
    refused(&[
        (
            r#""description": ["x"]"#,
            r#"1:41 «["x"]» role "r": description must be a string, this is a list | "#,
        ),
        (
            r#""tags": "prod""#,
            r#"1:34 «"prod"» role "r": tags must be an object or a list of strings, this is a string | write {"team": "payments"} or ["prod"]"#,
        ),
        (
            r#""tags": ["prod", 1]"#,
            r#"1:43 «1» role "r": tags entry 2 must be a string, this is a number | "#,
        ),
        (
            r#""tags": {"team": 1}"#,
            r#"1:43 «1» role "r": tags "team" must be a string, this is a number | "#,
        ),
        (
            r#""tags": ["prod", "prod"]"#,
            r#"1:43 «"prod"» role "r": tags has "prod" twice | remove one of the two"#,
        ),
    ]);
}
