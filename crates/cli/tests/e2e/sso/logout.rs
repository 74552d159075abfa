//! `sso logout`: one login ends, at AWS and here.

use aws_sandbox::Fault;

use super::{CORP, SSO_CONFIG};
use crate::harness::Stage;
use crate::support::Checks;

const OTHER: &str = ".aws/sso/cache/d0941e68da8f38151ff86a61fc59f7c5cf9fcaa2.json";

fn stage() -> Stage {
    Stage::of_sources(&format!(
        "{SSO_CONFIG}[sso-session other]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
    ))
}

fn actions(stage: &Stage, from: usize) -> String {
    let asked = stage.sandbox.journal().into_iter().skip(from);
    let asked: Vec<String> = asked
        .map(|one| format!("{} {}", one.action, one.outcome))
        .collect();
    asked.join(", ")
}

#[test]
fn one_login_ends_and_what_came_from_it() {
    let stage = stage();
    let mut checks = Checks::default();
    let nothing = "there was no login for sso-session corp\n";
    checks.ran(
        "none",
        &stage.run(&["sso", "logout", "corp"]),
        "",
        nothing,
        0,
    );
    stage.logs_jdoe_in();
    let other = super::super::sources::sso_login("good-token", "2999-01-01T00:00:00Z", "");
    stage.write(OTHER, &other);
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let token = stage.json(CORP);
    let before = stage.requests();
    checks.ran(
        "out",
        &stage.run(&["sso", "logout", "corp"]),
        "",
        &format!("logged out of sso-session corp, for the AWS CLI too (~/{CORP} is removed); forgot 1 session\n"),
        0,
    );
    checks.same("asked", &actions(&stage, before), "Logout OK");
    assert!(!stage.path(CORP).exists());
    checks.same(
        "other",
        &std::fs::read_to_string(stage.path(OTHER)).unwrap(),
        &other,
    );
    let none = "nothing is cached; assume a role: assumerole ROLE\n";
    checks.ran("status", &stage.run(&["status"]), "", none, 0);
    // At AWS the token is dead.
    stage.write(CORP, &token.to_string());
    let ran = stage.run(&show);
    assert!(ran.stderr.contains("UnauthorizedException"), "{ran:?}");
}

/// A token that has ended ends nothing at AWS; its refresh token lives on.
#[test]
fn an_ended_login_is_renewed_to_be_ended() {
    let stage = stage();
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    let mut token = stage.json(CORP);
    token["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(CORP, &token.to_string());
    let before = stage.requests();
    let ran = stage.run(&["sso", "logout", "corp"]);
    checks.number("out", ran.status.unsigned_abs() as usize, 0);
    checks.same(
        "asked",
        &actions(&stage, before),
        "CreateToken OK, Logout OK",
    );
    assert!(!stage.path(CORP).exists());
}

#[test]
fn without_aws_the_file_goes_all_the_same() {
    let stage = stage();
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    stage.sandbox.inject(Fault::cut().always());
    let ran = stage.run(&["sso", "logout", "corp"]);
    checks.number("status", ran.status.unsigned_abs() as usize, 7);
    assert!(
        ran.stderr
            .starts_with("error: the login of sso-session corp was not ended at AWS\n"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("logged out of sso-session corp, for the AWS CLI too"),
        "{ran:?}"
    );
    assert!(!stage.path(CORP).exists());
}

#[test]
fn the_login_of_another_directory_stays() {
    let stage = stage();
    let mut checks = Checks::default();
    let theirs = super::super::sources::sso_login("their-token", "2999-01-01T00:00:00Z", "")
        .replace("acme.awsapps.com", "other.awsapps.com");
    stage.write(CORP, &theirs);
    checks.ran(
        "left",
        &stage.run(&["sso", "logout", "corp"]),
        "",
        &format!(
            "\
error: the login in ~/{CORP} is for another portal
  because: it is for https://other.awsapps.com/start in eu-west-1
  because: it was left as it is
"
        ),
        8,
    );
    checks.same(
        "file",
        &std::fs::read_to_string(stage.path(CORP)).unwrap(),
        &theirs,
    );
    checks.number("requests", stage.requests(), 0);
}

/// A note, which `--strict` does not take for an error.
#[test]
fn check_says_which_refresh_token_is_in_clear() {
    let stage = stage();
    let said = |stage: &Stage| {
        let ran = stage.run(&["check", "--strict"]);
        (ran.status, format!("{}{}", ran.stdout, ran.stderr))
    };
    let (before, none) = said(&stage);
    assert!(!none.contains("refresh token"), "{none}");
    stage.logs_jdoe_in();
    let (status, all) = said(&stage);
    let line = format!("the refresh token of sso-session corp is in clear in ~/{CORP}");
    assert!(all.contains(&line), "{all}");
    assert_eq!(status, before, "{all}");
    stage.write(
        ".assumerole",
        r#"{"sso_token_store": "sealed", "assume_roles": {}}"#,
    );
    stage.logs_jdoe_in();
    let (_, all) = said(&stage);
    assert!(!all.contains("refresh token"), "{all}");
}
