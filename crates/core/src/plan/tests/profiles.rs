//! The decision table of profiles: what stands in `~/.aws/config` in, steps out.

use super::chains::{DEVICE, READ, line, profile};
use crate::plan::origin::{Origin, Sourced};
use crate::plan::settings::EnvironmentKeys;

/// Profile `p`, its plan.
#[test]
fn profiles_with_a_role() {
    let mfa = format!("mfa_serial = {DEVICE}\n");
    let other = "mfa_serial = arn:aws:iam::210987654321:mfa/other\n";
    for (what, config, expected) in [
        (
            "plain",
            format!("[profile p]\n{READ}source_profile = base\n"),
            "keys of profile base > read@123456789012 3600",
        ),
        (
            "MFA",
            format!("[profile p]\n{READ}{mfa}source_profile = base\n"),
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "long",
            format!("[profile p]\n{READ}{mfa}duration_seconds = 7200\nsource_profile = base\n"),
            "keys of profile base > read@123456789012 7200 +code",
        ),
        (
            "MFA on the source only",
            format!("[profile p]\n{READ}source_profile = base\n[profile base]\n{mfa}"),
            "keys of profile base > read@123456789012 3600",
        ),
        (
            "MFA on both, the same device",
            format!("[profile p]\n{READ}{mfa}source_profile = base\n[profile base]\n{mfa}"),
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "MFA on both, another device",
            format!("[profile p]\n{READ}{other}source_profile = base\n[profile base]\n{mfa}"),
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "a chain of two",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nsource_profile = base\n"
            ),
            "keys of profile base > hub@222222222222 3600 > read@123456789012 3600",
        ),
        (
            "a chain of two with MFA",
            format!(
                "[profile p]\n{READ}duration_seconds = 7200\nsource_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\n{mfa}source_profile = base\n"
            ),
            "keys of profile base > session 43200 +code > hub@222222222222 3600 > read@123456789012 3600",
        ),
        (
            "a chain of three",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nsource_profile = s\n[profile s]\nrole_arn = arn:aws:iam::333333333333:role/first\nsource_profile = base\n"
            ),
            "keys of profile base > first@333333333333 3600 > hub@222222222222 3600 > read@123456789012 3600",
        ),
        (
            "itself",
            format!(
                "[profile p]\n{READ}source_profile = p\naws_access_key_id = AKIA9\naws_secret_access_key = s\n"
            ),
            "keys of profile p > read@123456789012 3600",
        ),
        (
            "a source with keys and a role: the keys count",
            format!(
                "[profile p]\n{READ}source_profile = base\n[profile base]\nrole_arn = arn:aws:iam::222222222222:role/hub\nsource_profile = p\n"
            ),
            "keys of profile base > read@123456789012 3600",
        ),
        (
            "a process",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\ncredential_process = cmd --secret x\n"
            ),
            "credential_process of profile q > read@123456789012 3600",
        ),
        (
            "a process with MFA",
            format!(
                "[profile p]\n{READ}{mfa}source_profile = q\n[profile q]\ncredential_process = cmd\n"
            ),
            "credential_process of profile q > session 43200 +code > read@123456789012 3600",
        ),
        (
            "IAM Identity Center",
            format!(
                "[profile p]\n{READ}{mfa}duration_seconds = 7200\nsource_profile = q\n[profile q]\nsso_session = s\nsso_account_id = 222222222222\nsso_role_name = Admin\n[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n"
            ),
            "IAM Identity Center, profile q > read@123456789012 3600",
        ),
        (
            "web identity",
            format!(
                "[profile p]\n{READ}{mfa}web_identity_token_file = /t\nduration_seconds = 7200\n"
            ),
            "web identity of profile p",
        ),
        (
            "web identity, then a role",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nweb_identity_token_file = /t\n"
            ),
            "web identity of profile q > read@123456789012 3600",
        ),
        (
            "a login session",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\nlogin_session = arn:aws:iam::222222222222:user/x\nregion = eu-west-1\n"
            ),
            "login session of profile q > read@123456789012 3600",
        ),
        (
            "the environment",
            format!("[profile p]\n{READ}{mfa}credential_source = Environment\n"),
            "keys in the environment > session 43200 +code > read@123456789012 3600",
        ),
        (
            "the container",
            format!("[profile p]\n{READ}{mfa}credential_source = EcsContainer\n"),
            "the container's role > read@123456789012 3600",
        ),
        (
            "the instance",
            format!("[profile p]\n{READ}credential_source = Ec2InstanceMetadata\n"),
            "the instance's role > read@123456789012 3600",
        ),
    ] {
        let mut case = profile(&config);
        case.settings.environment_keys = Some(EnvironmentKeys {
            access_key_id: "AKIA7".into(),
            temporary: false,
        });
        let variable = Origin::Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        case.settings.container_uri = Some(Sourced::new("http://127.0.0.1/x".into(), variable));
        assert_eq!(line(&case.planned()), expected, "{what}");
    }
}

