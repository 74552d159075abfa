//! Whom a TLS connection trusts: the machine, or a bundle that is named.

use aws_sandbox::Options;

use super::harness::{Stage, world};
use super::support::Checks;

const ROLE: [&str; 5] = ["exec", "--fresh", "plain", "echo", "works"];

fn stage() -> Stage {
    let stage = Stage::with(
        world(),
        Options {
            tls: true,
            ..Options::default()
        },
    );
    stage.write("ca.pem", stage.sandbox.ca_pem().unwrap());
    stage
}

#[test]
fn a_bundle_that_is_named_is_trusted() {
    let stage = stage();
    let path = |name: &str| stage.path(name).into_os_string().into_string().unwrap();
    let ca = path("ca.pem");
    let endpoint = stage.sandbox.endpoint();
    let other = Stage::with(
        world(),
        Options {
            tls: true,
            ..Options::default()
        },
    );
    stage.write("other.pem", other.sandbox.ca_pem().unwrap());
    stage.write(
        "many.pem",
        &format!(
            "# a comment\n-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n{}{}",
            other.sandbox.ca_pem().unwrap(),
            stage.sandbox.ca_pem().unwrap()
        ),
    );
    let mut checks = Checks::default();
    let mut row = |case: &str, variable: Option<&str>, profile: &str, why: &str| {
        stage.write(
            ".aws/config",
            &format!("[profile base]\nendpoint_url = {endpoint}\n{profile}"),
        );
        let mut command = stage.command(&ROLE);
        command
            .env("AWS_MAX_ATTEMPTS", "1")
            .envs(variable.map(|path| ("AWS_CA_BUNDLE", path)));
        let ran = stage.ran(&mut command);
        if why.is_empty() {
            checks.ran(case, &ran, "works\n", "", 0);
        } else {
            let stderr = format!(
                "error: AWS STS could not be reached at $STS\n  \
                 because: TLS handshake failed: invalid peer certificate: {why}\n  \
                 hint: trust the certificates of a company proxy that re-signs TLS: \
                 export AWS_CA_BUNDLE=/path/to/ca.pem\n"
            );
            checks.ran(case, &ran, "", &stderr, 125);
        }
    };
    row("variable", Some(&ca), "", "");
    row("profile", None, &format!("ca_bundle = {ca}\n"), "");
    row(
        "variable over profile",
        Some(&ca),
        "ca_bundle = /none\n",
        "",
    );
    row("many, one of them broken", Some(&path("many.pem")), "", "");
    row("another's", Some(&path("other.pem")), "", "BadSignature");
    row("none", None, "", "UnknownIssuer");
}

#[test]
fn a_bundle_that_cannot_be_used_is_told() {
    let stage = stage();
    let home = stage.home().to_str().unwrap().to_owned();
    stage.write("empty.pem", "");
    stage.write(
        "text.pem",
        "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n",
    );
    let mut checks = Checks::default();
    for (name, stderr) in [
        (
            "none.pem",
            "\
error: the CA bundle ~/none.pem cannot be read
  because: there is no such file
  hint: point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file
",
        ),
        (
            "empty.pem",
            "\
error: the CA bundle ~/empty.pem contains no readable certificate
  hint: point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file
",
        ),
        (
            "text.pem",
            "\
error: the CA bundle ~/text.pem contains no readable certificate
  hint: point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file
",
        ),
        (
            ".",
            "\
error: the CA bundle ~/. cannot be read
  because: cannot read ~/.: Is a directory
  hint: point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file
",
        ),
    ] {
        let path = format!("{home}/{name}");
        let ran = stage.run_in(&ROLE, &[("AWS_CA_BUNDLE", &path)]);
        checks.ran(name, &ran, "", stderr, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn a_bundle_does_not_matter_where_there_is_no_tls() {
    let stage = Stage::new();
    let ran = stage.run_in(&ROLE, &[("AWS_CA_BUNDLE", "/none")]);
    super::support::check(&ran, "works\n", "", 0);
}
