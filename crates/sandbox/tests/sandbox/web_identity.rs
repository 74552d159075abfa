//! AssumeRoleWithWebIdentity: which tokens are taken, and what a role makes of
//! them.

use aws_sandbox::{Fault, OidcProvider, Role, Sandbox, World};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use crate::client::{Answer, Client, READ, start, unsigned};

const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/token.example.com";
const CI: &str = "repo:acme/shop:ref:refs/heads/main";

fn sandbox() -> Sandbox {
    let role = Role::new(READ).trusting(PROVIDER).lasting(7200);
    start(
        World::default()
            .role(role.with_web_subject("repo:acme/*"))
            .oidc_provider(OidcProvider::new(PROVIDER, "key")),
    )
}

fn assume(sandbox: &Sandbox, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut params = vec![("RoleArn", READ), ("RoleSessionName", "ci")];
    params.push(("WebIdentityToken", token));
    params.extend_from_slice(more);
    unsigned(sandbox, "AssumeRoleWithWebIdentity", &params)
}

fn denied(answer: &Answer) {
    answer.is(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
}

#[test]
fn a_token_gives_a_session_of_the_role_without_any_key() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    for (wanted, seconds) in [(None, 3600), (Some("900"), 900), (Some("7200"), 7200)] {
        let before = sandbox.now();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|text| ("DurationSeconds", *text))
            .collect();
        let answer = assume(&sandbox, &token, &wanted).good();
        assert_eq!(answer.text("SubjectFromWebIdentityToken"), CI);
        assert_eq!(answer.text("Audience"), "sts.amazonaws.com");
        assert_eq!(answer.text("Provider"), PROVIDER);
        let arn = "arn:aws:sts::123456789012:assumed-role/read/ci";
        assert_eq!(answer.text("Arn"), arn);
        let expires: Timestamp = answer.text("Expiration").parse().unwrap();
        let lasts = expires.duration_since(before).as_secs();
        assert!((seconds - 1..=seconds + 60).contains(&lasts), "{lasts}");
        let session = Client::new(&sandbox).with(&answer);
        let who = session.call("GetCallerIdentity", &[]).good();
        assert_eq!(who.text("Arn"), arn);
    }
    let entry = sandbox.journal().swap_remove(0);
    assert_eq!(
        (entry.service.as_str(), entry.action.as_str()),
        ("sts", "AssumeRoleWithWebIdentity")
    );
    assert_eq!(entry.caller.as_deref(), Some(CI));
    assert_eq!(entry.access_key_id, None);
    assert_eq!(entry.parameters["WebIdentityToken"], "(secret)");
    assert_eq!(entry.parameters["RoleArn"], READ);
}

#[test]
fn a_token_ends() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    assume(&sandbox, &token, &[]).good();
    sandbox.advance(SignedDuration::from_secs(601));
    let (status, code, message) = assume(&sandbox, &token, &[]).refusal();
    assert_eq!((status, code.as_str()), (400, "ExpiredTokenException"));
    let now = sandbox.now().as_second();
    assert!(
        message.starts_with(&format!("Token expired: current date/time {}", now / 100)),
        "{message}"
    );
    let end = " must be before the expiration date/time17676";
    assert!(message.contains(end), "{message}");
}

#[test]
fn what_is_no_token_of_the_provider_is_no_token() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    let refused = |token: &str, message: &str| {
        assume(&sandbox, token, &[]).is(400, "InvalidIdentityToken", message);
    };
    let no_jwt = "The ID Token provided is not a valid JWT. (You may see this error if you sent \
                  an Access Token)";
    for wrong in [
        "word",
        "ab.cd",
        "a.b.c",
        "e30.W10.c",
        &token.replace('.', "-"),
    ] {
        refused(wrong, no_jwt);
    }
    let no_key = "Couldn't retrieve verification key from your identity provider,  please \
                  reference AssumeRoleWithWebIdentity documentation for requirements";
    let (signed, _) = token.rsplit_once('.').unwrap();
    refused(&format!("{signed}.AAAA"), no_key);
    refused(&format!("{signed}."), no_key);
    let made = |claims: &str| {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.AAAA", part("{}"), part(claims))
    };
    refused(&made("{}"), "Missing a required claim: iss");
    refused(
        &made(r#"{"iss": "https://other.example.com"}"#),
        "No OpenIDConnect provider found in your account for https://other.example.com",
    );
    // Another key is another provider.
    sandbox
        .edit(|world| world.oidc_providers[0].secret = "rotated".to_owned())
        .unwrap();
    refused(&token, no_key);
}

