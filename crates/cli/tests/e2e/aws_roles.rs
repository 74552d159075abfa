//! Roles and profiles of `~/.aws/config`, without a line in `~/.assumerole`.

use std::fs;

use aws_sandbox::{Options, Role};

use super::harness::{ACCOUNT, DEVICE, Stage, world};
use super::support::{Checks, base_keys, check, environment};

/// A home whose roles are all in `~/.aws/config`: `read` (MFA), `plain`, `far`
/// (from `plain`), and the profile `person` with keys and a device.
fn stage() -> Stage {
    let world = world().role(Role::new("arn:aws:iam::345678901234:role/far").trusting(ACCOUNT));
    let stage = Stage::with(world, Options::default());
    fs::remove_file(stage.path(".assumerole")).unwrap();
    let url = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {url}\nregion = eu-west-1\n\n\
             [profile read]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/read\nsource_profile = base\n\
             mfa_serial = {DEVICE}\nregion = eu-central-1\nendpoint_url = {url}\n\n\
             [profile plain]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/plain\nsource_profile = base\n\
             role_session_name = ci\nendpoint_url = {url}\n\n\
             [profile far]\nrole_arn = arn:aws:iam::345678901234:role/far\nsource_profile = plain\n\
             endpoint_url = {url}\n\n\
             [profile person]\nmfa_serial = {DEVICE}\nendpoint_url = {url}\n"
        ),
    );
    stage.write(
        ".aws/credentials",
        &format!(
            "{}{}",
            base_keys(),
            base_keys().replace("[base]", "[person]")
        ),
    );
    stage
}

fn given(stage: &Stage, args: &[&str]) -> std::collections::BTreeMap<String, String> {
    let ran = stage.run(&[args, &["--", "env", "-0"]].concat());
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    environment(&ran.stdout)
}

#[test]
fn roles_work_by_name_and_are_listed_with_their_file() {
    let stage = stage();
    let mut checks = Checks::default();
    checks.ran(
        "names",
        &stage.run(&["accountlist_text"]),
        "read\nplain\nfar\n",
        "",
        0,
    );
    let code = stage.code();
    let read = given(&stage, &["exec", "read", "--mfa-code", &code]);
    checks.same("role", &read["AWS_ACCOUNT"], "read");
    checks.same("region", &read["AWS_REGION"], "eu-central-1");
    checks.same("account", &read["AWS_ACCOUNT_ID"], ACCOUNT);
    let far = given(&stage, &["exec", "far"]);
    checks.same("region of the source", &far["AWS_REGION"], "eu-west-1");
    let journal = stage.sandbox.journal();
    let actions: Vec<&str> = journal.iter().map(|entry| entry.action.as_str()).collect();
    checks.same(
        "requests",
        &actions.join(" "),
        "GetSessionToken AssumeRole AssumeRole AssumeRole",
    );
    checks.same("name", &journal[2].parameters["RoleSessionName"], "ci");
    checks.ran(
        "list",
        &stage.run(&["list"]),
        "\
NAME   ACCOUNT       ROLE   PROFILE  REGION        MFA   FROM           LEFT  DESCRIPTION
read   123456789012  read   base     eu-central-1  jdoe  ~/.aws/config   59m  -
plain  123456789012  plain  base     eu-west-1     -     ~/.aws/config   59m  -
far    345678901234  far    base     eu-west-1     -     ~/.aws/config   59m  -
",
        "",
        0,
    );
    checks.ran(
        "info",
        &stage.run(&["info", "far"]),
        "account name: far\naccount ID:   345678901234\nrole:         far\n",
        "",
        0,
    );
}

