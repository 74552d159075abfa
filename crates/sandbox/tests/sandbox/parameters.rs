//! Parameters against the constraints of AWS's model.

use crate::client::{Client, READ, USER, sandbox};

const ARN_PATTERN: &str =
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+";

/// One broken constraint, as AWS says it.
fn broken(value: &str, name: &str, constraint: &str) -> String {
    format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: \
         Member must {constraint}"
    )
}

#[test]
fn what_must_be_there_is_missed() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    client.call("AssumeRole", &[]).is(
        400,
        "ValidationError",
        "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: \
         Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: \
         Member must not be null",
    );
}

#[test]
fn each_parameter_has_its_bounds() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let long = |n: usize| "x".repeat(n);
    let at_least = |n: usize| format!("have length greater than or equal to {n}");
    let at_most = |n: usize| format!("have length less than or equal to {n}");
    let like = |pattern: &str| format!("satisfy regular expression pattern: {pattern}");
    let cases = [
        ("RoleArn", "roleArn", "short".to_owned(), at_least(20)),
        ("RoleArn", "roleArn", long(2049), at_most(2048)),
        (
            "RoleArn",
            "roleArn",
            format!("{READ}\u{7}"),
            like(ARN_PATTERN),
        ),
        ("RoleSessionName", "roleSessionName", long(1), at_least(2)),
        ("RoleSessionName", "roleSessionName", long(65), at_most(64)),
        (
            "RoleSessionName",
            "roleSessionName",
            "a/b".to_owned(),
            like(r"[\w+=,.@-]*"),
        ),
        (
            "RoleSessionName",
            "roleSessionName",
            "jörg".to_owned(),
            like(r"[\w+=,.@-]*"),
        ),
        ("ExternalId", "externalId", long(1), at_least(2)),
        ("ExternalId", "externalId", long(1225), at_most(1224)),
        (
            "ExternalId",
            "externalId",
            "a b".to_owned(),
            like(r"[\w+=,.@:\/-]*"),
        ),
        ("SourceIdentity", "sourceIdentity", long(1), at_least(2)),
        ("SourceIdentity", "sourceIdentity", long(65), at_most(64)),
        (
            "SourceIdentity",
            "sourceIdentity",
            "a:b".to_owned(),
            like(r"[\w+=,.@-]*"),
        ),
        ("SerialNumber", "serialNumber", long(8), at_least(9)),
        ("SerialNumber", "serialNumber", long(257), at_most(256)),
        (
            "SerialNumber",
            "serialNumber",
            "has a space".to_owned(),
            like(r"[\w+=/:,.@-]*"),
        ),
        ("TokenCode", "tokenCode", "12345".to_owned(), at_least(6)),
        ("TokenCode", "tokenCode", "1234567".to_owned(), at_most(6)),
        (
            "TokenCode",
            "tokenCode",
            "12345x".to_owned(),
            like(r"[\d]*"),
        ),
        ("Policy", "policy", long(2049), at_most(2048)),
        (
            "Policy",
            "policy",
            "{\"a\":\"\u{100}\"}".to_owned(),
            like(r"[\u0009\u000A\u000D\u0020-\u00FF]+"),
        ),
        (
            "PolicyArns.member.3.arn",
            "policyArns.3.member.arn",
            "arn".to_owned(),
            at_least(20),
        ),
        (
            "DurationSeconds",
            "durationSeconds",
            "899".to_owned(),
            "have value greater than or equal to 900".to_owned(),
        ),
        (
            "DurationSeconds",
            "durationSeconds",
            "43201".to_owned(),
            "have value less than or equal to 43200".to_owned(),
        ),
    ];
    for (parameter, name, value, constraint) in cases {
        let mut params = vec![("RoleArn", READ), ("RoleSessionName", "jdoe")];
        params.retain(|(key, _)| *key != parameter);
        params.push((parameter, &value));
        let answer = client.call("AssumeRole", &params);
        // XML cannot hold the bell: a client reads it as a reference.
        let message = broken(&value.replace('\u{7}', "&#x7;"), name, &constraint);
        answer.is(400, "ValidationError", &message);
    }
}

#[test]
fn a_session_token_lasts_up_to_a_day_and_a_half() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let ask = |seconds| client.call("GetSessionToken", &[("DurationSeconds", seconds)]);
    ask("900").good();
    ask("129600").good();
    let message = broken(
        "129601",
        "durationSeconds",
        "have value less than or equal to 129600",
    );
    ask("129601").is(400, "ValidationError", &message);
    let message = broken(
        "899",
        "durationSeconds",
        "have value greater than or equal to 900",
    );
    ask("899").is(400, "ValidationError", &message);
    for wrong in ["", "1e3", "an hour", "99999999999999999999"] {
        let (status, code, _) = ask(wrong).refusal();
        assert_eq!((status, code.as_str()), (400, "MalformedInput"), "{wrong}");
    }
}

#[test]
fn an_arn_must_name_a_role_of_this_partition() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let wrong = "this-is-not-an-arn-at-all";
    client
        .assume_role(wrong, &[])
        .is(400, "ValidationError", &format!("{wrong} is invalid"));
    for wrong in [
        USER,
        "arn:aws-cn:iam::123456789012:role/read",
        "arn:aws:iam::12345:role/read",
        "arn:aws:s3::123456789012:role/read",
    ] {
        client
            .assume_role(wrong, &[])
            .is(400, "ValidationError", "Request ARN is invalid");
    }
}

#[test]
fn session_policies_are_taken_when_they_are_json_and_not_too_large() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let answer = client
        .assume(&[("Policy", policy), ("PolicyArns.member.1.arn", managed)])
        .good();
    assert_eq!(answer.text("PackedPolicySize"), "1");
    assert_eq!(sandbox.journal()[0].parameters["Policy"], policy);

    for wrong in ["{", "[]", "\"text\"", &"[".repeat(2000)] {
        client.assume(&[("Policy", wrong)]).is(
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        );
    }
    let role = [("PolicyArns.member.1.arn", READ)];
    client
        .assume(&role)
        .is(400, "ValidationError", &format!("{READ} is invalid"));

    let names: Vec<String> = (1..=11)
        .map(|n| format!("PolicyArns.member.{n}.arn"))
        .collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), managed)).collect();
    client.assume(&many[..10]).good();
    let (_, code, message) = client.assume(&many).refusal();
    assert_eq!(code, "ValidationError");
    let end = "at 'policyArns' failed to satisfy constraint: \
               Member must have length less than or equal to 10";
    assert!(message.ends_with(end), "{message}");
}
