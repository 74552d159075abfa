//! AssumeRole: who may, for how long, and what is given.

use aws_sandbox::{Role, Trust, User};
use jiff::{SignedDuration, Timestamp};

use crate::client::{Answer, Client, DEVICE, READ, SECRET, USER, sandbox, sandbox_with};

fn denied(answer: &Answer, caller: &str, action: &str, role: &str) {
    let message =
        format!("User: {caller} is not authorized to perform: sts:{action} on resource: {role}");
    answer.is(403, "AccessDenied", &message);
}

#[test]
fn credentials_are_given_and_last_as_long_as_asked() {
    let path = "arn:aws:iam::123456789012:role/team/path/read";
    let sandbox = sandbox();
    sandbox
        .add_role(Role::new(path).trusting(USER).lasting(43_200))
        .unwrap();
    let client = Client::new(&sandbox);
    for (wanted, seconds) in [(None, 3600), (Some("900"), 900), (Some("43200"), 43_200)] {
        let before = sandbox.now();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|wanted| ("DurationSeconds", *wanted))
            .collect();
        let answer = client.assume_role(path, &wanted).good();
        assert!(answer.text("AccessKeyId").starts_with("ASIA"));
        assert_eq!(answer.text("SecretAccessKey").len(), 40);
        assert!(answer.text("SessionToken").len() > 300);
        // The session's ARN has no path.
        let arn = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
        assert_eq!(answer.text("Arn"), arn);
        let id = answer.text("AssumedRoleId");
        assert!(id.starts_with("AROA") && id.ends_with(":jdoe"), "{id}");
        for absent in ["PackedPolicySize", "SourceIdentity"] {
            assert!(!answer.body.contains(absent), "{absent}");
        }
        let expires: Timestamp = answer.text("Expiration").parse().unwrap();
        let lasts = expires.duration_since(before).as_secs();
        assert!((seconds - 1..=seconds + 60).contains(&lasts), "{lasts}");
        let session = client.with(&answer);
        session.call("GetCallerIdentity", &[]).good();
    }
}

#[test]
fn a_role_that_is_not_there_is_told_like_one_that_trusts_others() {
    let sandbox = sandbox_with(|role| Role {
        trust: Trust::default(),
        ..role
    });
    let client = Client::new(&sandbox);
    denied(&client.assume(&[]), USER, "AssumeRole", READ);
    let absent = "arn:aws:iam::123456789012:role/absent";
    denied(&client.assume_role(absent, &[]), USER, "AssumeRole", absent);
    // The path is part of the name.
    let path = "arn:aws:iam::123456789012:role/x/read";
    denied(&client.assume_role(path, &[]), USER, "AssumeRole", path);
}

#[test]
fn principals_are_users_accounts_roles_sessions_or_everybody() {
    let other = "arn:aws:iam::345678901234:role/path/other";
    let session = "arn:aws:sts::345678901234:assumed-role/other/jdoe";
    // Who, then whether the user and the session of the other role may.
    for (principal, user_may, role_may) in [
        (USER, true, false),
        ("210987654321", true, false),
        ("arn:aws:iam::210987654321:root", true, false),
        ("*", true, true),
        (other, false, true),
        (session, false, true),
        ("345678901234", false, true),
        ("arn:aws:iam::345678901234:root", false, true),
        (
            "arn:aws:sts::345678901234:assumed-role/other/eve",
            false,
            false,
        ),
        ("arn:aws:iam::345678901234:role/other", false, false),
        ("arn:aws:iam::210987654321:user/jdoe", false, false),
        ("arn:aws:iam::123456789012:root", false, false),
    ] {
        let sandbox = sandbox_with(|_| Role::new(READ).trusting(principal));
        sandbox.add_role(Role::new(other).trusting(USER)).unwrap();
        let user = Client::new(&sandbox);
        let role = user.with(&user.assume_role(other, &[]).good());
        let expected = |may| if may { 200 } else { 403 };
        assert_eq!(
            user.assume(&[]).status,
            expected(user_may),
            "user: {principal}"
        );
        let answer = role.assume(&[]);
        assert_eq!(answer.status, expected(role_may), "role: {principal}");
        if !role_may {
            denied(&answer, session, "AssumeRole", READ);
        }
    }
}

