//! Sessions of `aws login`, and how they are renewed.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sandbox::{Fault, Login, Role, Sandbox, User, World};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::client::{Answer, Client, DEVICE, KEY, READ, SECRET, USER, http, start};

/// How many proofs were made.
static PROOFS: AtomicU64 = AtomicU64::new(0);
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
const CLIENT: &str = "arn:aws:signin:::devtools/same-device";

fn sandbox() -> Sandbox {
    let user = User::new("team/jdoe", "210987654321")
        .key(KEY, SECRET)
        .mfa(DEVICE, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    start(
        World::default()
            .user(user)
            .role(Role::new(READ).trusting(USER))
            .login(Login::new(USER, "refresh"))
            .login(Login::new(SESSION, "of a role"))
            .login(Login::new(USER, "ending").ending("2026-01-05T20:00:00Z".parse().unwrap())),
    )
}

/// A key of a client.
struct Key {
    pair: EcdsaKeyPair,
    jwk: Value,
}

impl Key {
    fn new() -> Self {
        let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(how, pkcs8.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": part(&point[1..33]),
            "y": part(&point[33..]),
        });
        Self { pair, jwk }
    }

    fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk})
    }

    fn proof(&self, sandbox: &Sandbox) -> String {
        self.sign(&self.header(), &payload(sandbox))
    }
}

fn payload(sandbox: &Sandbox) -> Value {
    json!({
        "htm": "POST",
        "htu": format!("{}/v1/token", sandbox.endpoint()),
        "iat": sandbox.now().as_second(),
        "jti": PROOFS.fetch_add(1, Ordering::Relaxed).to_string(),
    })
}

fn send(sandbox: &Sandbox, proof: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("dpop", proof)];
    http(sandbox, ("POST", "/v1/token"), &headers, &body.to_string())
}

fn input(refresh: &str) -> Value {
    json!({"clientId": CLIENT, "grantType": "refresh_token", "refreshToken": refresh})
}

fn renew(sandbox: &Sandbox, key: &Key, refresh: &str) -> Answer {
    send(sandbox, &key.proof(sandbox), &input(refresh))
}

#[track_caller]
fn refused(answer: &Answer, code: &str, error: &str, message: &str) {
    answer.is_json(400, code, message);
    assert_eq!(answer.at("/error"), error);
}

const INVALID: &str = "The provided authorization grant is invalid, expired, revoked, or malformed";

#[test]
fn a_refresh_token_gives_the_credentials_of_who_signed_in() {
    let sandbox = sandbox();
    let key = Key::new();
    for (refresh, arn) in [("refresh", USER), ("of a role", SESSION)] {
        let answer = renew(&sandbox, &key, refresh).good();
        assert_eq!(answer.at("/tokenType"), "aws_sigv4");
        let lasts: i64 = answer.at("/expiresIn").parse().unwrap();
        assert!((899..=900).contains(&lasts), "{lasts}");
        let session = Client::new(&sandbox).with_json(&answer, "/accessToken");
        let who = session.call("GetCallerIdentity", &[]).good();
        assert_eq!(who.text("Arn"), arn);
        session.call("GetSessionToken", &[]).is(
            403,
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        );
        if arn == USER {
            session.assume(&[]).good();
        }
    }
    let entry = sandbox.journal().swap_remove(0);
    assert_eq!(
        (entry.service.as_str(), entry.action.as_str()),
        ("signin", "CreateOAuth2Token")
    );
    assert_eq!(entry.caller.as_deref(), Some(USER));
    assert_eq!(entry.parameters["refreshToken"], "(secret)");
}

#[test]
fn a_refresh_token_is_good_once_and_for_one_key() {
    let sandbox = sandbox();
    let (key, other) = (Key::new(), Key::new());
    let first = renew(&sandbox, &key, "refresh").good();
    let next = first.at("/refreshToken");
    refused(
        &renew(&sandbox, &key, "refresh"),
        "ValidationException",
        "INVALID_REQUEST",
        INVALID,
    );
    refused(
        &renew(&sandbox, &other, &next),
        "ValidationException",
        "INVALID_REQUEST",
        INVALID,
    );
    renew(&sandbox, &key, &next).good();
    let unknown = renew(&sandbox, &key, "unknown");
    refused(&unknown, "ValidationException", "INVALID_REQUEST", INVALID);
}

#[test]
fn a_session_ends() {
    let sandbox = sandbox();
    let key = Key::new();
    let next = renew(&sandbox, &key, "ending").good().at("/refreshToken");
    sandbox.advance(SignedDuration::from_hours(9));
    let ended = renew(&sandbox, &key, &next);
    let message = "The refresh token has expired.";
    refused(&ended, "AccessDeniedException", "TOKEN_EXPIRED", message);
    for (code, message) in [
        (
            "USER_CREDENTIALS_CHANGED",
            "The user's credentials have changed.",
        ),
        (
            "INSUFFICIENT_PERMISSIONS",
            "The user has insufficient permissions.",
        ),
    ] {
        sandbox
            .edit(|world| world.logins[0].refused = Some(code.to_owned()))
            .unwrap();
        let answer = renew(&sandbox, &key, "refresh");
        refused(&answer, "AccessDeniedException", code, message);
    }
}

