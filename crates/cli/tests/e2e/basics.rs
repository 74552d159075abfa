//! The main job, from a cold cache to a warm one.

use super::harness::Stage;

/// What a role puts into the environment, without the secrets.
const SHOW: &str =
    "env | grep -E '^(AWS|aws_|MYVAR)' | grep -vE 'SECRET|TOKEN|KEY_ID|EXPIRATION' | sort";

#[test]
fn a_cold_role_costs_a_session_and_a_request_and_a_warm_one_none() {
    let stage = Stage::new();
    let code = stage.code();
    let ran = stage.run(&["exec", "read", "--mfa-code", &code, "--", "sh", "-c", SHOW]);
    let expected = "\
AWSUME_PROFILE=read
AWS_ACCOUNT=read
AWS_ACCOUNT_ID=123456789012
AWS_DEFAULT_REGION=eu-central-1
AWS_REGION=eu-central-1
MYVAR1=my value
aws_account=read
";
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        (expected, "", 0)
    );
    // The MFA session, and the role.
    assert_eq!(stage.sandbox.journal().len(), 2);

    let ran = stage.run(&["exec", "read", "--", "sh", "-c", SHOW]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        (expected, "", 0)
    );
    assert_eq!(stage.sandbox.journal().len(), 2);
}