#[test]
fn the_external_id_must_be_the_one() {
    let sandbox = sandbox_with(|role| role.with_external_id("acme:42/x"));
    let client = Client::new(&sandbox);
    client.assume(&[("ExternalId", "acme:42/x")]).good();
    denied(&client.assume(&[]), USER, "AssumeRole", READ);
    let wrong = client.assume(&[("ExternalId", "ACME:42/x")]);
    denied(&wrong, USER, "AssumeRole", READ);
    // Where none is demanded, any is let pass.
    let plain = "arn:aws:iam::123456789012:role/plain";
    sandbox.add_role(Role::new(plain).trusting(USER)).unwrap();
    client.assume_role(plain, &[("ExternalId", "any")]).good();
}

#[test]
fn mfa_may_come_with_the_request_or_from_the_session() {
    let sandbox = sandbox_with(Role::with_mfa);
    let client = Client::new(&sandbox);
    denied(&client.assume(&[]), USER, "AssumeRole", READ);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    client.assume(&mfa).good();

    let without = client.with(&client.call("GetSessionToken", &[]).good());
    denied(&without.assume(&[]), USER, "AssumeRole", READ);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let with = client.with(&client.call("GetSessionToken", &mfa).good());
    with.assume(&[]).good();
    with.assume(&[]).good();
}

#[test]
fn mfa_may_have_to_be_recent() {
    let sandbox = sandbox_with(|role| role.with_mfa_younger_than(600));
    let client = Client::new(&sandbox);
    denied(&client.assume(&[]), USER, "AssumeRole", READ);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let session = client.with(&client.call("GetSessionToken", &mfa).good());
    session.assume(&[]).good();
    sandbox.advance(SignedDuration::from_secs(540));
    session.assume(&[]).good();
    sandbox.advance(SignedDuration::from_secs(60));
    denied(&session.assume(&[]), USER, "AssumeRole", READ);
    // A code with the request itself is always recent.
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    client.assume(&mfa).good();
}

#[test]
fn the_mfa_of_one_role_is_not_that_of_the_next() {
    let next = "arn:aws:iam::345678901234:role/next";
    let sandbox = sandbox_with(Role::with_mfa);
    sandbox
        .add_role(Role::new(next).trusting(READ).with_mfa())
        .unwrap();
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    let role = client.with(&client.assume(&mfa).good());
    let session = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
    denied(&role.assume_role(next, &[]), session, "AssumeRole", next);
}

#[test]
fn a_session_lasts_no_longer_than_the_role_allows() {
    let sandbox = sandbox_with(|role| role.lasting(7200));
    let client = Client::new(&sandbox);
    client.assume(&[("DurationSeconds", "7200")]).good();
    client.assume(&[("DurationSeconds", "7201")]).is(
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
}

#[test]
fn from_a_session_it_is_an_hour_at_most() {
    let sandbox = sandbox_with(|role| role.lasting(43_200).trusting(READ));
    let user = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    for given in [
        user.call("GetSessionToken", &mfa),
        user.call("GetSessionToken", &[]),
        user.assume(&[("DurationSeconds", "43200")]),
    ] {
        let session = user.with(&given.good());
        session.assume(&[("DurationSeconds", "3600")]).good();
        session.assume(&[("DurationSeconds", "3601")]).is(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
             by role chaining.",
        );
    }
}

#[test]
fn the_sessions_of_a_deleted_role_end_with_it() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let session = client.with(&client.assume(&[]).good());
    session.call("GetCallerIdentity", &[]).good();
    assert!(sandbox.delete_role(READ));
    assert!(!sandbox.delete_role(READ));
    let (_, code, _) = session.call("GetCallerIdentity", &[]).refusal();
    assert_eq!(code, "InvalidClientTokenId");
    denied(&client.assume(&[]), USER, "AssumeRole", READ);
}

#[test]
fn a_user_named_by_the_account_alone_is_any_of_it() {
    let sandbox = sandbox_with(|_| Role::new(READ).trusting("210987654321"));
    let robot = User::new("robot", "210987654321").key("AKIAI44QH8DHBEXAMPLE", SECRET);
    sandbox.add_user(robot).unwrap();
    let mut client = Client::new(&sandbox);
    client.key = "AKIAI44QH8DHBEXAMPLE".to_owned();
    client.assume(&[]).good();
    // A user who is gone has no keys.
    sandbox.edit(|world| world.users.clear()).unwrap();
    let (_, code, _) = client.assume(&[]).refusal();
    assert_eq!(code, "InvalidClientTokenId");
}
