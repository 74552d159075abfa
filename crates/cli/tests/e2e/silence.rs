//! AWS does not answer, or something else does.

use std::time::Duration;

use aws_sandbox::Fault;

use super::harness::{Ran, Stage};
use super::support::{Checks, check};

const ONCE: (&str, &str) = ("AWS_MAX_ATTEMPTS", "1");

/// The resolver of a machine without a network has other words.
fn same_resolver(mut ran: Ran) -> Ran {
    let words = [
        "Name or service not known",
        "Temporary failure in name resolution",
    ];
    ran.stderr = ran.stderr.replace(words[1], words[0]);
    ran
}

#[test]
fn nobody_is_there() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (case, url, stderr) in [
        (
            "closed port",
            "http://127.0.0.1:9",
            "\
error: AWS STS could not be reached at http://127.0.0.1:9
  because: tcp connect error: Connection refused
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
",
        ),
        (
            "closed port, TLS",
            "https://127.0.0.1:9",
            "\
error: AWS STS could not be reached at https://127.0.0.1:9
  because: tcp connect error: Connection refused
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
",
        ),
        (
            "no such host",
            "https://sts.example.invalid",
            "\
error: AWS STS could not be reached at https://sts.example.invalid
  because: dns error: failed to lookup address information: Name or service not known
  hint: check the network and the region (us-east-1), and the proxy (HTTPS_PROXY) if there is one
",
        ),
        (
            "no such region",
            "",
            "\
error: AWS STS could not be reached at sts in xx-nowhere-1
  because: dns error: failed to lookup address information: Name or service not known
  hint: check the network and the region (xx-nowhere-1), and the proxy (HTTPS_PROXY) if there is one
",
        ),
    ] {
        let mut command = stage.command(&["exec", "plain", "true"]);
        command.envs([ONCE]);
        if url.is_empty() {
            let name = "[profile base]\nregion = xx-nowhere-1\n";
            stage.write(".aws/config", name);
        } else {
            command.env("AWS_ENDPOINT_URL", url);
        }
        checks.ran(
            case,
            &same_resolver(stage.ran(&mut command)),
            "",
            stderr,
            125,
        );
    }
}

#[test]
fn the_wrong_protocol_is_spoken() {
    let stage = Stage::new();
    let tls = stage.sandbox.endpoint().replace("http:", "https:");
    let mut ran = stage.run_in(
        &["exec", "plain", "true"],
        &[ONCE, ("AWS_ENDPOINT_URL", &tls)],
    );
    ran.stderr = ran.stderr.replace(&tls, "$TLS");
    check(&ran, "", "\
error: AWS STS could not be reached at $TLS
  because: TLS handshake failed: received corrupt message of type InvalidContentType
  hint: check http:// or https:// and the port in endpoint_url: what answers there does not speak TLS
", 125);
}

#[test]
fn a_connection_that_ends_early() {
    let mut checks = Checks::default();
    for (case, fault, stderr) in [
        ("cut", Fault::cut(), "\
error: AWS STS could not be reached at $STS
  because: connection closed before message completed
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
"),
        ("cut in the answer", Fault::cut_mid_body(), "\
error: AWS STS could not be reached at $STS
  because: error reading a body from connection: end of file before message length reached
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
"),
        ("garbage", Fault::garbage(), "\
error: $STS answered AssumeRole with something that is not a response from AWS
  because: HTTP status 200
  hint: check endpoint_url, the proxy, or the sign-in page of the network: something between here and AWS answered instead
"),
    ] {
        let stage = Stage::direct();
        stage.sandbox.inject(fault.clone());
        let ran = stage.run_in(&["exec", "plain", "true"], &[ONCE]);
        checks.ran(case, &ran, "", stderr, 125);
        checks.number(case, stage.requests(), 1);
        checks.number(case, stage.entries().len(), 0);

        // With a code it is sent once however often we might.
        stage.sandbox.inject(fault);
        let code = stage.code();
        let ran = stage.run(&["exec", "read", "--mfa-code", &code, "true"]);
        checks.ran(case, &ran, "", stderr, 125);
        checks.number(case, stage.requests(), 2);
    }
    // Without one it is tried again.
    let stage = Stage::direct();
    stage.sandbox.inject(Fault::cut());
    checks.ran(
        "again",
        &stage.run(&["exec", "plain", "echo", "works"]),
        "works\n",
        "",
        0,
    );
    checks.number("again", stage.requests(), 2);
}

#[test]
fn a_slow_answer_is_an_answer() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::hang(Duration::from_secs(2)));
    check(
        &stage.run(&["exec", "plain", "echo", "works"]),
        "works\n",
        "",
        0,
    );
    assert_eq!(stage.requests(), 1);
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::hang(Duration::from_secs(600)));
    let code = stage.code();
    check(
        &stage.run(&["exec", "read", "--mfa-code", &code, "true"]),
        "",
        "\
error: AWS STS could not be reached at $STS
  because: no answer in time
  hint: check the network and the proxy (HTTPS_PROXY), then try again: it is slow or drops packets
",
        125,
    );
    assert_eq!(stage.requests(), 1);
}

#[test]
fn what_is_cached_needs_nobody() {
    let stage = Stage::new();
    stage.warm("plain");
    stage.sandbox.inject(Fault::cut().always());
    check(
        &stage.run(&["exec", "plain", "echo", "works"]),
        "works\n",
        "",
        0,
    );
    assert_eq!(stage.requests(), 1);
}
