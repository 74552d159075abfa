//! Half of a way to get credentials beside a whole one: every command refuses,
//! and says the same.

use aws_sandbox::Options;

use super::harness::{KEY, SECRET, Stage, world};
use super::support::{Checks, base_keys};

/// A profile `p` in both files, and a role of each file that comes from it.
fn stage(config: &str, credentials: &str) -> Stage {
    let stage = Stage::with(world(), Options::default());
    let url = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!(
            "[profile p]\n{config}[profile base]\nendpoint_url = {url}\n[profile of-p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = p\nendpoint_url = {url}\n"
        ),
    );
    stage.write(
        ".aws/credentials",
        &format!("[p]\n{credentials}{}", base_keys()),
    );
    stage.roles(r#""r": {"aws_profile": "p", "aws_account": "123456789012", "aws_role": "plain"}"#);
    stage
}

#[test]
fn half_a_way_is_told_by_every_command_and_nobody_is_asked() {
    let keys = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    let id = "aws_access_key_id = AKIAHALF\n";
    let mut checks = Checks::default();
    for (case, config, credentials, error) in [
        (
            "a token's file without a role, beside keys",
            "web_identity_token_file = /token\n".to_owned(),
            keys.clone(),
            "\
error: profile p has web_identity_token_file, but no role_arn
 --> ~/.aws/config:2:27
  |
2 | web_identity_token_file = /token
  |                           ^^^^^^
  = because: role_arn belongs beside it, into the section at ~/.aws/config:1:1
  hint: add role_arn = ARN to profile p, or remove web_identity_token_file
",
        ),
        (
            "a permission set without a portal, beside keys",
            "sso_account_id = 222222222222\nsso_role_name = Admin\nsso_region = eu-west-1\n"
                .to_owned(),
            keys.clone(),
            "\
error: profile p has sso_account_id, but no sso_start_url
 --> ~/.aws/config:2:18
  |
2 | sso_account_id = 222222222222
  |                  ^^^^^^^^^^^^
  = because: sso_start_url belongs beside it, into the section at ~/.aws/config:1:1
  hint: complete it: aws configure sso --profile p
",
        ),
        (
            "half a pair beside a process",
            "credential_process = /process\n".to_owned(),
            id.to_owned(),
            "\
error: profile p has aws_access_key_id, but no aws_secret_access_key
 --> ~/.aws/credentials:2:21
  |
2 | aws_access_key_id = AKIAHALF
  |                     ^^^^^^^^
  = because: aws_secret_access_key belongs beside it, into the section at ~/.aws/credentials:1:1
  hint: add the secret key: aws configure --profile p
",
        ),
        (
            "another portal than that of the session",
            "sso_session = s\nsso_account_id = 222222222222\nsso_role_name = Admin\nsso_start_url = https://y\n[sso-session s]\nsso_start_url = https://x\nsso_region = eu-west-1\n".to_owned(),
            keys,
            "\
error: sso_start_url of profile p is not that of its sso-session
 --> ~/.aws/config:5:1
  |
5 | sso_start_url = https://y
  | ^^^^^^^^^^^^^
  = because: the sso-session s has another one at ~/.aws/config:7:1
  hint: remove sso_start_url from the profile, or make the two equal
",
        ),
    ] {
        let stage = stage(&config, &credentials);
        for name in ["p", "of-p", "r"] {
            let run = |args: &[&str]| stage.run(&[args, &[name]].concat());
            checks.ran(&format!("{case}: exec {name}"), &stage.run(&["exec", name, "true"]), "", error, 125);
            checks.ran(&format!("{case}: plan {name}"), &run(&["plan"]), "", error, 3);
            checks.ran(&format!("{case}: export {name}"), &run(&["export"]), "", error, 3);
        }
        // Said once, whoever uses the profile.
        let check = stage.run(&["check"]);
        let told = error.lines().next().unwrap().trim_start_matches("error: ");
        assert!(check.stdout.contains(error), "{case}: {}", check.stdout);
        let doctor = stage.run(&["doctor", "--offline"]);
        checks.number(&format!("{case}: doctor"), doctor.stdout.matches(told).count(), 1);
        // Also where no role does.
        stage.roles("");
        let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
        let at = config.find("[profile of-p]").unwrap();
        stage.write(".aws/config", &config[..at]);
        let check = stage.run(&["check"]);
        checks.number(&format!("{case}: check"), check.stdout.matches(error).count(), 1);
        let doctor = stage.run(&["doctor", "--offline"]);
        checks.number(&format!("{case}: doctor"), doctor.stdout.matches(told).count(), 1);
        checks.number("requests", stage.requests(), 0);
    }
}

/// A role with a key of its own that lacks the secret does not become the
/// source of another.
#[test]
fn half_a_pair_beside_a_role_is_no_source() {
    let stage = stage(
        "role_arn = arn:aws:iam::123456789012:role/read\nsource_profile = base\n",
        "aws_access_key_id = AKIAHALF\n",
    );
    for name in ["of-p", "r"] {
        let ran = stage.run(&["exec", name, "true"]);
        assert_eq!(ran.status, 125, "{}", ran.stderr);
        assert!(
            ran.stderr
                .starts_with("error: profile p has aws_access_key_id, but no aws_secret_access_key\n --> ~/.aws/credentials:2:21\n"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(stage.requests(), 0);
}

/// The AWS CLI takes the whole pair, and so do we.
#[test]
fn a_secret_alone_in_one_file_hides_no_pair_of_the_other() {
    let stage = stage(
        &format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
        "aws_secret_access_key = half\n",
    );
    let url = stage.sandbox.endpoint();
    let env = [("AWS_ENDPOINT_URL", url.as_str())];
    let ran = stage.run_in(&["exec", "r", "true"], &env);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
}

/// The older name of a session token counts, in a file and in the environment.
#[test]
fn a_session_token_has_two_names() {
    let stage = stage("", "");
    let url = stage.sandbox.endpoint();
    let given = stage.run(&["exec", "base", "env"]).stdout;
    let part = |name: &str| {
        let line = given.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim_start_matches('=').to_owned()
    };
    let (id, secret, token) = (
        part("AWS_ACCESS_KEY_ID"),
        part("AWS_SECRET_ACCESS_KEY"),
        part("AWS_SESSION_TOKEN"),
    );
    let mut checks = Checks::default();
    for tokens in [
        format!("aws_security_token = {token}\n"),
        format!("aws_session_token = other\naws_security_token = {token}\n"),
    ] {
        let keys = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n{tokens}");
        stage.write(".aws/credentials", &format!("[p]\n{keys}"));
        let env = [("AWS_ENDPOINT_URL", url.as_str())];
        checks.ran(
            &tokens,
            &stage.run_in(&["exec", "r", "--fresh", "true"], &env),
            "",
            "",
            0,
        );
    }
    stage.write(
        ".aws/config",
        &format!("[profile e]\nrole_arn = arn:aws:iam::123456789012:role/plain\ncredential_source = Environment\nendpoint_url = {url}\n"),
    );
    for (case, session) in [("alone", None), ("beside another", Some("other"))] {
        let mut env = vec![
            ("AWS_ACCESS_KEY_ID", id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", secret.as_str()),
            ("AWS_SECURITY_TOKEN", token.as_str()),
        ];
        env.extend(session.map(|token| ("AWS_SESSION_TOKEN", token)));
        let ran = stage.run_in(&["exec", "e", "--fresh", "true"], &env);
        checks.ran(case, &ran, "", "", 0);
    }
}