#[test]
fn the_provider_has_to_be_in_the_account_of_the_role_and_know_the_audience() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    let elsewhere = "arn:aws:iam::345678901234:role/read";
    sandbox
        .add_role(Role::new(elsewhere).trusting(PROVIDER))
        .unwrap();
    let params = [
        ("RoleArn", elsewhere),
        ("RoleSessionName", "ci"),
        ("WebIdentityToken", &token),
    ];
    unsigned(&sandbox, "AssumeRoleWithWebIdentity", &params).is(
        400,
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://token.example.com",
    );
    sandbox
        .edit(|world| world.oidc_providers[0].client_ids = vec!["else".to_owned()])
        .unwrap();
    assume(&sandbox, &token, &[]).is(400, "InvalidIdentityToken", "Incorrect token audience");
}

#[test]
fn the_role_has_to_trust_the_provider_and_the_subject() {
    let sandbox = sandbox();
    let stranger = sandbox.identity_token(PROVIDER, "repo:eve/shop", 600);
    denied(&assume(&sandbox, &stranger, &[]));
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    for role in [
        Role::new(READ).trusting("*"),
        Role::new(READ).trusting(PROVIDER).with_mfa(),
        Role::new(READ)
            .trusting(PROVIDER)
            .with_external_id("acme-42"),
    ] {
        sandbox.add_role(role).unwrap();
        denied(&assume(&sandbox, &token, &[]));
    }
    assert!(sandbox.delete_role(READ));
    denied(&assume(&sandbox, &token, &[]));
}

#[test]
fn parameters_and_durations_have_their_bounds() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    unsigned(&sandbox, "AssumeRoleWithWebIdentity", &[]).is(
        400,
        "ValidationError",
        "3 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: \
         Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: \
         Member must not be null; Value null at 'webIdentityToken' failed to satisfy \
         constraint: Member must not be null",
    );
    assume(&sandbox, "abc", &[]).is(
        400,
        "ValidationError",
        "1 validation error detected: Value '(secret)' at 'webIdentityToken' failed to satisfy \
         constraint: Member must have length greater than or equal to 4",
    );
    let lasting = |seconds: &str| assume(&sandbox, &token, &[("DurationSeconds", seconds)]);
    lasting("899").is(
        400,
        "ValidationError",
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy \
         constraint: Member must have value greater than or equal to 900",
    );
    lasting("7201").is(
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    assume(&sandbox, &token, &[("Policy", "{")]).is(
        400,
        "MalformedPolicyDocument",
        "This policy contains invalid Json",
    );
}

#[test]
fn faults_happen_to_it_too() {
    let sandbox = sandbox();
    let token = sandbox.identity_token(PROVIDER, CI, 600);
    sandbox.inject(Fault::throttle().on("AssumeRoleWithWebIdentity"));
    assume(&sandbox, &token, &[]).is(400, "Throttling", "Rate exceeded");
    let other = "arn:aws:sts::999999999999:assumed-role/admin/ci";
    sandbox.inject(Fault::wrong_role(other));
    assert_eq!(assume(&sandbox, &token, &[]).good().text("Arn"), other);
    sandbox.inject(Fault::expire_in(-1));
    let ended = Client::new(&sandbox).with(&assume(&sandbox, &token, &[]).good());
    let (_, code, _) = ended.call("GetCallerIdentity", &[]).refusal();
    assert_eq!(code, "ExpiredToken");
}

#[test]
#[should_panic(expected = "has no OpenID Connect provider")]
fn a_provider_that_is_not_there_issues_nothing() {
    sandbox().identity_token("arn:aws:iam::123456789012:oidc-provider/x", CI, 1);
}