#[test]
fn mfa_of_a_sign_in_counts_for_roles() {
    let sandbox = sandbox();
    sandbox
        .add_role(Role::new(READ).trusting(USER).with_mfa())
        .unwrap();
    let key = Key::new();
    let assume = |answer: &Answer| {
        let session = Client::new(&sandbox).with_json(answer, "/accessToken");
        session.assume(&[]).status
    };
    let first = renew(&sandbox, &key, "refresh").good();
    assert_eq!(assume(&first), 403);
    let now = sandbox.now();
    sandbox
        .edit(|world| world.logins[0].mfa = Some(now))
        .unwrap();
    let second = renew(&sandbox, &key, &first.at("/refreshToken")).good();
    assert_eq!(assume(&second), 200);
}

#[test]
fn a_proof_is_for_this_request_now_and_by_its_key() {
    let sandbox = sandbox();
    let key = Key::new();
    let no = |proof: &str, message: &str| {
        let answer = send(&sandbox, proof, &input("refresh"));
        refused(&answer, "ValidationException", "INVALID_REQUEST", message);
    };
    let plain = http(
        &sandbox,
        ("POST", "/v1/token"),
        &[],
        &input("refresh").to_string(),
    );
    let missing = "The DPoP proof is missing";
    refused(&plain, "ValidationException", "INVALID_REQUEST", missing);
    let with = |change: &dyn Fn(&mut Value, &mut Value)| {
        let (mut header, mut payload) = (key.header(), payload(&sandbox));
        change(&mut header, &mut payload);
        key.sign(&header, &payload)
    };
    let malformed = "The DPoP proof is malformed";
    for wrong in ["", "x", "a.b.c", "e30.e30.e30"] {
        no(wrong, malformed);
    }
    no(
        &with(&|header, _| header["alg"] = "HS256".into()),
        malformed,
    );
    no(&with(&|header, _| header["typ"] = "JWT".into()), malformed);
    no(
        &with(&|header, _| header["jwk"]["crv"] = "P-384".into()),
        malformed,
    );
    no(
        &with(&|header, _| header["jwk"]["x"] = "AA".into()),
        malformed,
    );
    no(
        &with(&|header, _| header["jwk"]["d"] = "AA".into()),
        malformed,
    );
    no(&with(&|_, payload| payload["jti"] = "".into()), malformed);
    let other = Key::new().jwk;
    let stolen = with(&|header, _| header["jwk"] = other.clone());
    no(&stolen, "The signature of the DPoP proof is wrong");
    let elsewhere = "The DPoP proof is for another request";
    no(
        &with(&|_, payload| payload["htm"] = "GET".into()),
        elsewhere,
    );
    let signin = "https://eu-central-1.signin.aws.amazon.com/v1/token";
    no(
        &with(&|_, payload| payload["htu"] = signin.into()),
        elsewhere,
    );
    let then = "The DPoP proof is not of now";
    for seconds in [-310, 310] {
        let time = sandbox.now().as_second() + seconds;
        no(&with(&|_, payload| payload["iat"] = time.into()), then);
    }
    let proof = key.proof(&sandbox);
    send(&sandbox, &proof, &input("refresh")).good();
    no(&proof, "The DPoP proof was used already");
}

#[test]
fn a_request_is_well_formed() {
    let sandbox = sandbox();
    let key = Key::new();
    for (name, value, message) in [
        (
            "clientId",
            "arn:aws:signin:::devtools/other",
            "The client is invalid",
        ),
        ("grantType", "password", "The grant type is not supported"),
        ("refreshToken", "", "The refresh token is missing"),
    ] {
        let mut input = input("refresh");
        input[name] = value.into();
        let answer = send(&sandbox, &key.proof(&sandbox), &input);
        refused(&answer, "ValidationException", "INVALID_REQUEST", message);
    }
    let list = send(&sandbox, &key.proof(&sandbox), &json!([]));
    refused(
        &list,
        "ValidationException",
        "INVALID_REQUEST",
        "The request is malformed",
    );
}

#[test]
fn faults_are_in_the_words_of_sign_in() {
    let sandbox = sandbox();
    let key = Key::new();
    let ask = || renew(&sandbox, &key, "refresh");
    sandbox.inject(Fault::throttle().on("CreateOAuth2Token"));
    let answer = ask();
    answer.is_json(429, "TooManyRequestsError", "Rate exceeded");
    assert_eq!(answer.at("/error"), "rate_exceeded");
    sandbox.inject(Fault::internal_error());
    assert_eq!(ask().at("/error"), "server_error");
    sandbox.inject(Fault::service_unavailable());
    assert_eq!(ask().status, 503);
    sandbox.inject(Fault::expire_in(30));
    assert!(ask().good().at("/expiresIn").parse::<i64>().unwrap() <= 30);
}

#[test]
fn credentials_may_have_come_from_elsewhere() {
    let sandbox = sandbox();
    for arn in [USER, SESSION] {
        let held = sandbox.credentials(arn, 60);
        assert!(!format!("{held:?}").contains(&held.secret_access_key));
        let client = Client {
            key: held.access_key_id,
            secret: held.secret_access_key,
            token: Some(held.session_token),
            ..Client::new(&sandbox)
        };
        let who = client.call("GetCallerIdentity", &[]).good();
        assert_eq!(who.text("Arn"), arn);
        sandbox.advance(SignedDuration::from_secs(61));
        let (_, code, _) = client.call("GetCallerIdentity", &[]).refusal();
        assert_eq!(code, "ExpiredToken");
    }
}

#[test]
#[should_panic(expected = "has nobody of the name")]
fn nobody_holds_credentials_of_nobody() {
    sandbox().credentials("arn:aws:iam::210987654321:user/eve", 60);
}