/// A plain profile becomes temporary credentials.
#[test]
fn profiles_without_a_role() {
    let mfa = format!("mfa_serial = {DEVICE}\n");
    let keys = "aws_access_key_id = AKIA9\naws_secret_access_key = s\n";
    for (what, config, expected) in [
        (
            "keys",
            format!("[profile p]\n{keys}"),
            "keys of profile p > session 43200",
        ),
        (
            "keys with MFA",
            format!("[profile p]\n{keys}{mfa}"),
            "keys of profile p > session 43200 +code",
        ),
        (
            "temporary keys",
            format!("[profile p]\n{keys}{mfa}aws_session_token = t\n"),
            "temporary keys of profile p",
        ),
        (
            "a process",
            "[profile p]\ncredential_process = cmd\n".to_owned(),
            "credential_process of profile p > session 43200",
        ),
        (
            "IAM Identity Center, the older form, before keys",
            format!(
                "[profile p]\n{keys}sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Admin\n"
            ),
            "IAM Identity Center, profile p",
        ),
        (
            "a process before keys of the same file",
            format!("[profile p]\n{keys}credential_process = cmd\n"),
            "credential_process of profile p > session 43200",
        ),
    ] {
        assert_eq!(line(&profile(&config).planned()), expected, "{what}");
    }
}

#[test]
fn profiles_that_lead_nowhere() {
    for (what, config, words) in [
        (
            "no source",
            format!("[profile p]\n{READ}"),
            "has role_arn, but no credentials to assume it with",
        ),
        (
            "two sources",
            format!("[profile p]\n{READ}source_profile = base\ncredential_source = Environment\n"),
            "has both source_profile and credential_source",
        ),
        (
            "an unknown one",
            format!("[profile p]\n{READ}credential_source = Elsewhere\n"),
            "credential_source of profile p is not valid",
        ),
        (
            "no such profile",
            format!("[profile p]\n{READ}source_profile = bass\n"),
            "profile p uses profile bass, which does not exist",
        ),
        (
            "a loop of one",
            format!("[profile p]\n{READ}source_profile = p\n"),
            "forms a cycle: p → p",
        ),
        (
            "a loop",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\n{READ}source_profile = p\n"
            ),
            "forms a cycle: p → q → p",
        ),
        (
            "no environment",
            format!("[profile p]\n{READ}credential_source = Environment\n"),
            "takes its credentials from Environment",
        ),
        (
            "no container",
            format!("[profile p]\n{READ}credential_source = EcsContainer\n"),
            "takes its credentials from EcsContainer",
        ),
        (
            "nothing",
            "[profile p]\nregion = eu-west-1\n".to_owned(),
            "profile p has no credentials",
        ),
        (
            "a wrong ARN",
            "[profile p]\nrole_arn = x\nsource_profile = base\n".to_owned(),
            "role_arn of profile p is not valid",
        ),
        (
            "a wrong device",
            format!("[profile p]\n{READ}mfa_serial = x y\nsource_profile = base\n"),
            "mfa_serial of profile p is not valid",
        ),
        (
            "a wrong duration",
            format!("[profile p]\n{READ}duration_seconds = 60\nsource_profile = base\n"),
            "duration_seconds of profile p is not a session's length",
        ),
        (
            "no such SSO session",
            "[profile p]\nsso_session = s\nsso_account_id = 222222222222\nsso_role_name = A\n"
                .to_owned(),
            "uses the sso-session s, which does not exist",
        ),
        (
            "half an SSO profile",
            "[profile p]\nsso_start_url = https://x\nsso_region = eu-west-1\nsso_role_name = A\n"
                .to_owned(),
            "profile p has sso_role_name, but no sso_account_id",
        ),
    ] {
        let error = profile(&config).plan().expect_err(what);
        assert!(error.message().contains(words), "{what}: {error}");
        assert!(
            !error.hints().is_empty() || !error.causes().is_empty(),
            "{what}: {error}"
        );
    }
}

/// The AWS CLI refuses such a file as a whole; here it is what comes through
/// the profile.
#[test]
fn a_line_that_would_have_narrowed_a_session_is_not_left_out() {
    let good = format!("[profile p]\n{READ}source_profile = base\n");
    for line in [
        "external_id",
        "External_ID",
        "external_id my-id",
        "externalid",
        "duration_seconds",
        "duration_seconds 900",
        "mfa_serial",
        "mfa_serial\n  = arn:aws:iam::111111111111:mfa/jdoe",
        "role_session_name",
        "rubbish\n  external_id = x",
    ] {
        for config in [
            format!("{good}{line}\n"),
            format!("[DEFAULT]\n{line}\n{good}"),
            format!("[profile q]\nregion = eu-west-1\n{good}{line}\n[profile r]\n"),
        ] {
            let error = profile(&config).plan().expect_err(line);
            assert_eq!(error.kind(), crate::Kind::Config);
            let word = line.split([' ', '\n']).next().expect("a word");
            let word = match word {
                "rubbish" => "external_id".to_owned(),
                word => word.to_lowercase(),
            };
            assert_eq!(
                error.message(),
                format!("profile p has a line that begins with {word} and cannot be read")
            );
            assert!(error.snippet().is_some());
        }
        // It is in the way of nobody else.
        profile(&format!("{good}[profile q]\n{line}\n"))
            .plan()
            .expect(line);
    }
    for line in ["rubbish", "region", "# external_id", "<<<<<<< HEAD"] {
        profile(&format!("{good}{line}\n")).plan().expect(line);
    }
    // The same in a profile on the way.
    let config = format!(
        "[profile p]\n{READ}source_profile = q\n[profile q]\n{READ}source_profile = base\nexternal_id\n"
    );
    let error = profile(&config).plan().expect_err("on the way");
    assert!(
        error.message().starts_with("profile q has a line"),
        "{error}"
    );
}
