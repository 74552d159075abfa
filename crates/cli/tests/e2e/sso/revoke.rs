//! `logout --revoke` and `status --aws`: logins as AWS knows them.

use aws_sandbox::{Fault, Login, Options, User};

use super::account::{CONFIG, FILE, logs_in, stage};
use super::browser::BROWSER;
use super::{CORP, SSO_CONFIG};
use crate::harness::{Ran, Stage};
use crate::sources::everything;
use crate::support::Checks;

const DEV: &str = "arn:aws:iam::222222222222:user/dev";
const OPS: &str = "arn:aws:iam::222222222222:user/ops";
/// The sessions that `status --aws --json` shows: ARN and state.
fn sessions(stage: &Stage) -> Vec<(String, String)> {
    let ran = stage.run(&["status", "--aws", "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("null").to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(&row["session"]), text(&row["state"])))
        .collect()
}

fn ok(ran: &Ran) {
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn a_session_of_an_account_ends_at_aws_and_here() {
    let stage = stage("dev");
    let mut checks = Checks::default();
    ok(&logs_in(&stage));
    ok(&stage.run(&["exec", "q", "--", "true"]));
    let file = stage.json(FILE);
    let known = sessions(&stage);
    checks.number("sessions", known.len(), 1);
    checks.same("state", &known[0].1, "active");
    checks.ran(
        "out",
        &stage.run(&["logout", "--revoke", "q"]),
        "",
        &format!(
            "\
logged out of {DEV}, for the AWS CLI too (~/{FILE} is removed); forgot 1 session
credentials that were handed out stay valid, those of the login for at most 15 minutes
"
        ),
        0,
    );
    checks.number("revoked", stage.sandbox.count("BatchRevokeSessions"), 1);
    assert!(!stage.path(FILE).exists());
    // Its refresh token is good no more.
    let mut kept = file;
    kept["accessToken"]["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(FILE, &kept.to_string());
    let ran = stage.run(&["exec", "q", "--", "true"]);
    assert!(
        ran.stderr.contains("authorization grant is invalid"),
        "{ran:?}"
    );
    std::fs::remove_file(stage.path(FILE)).unwrap();
    let none = stage.run(&["logout", "--revoke", "q"]);
    checks.ran(
        "none",
        &none,
        "",
        &format!("there was no login for {DEV}\n"),
        0,
    );
    let none = "there is no login; log in: assumerole sso login, or assumerole login NAME\n";
    checks.ran("status", &stage.run(&["status", "--aws"]), "", none, 0);
}

#[test]
fn a_refresh_token_that_can_be_revoked_is() {
    let world = everything()
        .user(User::new("ops", "222222222222"))
        .login(Login::new(OPS, "ASOR-ops"));
    let stage = Stage::with(world, Options::default());
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(&CONFIG.replace("user/dev", "user/ops"));
    stage.script("browser", BROWSER);
    stage.write("decision", "allow");
    stage.write("who", "ops");
    ok(&logs_in(&stage));
    let mut checks = Checks::default();
    // A second one: the token says which is ours.
    ok(&logs_in(&stage));
    ok(&stage.run(&["logout", "--revoke"]));
    checks.number(
        "revoked",
        stage.sandbox.count("RevokeOAuth2TokenWithIAM"),
        1,
    );
    checks.number("listed", stage.sandbox.count("ListSessions"), 0);
    ok(&logs_in(&stage));
    let known = sessions(&stage);
    let states: Vec<&str> = known.iter().map(|(_, state)| state.as_str()).collect();
    checks.same("states", &states.join(" "), "active revoked active");
}

#[test]
fn of_several_sessions_the_one_that_is_named_ends() {
    let stage = stage("dev");
    let mut checks = Checks::default();
    ok(&logs_in(&stage));
    ok(&logs_in(&stage));
    let known = sessions(&stage);
    checks.number("sessions", known.len(), 2);
    let ran = stage.run(&["logout", "--revoke", "q"]);
    checks.number("several", ran.status.unsigned_abs() as usize, 6);
    for said in [
        &format!("error: the login of {DEV} was not ended at AWS\n"),
        "because: AWS has 2 sessions of this login\n",
        "hint: end one: assumerole logout --revoke ARN\n",
    ] {
        assert!(ran.stderr.contains(said), "{said}{ran:?}");
    }
    assert!(!stage.path(FILE).exists());
    ok(&logs_in(&stage));
    let arn = &known[0].0;
    checks.ran(
        "by ARN",
        &stage.run(&["logout", "--revoke", arn]),
        "",
        &format!(
            "ended {arn} at AWS; credentials that it gave stay valid for at most 15 minutes\n"
        ),
        0,
    );
    let now = sessions(&stage);
    let states: Vec<&str> = now.iter().map(|(_, state)| state.as_str()).collect();
    checks.same("states", &states.join(" "), "revoked active active");
    let foreign = arn.replace("222222222222", "333333333333");
    let ran = stage.run(&["logout", "--revoke", &foreign]);
    checks.number("another account", ran.status.unsigned_abs() as usize, 4);
    let unknown = format!("{arn}0");
    let ran = stage.run(&["logout", "--revoke", &unknown]);
    checks.number("unknown", ran.status.unsigned_abs() as usize, 6);
    assert!(
        ran.stderr.contains("because: The session was not found"),
        "{ran:?}"
    );
}

#[test]
fn a_login_of_identity_center_ends_too_and_what_lives_on_is_said() {
    let stage = Stage::of_sources(SSO_CONFIG);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    ok(&stage.run(&["exec", "q", "--", "true"]));
    let ran = stage.run(&["status", "--aws", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    checks.same("state", &rows[0]["state"].to_string(), "\"active\"");
    checks.same(
        "login",
        &rows[0]["login"].to_string(),
        "\"sso-session corp\"",
    );
    let ran = stage.run(&["logout", "--revoke"]);
    checks.number(&format!("{ran:?}"), ran.status.unsigned_abs() as usize, 0);
    let said: Vec<&str> = ran.stderr.lines().collect();
    checks.same(
        "here",
        said[0],
        &format!("logged out of sso-session corp, for the AWS CLI too (~/{CORP} is removed); forgot 1 session"),
    );
    assert!(
        said[1].starts_with(
            "credentials of roles that were handed out stay valid until they expire: q ("
        ),
        "{said:?}"
    );
    checks.number("ended", stage.sandbox.count("Logout"), 1);
    assert!(!stage.path(CORP).exists());
    let none = stage.run(&["logout", "--revoke"]);
    let text = "there was no login to end\nnothing was cached\n";
    checks.ran("none", &none, "", text, 0);
}

/// The files go all the same.
#[test]
fn without_aws_the_files_go_and_it_is_said() {
    let stage = stage("dev");
    let config = format!("{CONFIG}{}", SSO_CONFIG.replace("profile q", "profile s"));
    stage.config(&config);
    let mut checks = Checks::default();
    ok(&logs_in(&stage));
    stage.logs_jdoe_in();
    stage.sandbox.inject(Fault::cut().always());
    let ran = stage.run(&["status", "--aws"]);
    checks.number("status", ran.status.unsigned_abs() as usize, 7);
    let ran = stage.run(&["logout", "--revoke"]);
    checks.number(&format!("{ran:?}"), ran.status.unsigned_abs() as usize, 7);
    assert!(!stage.path(FILE).exists() && !stage.path(CORP).exists());
    for said in [DEV, "sso-session corp"] {
        let said = format!("the login of {said} was not ended at AWS");
        assert!(ran.stderr.contains(&said), "{said}{ran:?}");
    }
}

#[test]
fn what_does_not_begin_at_a_login_is_told() {
    let stage = Stage::direct();
    let mut checks = Checks::default();
    checks.ran(
        "keys",
        &stage.run(&["logout", "--revoke", "read"]),
        "",
        "\
error: read does not begin at a login
  hint: forget its sessions: assumerole logout read
  hint: see the logins: assumerole status --aws
",
        2,
    );
    let none = "there was no login to end\nnothing was cached\n";
    checks.ran("none", &stage.run(&["logout", "--revoke"]), "", none, 0);
}
