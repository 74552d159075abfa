//! Answers that are too large, too late or not whole: told as such, soon, and
//! without taking the memory that they want.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::harness::{Ran, Stage};
use super::hostile::{Hostile, http};
use super::support::Checks;

/// Runs a role without a code, whose STS is `authority`.
fn run(stage: &Stage, authority: &str, attempts: &str) -> Ran {
    let url = format!("http://{authority}");
    let env = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_MAX_ATTEMPTS", attempts),
    ];
    let mut ran = stage.run_in(&["export", "plain", "--format", "json"], &env);
    ran.stderr = ran.stderr.replace(&url, "$URL");
    ran
}

/// A server that begins an answer and goes on as `body` does.
fn streaming(head: &'static str, body: fn(&mut TcpStream) -> std::io::Result<()>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut request = [0; 8192];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(head.as_bytes());
                // The client is expected to leave.
                let _ = body(&mut stream);
            });
        }
    });
    authority
}

/// Chunks of 64 KiB for as long as somebody takes them.
fn chunks(stream: &mut TcpStream) -> std::io::Result<()> {
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 65_536], b"\r\n"].concat();
    (0..32_768).try_for_each(|_| stream.write_all(&chunk))
}

/// Two gigabytes for as long as somebody takes them.
fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    (0..32_768).try_for_each(|_| stream.write_all(&[b'x'; 65_536]))
}

const IN_ITS_PLACE: &str = "  hint: check endpoint_url, the proxy, or the sign-in page of the network: something between here and AWS answered instead\n";

#[test]
fn an_answer_of_gigabytes_is_read_to_the_first_megabyte() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let stderr = format!(
        "error: $URL answered AssumeRole with something that is not a response from AWS\n  because: the answer has more than 1 MB\n{IN_ITS_PLACE}"
    );
    for (case, head, body) in [
        (
            "of known length",
            "HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n",
            endless as fn(&mut TcpStream) -> std::io::Result<()>,
        ),
        (
            "in chunks",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            chunks,
        ),
        ("of unknown length", "HTTP/1.1 200 OK\r\n\r\n", endless),
        ("of an error", "HTTP/1.1 500 No\r\n\r\n", endless),
        (
            "compressed",
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n",
            endless,
        ),
    ] {
        let authority = streaming(head, body);
        checks.ran(case, &run(&stage, &authority, "3"), "", &stderr, 6);
    }
}

/// An agent's answers have the same bound, or a smaller one.
#[test]
fn what_is_beside_us_is_bounded_too() {
    let stage = Stage::new();
    stage.write(
        ".aws/config",
        "[profile container]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = EcsContainer\n\
         [profile instance]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = Ec2InstanceMetadata\n",
    );
    let mut checks = Checks::default();
    for (role, variable) in [
        ("container", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ("instance", "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    ] {
        let url = format!("http://{}/", streaming("HTTP/1.1 200 OK\r\n\r\n", endless));
        let ran = stage.run_in(&["exec", role, "true"], &[(variable, &url)]);
        let said = ran.stderr.contains("the answer has more than 262144 bytes");
        checks.same(role, &said.to_string(), "true");
        checks.number(role, usize::try_from(ran.status).unwrap(), 125);
    }
}

#[test]
fn an_answer_that_is_not_whole_is_told_as_such() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    // Without a length the end of the connection is that of the answer.
    let cut = Hostile::start(|_| {
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Cred".to_vec()
    });
    let ran = run(&stage, &cut.authority(), "1");
    checks.ran(
        "cut",
        &ran,
        "",
        "\
error: AWS STS could not be reached at $URL
  because: the answer ended in the middle
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
",
        7,
    );
    let stalled = streaming(
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n<AssumeRoleResponse>",
        |_| {
            thread::sleep(Duration::from_secs(600));
            Ok(())
        },
    );
    let ran = run(&stage, &stalled, "1");
    checks.ran(
        "stalled",
        &ran,
        "",
        "\
error: AWS STS could not be reached at $URL
  because: the answer stopped in the middle
  hint: check the network and the proxy (HTTPS_PROXY), then try again: it is slow or drops packets
",
        7,
    );
    let empty = Hostile::start(|_| {
        http(
            "200 OK",
            b"<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>",
        )
    });
    let ran = run(&stage, &empty.authority(), "1");
    checks.ran(
        "empty",
        &ran,
        "",
        "\
error: the answer to AssumeRole contains no role; nothing of it was kept
",
        6,
    );
    checks.number("entries", stage.entries().len(), 0);
}

/// The SDK would wait as long as it is told, and then have no time left.
#[test]
fn a_pause_that_is_asked_for_is_told_if_it_is_a_long_one() {
    let stage = Stage::new();
    let busy = Hostile::start(|_| {
        http(
            "400 Bad Request\r\nx-amz-retry-after: 30000",
            b"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
        )
    });
    let ran = run(&stage, &busy.authority(), "3");
    super::support::check(
        &ran,
        "",
        "\
error: An error occurred (Throttling) when calling the AssumeRole operation: Rate exceeded
  hint: try again in 30 s, for which AWS asks clients to wait
",
        6,
    );
    assert_eq!(busy.connections(), 3);
}

#[test]
fn a_message_is_told_to_its_thousandth_character() {
    let stage = Stage::new();
    let long = Hostile::start(|_| {
        let message = "no ".repeat(300_000);
        let body = format!(
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        http("403 Forbidden", body.as_bytes())
    });
    let ran = run(&stage, &long.authority(), "1");
    assert!(
        ran.stderr.starts_with(
            "error: An error occurred (AccessDenied) when calling the AssumeRole operation: no no "
        ),
        "{ran:?}"
    );
    assert!(ran.stderr.len() < 2_000, "{}", ran.stderr.len());
}

/// FIPS and dual stack are properties of AWS's own endpoints: one that is named
/// is called as it is.
#[test]
fn an_endpoint_that_is_named_is_called_with_fips_too() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for name in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        let ran = stage.run_in(
            &["exec", "--fresh", "plain", "echo", "works"],
            &[(name, "true")],
        );
        checks.ran(name, &ran, "works\n", "", 0);
    }
}