/// Long-term keys never reach a program.
#[test]
fn a_plain_profile_gives_temporary_credentials_of_its_user() {
    let stage = stage();
    let base = given(&stage, &["exec", "base"]);
    assert!(base["AWS_ACCESS_KEY_ID"].starts_with("ASIA"));
    assert_eq!(
        (base["AWS_ACCOUNT"].as_str(), base["AWS_REGION"].as_str()),
        ("base", "eu-west-1")
    );
    assert!(!base.contains_key("AWS_ACCOUNT_ID"));
    let code = stage.code();
    let person = given(&stage, &["exec", "person", "--mfa-code", &code]);
    assert_eq!(person["AWS_ACCOUNT_ID"], "210987654321");
    assert_eq!(stage.parameter("SerialNumber").as_deref(), Some(DEVICE));
    // The same user, and the same session: `read` wants no code any more.
    given(&stage, &["exec", "read"]);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
}

#[test]
fn temporary_keys_are_handed_on_as_they_are() {
    let stage = stage();
    stage.write(
        ".aws/credentials",
        &format!("{}aws_session_token = token\n", base_keys()),
    );
    let env = given(&stage, &["exec", "base"]);
    assert_eq!(env["AWS_SESSION_TOKEN"], "token");
    assert!(!env.contains_key("AWS_EXPIRATION"));
    assert_eq!(stage.requests(), 0);
}

#[test]
fn a_name_in_both_files_is_that_of_the_first_and_doctor_says_so() {
    let stage = stage();
    stage.roles(
        r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "session_name": "mine"}"#,
    );
    check(&stage.run(&["exec", "plain", "true"]), "", "", 0);
    assert_eq!(stage.parameter("RoleSessionName").as_deref(), Some("mine"));
    assert_eq!(
        stage.run(&["accountlist_text"]).stdout,
        "plain\nread\nfar\n"
    );
    let ran = stage.run(&["doctor", "--offline"]);
    let said = "~/.assumerole:1:19: role \"plain\" hides the one at ~/.aws/config:";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn a_role_that_wants_mfa_and_names_no_device_is_told_which_there_is() {
    let stage = stage();
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nmfa_serial = {DEVICE}\n[profile read]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/read\n\
             source_profile = base\nendpoint_url = {}\n",
            stage.sandbox.endpoint()
        ),
    );
    let ran = stage.run(&["exec", "read", "true"]);
    let hint = format!(
        "hint: add mfa_serial = {DEVICE} to profile read in ~/.aws/config if the role requires MFA\n"
    );
    assert!(ran.stderr.ends_with(&hint), "{}", ran.stderr);
}

#[test]
fn what_leads_nowhere_is_said_with_its_place() {
    let stage = stage();
    let mut checks = Checks::default();
    for (case, config, stderr) in [
        (
            "a circle",
            "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::123456789012:role/y\nsource_profile = a\n",
            "\
error: source_profile forms a cycle: a → b → a
 --> ~/.aws/config:3:18
  |
3 | source_profile = b
  |                  ^
  hint: name a profile with credentials of its own in one of them
",
        ),
        (
            "no source",
            "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/x\n",
            "\
error: profile a has role_arn, but no credentials to assume it with
 --> ~/.aws/config:2:12
  |
2 | role_arn = arn:aws:iam::123456789012:role/x
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: add source_profile = NAME, credential_source = Environment, Ec2InstanceMetadata or EcsContainer, or web_identity_token_file = PATH
",
        ),
    ] {
        stage.write(".aws/config", config);
        let ran = stage.run_in(&["exec", "a", "true"], &[("LC_ALL", "C.UTF-8")]);
        checks.ran(case, &ran, "", stderr, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

/// A profile's own session is what is asked for, so that `--fresh` is about it.
#[test]
fn fresh_renews_the_session_of_a_plain_profile() {
    let stage = stage();
    for requests in [1, 2] {
        check(&stage.run(&["exec", "--fresh", "base", "true"]), "", "", 0);
        assert_eq!(stage.requests(), requests);
    }
    check(&stage.run(&["exec", "base", "true"]), "", "", 0);
    assert_eq!(stage.sandbox.count("GetSessionToken"), 2);
}
