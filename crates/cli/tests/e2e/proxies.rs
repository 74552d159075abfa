//! Proxies: honoured, asked by name and password, left out where told to.

use aws_sandbox::Options;

use super::harness::{Stage, world};
use super::support::Checks;
use super::wire::{Manner, Proxy};

const ROLE: [&str; 5] = ["exec", "--fresh", "plain", "echo", "works"];

#[test]
fn plain_requests_go_through_the_plain_proxy() {
    let stage = Stage::new();
    let proxy = Proxy::start(Manner::Passes);
    let (url, bare) = (proxy.url(), proxy.url().replace("http://", ""));
    let through = format!("POST {}/", stage.sandbox.endpoint());
    let mut checks = Checks::default();
    for (case, env, asked) in [
        ("upper case", &[("HTTP_PROXY", url.as_str())][..], true),
        ("lower case", &[("http_proxy", &url)], true),
        ("without a scheme", &[("HTTP_PROXY", &bare)], true),
        ("all", &[("ALL_PROXY", &url)], true),
        ("the other scheme's", &[("HTTPS_PROXY", &url)], false),
        (
            "lower case wins",
            &[("http_proxy", &url), ("HTTP_PROXY", "http://127.0.0.1:9")],
            true,
        ),
        (
            "host left out",
            &[("HTTP_PROXY", &url), ("NO_PROXY", "example.com,127.0.0.1")],
            false,
        ),
        (
            "network left out",
            &[("HTTP_PROXY", &url), ("no_proxy", "127.0.0.0/8")],
            false,
        ),
        (
            "all left out",
            &[("HTTP_PROXY", &url), ("NO_PROXY", "*")],
            false,
        ),
        (
            "another left out",
            &[("HTTP_PROXY", &url), ("NO_PROXY", "example.com")],
            true,
        ),
        ("empty", &[("HTTP_PROXY", "")], false),
    ] {
        checks.ran(case, &stage.run_in(&ROLE, env), "works\n", "", 0);
        let expected = if asked { through.as_str() } else { "" };
        checks.same(case, &proxy.asked().join(", "), expected);
    }
    checks.number("requests", stage.requests(), 11);
}

#[test]
fn requests_over_tls_go_through_a_tunnel() {
    let stage = Stage::with(
        world(),
        Options {
            tls: true,
            ..Options::default()
        },
    );
    stage.write("ca.pem", stage.sandbox.ca_pem().unwrap());
    let ca = stage.path("ca.pem").into_os_string().into_string().unwrap();
    let proxy = Proxy::start(Manner::Passes);
    let url = proxy.url();
    let tunnel = format!("CONNECT 127.0.0.1:{}", stage.sandbox.port());
    let mut checks = Checks::default();
    for (case, env, asked) in [
        ("upper case", &[("HTTPS_PROXY", url.as_str())][..], true),
        ("lower case", &[("https_proxy", &url)], true),
        ("all", &[("all_proxy", &url)], true),
        ("the other scheme's", &[("HTTP_PROXY", &url)], false),
        (
            "left out",
            &[("HTTPS_PROXY", &url), ("NO_PROXY", "127.0.0.1")],
            false,
        ),
    ] {
        let mut command = stage.command(&ROLE);
        command.env("AWS_CA_BUNDLE", &ca).envs(env.iter().copied());
        checks.ran(case, &stage.ran(&mut command), "works\n", "", 0);
        let expected = if asked { tunnel.as_str() } else { "" };
        checks.same(case, &proxy.asked().join(", "), expected);
    }
}

#[test]
fn a_proxy_that_asks_who_one_is_gets_name_and_password() {
    let mut checks = Checks::default();
    for tls in [false, true] {
        let stage = Stage::with(
            world(),
            Options {
                tls,
                ..Options::default()
            },
        );
        stage.write("ca.pem", stage.sandbox.ca_pem().unwrap_or_default());
        let ca = stage.path("ca.pem").into_os_string().into_string().unwrap();
        let proxy = Proxy::start(Manner::Asks);
        let run = |url: &str| {
            let mut command = stage.command(&ROLE);
            command.env("ALL_PROXY", url).env("AWS_MAX_ATTEMPTS", "1");
            command.envs(tls.then_some(("AWS_CA_BUNDLE", &ca)));
            let mut ran = stage.ran(&mut command);
            ran.stderr = ran.stderr.replace(&proxy.url(), "$PROXY");
            ran
        };
        checks.ran(
            &format!("known, {tls}"),
            &run(&proxy.url_with_password()),
            "works\n",
            "",
            0,
        );
        let stderr = if tls {
            "\
error: AWS STS could not be reached at $STS
  because: tunnel error: proxy authorization required
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
"
        } else {
            "\
error: $STS answered AssumeRole with something that is not a response from AWS
  because: HTTP status 407
  hint: check endpoint_url, the proxy, or the sign-in page of the network: something between here and AWS answered instead
"
        };
        checks.ran(
            &format!("unknown, {tls}"),
            &run(&proxy.url()),
            "",
            stderr,
            125,
        );
        checks.number("requests", stage.requests(), 1);
    }
}

#[test]
fn a_proxy_that_is_wrong_is_told_without_its_password() {
    let stage = Stage::with(
        world(),
        Options {
            tls: true,
            ..Options::default()
        },
    );
    let mut checks = Checks::default();
    for (case, url, stderr) in [
        ("not a URL", "http://user:hush hush@:x", "\
error: the proxy in HTTPS_PROXY is not a URL
  because: it holds a blank or another character that no URL has
  hint: write it as http://host:port in HTTPS_PROXY
"),
        ("closed", "http://user:hush@127.0.0.1:9", "\
error: AWS STS could not be reached at $STS
  because: tunnel error: failed to create underlying connection: tcp connect error: Connection refused
  hint: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url
"),
        ("no such host", "http://user:hush@proxy.invalid:3128", "\
error: AWS STS could not be reached at $STS
  because: tunnel error: failed to create underlying connection: dns error: failed to lookup address information: Name or service not known
  hint: check the network and the region (us-east-1), and the proxy (HTTPS_PROXY) if there is one
"),
    ] {
        let env = [("HTTPS_PROXY", url), ("AWS_MAX_ATTEMPTS", "1")];
        let mut ran = stage.run_in(&ROLE, &env);
        // The resolver of a machine without a network has other words.
        let words = ["Name or service not known", "Temporary failure in name resolution"];
        ran.stderr = ran.stderr.replace(words[1], words[0]);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
        checks.ran(case, &ran, "", stderr, 125);
    }
}
