use http::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::*;

const ME: u32 = 1000;

/// The token of the server.
const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn rules() -> Rules {
    Rules {
        hosts: Some(vec![
            "127.0.0.1:4000".to_owned(),
            "localhost:4000".to_owned(),
        ]),
        token: Token::of(SecretString::from(TOKEN)).unwrap(),
        user: ME,
        instance: false,
    }
}

/// What a request is answered with: a status, and a word of the refusal.
fn verdict(line: &str, headers: &[(&str, &str)], peer: Peer, rules: &Rules) -> String {
    let (method, uri) = line.split_once(' ').unwrap();
    let (method, uri): (Method, Uri) = (method.parse().unwrap(), uri.parse().unwrap());
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    let asked = Asked {
        method: &method,
        uri: &uri,
        headers: &map,
        peer,
    };
    let verdict = judge(&asked, rules);
    match &verdict {
        Verdict::Refused(why) => {
            assert!(why.status.is_client_error());
            assert!(!why.message.contains(TOKEN));
            assert!(!verdict.is_trusted());
            why.status.as_str().to_owned()
        }
        Verdict::Role(name, form) => format!("{:?} {}", form.0, name.as_deref().unwrap_or("-")),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_right_ones_are_answered() {
    let mine = Peer::User(ME);
    let host = ("host", "127.0.0.1:4000");
    let right = [host, ("authorization", TOKEN)];
    let rules = rules();
    for peer in [mine, Peer::User(0), Peer::Unknown] {
        assert_eq!(verdict("GET /role/a", &right, peer, &rules), "Container a");
    }
    assert_eq!(verdict("GET /", &right, mine, &rules), "Container -");
    assert_eq!(verdict("GET /process/a", &right, mine, &rules), "Process a");
    assert_eq!(verdict("GET /healthcheck", &[host], mine, &rules), "Health");
    let named = [("host", "LocalHost:4000"), ("authorization", TOKEN)];
    assert_eq!(verdict("GET /role/a", &named, mine, &rules), "Container a");
    let zero = [host, ("authorization", TOKEN), ("content-length", "0")];
    assert_eq!(verdict("GET /role/a", &zero, mine, &rules), "Container a");
    let whole = "GET http://127.0.0.1:4000/role/a";
    assert_eq!(verdict(whole, &right, mine, &rules), "Container a");
    // No name of the network leads to a socket in a folder.
    let socket = Rules {
        hosts: None,
        ..rules
    };
    let any = [("host", "x"), ("authorization", TOKEN)];
    assert_eq!(verdict("GET /role/a", &any, mine, &socket), "Container a");
    assert_eq!(socket.token.secret().expose_secret(), TOKEN);
}

#[test]
fn all_others_are_refused() {
    let rules = rules();
    let host = ("host", "127.0.0.1:4000");
    let token = ("authorization", TOKEN);
    let wrong = TOKEN.replace("00", "01");
    let longer = format!("{TOKEN}0");
    let bearer = format!("Bearer {TOKEN}");
    let long = format!("GET /role/{}", "a".repeat(3000));
    let get = "GET /role/a";
    type Case<'c> = (&'c str, &'c str, Vec<(&'c str, &'c str)>, Peer, &'c str);
    let mine = Peer::User(ME);
    let cases: Vec<Case<'_>> = vec![
        ("no token", get, vec![host], mine, "403"),
        ("empty", get, vec![host, ("authorization", "")], mine, "403"),
        (
            "wrong",
            get,
            vec![host, ("authorization", &wrong)],
            mine,
            "403",
        ),
        (
            "longer",
            get,
            vec![host, ("authorization", &longer)],
            mine,
            "403",
        ),
        (
            "shorter",
            get,
            vec![host, ("authorization", &TOKEN[1..])],
            mine,
            "403",
        ),
        (
            "bearer",
            get,
            vec![host, ("authorization", &bearer)],
            mine,
            "403",
        ),
        ("twice", get, vec![host, token, token], mine, "403"),
        ("no host", get, vec![token], mine, "403"),
        ("two hosts", get, vec![host, host, token], mine, "403"),
        (
            "rebound",
            get,
            vec![("host", "evil.example:4000"), token],
            mine,
            "403",
        ),
        (
            "no port",
            get,
            vec![("host", "127.0.0.1"), token],
            mine,
            "403",
        ),
        (
            "other port",
            get,
            vec![("host", "127.0.0.1:80"), token],
            mine,
            "403",
        ),
        (
            "dotted",
            get,
            vec![("host", "localhost.:4000"), token],
            mine,
            "403",
        ),
        (
            "user in host",
            get,
            vec![("host", "x@127.0.0.1:4000"), token],
            mine,
            "403",
        ),
        (
            "whole",
            "GET http://evil.example/role/a",
            vec![host, token],
            mine,
            "403",
        ),
        (
            "browser",
            get,
            vec![host, token, ("origin", "http://127.0.0.1:4000")],
            mine,
            "403",
        ),
        (
            "null origin",
            get,
            vec![host, token, ("origin", "null")],
            mine,
            "403",
        ),
        (
            "fetched",
            get,
            vec![host, token, ("sec-fetch-site", "none")],
            mine,
            "403",
        ),
        (
            "other user",
            get,
            vec![host, token],
            Peer::User(ME + 1),
            "403",
        ),
        (
            "other's health",
            "GET /healthcheck",
            vec![host],
            Peer::User(1),
            "403",
        ),
        (
            "rebound health",
            "GET /healthcheck",
            vec![("host", "x")],
            mine,
            "403",
        ),
        ("POST", "POST /role/a", vec![host, token], mine, "405"),
        ("HEAD", "HEAD /role/a", vec![host, token], mine, "405"),
        ("PUT", "PUT /role/a", vec![host, token], mine, "405"),
        ("OPTIONS", "OPTIONS /role/a", vec![host, token], mine, "405"),
        (
            "CONNECT",
            "CONNECT evil.example:443",
            vec![host, token],
            mine,
            "403",
        ),
        (
            "length",
            get,
            vec![host, token, ("content-length", "5")],
            mine,
            "413",
        ),
        (
            "lengths",
            get,
            vec![
                host,
                token,
                ("content-length", "0"),
                ("content-length", "5"),
            ],
            mine,
            "413",
        ),
        (
            "chunked",
            get,
            vec![host, token, ("transfer-encoding", "chunked")],
            mine,
            "413",
        ),
        (
            "expect",
            get,
            vec![host, token, ("expect", "100-continue")],
            mine,
            "413",
        ),
        (
            "upgrade",
            get,
            vec![host, token, ("upgrade", "h2c")],
            mine,
            "413",
        ),
        ("long path", &long, vec![host, token], mine, "414"),
        (
            "nothing",
            "GET /credentials",
            vec![host, token],
            mine,
            "404",
        ),
        (
            "nothing, no token",
            "GET /credentials",
            vec![host],
            mine,
            "403",
        ),
        ("instance", "PUT /latest/api/token", vec![host], mine, "404"),
    ];
    for (case, line, headers, peer, wanted) in cases {
        assert_eq!(verdict(line, &headers, peer, &rules), wanted, "{case}");
    }
}

