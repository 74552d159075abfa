//! The rules of one role, each broken once.

use assumerole_core::aws::ids::Partition;
use assumerole_core::config::{Config, Role};
use assumerole_core::environment::table;

use crate::{config, short, told, warned};

/// Keys of a role that is good, but for `aws_role`.
const GOOD: &str = r#""aws_profile": "p", "aws_account": "123456789012""#;

/// A file with the one role `r`, whose members are `body`. The first of them
/// is at 1:26.
fn file(body: &str) -> Config {
    config(&format!(r#"{{"assume_roles": {{"r": {{ {body} }}}}}}"#))
}

fn role(body: &str) -> Role {
    match file(body).role("r") {
        Ok(role) => role.unwrap_or_else(|| panic!("{body}")),
        Err(error) => panic!("{body}\n{}", told(&error)),
    }
}

/// The error of a role that has to have one.
fn refused(body: &str) -> String {
    match file(body).role("r") {
        Ok(_) => panic!("was accepted: {body}"),
        Err(error) => told(&error),
    }
}

/// A good role and one member more.
fn refused_with(member: &str) -> String {
    refused(&format!("{member}, {GOOD}, \"aws_role\": \"x\""))
}

#[test]
fn required_keys() {
    for (body, expected) in [
        (
            r#""aws_account": "123456789012", "aws_role": "x""#,
            r#"1:19 «"r"» role "r" has no aws_profile | add "aws_profile": "PROFILE", the profile of ~/.aws whose credentials call STS"#,
        ),
        (
            r#""aws_profile": "p", "aws_role": "x""#,
            r#"1:19 «"r"» role "r" has no aws_account | add "aws_account": "123456789012", the account that owns the role"#,
        ),
        (
            r#""aws_profile": "p", "aws_account": "123456789012""#,
            r#"1:19 «"r"» role "r" has no aws_role | add "aws_role": "NAME", the name of the role in its account"#,
        ),
        // A null is as good as nothing.
        (
            r#""aws_profile": null, "aws_account": "123456789012", "aws_role": "x""#,
            r#"1:19 «"r"» role "r" has no aws_profile | add "aws_profile": "PROFILE", the profile of ~/.aws whose credentials call STS"#,
        ),
        // A misspelt key is the better explanation.
        (
            r#""aws_profile": "p", "aws_acount": "123456789012", "aws_role": "x""#,
            r#"1:46 «"aws_acount"» role "r" has no aws_account | write aws_account instead of "aws_acount""#,
        ),
        (
            r#""profile": "p", "aws_account": "123456789012", "aws_role": "x""#,
            r#"1:26 «"profile"» role "r" has no aws_profile | write aws_profile instead of "profile""#,
        ),
        (
            r#""aws_profile": "", "aws_account": "123456789012", "aws_role": "x""#,
            r#"1:41 «""» role "r": aws_profile is empty | give it a value, or remove the key"#,
        ),
        (
            r#""aws_profile": "p", "aws_role": "x", "aws_role": "y""#,
            r#"1:63 «"aws_role"» role "r" has aws_role twice: the first aws_role is at ~/.assumerole:1:46 | remove one of the two"#,
        ),
    ] {
        assert_eq!(refused(body), expected, "{body}");
    }
}

#[test]
fn a_role_is_an_object() {
    for (value, kind) in [
        ("[]", "a list"),
        ("\"read\"", "a string"),
        ("12", "a number"),
        ("true", "true or false"),
        ("null", "null"),
    ] {
        let error = config(&format!(r#"{{"assume_roles": {{"r": {value}}}}}"#)).role("r");
        let expected = format!("1:24 «{value}» role \"r\" must be an object, this is {kind} | ");
        assert_eq!(error.as_ref().map_err(told), Err(expected));
    }
}

#[test]
fn wrong_types() {
    for (member, expected) in [
        (
            r#""aws_mfa_arn": 12"#,
            "1:41 «12» role \"r\": aws_mfa_arn must be a string, this is a number | ",
        ),
        (
            r#""aws_region": ["eu-central-1"]"#,
            "1:40 «[\"eu-central-1\"]» role \"r\": aws_region must be a string, this is a list | ",
        ),
        (
            r#""sshkey": {}"#,
            "1:36 «{}» role \"r\": sshkey must be a string, this is an object | ",
        ),
        (
            r#""sshkey": false"#,
            "1:36 «false» role \"r\": sshkey must be a string, this is true or false | ",
        ),
        (
            r#""max_session_duration": true"#,
            "1:50 «true» role \"r\": max_session_duration must be a whole number of seconds, this is true or false | ",
        ),
        (
            r#""environment": "A=b""#,
            r#"1:41 «"***"» role "r": environment must be an object or a list, this is a string | write {"MYVAR": "my value"}"#,
        ),
        (
            r#""aws_region": "\ud800""#,
            r#"1:40 «"\ud800"» role "r": aws_region is not text: an escape \uD800 to \uDFFF is half a character, and the other half is missing | "#,
        ),
        (
            r#""sshkey": "a\u0000b""#,
            r#"1:36 «"a\u0000b"» role "r": sshkey holds a NUL character (\u0000) | "#,
        ),
        (
            r#""\udc00": 1"#,
            r#"1:26 «"\udc00"» this key is not text: an escape \uD800 to \uDFFF is half a character, and the other half is missing | "#,
        ),
    ] {
        assert_eq!(refused_with(member), expected, "{member}");
    }
}

#[test]
fn accounts() {
    let account =
        |value: &str| format!(r#""aws_profile": "p", "aws_role": "x", "aws_account": {value}"#);
    for good in [r#""123456789012""#, "123456789012"] {
        assert_eq!(
            role(&account(good)).aws_account.value.as_str(),
            "123456789012"
        );
    }
    let zeros = role(&account(r#""000000000012""#));
    assert_eq!(zeros.aws_account.value.as_str(), "000000000012");
    let string = r#"write it as a string, "012345678901": a number loses its leading zeros"#;
    for (value, why, hint) in [
        (
            r#""12345678901""#,
            "an AWS account has 12 digits, this has 11",
            "",
        ),
        (
            r#""1234-5678-9012""#,
            "an AWS account is 12 digits and nothing else",
            "",
        ),
        (
            r#"" 123456789012""#,
            "an AWS account is 12 digits and nothing else",
            "",
        ),
        (
            "12345678901",
            "an AWS account has 12 digits, this has 11",
            string,
        ),
        (
            "1.2e11",
            "an AWS account is 12 digits and nothing else",
            string,
        ),
        (
            "-123456789012",
            "an AWS account is 12 digits and nothing else",
            string,
        ),
    ] {
        let expected =
            format!("1:78 «{value}» role \"r\": aws_account is not valid: {why} | {hint}");
        assert_eq!(refused(&account(value)), expected);
    }
    assert_eq!(
        refused(&account("[123456789012]")),
        "1:78 «[123456789012]» role \"r\": aws_account must be a string of 12 digits, this is a list | "
    );
}

#[test]
fn role_names_and_arns() {
    for (name, arn) in [
        ("read", "arn:aws-cn:iam::123456789012:role/read"),
        (
            "path/to/admin",
            "arn:aws-cn:iam::123456789012:role/path/to/admin",
        ),
        (
            "/path/admin",
            "arn:aws-cn:iam::123456789012:role/path/admin",
        ),
        ("a+=,.@_-Z", "arn:aws-cn:iam::123456789012:role/a+=,.@_-Z"),
        // Its own partition wins.
        (
            "arn:aws-us-gov:iam::123456789012:role/p/x",
            "arn:aws-us-gov:iam::123456789012:role/p/x",
        ),
    ] {
        let role = role(&format!(r#"{GOOD}, "aws_role": "{name}""#));
        let partition: Partition = "aws-cn".parse().unwrap();
        assert_eq!(role.arn(&partition).to_string(), arn);
    }
    let alone = role(r#""aws_profile": "p", "aws_role": "arn:aws:iam::123456789012:role/p/x""#);
    assert_eq!(alone.aws_account.value.as_str(), "123456789012");
    assert_eq!(alone.aws_account.span, alone.aws_role.span);
    assert_eq!(alone.aws_role.value, "p/x");

    let long = "x".repeat(65);
    for (name, why) in [
        (
            "read only",
            "a role name has letters, digits and +=,.@_- only, this has ' '",
        ),
        ("path/", "a role name is missing"),
        ("a//b", "the path of the role is not one IAM accepts"),
        (&long, "a role name has at most 64 characters, this has 65"),
        (
            "arn:aws:iam::123456789012:user/x",
            "a role ARN looks like arn:aws:iam::123456789012:role/NAME",
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/x/y",
            "a role ARN looks like arn:aws:iam::123456789012:role/NAME",
        ),
        (
            "arn:aws:iam::12345678901:role/x",
            "an AWS account has 12 digits, this has 11",
        ),
    ] {
        let body = format!(r#"{GOOD}, "aws_role": "{name}""#);
        let expected = format!("1:89 «\"{name}\"» role \"r\": aws_role is not valid: {why} | ");
        assert_eq!(refused(&body), expected);
    }
}

#[test]
fn an_arn_that_contradicts_the_account_points_at_both() {
    let body = r#""aws_profile": "p", "aws_role": "arn:aws:iam::123456789012:role/x", "aws_account": "210987654321""#;
    assert_eq!(
        refused(body),
        "1:58 «\"arn:aws:iam::123456789012:role/x\"» role \"r\": aws_role is in account 123456789012, \
         aws_account says 210987654321: aws_account is at ~/.assumerole:1:109 | \
         correct the wrong one, or remove aws_account: the ARN has the account"
    );
    assert!(
        file(&body.replace("210987654321", "123456789012"))
            .role("r")
            .is_ok()
    );
}

#[test]
fn mfa_devices_and_regions() {
    let body = |members: &str| format!("{GOOD}, \"aws_role\": \"x\", {members}");
    let with = role(&body(
        r#""aws_mfa_arn": "GAHT12345678", "aws_region": "us-gov-east-1""#,
    ));
    assert_eq!(
        with.aws_mfa_arn.map(|d| d.value.to_string()).as_deref(),
        Some("GAHT12345678")
    );
    assert_eq!(
        with.aws_region.map(|r| r.value.to_string()).as_deref(),
        Some("us-gov-east-1")
    );
    let without = role(&body(r#""aws_mfa_arn": null, "aws_region": null"#));
    assert_eq!((without.aws_mfa_arn, without.aws_region), (None, None));
    for (member, expected) in [
        (
            r#""aws_mfa_arn": """#,
            "1:41 «\"\"» role \"r\": aws_mfa_arn is empty | write false if the base user has no MFA device: no code is asked for then",
        ),
        (
            r#""aws_mfa_arn": "arn:aws:iam::210987654321:user/jdoe""#,
            "1:41 «\"arn:aws:iam::210987654321:user/jdoe\"» role \"r\": aws_mfa_arn is not valid: the ARN of an MFA device looks like arn:aws:iam::123456789012:mfa/NAME | ",
        ),
        (
            r#""aws_mfa_arn": "jdoe""#,
            "1:41 «\"jdoe\"» role \"r\": aws_mfa_arn is not valid: an MFA device is its ARN (arn:aws:iam::123456789012:mfa/NAME) or a serial number | ",
        ),
        (
            r#""aws_region": "EU-Central-1""#,
            "1:40 «\"EU-Central-1\"» role \"r\": aws_region is not valid: a region is lower-case letters, digits and hyphens, such as eu-central-1 | ",
        ),
        (
            r#""aws_region": "evil.example/""#,
            "1:40 «\"evil.example/\"» role \"r\": aws_region is not valid: a region is lower-case letters, digits and hyphens, such as eu-central-1 | ",
        ),
    ] {
        assert_eq!(refused_with(member), expected);
    }
}

#[test]
fn durations() {
    let duration =
        |value: &str| format!(r#""max_session_duration": {value}, {GOOD}, "aws_role": "x""#);
    for (value, seconds) in [
        ("900", Some(900)),
        ("43200", Some(43_200)),
        ("\"3600\"", Some(3600)),
        ("null", None),
    ] {
        let found = role(&duration(value)).max_session_duration;
        assert_eq!(found.map(|d| d.value), seconds, "{value}");
    }
    for value in ["899", "43201", "0", "\"60\"", "99999999999999999999"] {
        let expected = format!(
            "1:50 «{value}» role \"r\": max_session_duration is out of range: \
             AWS grants a role session of 15 minutes to 12 hours, in seconds: 900 to 43200 | "
        );
        assert_eq!(refused(&duration(value)), expected);
    }
    for (value, shown) in [
        ("3600.0", "\"3600.0\""),
        ("1e3", "\"1e3\""),
        ("-3600", "\"-3600\""),
        ("\"1h\"", "\"1h\""),
        ("\"\"", "\"\""),
    ] {
        let expected = format!(
            "1:50 «{value}» role \"r\": max_session_duration must be a whole number of seconds, \
             this is {shown} | write seconds: an hour is 3600"
        );
        assert_eq!(refused(&duration(value)), expected);
    }
}

#[test]
fn a_private_key_in_the_place_of_its_path_is_refused_and_not_shown() {
    let error = refused_with(r#""sshkey": "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n""#);
    assert!(error.starts_with("1:36 «\"***"), "{error}");
    assert!(error.contains("must be the path of a private key, this is its content"));
    assert!(!error.contains("c2VjcmV0"));
}

#[test]
fn environments() {
    let body = |list: &str| format!(r#""environment": {list}, {GOOD}, "aws_role": "x""#);
    let list = r#"[{"name": "A", "value": "a b"}, {"value": 1.50, "name": "_b2"},
        {"name": "C", "value": true}, {"name": "D", "value": ""}, {"name": "AWS_REGION", "value": "x"}]"#;
    let found = role(&body(list)).environment;
    let pairs: Vec<_> = found
        .iter()
        .map(|variable| (variable.name.value.as_str(), variable.value.value.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("A", "a b"),
            ("_b2", "1.50"),
            ("C", "true"),
            ("D", ""),
            ("AWS_REGION", "x")
        ]
    );
    assert!(role(&body("[]")).environment.is_empty());
    assert!(role(&body("{}")).environment.is_empty());
    let map = r#"{"A": "a b", "_b2": 1.50, "C": true, "gone": null, "D": "", "AWS_REGION": "x"}"#;
    let found = role(&body(map)).environment;
    let mapped: Vec<_> = found
        .iter()
        .map(|variable| (variable.name.value.as_str(), variable.value.value.as_str()))
        .collect();
    assert_eq!(mapped, pairs);
    for (list, expected) in [
        (
            r#"["A=b"]"#,
            r#"1:42 «"***"» role "r": environment entry 1 must be an object, this is a string | "#,
        ),
        (
            r#"[{"name": "A"}]"#,
            r#"1:42 «{"name": "A"}» role "r": environment entry 1 has no value | add "value": "", an empty one if need be"#,
        ),
        (
            r#"[{"name": "A", "value": null}]"#,
            r#"1:42 «{"name": "A", "value": ****}» role "r": environment entry 1 has no value | add "value": "", an empty one if need be"#,
        ),
        (
            r#"[{"name": "A", "val": "b"}]"#,
            r#"1:56 «"val"» role "r": environment entry 1 has no value | write value instead of "val""#,
        ),
        (
            r#"[{"value": ""}]"#,
            r#"1:42 «{"value": ""}» role "r": environment entry 1 has no name | add "name": "MYVAR""#,
        ),
        (
            r#"[{"name": "A", "value": ""}, {"name": "A", "value": [1]}]"#,
            r#"1:93 «[*]» role "r": environment entry 2: value must be a string, this is a list | "#,
        ),
        (
            r#"[{"name": "A", "value": "hunter2\u0000"}]"#,
            r#"1:65 «"*************"» role "r": environment entry 1: value holds a NUL character (\u0000) | "#,
        ),
        (
            r#"{"A": ["b"]}"#,
            r#"1:47 «["*"]» role "r": environment A must be a string, this is a list | "#,
        ),
        (
            r#"{"A-B": "b"}"#,
            r#"1:42 «"A-B"» role "r": environment "A-B" is not the name of a variable: a name has letters, digits and underscores and begins with no digit | "#,
        ),
        (
            r#"{"AWS_PROFILE": "b"}"#,
            r#"1:42 «"AWS_PROFILE"» role "r": environment AWS_PROFILE cannot be set here: it is among the variables that assumerole itself sets or removes | remove this entry"#,
        ),
    ] {
        assert_eq!(refused(&body(list)), expected);
    }
    for name in ["A-B", "1A", "A=B", "A B", "é", "A\\u0000", "$A", "a.b"] {
        let error = refused(&body(&format!(r#"[{{"name": "{name}", "value": ""}}]"#)));
        assert!(error.starts_with(&format!("1:51 «\"{name}\"»")), "{error}");
    }
    for name in table::reserved() {
        let error = refused(&body(&format!(r#"[{{"name": "{name}", "value": ""}}]"#)));
        assert!(
            error.contains(&format!("name {name} cannot be set here")),
            "{error}"
        );
    }
}

#[test]
fn odd_things_are_warned_of_in_their_order() {
    let file = file(&format!(
        r#""aws_regoin": 1, {GOOD}, "environment": [{{"name": "A", "value": "1", "x": 0}}, {{"name": "A", "value": "2"}}], "aws_role": "x", "color": "red""#
    ));
    let role = file.role("r").unwrap().unwrap();
    let warnings = file.warnings_of(&role);
    let warnings: Vec<_> = warnings.iter().map(warned).map(short).collect();
    assert_eq!(
        warnings,
        [
            r#"1:26 «"aws_regoin"» role "r" has an unknown key "aws_regoin" | did you mean aws_region?"#,
            r#"1:138 «"x"» role "r": environment entry 1 has an unknown key "x" | the keys here are name, value"#,
            r#"1:156 «"A"» role "r": environment sets A again | the last value counts; remove the others"#,
            r#"1:194 «"color"» role "r" has an unknown key "color" | the keys here are aws_profile…"#,
        ]
    );
    let values: Vec<_> = role
        .environment
        .iter()
        .map(|v| v.value.value.as_str())
        .collect();
    assert_eq!(values, ["2"]);
}

#[test]
fn names_of_roles() {
    let named = |name: &str| {
        config(&format!(
            r#"{{"assume_roles": {{"{name}": {{{GOOD}, "aws_role": "x"}}}}}}"#
        ))
    };
    for (written, name) in [
        ("caf\\u00e9", "café"),
        ("a b/c", "a b/c"),
        ("\\\"", "\""),
        ("ロール", "ロール"),
    ] {
        let config = named(written);
        assert_eq!(config.role_names(), [name]);
        assert_eq!(config.role(name).unwrap().unwrap().name.value, name);
        assert_eq!(config.role(written).unwrap().is_some(), written == name);
    }
    for (written, name, message) in [
        ("", "", "a role has an empty name"),
        (
            "a\\nb",
            "a\nb",
            r#"the name of role "a\nb" has a control character"#,
        ),
        (
            "\\u001b[31m",
            "\u{1b}[31m",
            r#"the name of role "\u{1b}[31m" has a control character"#,
        ),
    ] {
        let error = named(written).role(name).unwrap_err();
        assert_eq!(error.message(), message);
    }
}

#[test]
fn a_wrong_role_stands_in_no_others_way() {
    let config = config(
        r#"{"assume_roles": {
            "bad": {"aws_profile": 1},
            "good": {"aws_profile": "p", "aws_account": "123456789012", "aws_role": "x"}
        }}"#,
    );
    assert!(config.role("good").unwrap().is_some());
    assert_eq!(
        config.role("bad").as_ref().map_err(told),
        Err("2:36 «1» role \"bad\": aws_profile must be a string, this is a number | ".to_owned())
    );
    assert_eq!(config.role_names(), ["bad", "good"]);
}
