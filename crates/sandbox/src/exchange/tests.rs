use hyper::HeaderMap;
use hyper::header::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::world::World;

/// Pieces of requests that are nearly right.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "AWS4-HMAC-SHA256 ",
        "Credential=",
        "AKIAIOSFODNN7EXAMPLE",
        "/20260105/eu-central-1/sts/aws4_request",
        ", SignedHeaders=",
        "host;x-amz-date",
        ", Signature=",
        "00",
        "/",
        "=",
        ",",
        ";",
        "%",
        "&",
        "é",
        "20260105T120000Z",
        "Action=AssumeRole",
        "Tags.member.1.Key=",
        "TransitiveTagKeys.member.4294967296",
    ]);
    let piece = prop_oneof![4 => word.prop_map(str::to_owned), 1 => ".{0,6}"];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever comes, the answer is a refusal with a code, and is journaled.
    #[test]
    fn nothing_makes_it_panic_or_let_a_stranger_in(
        authorization in nearly(),
        date in nearly(),
        path in prop_oneof![2 => Just("/".to_owned()), 1 => nearly()],
        query in nearly(),
        body in prop_oneof![nearly().prop_map(String::into_bytes), any::<Vec<u8>>()],
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", authorization), ("x-amz-date", date)] {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.insert(name, value);
            }
        }
        let mut state = State::new(World::sample(), 5);
        state.clock.offset = "2026-01-05T12:00:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .duration_since(Timestamp::now());
        let wire = Wire {
            connection: 1,
            method: "POST",
            path: &path,
            query: &query,
            headers: &headers,
            body: &body,
        };
        let reply = exchange(&mut state, wire);
        let text = String::from_utf8_lossy(&reply.body.bytes);
        prop_assert!((400..500).contains(&reply.status), "{}", text);
        prop_assert_eq!(reply.entry.caller, None);
        prop_assert_eq!(state.journal.all().len(), 1);
        prop_assert!(text.contains("<Code>"));
    }
}

/// The same for services whose requests are not signed.
mod unsigned {
    use super::*;

    const PLACES: &[(&str, &str)] = &[
        ("GET", "/federation/credentials"),
        ("GET", "/assignment/accounts"),
        ("POST", "/token"),
        ("POST", "/client/register"),
        ("POST", "/device_authorization"),
        ("GET", "/device"),
        ("GET", "/authorize"),
        ("POST", "/device"),
        ("POST", "/authorize"),
        ("GET", "/v1/authorize"),
        ("POST", "/v1/authorize"),
        ("POST", "/v1/token"),
        ("GET", "/v1/credentials"),
        ("GET", "/v2/credentials/"),
        ("PUT", "/latest/api/token"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/d/my-artifacts-123456789012/eu-central-1/npm/shop/"),
        ("POST", "/v1/authorization-token"),
    ];

    fn json() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "\"clientId\":",
            "\"clientSecret\":",
            "\"refreshToken\":",
            "\"grantType\":\"refresh_token\"",
            "\"sample-client\"",
            "null",
            "[",
            "]",
            "1e999",
            ",",
            "\"\\ud800\"",
        ]);
        let pieces = prop::collection::vec(word, 0..8);
        pieces.prop_map(|pieces| format!("{{{}}}", pieces.concat()))
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_or_give_anything(
            place in prop::sample::select(PLACES),
            rest in prop_oneof![3 => Just(String::new()), 1 => nearly()],
            query in nearly(),
            token in "[ -~]{0,40}",
            body in prop_oneof![json().prop_map(String::into_bytes), any::<Vec<u8>>()],
        ) {
            let mut headers = HeaderMap::new();
            for name in [
                "authorization",
                "dpop",
                "x-amz-sso_bearer_token",
                "x-aws-ec2-metadata-token",
            ] {
                if let Ok(value) = HeaderValue::from_str(&token) {
                    headers.insert(name, value);
                }
            }
            let mut state = State::new(World::sample(), 5);
            let path = format!("{}{rest}", place.1);
            let wire = Wire {
                connection: 1,
                method: place.0,
                path: &path,
                query: &query,
                headers: &headers,
                body: &body,
            };
            let reply = exchange(&mut state, wire);
            // The page that asks for a code is shown to everybody.
            let shown = reply.status == 200 && reply.entry.action == "OpenDevicePage";
            prop_assert!(shown || (400..500).contains(&reply.status), "{}", reply.status);
            prop_assert_eq!(reply.entry.caller, None);
            prop_assert!(state.sessions.is_empty());
        }
    }
}

/// The same, past the signature: what a user may send.
mod signed {
    use super::*;
    use crate::principal::Principal;

    proptest! {
        #[test]
        fn no_parameter_makes_it_panic(body in nearly(), action in 0..3_usize) {
            let action = ["AssumeRole", "GetSessionToken", "GetCallerIdentity"][action];
            let text = format!("Version=2011-06-15&{body}&Action={action}");
            let headers = HeaderMap::new();
            let wire = Wire {
                connection: 1,
                method: "POST",
                path: "/",
                query: "",
                headers: &headers,
                body: text.as_bytes(),
            };
            let Ok(params) = Params::of(wire) else { return Ok(()) };
            let mut state = State::new(World::sample(), 5);
            let caller = Caller {
                region: "eu-central-1".to_owned(),
                principal: Principal::User {
                    arn: "arn:aws:iam::210987654321:user/jdoe".to_owned(),
                    account: "210987654321".to_owned(),
                },
                session: None,
                expires: None,
            };
            let request = Request {
                action,
                params: &params,
                wire,
                caller: Some(&caller),
                now: state.clock.now(),
                request_id: "id",
                fault: None,
            };
            let answer = services::DEFAULT.answer(&mut state, &request);
            // Without a role there is nothing to assume.
            prop_assert_eq!(answer.is_err(), action == "AssumeRole");
        }
    }
}
