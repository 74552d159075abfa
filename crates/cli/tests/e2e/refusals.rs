//! AWS says no: in AWS's words, with what to do about it, and asked once.

use aws_sandbox::{Fault, Options, Role, User, code_at};
use jiff::SignedDuration;

use super::harness::{BASE_ACCOUNT, DEVICE, KEY, Stage, world};
use super::support::{Checks, base_keys, check};

/// Another user's device.
const OTHER: &str = "arn:aws:iam::210987654321:mfa/robot";
const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn stage() -> Stage {
    let world = world()
        .user(User::new("robot", BASE_ACCOUNT).mfa(OTHER, SEED))
        .role(Role::new("arn:aws:iam::123456789012:role/closed").trusting("345678901234"));
    let stage = Stage::with(world, Options::default());
    stage.without_sessions();
    stage
}

/// A code that the device shows in none of the windows that count.
fn wrong_code(stage: &Stage) -> String {
    let now = stage.sandbox.now();
    let near: Vec<String> = (-3..=3)
        .filter_map(|windows| code_at(SEED, now + SignedDuration::from_secs(30 * windows)))
        .collect();
    (0..)
        .map(|number| format!("{number:06}"))
        .find(|code| !near.contains(code))
        .unwrap()
}

#[test]
fn an_error_has_a_name_that_help_knows() {
    let stage = stage();
    let wrong = wrong_code(&stage);
    let told = stage.run(&["exec", "read", "-v", "--mfa-code", &wrong, "true"]);
    let more = "\n  more: assumerole help mfa-code-refused\n";
    assert!(told.stderr.ends_with(more), "{told:?}");
    let told = stage.run(&["help", "mfa-code-refused"]);
    let begins = "mfa-code-refused\n\nExit status 5. ";
    assert!(told.stdout.starts_with(begins), "{told:?}");
    assert_eq!((told.stderr.as_str(), told.status), ("", 0));
}

