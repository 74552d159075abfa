//! Each rule at its edges.

use super::*;

/// What is said of `text`; nothing if it fits.
fn said<T: FromStr<Err = Invalid>>(text: &str) -> String {
    text.parse::<T>().err().map(|why| why.0).unwrap_or_default()
}

#[test]
fn external_ids() {
    for good in ["ab", "acme:2024/x+=,.@_-", &"x".repeat(1224)] {
        assert_eq!(said::<ExternalId>(good), "");
    }
    for (wrong, why) in [
        ("", "an external ID has 2 to 1224 characters, this has 0"),
        ("a", "an external ID has 2 to 1224 characters, this has 1"),
        (
            &"x".repeat(1225),
            "an external ID has 2 to 1224 characters, this has 1225",
        ),
        (
            "a b",
            "an external ID has letters, digits and _+=,.@:/- only, this has ' '",
        ),
        (
            "é1",
            "an external ID has letters, digits and _+=,.@:/- only, this has 'é'",
        ),
    ] {
        assert_eq!(said::<ExternalId>(wrong), why);
    }
}

#[test]
fn source_identities() {
    for good in ["jd", "j.doe+x=1,@example_-", &"x".repeat(64)] {
        assert_eq!(said::<SourceIdentity>(good), "");
    }
    for (wrong, why) in [
        ("j", "a source identity has 2 to 64 characters, this has 1"),
        (
            &"x".repeat(65),
            "a source identity has 2 to 64 characters, this has 65",
        ),
        (
            "a:b",
            "a source identity has letters, digits and _+=,.@- only, this has ':'",
        ),
    ] {
        assert_eq!(said::<SourceIdentity>(wrong), why);
    }
}

#[test]
fn tags() {
    for good in [
        "a",
        "Cost Center",
        "größe/日本 1_.:=+-@",
        &"ü".repeat(128),
        "aw:s",
    ] {
        assert_eq!(said::<TagKey>(good), "");
    }
    let only = "the key of a session tag has letters, digits and spaces and _.:/=+-@ only";
    for (wrong, why) in [
        (
            "",
            "the key of a session tag has 1 to 128 characters, this has 0".to_owned(),
        ),
        (
            &"x".repeat(129),
            "the key of a session tag has 1 to 128 characters, this has 129".to_owned(),
        ),
        ("a,b", format!("{only}, this has ','")),
        ("a\tb", format!("{only}, this has '\\t'")),
        (
            "AWS:x",
            "AWS keeps keys that begin with aws: for itself".to_owned(),
        ),
    ] {
        assert_eq!(said::<TagKey>(wrong), why);
    }
    for good in ["", "aws:x", &"x".repeat(256)] {
        assert_eq!(said::<TagValue>(good), "");
    }
    assert!(said::<TagValue>(&"x".repeat(257)).ends_with("0 to 256 characters, this has 257"));
    assert!(said::<TagValue>("a*").ends_with("this has '*'"));
    let key: TagKey = "Größe".parse().unwrap();
    assert!(key.same("gRÖßE"));
    assert!(!key.same("Grosse"));
}

#[test]
fn policy_arns() {
    let partition: Partition = "aws-cn".parse().unwrap();
    let read_only = PolicyArn::read_only(&partition).to_string();
    assert_eq!(read_only, "arn:aws-cn:iam::aws:policy/ReadOnlyAccess");
    for good in [
        &read_only,
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
        "arn:aws:iam::123456789012:policy/mine",
    ] {
        assert_eq!(said::<PolicyArn>(good), "");
    }
    for wrong in [
        "",
        "ReadOnlyAccess",
        "arn:aws:iam::aws:role/x",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy/a b",
        "arn:aws:iam:eu-west-1:aws:policy/x",
        "arn:aws:s3:::policy/x",
    ] {
        assert!(said::<PolicyArn>(wrong).contains("looks like"), "{wrong}");
    }
    assert!(said::<PolicyArn>("arn:aws:iam::12:policy/x").contains("12 digits"));
    assert!(said::<PolicyArn>("arn:x:iam::aws:policy/x").contains("partition"));
    let long = format!("arn:aws:iam::aws:policy/{}", "x".repeat(2048));
    assert!(said::<PolicyArn>(&long).contains("looks like"));
}

#[test]
fn policies_are_sent_without_the_space_between_their_parts() {
    for (text, sent) in [
        ("{}", "{}"),
        (
            "\u{feff} {\n\t\"Sid\" : \"a \\\" { b\\\\\" ,\r\n \"x\": [1, 2] }\n",
            r#"{"Sid":"a \" { b\\","x":[1,2]}"#,
        ),
        ("{\"Sid\": \"é\"}", "{\"Sid\":\"é\"}"),
    ] {
        let policy: SessionPolicy = text.parse().unwrap();
        assert_eq!(policy.as_str(), sent);
    }
}

#[test]
fn policies_that_are_none() {
    let of = |length: usize| format!("{{ \"a\": \"{}\" }}", "x".repeat(length - 8));
    assert_eq!(said::<SessionPolicy>(&of(2048)), "");
    assert_eq!(
        said::<SessionPolicy>(&of(2049)),
        "a policy has at most 2048 characters, this has 2049, white space between its parts not counted"
    );
    for (text, why) in [
        ("", "a policy is JSON, and this is none: EOF"),
        (
            "{\"a\": }",
            "a policy is JSON, and this is none: expected value at line 1 column 7",
        ),
        ("{} {}", "a policy is JSON, and this is none: trailing"),
        ("[]", "a policy is a JSON object"),
        ("\"x\"", "a policy is a JSON object"),
        (
            "{\"a\": \"日\"}",
            "a policy has characters up to U+00FF only (a rule of STS), this has '日'",
        ),
    ] {
        assert!(said::<SessionPolicy>(text).starts_with(why), "{text}");
    }
}