#[test]
fn an_instance_is_asked_by_whom_the_kernel_knows() {
    let rules = Rules {
        instance: true,
        ..rules()
    };
    let host = ("host", "127.0.0.1:4000");
    let token = ("x-aws-ec2-metadata-token", TOKEN);
    let put = "PUT /latest/api/token";
    let roles = "GET /latest/meta-data/iam/security-credentials/";
    let role = "GET /latest/meta-data/iam/security-credentials/a";
    let (mine, other) = (Peer::User(ME), Peer::User(ME + 1));
    let forwarded = ("x-forwarded-for", "10.0.0.1");
    for (case, line, headers, peer, wanted) in [
        ("token", put, vec![host], mine, "InstanceToken"),
        ("roles", roles, vec![host, token], mine, "InstanceRoles"),
        ("role", role, vec![host, token], mine, "Instance a"),
        ("IMDSv1", role, vec![host], mine, "401"),
        ("other user", put, vec![host], other, "403"),
        ("unknown", put, vec![host], Peer::Unknown, "403"),
        ("unknown", role, vec![host, token], Peer::Unknown, "403"),
        ("rebound", put, vec![("host", "evil.example")], mine, "403"),
        ("browser", put, vec![host, ("origin", "x")], mine, "403"),
        ("proxy", put, vec![host, forwarded], mine, "403"),
        (
            "GET token",
            "GET /latest/api/token",
            vec![host],
            mine,
            "405",
        ),
        ("role, no token", "GET /role/a", vec![host], mine, "403"),
    ] {
        assert_eq!(verdict(line, &headers, peer, &rules), wanted, "{case}");
    }
}
