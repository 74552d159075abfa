//! GetSessionToken, and how sessions end.

use aws_sandbox::{Fault, Role};
use jiff::{SignedDuration, Timestamp};

use crate::client::{Client, DEVICE, READ, USER, sandbox};

#[test]
fn a_session_of_a_user_is_the_user() {
    let sandbox = sandbox();
    let user = Client::new(&sandbox);
    let before = sandbox.now();
    let answer = user.call("GetSessionToken", &[]).good();
    let expires: Timestamp = answer.text("Expiration").parse().unwrap();
    let lasts = expires.duration_since(before).as_secs();
    assert!((43_199..43_260).contains(&lasts), "{lasts}");
    assert!(!answer.body.contains("AssumedRoleUser"));
    let session = user.with(&answer);
    let who = session.call("GetCallerIdentity", &[]).good();
    assert_eq!(who.text("Arn"), USER);
    session.assume(&[]).good();
}

#[test]
fn session_tokens_come_from_long_term_keys_only() {
    let sandbox = sandbox();
    let user = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    for given in [user.call("GetSessionToken", &mfa), user.assume(&[])] {
        let session = user.with(&given.good());
        session.call("GetSessionToken", &[]).is(
            403,
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        );
    }
}

#[test]
fn credentials_can_be_made_to_end_when_a_test_wants() {
    let sandbox = sandbox();
    let user = Client::new(&sandbox);
    sandbox.inject(Fault::expire_in(30).times(2));
    for action in ["AssumeRole", "GetSessionToken"] {
        let asked = [
            ("RoleArn", READ),
            ("RoleSessionName", "jdoe"),
            ("DurationSeconds", "3600"),
        ];
        let answer = user.call(action, &asked).good();
        let expires: Timestamp = answer.text("Expiration").parse().unwrap();
        let lasts = expires.duration_since(sandbox.now()).as_secs();
        assert!((1..=30).contains(&lasts), "{lasts}");
        let session = user.with(&answer);
        session.call("GetCallerIdentity", &[]).good();
        sandbox.advance(SignedDuration::from_secs(31));
        let (_, code, _) = session.call("GetCallerIdentity", &[]).refusal();
        assert_eq!(code, "ExpiredToken");
    }
    sandbox.inject(Fault::expire_in(-1));
    let ended = user.with(&user.assume(&[]).good());
    let (_, code, _) = ended.call("GetCallerIdentity", &[]).refusal();
    assert_eq!(code, "ExpiredToken");
}

#[test]
fn the_source_identity_stays_for_the_whole_chain() {
    let next = "arn:aws:iam::345678901234:role/next";
    let strict = "arn:aws:iam::345678901234:role/strict";
    let sandbox = sandbox();
    sandbox.add_role(Role::new(next).trusting(READ)).unwrap();
    let mut role = Role::new(strict).trusting(READ).trusting(USER);
    role.trust.set_source_identity = false;
    sandbox.add_role(role).unwrap();

    let user = Client::new(&sandbox);
    let first = user.assume(&[("SourceIdentity", "jdoe")]).good();
    assert_eq!(first.text("SourceIdentity"), "jdoe");
    let session = user.with(&first);
    let second = session.assume_role(next, &[]).good();
    assert_eq!(second.text("SourceIdentity"), "jdoe");
    session
        .assume_role(next, &[("SourceIdentity", "jdoe")])
        .good();
    let message = |who: &str, role: &str| {
        format!(
            "User: {who} is not authorized to perform: sts:SetSourceIdentity on resource: {role}"
        )
    };
    let who = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
    session.assume_role(next, &[("SourceIdentity", "eve")]).is(
        403,
        "AccessDenied",
        &message(who, next),
    );
    session
        .assume_role(strict, &[])
        .is(403, "AccessDenied", &message(who, strict));
    user.assume_role(strict, &[("SourceIdentity", "jdoe")]).is(
        403,
        "AccessDenied",
        &message(USER, strict),
    );
    user.assume_role(strict, &[]).good();
}