#[test]
fn codes_and_devices_that_are_not_taken() {
    let stage = stage();
    let mut checks = Checks::default();
    let wrong = wrong_code(&stage);
    checks.ran("wrong", &stage.run(&["exec", "read", "--mfa-code", &wrong, "true"]), "", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.
  hint: wait for the next code (at most 30 s): this one is wrong or was used before, and each works once
", 125);
    checks.ran("wrong, shell", &stage.run(&["read", &wrong]), "", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.
  hint: wait for the next code (at most 30 s): this one is wrong or was used before, and each works once
", 125);
    checks.number("wrong", stage.requests(), 2);

    let code = stage.code();
    let ran = stage.run(&["exec", "read", "--mfa-code", &code, "true"]);
    checks.ran("first use", &ran, "", "", 0);
    let ran = stage.run(&["exec", "deploy", "--mfa-code", &code, "true"]);
    checks.ran(
        "second use",
        &ran,
        "",
        "\
error: the MFA code for arn:aws:iam::210987654321:mfa/jdoe has already been used
  because: each code works once
  hint: wait for the next one (at most 30 s): assumerole deploy CODE
",
        125,
    );
    checks.number("spent", stage.requests(), 3);

    let role = r#"{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "aws_mfa_arn": "#;
    for (case, device, stderr) in [
        ("another's", OTHER, "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.
  hint: correct the device: arn:aws:iam::210987654321:mfa/robot is none of the user whose keys are in profile base
  hint: see the user's devices: aws iam list-mfa-devices --profile base
"),
        ("nobody's", "arn:aws:iam::210987654321:mfa/nobody", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.
  hint: correct the device: arn:aws:iam::210987654321:mfa/nobody is none of the user whose keys are in profile base
  hint: see the user's devices: aws iam list-mfa-devices --profile base
"),
        ("hardware", "GAHT12345678", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.
  hint: correct the device: GAHT12345678 is none of the user whose keys are in profile base
  hint: see the user's devices: aws iam list-mfa-devices --profile base
"),
    ] {
        stage.roles(&format!(
            "\"r\": {role}\"{device}\", \"mfa_session\": false}}"
        ));
        let ran = stage.run(&["exec", "r", "--mfa-code", "123456", "true"]);
        checks.ran(case, &ran, "", stderr, 125);
    }
    checks.number("devices", stage.requests(), 6);
}

#[test]
fn roles_that_are_not_granted() {
    let stage = stage();
    let role = |name: &str| {
        format!(
            r#""r": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "{name}"}}"#
        )
    };
    let mut checks = Checks::default();
    for (case, name, stderr) in [
        ("not trusted", "closed", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/closed
  hint: see whether arn:aws:iam::123456789012:role/closed exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it
  hint: add \"aws_mfa_arn\" to r in ~/.assumerole if the role requires MFA
"),
        ("no such role", "nowhere", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/nowhere
  hint: see whether arn:aws:iam::123456789012:role/nowhere exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it
  hint: add \"aws_mfa_arn\" to r in ~/.assumerole if the role requires MFA
"),
        ("demands a device", "read", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/read
  hint: see whether arn:aws:iam::123456789012:role/read exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it
  hint: add \"aws_mfa_arn\" to r in ~/.assumerole if the role requires MFA
"),
    ] {
        stage.roles(&role(name));
        checks.ran(case, &stage.run(&["exec", "r", "true"]), "", stderr, 125);
    }
    stage.roles(&format!(
        r#""r": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "closed", "aws_mfa_arn": "{DEVICE}", "mfa_session": false}}"#
    ));
    let code = stage.code();
    let ran = stage.run(&["exec", "r", "--mfa-code", &code, "true"]);
    checks.ran("not trusted, with a device", &ran, "", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/closed
  hint: see whether arn:aws:iam::123456789012:role/closed exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it
  hint: check whose keys they are: aws sts get-caller-identity --profile base
", 125);
    checks.number("requests", stage.requests(), 4);
}

#[test]
fn keys_that_are_not_accepted() {
    let stage = stage();
    let mut checks = Checks::default();
    let plain = ["exec", "plain", "true"];
    let keys = base_keys();
    stage.write(
        ".aws/credentials",
        &keys.replace(KEY, "AKIAUNKNOWNUNKNOWN00"),
    );
    checks.ran("unknown", &stage.run(&plain), "", "\
error: An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.
  hint: see whether the access key of profile base (~/.aws/credentials:2:21) was deleted, is inactive, or belongs to another partition of AWS
  hint: replace it with a working key: aws configure --profile base
", 125);
    stage.write(".aws/credentials", &keys.replace("KEY\n", "KEX\n"));
    checks.ran("wrong secret", &stage.run(&plain), "", "\
error: An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
  hint: correct the aws_secret_access_key of profile base (~/.aws/credentials:2:21), which does not belong to its access key
", 125);
    stage.write(".aws/credentials", &keys);
    stage.sandbox.set_key_active(KEY, false);
    checks.ran("inactive", &stage.run(&plain), "", "\
error: An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.
  hint: see whether the access key of profile base (~/.aws/credentials:2:21) was deleted, is inactive, or belongs to another partition of AWS
  hint: replace it with a working key: aws configure --profile base
", 125);
    checks.number("requests", stage.requests(), 3);
    stage.sandbox.set_key_active(KEY, true);
    checks.ran("active again", &stage.run(&plain), "", "", 0);
}

#[test]
fn a_session_that_has_ended_cannot_assume_anything() {
    let stage = stage();
    let offset = |hours| {
        let offset = SignedDuration::from_hours(hours);
        stage.sandbox.set_clock_offset(offset);
    };
    offset(-2);
    let env = super::support::environment(&stage.run(&["exec", "plain", "env", "-0"]).stdout);
    offset(0);
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/credentials",
        &format!(
            "[base]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
            env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]
        ),
    );
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n"),
    );
    check(&stage.run(&["exec", "plain", "true"]), "", "\
error: An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired
  hint: replace the keys of profile base (~/.aws/credentials:2:21): they are temporary and have expired
", 125);
}

#[test]
fn regions_where_sts_does_not_answer() {
    let stage = Stage::with(world().disable_region("eu-south-2"), Options::default());
    let ran = stage.run_in(&["exec", "plain", "true"], &[("AWS_REGION", "eu-south-2")]);
    check(&ran, "", "\
error: An error occurred (RegionDisabledException) when calling the AssumeRole operation: STS is not activated in this region for account:210987654321. Your account administrator can activate STS in this region using the IAM Console.
  hint: set another region for profile base in ~/.aws/config, or have STS switched on (IAM, Account settings): it is off in eu-south-2 for this account
", 125);
    let ran = stage.run_in(
        &["exec", "plain", "true"],
        &[("AWS_REGION", "eu-nowhere-9")],
    );
    check(&ran, "", "\
error: An error occurred (SignatureDoesNotMatch) when calling the AssumeRole operation: Credential should be scoped to a valid region.
  hint: check AWS_REGION, and region and endpoint_url of profile base in ~/.aws/config: eu-nowhere-9 is not the region of what answered
", 125);
}

#[test]
fn what_may_pass_is_tried_again_but_a_code_is_sent_once() {
    let mut checks = Checks::default();
    for (name, fault, stderr) in [
        ("throttled", Fault::throttle(), "\
error: An error occurred (Throttling) when calling the AssumeRole operation: Rate exceeded
  hint: wait a few seconds, then try again: there were too many requests at once
"),
        ("broken", Fault::internal_error(), "\
error: An error occurred (InternalFailure) when calling the AssumeRole operation: The request processing has failed because of an unknown error, exception or failure.
  hint: try again, or see https://health.aws.amazon.com: AWS has a problem
"),
        ("overloaded", Fault::service_unavailable(), "\
error: An error occurred (ServiceUnavailable) when calling the AssumeRole operation: Service is unable to handle request.
  hint: try again, or see https://health.aws.amazon.com: AWS has a problem
"),
    ] {
        let stage = Stage::direct();
        stage.sandbox.inject(fault.clone().times(2));
        checks.ran(name, &stage.run(&["exec", "plain", "echo", "works"]), "works\n", "", 0);
        checks.number(name, stage.requests(), 3);

        stage.sandbox.inject(fault.clone());
        let once = [("AWS_MAX_ATTEMPTS", "1")];
        let ran = stage.run_in(&["exec", "plain", "--fresh", "true"], &once);
        checks.ran(name, &ran, "", stderr, 125);
        checks.number(name, stage.requests(), 4);

        stage.sandbox.inject(fault);
        let code = stage.code();
        let ran = stage.run(&["exec", "read", "--mfa-code", &code, "true"]);
        checks.ran(name, &ran, "", stderr, 125);
        checks.number(name, stage.requests(), 5);
        // The code was never looked at, and is good for another call.
        let ran = stage.run(&["exec", "read", "--mfa-code", &code, "echo", "works"]);
        checks.ran(name, &ran, "works\n", "", 0);
    }
}

#[test]
fn another_role_than_the_one_asked_for_is_neither_handed_out_nor_kept() {
    let mut checks = Checks::default();
    for (case, arn, stderr) in [
        ("role", "arn:aws:sts::123456789012:assumed-role/admin/jdoe", "\
error: asked for arn:aws:iam::123456789012:role/read, but the answer names another role
  because: expected arn:aws:sts::123456789012:assumed-role/read/jdoe, got \"arn:aws:sts::123456789012:assumed-role/admin/jdoe\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
"),
        ("account", "arn:aws:sts::999999999999:assumed-role/read/jdoe", "\
error: asked for arn:aws:iam::123456789012:role/read, but the answer names another role
  because: expected arn:aws:sts::123456789012:assumed-role/read/jdoe, got \"arn:aws:sts::999999999999:assumed-role/read/jdoe\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
"),
        ("session", "arn:aws:sts::123456789012:assumed-role/read/somebody", "\
error: asked for arn:aws:iam::123456789012:role/read, but the answer names another role
  because: expected arn:aws:sts::123456789012:assumed-role/read/jdoe, got \"arn:aws:sts::123456789012:assumed-role/read/somebody\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
"),
        ("nothing", "", "\
error: asked for arn:aws:iam::123456789012:role/read, but the answer names another role
  because: expected arn:aws:sts::123456789012:assumed-role/read/jdoe, got \"\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
"),
        ("escape", "\u{1b}[2J", "\
error: asked for arn:aws:iam::123456789012:role/read, but the answer names another role
  because: expected arn:aws:sts::123456789012:assumed-role/read/jdoe, got \"\\u{1b}[2J\"
  hint: check endpoint_url and the proxy; nothing was exported or cached
"),
    ] {
        let stage = Stage::direct();
        stage.sandbox.inject(Fault::wrong_role(arn));
        let code = stage.code();
        let ran = stage.run(&["exec", "read", "--mfa-code", &code, "echo", "handed out"]);
        checks.ran(case, &ran, "", stderr, 125);
        checks.number(case, stage.requests(), 1);
        checks.number(case, stage.entries().len(), 0);
    }
}

#[test]
fn what_aws_says_cannot_move_the_cursor() {
    let stage = Stage::new();
    let message = "\u{1b}]0;title\u{7}\u{1b}[2Jgone\rover \u{202e}txet\u{85}\u{9b}31m\nnext\tline";
    stage
        .sandbox
        .inject(Fault::error("AccessDenied", message, 403));
    let hints = "  hint: see whether arn:aws:iam::123456789012:role/plain exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it\n  hint: add \"aws_mfa_arn\" to plain in ~/.assumerole if the role requires MFA\n";
    // Every control character is a mark, and it is one line.
    let cleaned = "�]0;title��[2Jgone�over �txet��31m next line";
    let mut checks = Checks::default();
    let ran = stage.run(&["exec", "plain", "true"]);
    let said = "An error occurred (AccessDenied) when calling the AssumeRole operation:";
    checks.ran(
        "message",
        &ran,
        "",
        &format!("error: {said} {cleaned}\n{hints}"),
        125,
    );
    stage
        .sandbox
        .inject(Fault::error("Odd\u{1b}[2JCode", "odd", 400));
    checks.ran(
        "code",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "error: An error occurred (Odd�[2JCode) when calling the AssumeRole operation: odd\n",
        125,
    );
}

#[test]
fn an_error_nobody_has_heard_of_is_told_as_it_is() {
    let stage = Stage::new();
    stage
        .sandbox
        .inject(Fault::error("BrandNewException", "Something new.", 418));
    check(
        &stage.run(&["exec", "plain", "true"]),
        "",
        "error: An error occurred (BrandNewException) when calling the AssumeRole operation: Something new.\n",
        125,
    );
}

#[test]
fn a_refusal_is_not_remembered() {
    let stage = stage();
    let wrong = wrong_code(&stage);
    assert_eq!(
        stage
            .run(&["exec", "read", "--mfa-code", &wrong, "true"])
            .status,
        125
    );
    let code = stage.code();
    check(
        &stage.run(&["exec", "read", "--mfa-code", &code, "echo", "works"]),
        "works\n",
        "",
        0,
    );
    // One that had been granted before stays granted until it ends.
    stage.sandbox.set_key_active(KEY, false);
    check(
        &stage.run(&["exec", "read", "echo", "cached"]),
        "cached\n",
        "",
        0,
    );
    assert_eq!(stage.requests(), 2);
}
