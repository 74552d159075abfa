//! `web_identity_token_file`.

use aws_sandbox::{Fault, Options, Role};

use super::{PROVIDER, READ, Stage, everything};
use crate::support::Checks;

const CI: &str = "repo:acme/shop:ref:refs/heads/main";

const CONFIG: &str = "[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nrole_session_name = ci\nweb_identity_token_file = ~/token\nSTS\n";

#[test]
fn a_token_gives_a_role_and_the_role_another() {
    let stage = Stage::of_sources(&format!(
        "{CONFIG}[profile p]\n{READ}source_profile = q\nSTS\n"
    ));
    stage.write(
        "token",
        &format!("{}\n", stage.sandbox.identity_token(PROVIDER, CI, 600)),
    );
    let mut checks = Checks::default();
    let show = ["exec", "p", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("chain", &stage.run(&show), "123456789012\n", "", 0);
    checks.same(
        "asked",
        &stage.asked(),
        &format!("AssumeRoleWithWebIdentity OK by {CI}\nAssumeRole OK by 222222222222:assumed-role/hub/ci\n"),
    );
    // AWS is not needed as long as it lasts; the token is, which says who asks.
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("kept", &stage.run(&show), "222222222222\n", "", 0);
    std::fs::remove_file(stage.path("token")).unwrap();
    checks.number("no token", stage.run(&show).status as usize, 125);
    checks.number("requests", stage.requests(), 2);
    // It is not in the request's record, nor anywhere in the home.
    checks.same(
        "parameter",
        &stage.sandbox.journal()[0].parameters["WebIdentityToken"],
        "(secret)",
    );
}

#[test]
fn there_must_be_a_token() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let stderr = |because: &str| {
        format!(
            "\
error: there is no web identity token for profile q
 --> ~/.aws/config:4:27
  |
4 | web_identity_token_file = ~/token
  |                           ^^^^^^^
  = because: {because}
  hint: have the token written there by whoever runs this: Kubernetes, a CI system, a login of yours
"
        )
    };
    let run = || stage.run(&["exec", "q", "true"]);
    checks.ran("none", &run(), "", &stderr("there is no file ~/token"), 125);
    stage.write("token", " \n");
    checks.ran("empty", &run(), "", &stderr("~/token is empty"), 125);
    std::fs::write(stage.path("token"), b"\xff\xfe").unwrap();
    checks.ran("no text", &run(), "", &stderr("it is not text"), 125);
    std::fs::remove_file(stage.path("token")).unwrap();
    std::fs::create_dir(stage.path("token")).unwrap();
    checks.ran(
        "a folder",
        &run(),
        "",
        &stderr("cannot read ~/token: Is a directory"),
        125,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn refusals_are_told_in_the_words_of_aws() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let error = |code: &str, words: &str| {
        format!(
            "error: An error occurred ({code}) when calling the AssumeRoleWithWebIdentity operation: {words}\n"
        )
    };
    let run = || stage.run(&["exec", "q", "true"]);
    let token = stage.sandbox.identity_token(PROVIDER, CI, -5);
    stage.write("token", &token);
    let ran = run();
    let (first, rest) = ran.stderr.split_once('\n').unwrap();
    assert!(first.starts_with("error: An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired: "), "{first}");
    checks.same(
        "expired",
        rest,
        "  hint: have the issuer of the token in ~/token write a new one: it has expired\n",
    );
    stage.write("token", "no.such.token");
    let ran = run();
    let (first, rest) = ran.stderr.split_once('\n').unwrap();
    assert!(
        first.starts_with("error: An error occurred (InvalidIdentityToken) when calling"),
        "{first}"
    );
    assert!(!ran.stderr.contains("no.such.token"), "{}", ran.stderr);
    checks.same("none", rest, "  hint: see whether the account of arn:aws:iam::222222222222:role/hub knows the provider and the audience of the token in ~/token\n  hint: list the providers it knows: aws iam list-open-id-connect-providers\n");
    stage.write("token", &stage.sandbox.identity_token(PROVIDER, CI, 600));
    stage
        .sandbox
        .add_role(
            Role::new("arn:aws:iam::222222222222:role/hub")
                .trusting(PROVIDER)
                .with_web_subject("other"),
        )
        .unwrap();
    checks.ran(
        "not trusted",
        &run(),
        "",
        &format!("{}  hint: see whether arn:aws:iam::222222222222:role/hub exists, and its trust policy names this provider, audience and subject\n", error("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")),
        125,
    );
    let code = "IDPCommunicationError";
    stage
        .sandbox
        .inject(Fault::error(code, "Could not connect", 400).always());
    checks.ran(
        "provider",
        &run(),
        "",
        &format!("{}  hint: try again, or make the provider reachable from the Internet: AWS could not reach it to check the token\n", error(code, "Could not connect")),
        125,
    );
}

#[test]
fn a_provider_that_aws_does_not_reach_at_once_is_tried_again() {
    let stage = Stage::of_sources(CONFIG);
    stage.write("token", &stage.sandbox.identity_token(PROVIDER, CI, 600));
    let fault = Fault::error("IDPCommunicationError", "Could not connect", 400);
    stage.sandbox.inject(fault.times(1));
    crate::support::check(&stage.run(&["exec", "q", "true"]), "", "", 0);
}

#[test]
fn another_role_than_the_one_asked_for_is_dropped() {
    let stage = Stage::with(everything(), Options::default());
    stage.config(CONFIG);
    stage.write("token", &stage.sandbox.identity_token(PROVIDER, CI, 600));
    let other = "arn:aws:sts::222222222222:assumed-role/other/ci";
    stage.sandbox.inject(Fault::wrong_role(other));
    let mut checks = Checks::default();
    let ran = stage.run(&["exec", "q", "env"]);
    checks.ran("lie", &ran, "", "\
error: asked for arn:aws:iam::222222222222:role/hub, but the answer names another role
  because: expected arn:aws:sts::222222222222:assumed-role/hub/ci, got \"arn:aws:sts::222222222222:assumed-role/other/ci\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
", 125);
    checks.number("entries", stage.entries().len(), 0);
}
