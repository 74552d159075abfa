//! What a request has to prove before anything else.

use aws_sandbox::{Options, Sandbox, World};
use jiff::SignedDuration;

use crate::client::{Client, DEVICE, KEY, form, sandbox};

const UNKNOWN: &str = "The security token included in the request is invalid.";
const INVALID: &str = "The security token included in the request is invalid";
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your AWS Secret Access Key and signing method. Consult \
                        the service documentation for details.";

fn who(client: &Client<'_>) -> crate::client::Answer {
    client.call("GetCallerIdentity", &[])
}

#[test]
fn a_key_must_exist_be_active_and_have_this_secret() {
    let sandbox = sandbox();
    let good = Client::new(&sandbox);
    who(&good).good();
    let mut client = good.clone();
    client.key = "AKIAI44QH8DHBEXAMPLE".to_owned();
    who(&client).is(403, "InvalidClientTokenId", UNKNOWN);
    let mut client = good.clone();
    client.secret = "another".to_owned();
    who(&client).is(403, "SignatureDoesNotMatch", MISMATCH);

    assert!(sandbox.set_key_active(KEY, false));
    who(&good).is(403, "InvalidClientTokenId", UNKNOWN);
    assert!(sandbox.set_key_active(KEY, true));
    who(&good).good();
    assert!(!sandbox.set_key_active("AKIAI44QH8DHBEXAMPLE", true));
}

#[test]
fn a_session_needs_its_own_token_while_it_lasts() {
    let sandbox = sandbox();
    let user = Client::new(&sandbox);
    let good = user.with(&user.assume(&[("DurationSeconds", "900")]).good());
    let other = user.with(&user.assume(&[]).good());
    who(&good).good();

    let mut client = good.clone();
    client.token = None;
    who(&client).is(403, "InvalidClientTokenId", UNKNOWN);
    client.token = other.token.clone();
    who(&client).is(403, "InvalidClientTokenId", INVALID);
    let mut client = good.clone();
    client.secret = other.secret.clone();
    who(&client).is(403, "SignatureDoesNotMatch", MISMATCH);
    let mut client = user.clone();
    client.token = other.token.clone();
    who(&client).is(403, "InvalidClientTokenId", INVALID);

    sandbox.advance(SignedDuration::from_secs(899 - 5));
    who(&good).good();
    sandbox.advance(SignedDuration::from_secs(6));
    who(&good).is(
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
    );
    who(&other).good();
}

#[test]
fn a_clock_may_be_off_by_fifteen_minutes() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    for seconds in [-895, 895] {
        client.ahead = SignedDuration::from_secs(seconds);
        who(&client).good();
    }
    for (seconds, start) in [
        (-906, "Signature expired: "),
        (906, "Signature not yet current: "),
    ] {
        client.ahead = SignedDuration::from_secs(seconds);
        let signed = client.now().strftime("%Y%m%dT%H%M").to_string();
        let (status, code, message) = who(&client).refusal();
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
        assert!(message.starts_with(start), "{message}");
        assert!(message.contains(&signed[..11]), "{message}");
        assert!(message.ends_with("15 min.)"), "{message}");
    }
}

#[test]
fn the_sandbox_may_be_the_one_whose_clock_is_off() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    sandbox.set_clock_offset(SignedDuration::from_hours(-30));
    who(&client).good();
    client.ahead = SignedDuration::from_hours(30);
    let (_, _, message) = who(&client).refusal();
    assert!(
        message.starts_with("Signature not yet current"),
        "{message}"
    );
}

#[test]
fn how_far_a_clock_may_be_off_can_be_chosen() {
    let options = Options {
        skew_minutes: 5,
        ..Options::default()
    };
    let sandbox = Sandbox::start(World::sample(), options).unwrap();
    let mut client = Client::new(&sandbox);
    client.ahead = SignedDuration::from_mins(4);
    who(&client).good();
    client.ahead = SignedDuration::from_mins(-6);
    let (_, _, message) = who(&client).refusal();
    assert!(message.ends_with(" 5 min.)"), "{message}");
}

#[test]
fn the_scope_must_name_a_region_the_service_and_the_day() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    client.region = "eu-nowhere-1";
    who(&client).is(
        403,
        "SignatureDoesNotMatch",
        "Credential should be scoped to a valid region. ",
    );
    client.region = "us-east-1";
    who(&client).good();
    client.service = "s3";
    who(&client).is(
        403,
        "SignatureDoesNotMatch",
        "Credential should be scoped to correct service: 'sts'. ",
    );

    client.service = "sts";
    let request = String::from_utf8(client.request(&form("GetCallerIdentity", &[]))).unwrap();
    let day = client.now().strftime("%Y%m%d").to_string();
    let other = request.replace(&format!("/{day}/"), "/20150829/");
    let (status, code, message) = client.send(other.as_bytes()).unwrap().refusal();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    let start = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '20150829' != '";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn what_is_signed_cannot_be_changed() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let request = String::from_utf8(client.request(&form("GetCallerIdentity", &[]))).unwrap();
    client.send(request.as_bytes()).unwrap().good();
    for (from, to) in [
        ("Action=GetCaller", "Action=GetCollar"),
        ("; charset=utf-8", "; charset=utf-9"),
        ("POST / HTTP", "POST /?x HTTP"),
    ] {
        assert!(request.contains(from));
        let changed = request.replace(from, to);
        let answer = client.send(changed.as_bytes()).unwrap();
        answer.is(403, "SignatureDoesNotMatch", MISMATCH);
    }
}

#[test]
fn a_request_without_a_date_or_a_signature_is_incomplete() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let request = String::from_utf8(client.request(&form("GetCallerIdentity", &[]))).unwrap();
    let without = |name: &str| {
        let kept = request
            .split("\r\n")
            .filter(|line| !line.starts_with(name))
            .collect::<Vec<_>>();
        client.send(kept.join("\r\n").as_bytes()).unwrap()
    };
    without("x-amz-date").is(
        400,
        "IncompleteSignature",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
    without("authorization").is(
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    );
    let odd = request.replace("x-amz-date: ", "x-amz-date:").replacen(
        &format!("x-amz-date:{}", client.now().strftime("%Y%m%d")),
        "x-amz-date:yesterday",
        1,
    );
    let (status, code, message) = client.send(odd.as_bytes()).unwrap().refusal();
    assert_eq!((status, code.as_str()), (400, "IncompleteSignature"));
    assert!(message.contains("Got 'yesterday"), "{message}");
}

#[test]
fn the_signature_is_checked_before_the_mfa_code() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    client.ahead = SignedDuration::from_mins(16);
    let (_, code, _) = client.call("GetSessionToken", &mfa).refusal();
    assert_eq!(code, "SignatureDoesNotMatch");
    client.ahead = SignedDuration::ZERO;
    client.call("GetSessionToken", &mfa).good();
}
