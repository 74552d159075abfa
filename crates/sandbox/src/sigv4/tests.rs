use hyper::header::HeaderName;

use super::*;

/// One request of AWS's test suite for signers.
struct Vector {
    method: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    signed: &'static str,
    signature: &'static str,
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TIME: &str = "20150830T123600Z";

fn headers(of: &[(&str, &str)]) -> HeaderMap {
    of.iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

fn wire<'a>(method: &'a str, target: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Wire<'a> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Wire {
        connection: 1,
        method,
        path,
        query,
        headers,
        body,
    }
}

const HOST: (&str, &str) = ("Host", "example.amazonaws.com");
const DATE: (&str, &str) = ("X-Amz-Date", TIME);
const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

/// <https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html>
const SUITE: &[Vector] = &[
    Vector {
        method: "GET",
        target: "/",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: VANILLA,
    },
    // normalize-path/get-relative, get-slash, get-slash-dot-slash
    Vector {
        method: "GET",
        target: "/example/..",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: VANILLA,
    },
    Vector {
        method: "GET",
        target: "//",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: VANILLA,
    },
    Vector {
        method: "GET",
        target: "/./",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: VANILLA,
    },
    // get-vanilla-query-order-key-case
    Vector {
        method: "GET",
        target: "/?Param2=value2&Param1=value1",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    },
    // get-vanilla-empty-query-key
    Vector {
        method: "GET",
        target: "/?Param1=value1",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    },
    // get-vanilla-query-unreserved
    Vector {
        method: "GET",
        target: "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    },
    // get-unreserved
    Vector {
        method: "GET",
        target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    },
    // get-header-value-trim
    Vector {
        method: "GET",
        target: "/",
        headers: &[
            HOST,
            ("My-Header1", " value1"),
            ("My-Header2", " \"a   b   c\""),
            DATE,
        ],
        body: "",
        signed: "host;my-header1;my-header2;x-amz-date",
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    },
    // get-header-key-duplicate
    Vector {
        method: "GET",
        target: "/",
        headers: &[
            HOST,
            ("My-Header1", "value2"),
            ("My-Header1", "value2"),
            ("My-Header1", "value1"),
            DATE,
        ],
        body: "",
        signed: "host;my-header1;x-amz-date",
        signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    },
    // post-vanilla
    Vector {
        method: "POST",
        target: "/",
        headers: &[HOST, DATE],
        body: "",
        signed: "host;x-amz-date",
        signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    // post-x-www-form-urlencoded
    Vector {
        method: "POST",
        target: "/",
        headers: &[
            ("Content-Type", "application/x-www-form-urlencoded"),
            HOST,
            DATE,
        ],
        body: "Param1=value1",
        signed: "content-type;host;x-amz-date",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    },
];

fn authorization(service: &str, signed: &str, signature: &str) -> String {
    format!(
        "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, \
         SignedHeaders={signed}, Signature={signature}"
    )
}

#[test]
fn the_test_suite_of_aws_is_accepted_and_nothing_next_to_it() {
    for vector in SUITE {
        let mut headers = headers(vector.headers);
        let value = authorization("service", vector.signed, vector.signature);
        headers.insert("authorization", value.parse().unwrap());
        let wire = wire(
            vector.method,
            vector.target,
            &headers,
            vector.body.as_bytes(),
        );
        let read = Authorization::of(wire).unwrap();
        assert_eq!(read.access_key_id, "AKIDEXAMPLE");
        assert_eq!(read.check_headers(wire), Ok(()));
        assert_eq!(
            read.verify(wire, TIME, SECRET),
            Ok(()),
            "{}",
            canonical_request(wire, &read.signed_headers)
        );
        let refused = |wire, time, secret| {
            let no = read.verify(wire, time, secret).unwrap_err();
            assert_eq!(no.code, "SignatureDoesNotMatch");
            assert!(no.message.starts_with("The request signature we calc"));
        };
        refused(wire, TIME, "another");
        refused(wire, "20150830T123601Z", SECRET);
        refused(
            Wire {
                connection: 1,
                body: b"more",
                ..wire
            },
            TIME,
            SECRET,
        );
        refused(
            Wire {
                connection: 1,
                query: "more",
                ..wire
            },
            TIME,
            SECRET,
        );
    }
}

/// The worked example of the documentation, step by step.
#[test]
fn the_steps_are_those_of_the_documentation() {
    let headers = headers(&[
        (
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
        ("Host", "iam.amazonaws.com"),
        DATE,
    ]);
    let wire = wire(
        "GET",
        "/?Action=ListUsers&Version=2010-05-08",
        &headers,
        b"",
    );
    let names = ["content-type", "host", "x-amz-date"].map(str::to_owned);
    let canonical = canonical_request(wire, &names);
    let signed = string_to_sign(TIME, "20150830/us-east-1/iam/aws4_request", &canonical);
    assert!(
        signed.ends_with("\nf536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"),
        "{signed}"
    );
    let key = signing_key(SECRET, "20150830", "us-east-1", "iam");
    assert_eq!(
        hex(&key),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
    assert_eq!(
        hex(&sign(&key, &signed)),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

#[test]
fn what_is_encoded_on_the_wire_is_encoded_once_more() {
    for (path, canonical) in [
        ("", "/"),
        ("/a%20b/", "/a%2520b/"),
        ("/a//b/../c/.", "/a/c/"),
        ("/../..", "/"),
        ("/a:b", "/a%3Ab"),
    ] {
        assert_eq!(canonical_path(path), canonical, "{path}");
    }
    assert_eq!(canonical_query("b=2&a=%7e%20+&a="), "a=&a=~%20%2B&b=2");
}

#[test]
fn a_header_that_is_not_whole_is_refused_in_the_words_of_aws() {
    let said = |value: Option<&str>| {
        let mut headers = headers(&[HOST, DATE]);
        if let Some(value) = value {
            headers.insert("authorization", value.parse().unwrap());
        }
        let no = Authorization::of(wire("POST", "/", &headers, b"")).unwrap_err();
        (no.status, no.code.into_owned(), no.message)
    };
    assert_eq!(
        said(None),
        (
            403,
            "MissingAuthenticationToken".into(),
            "Request is missing Authentication Token".into()
        )
    );
    let incomplete = |value, message: &str| {
        assert_eq!(
            said(Some(value)),
            (400, "IncompleteSignature".to_owned(), message.to_owned())
        );
    };
    incomplete("Bearer xyz", "Unsupported AWS 'algorithm': 'Bearer'.");
    incomplete(
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00",
        "Authorization header requires 'Credential' parameter. Authorization=AWS4-HMAC-SHA256",
    );
    incomplete(
        "AWS4-HMAC-SHA256",
        "Authorization header requires 'Credential' parameter. \
         Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter. \
         Authorization=AWS4-HMAC-SHA256",
    );
    incomplete(
        "AWS4-HMAC-SHA256 Credential=AKID/20150830, SignedHeaders=host, Signature=00",
        "Credential must have exactly 5 slash-delimited elements, \
         e.g. keyid/date/region/service/term, got 'AKID/20150830'",
    );
    let (status, code, message) = said(Some(
        "AWS4-HMAC-SHA256 Credential=A/B/C/D/E, SignedHeaders=host, Signature=00",
    ));
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    assert!(message.contains("'aws4_request', not 'E'"), "{message}");
}

#[test]
fn what_aws_acts_upon_must_be_signed() {
    let all = headers(&[HOST, DATE, ("X-Amz-Security-Token", "t")]);
    let check = |signed: &str| {
        let mut all = all.clone();
        all.insert(
            "authorization",
            authorization("sts", signed, "00").parse().unwrap(),
        );
        let wire = wire("POST", "/", &all, b"");
        let read = Authorization::of(wire).unwrap();
        read.check_headers(wire).map_err(|no| no.message)
    };
    assert_eq!(check("host;x-amz-date;x-amz-security-token"), Ok(()));
    assert!(check("x-amz-date").unwrap_err().starts_with("'Host' or"));
    assert!(
        check("host;x-amz-date")
            .unwrap_err()
            .starts_with("'x-amz-security-token' must")
    );
}

#[test]
fn a_signature_that_is_no_number_is_just_wrong() {
    for text in ["", "0", "zz", "é"] {
        let wrong = unhex(text).unwrap_or_default();
        assert!(wrong.is_empty(), "{text}");
    }
    assert_eq!(unhex("00fF"), Some(vec![0, 255]));
}
