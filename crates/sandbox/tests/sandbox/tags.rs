//! Session tags.

use aws_sandbox::Role;

use crate::client::{Answer, Client, READ, USER, sandbox};

const NEXT: &str = "arn:aws:iam::345678901234:role/next";

fn invalid(answer: &Answer, message: &str) {
    answer.is(400, "InvalidParameterValue", message);
}

#[test]
fn tags_are_taken_within_their_bounds() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let answer = client
        .assume(&[
            ("Tags.member.1.Key", "Tëam"),
            ("Tags.member.1.Value", ""),
            ("Tags.member.2.Key", &"k".repeat(128)),
            ("Tags.member.2.Value", &"v".repeat(256)),
            ("TransitiveTagKeys.member.1", "tËAM"),
        ])
        .good();
    assert_eq!(answer.text("PackedPolicySize"), "5");
    for (key, value, name, end) in [
        ("", "v", "tags.1.member.key", "greater than or equal to 1"),
        (&*"k".repeat(129), "v", "tags.1.member.key", "equal to 128"),
        ("k", &"v".repeat(257), "tags.1.member.value", "equal to 256"),
        (
            "k*",
            "v",
            "tags.1.member.key",
            r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
        ),
        (
            "k",
            "v\u{1}",
            "tags.1.member.value",
            r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
        ),
    ] {
        let tag = [("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
        let (status, code, message) = client.assume(&tag).refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        assert!(message.contains(&format!("at '{name}'")), "{message}");
        assert!(message.ends_with(end), "{message}");
    }
    let half = client.assume(&[("Tags.member.7.Key", "k")]);
    half.is(
        400,
        "ValidationError",
        "1 validation error detected: Value null at 'tags.7.member.value' failed to satisfy \
         constraint: Member must not be null",
    );
}

#[test]
fn there_are_fifty_at_most() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let names: Vec<[String; 3]> = (1..=51)
        .map(|n| {
            [
                format!("Tags.member.{n}.Key"),
                format!("Tags.member.{n}.Value"),
                format!("key{n}"),
            ]
        })
        .collect();
    let tags: Vec<(&str, &str)> = names
        .iter()
        .flat_map(|[key, value, name]| [(key.as_str(), name.as_str()), (value, "v")])
        .collect();
    client.assume(&tags[..100]).good();
    let (_, code, message) = client.assume(&tags).refusal();
    assert_eq!(code, "ValidationError");
    let end = "at 'tags' failed to satisfy constraint: \
               Member must have length less than or equal to 50";
    assert!(message.ends_with(end), "{message}");
    // Fifty of the largest do not fit into a session.
    let large = "v".repeat(256);
    let tags: Vec<(&str, &str)> = names[..50]
        .iter()
        .flat_map(|[key, value, name]| [(key.as_str(), name.as_str()), (value, &*large)])
        .collect();
    let (status, code, message) = client.assume(&tags).refusal();
    assert_eq!((status, code.as_str()), (400, "PackedPolicyTooLarge"));
    assert!(
        message.starts_with("Packed size of session tags consumes 1"),
        "{message}"
    );
}

#[test]
fn keys_differ_by_more_than_capitals() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let twice = client.assume(&[
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "a"),
        ("Tags.member.2.Key", "TEAM"),
        ("Tags.member.2.Value", "b"),
    ]);
    invalid(
        &twice,
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
    let reserved = client.assume(&[("Tags.member.1.Key", "AWS:x"), ("Tags.member.1.Value", "a")]);
    let (_, code, message) = reserved.refusal();
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.contains("aws:"), "{message}");
    let absent = client.assume(&[
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "a"),
        ("TransitiveTagKeys.member.1", "Cost"),
    ]);
    invalid(
        &absent,
        "The specified transitive tag key must be included in the requested tags.",
    );
}

#[test]
fn transitive_tags_are_inherited_and_cannot_be_set_anew() {
    let sandbox = sandbox();
    sandbox
        .add_role(Role::new(NEXT).trusting(READ).trusting(NEXT))
        .unwrap();
    let client = Client::new(&sandbox);
    let given = client.assume(&[
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "a"),
        ("Tags.member.2.Key", "Cost"),
        ("Tags.member.2.Value", "b"),
        ("TransitiveTagKeys.member.1", "team"),
    ]);
    let first = client.with(&given.good());
    let again = "One of the specified transitive tag keys can't be set because it conflicts \
                 with a transitive tag key from the calling session.";
    let tag = |key| [("Tags.member.1.Key", key), ("Tags.member.1.Value", "c")];
    invalid(&first.assume_role(NEXT, &tag("TEAM")), again);
    first.assume_role(NEXT, &tag("Cost")).good();
    // And so on down the chain, while the others stay behind.
    let second = first.with(&first.assume_role(NEXT, &[]).good());
    invalid(&second.assume_role(NEXT, &tag("Team")), again);
    second.assume_role(NEXT, &tag("Cost")).good();
}

#[test]
fn a_role_may_refuse_tags() {
    let sandbox = sandbox();
    let mut role = Role::new(NEXT).trusting(USER);
    role.trust.tag_session = false;
    sandbox.add_role(role).unwrap();
    let client = Client::new(&sandbox);
    client.assume_role(NEXT, &[]).good();
    let tag = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "a")];
    let message =
        format!("User: {USER} is not authorized to perform: sts:TagSession on resource: {NEXT}");
    client
        .assume_role(NEXT, &tag)
        .is(403, "AccessDenied", &message);
}
