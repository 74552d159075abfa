//! The decision table of sources, MFA sessions and chains: files in, steps out.

use super::{Case, Plan};
use crate::config::Config;
use crate::error::Kind;
use crate::origin::{Origin, Sourced};
use crate::plan::{Call, Step, role_names};
use crate::settings::EnvironmentKeys;

const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";

/// A plan in one line: the source, then each step with its seconds and, with
/// `+code`, where a code is asked for.
fn line(plan: &Plan) -> String {
    let code = |step: &Step| {
        if step.device().is_some() {
            " +code"
        } else {
            ""
        }
    };
    let step = |step: &Step| match &step.call {
        Call::Session(session) => format!("session {}{}", session.duration.value, code(step)),
        Call::Assume(assume) => format!(
            "{}@{} {}{}",
            assume.arn.value.name,
            assume.arn.value.account,
            assume.duration.value,
            code(step)
        ),
    };
    let source = plan.source.describe();
    let steps = plan.steps.iter().map(step);
    std::iter::once(source)
        .chain(steps)
        .collect::<Vec<_>>()
        .join(" > ")
}

/// The plan of the profile `p` in a config file.
fn profile(config: &str) -> Case {
    let mut case = Case::config(config);
    case.name = "p".into();
    case
}

fn with_device(more: &str) -> Case {
    Case::role(&format!(r#""aws_mfa_arn": "{DEVICE}"{more}"#))
}

const READ: &str = "role_arn = arn:aws:iam::123456789012:role/read\n";

#[test]
fn one_code_is_for_all_roles_of_a_user() {
    let mut top = with_device("");
    top.top = r#""mfa_session_seconds": 7200,"#.into();
    let mut off = with_device("");
    off.top = r#""mfa_session": false,"#.into();
    let mut on_again = with_device(r#", "mfa_session": true"#);
    on_again.top = r#""mfa_session": false,"#.into();
    let mut temporary = with_device("");
    temporary.credentials.push_str("aws_session_token = t\n");
    for (what, case, expected) in [
        (
            "plain",
            Case::default(),
            "keys of profile base > read@123456789012 3600",
        ),
        (
            "MFA",
            with_device(""),
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "a shorter session",
            with_device(r#", "mfa_session_seconds": 900"#),
            "keys of profile base > session 900 +code > read@123456789012 3600",
        ),
        (
            "a shorter session for all",
            top,
            "keys of profile base > session 7200 +code > read@123456789012 3600",
        ),
        (
            "no session",
            with_device(r#", "mfa_session": false"#),
            "keys of profile base > read@123456789012 3600 +code",
        ),
        (
            "no session for all",
            off,
            "keys of profile base > read@123456789012 3600 +code",
        ),
        (
            "no session for all others",
            on_again,
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "long",
            with_device(r#", "max_session_duration": 3601"#),
            "keys of profile base > read@123456789012 3601 +code",
        ),
        (
            "an hour is not long",
            with_device(r#", "max_session_duration": 3600"#),
            "keys of profile base > session 43200 +code > read@123456789012 3600",
        ),
        (
            "temporary keys",
            temporary,
            "temporary keys of profile base > read@123456789012 3600 +code",
        ),
    ] {
        assert_eq!(line(&case.planned()), expected, "{what}");
    }
}

#[test]
fn roles_of_one_user_share_the_session_and_others_do_not() {
    let session = |case: &Case| case.planned().keys()[1];
    let base = session(&with_device(""));
    for (what, more) in [
        ("another role", r#", "aws_role": "write""#),
        ("another region", r#", "aws_region": "eu-west-1""#),
        ("another name", r#", "session_name": "x1""#),
    ] {
        let mut case = with_device(more);
        if what == "another role" {
            case.role = case.role.replacen(r#", "aws_role": "read""#, "", 1);
        }
        assert_eq!(session(&case), base, "{what}");
    }
    let mut region = with_device("");
    region.config = "[profile base]\nregion = eu-west-1\n".into();
    assert_eq!(session(&region), base, "the region of STS");
    let other = |change: fn(&mut Case)| {
        let mut case = with_device("");
        change(&mut case);
        session(&case)
    };
    for (what, key) in [
        (
            "device",
            other(|c| c.role = c.role.replace("mfa/jdoe", "mfa/jane")),
        ),
        (
            "keys",
            other(|c| c.credentials = c.credentials.replace("AKIA1", "AKIA2")),
        ),
        (
            "seconds",
            other(|c| c.top = r#""mfa_session_seconds": 900,"#.into()),
        ),
        (
            "end point",
            other(|c| c.settings.endpoint_url = Some("http://x".into())),
        ),
    ] {
        assert_ne!(key, base, "{what}");
    }
}

#[test]
fn chains_of_a_file_end_at_its_first_profile() {
    let other = |more: &str| {
        format!(
            r#", "a": {{"aws_profile": "base", "aws_account": "222222222222", "aws_role": "hub"{more}}}"#
        )
    };
    let via = r#""via": "a", "aws_account": "123456789012", "aws_role": "read""#;
    let mut two = Case {
        role: via.into(),
        more: other(""),
        ..Case::default()
    };
    assert_eq!(
        line(&two.planned()),
        "keys of profile base > hub@222222222222 3600 > read@123456789012 3600"
    );
    two.more = other(&format!(
        r#", "aws_mfa_arn": "{DEVICE}", "max_session_duration": 7200"#
    ));
    two.role.push_str(r#", "max_session_duration": 7200"#);
    let plan = two.planned();
    assert_eq!(
        line(&plan),
        "keys of profile base > session 43200 +code > hub@222222222222 3600 > read@123456789012 3600"
    );
    let capped = super::assume(&plan)
        .capped
        .as_ref()
        .map(|asked| asked.value);
    assert_eq!(capped, Some(7200));
    // A device beside the second role has no user.
    two.role
        .push_str(&format!(r#", "aws_mfa_arn": "{DEVICE}""#));
    assert_eq!(line(&two.planned()), line(&plan));
    // Flags are for the last role alone.
    two.request.duration = Some(900);
    assert_eq!(
        line(&two.planned()),
        "keys of profile base > session 43200 +code > hub@222222222222 3600 > read@123456789012 900"
    );
    // Three, and the profile of the first one repeated.
    let mut three = two;
    three.request.duration = None;
    three.role =
        r#""aws_profile": "base", "via": "b", "aws_account": "123456789012", "aws_role": "read""#
            .into();
    three.more = format!(
        r#"{}, "b": {{"via": "a", "aws_account": "333333333333", "aws_role": "mid"}}"#,
        other("")
    );
    assert_eq!(
        line(&three.planned()),
        "keys of profile base > hub@222222222222 3600 > mid@333333333333 3600 > read@123456789012 3600"
    );
}

#[test]
fn a_way_that_leads_nowhere_is_said() {
    for (role, more, kind, words) in [
        (
            r#""via": "b""#,
            "",
            Kind::UnknownName,
            "comes by role b, which does not exist",
        ),
        (
            r#""via": "r""#,
            "",
            Kind::Config,
            "goes round in a circle: r → r",
        ),
        (
            r#""via": "a""#,
            r#", "a": {"via": "r", "aws_account": "222222222222", "aws_role": "hub"}"#,
            Kind::Config,
            "goes round in a circle: r → a → r",
        ),
        (
            r#""via": "a", "aws_profile": "other""#,
            r#", "a": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "hub"}"#,
            Kind::Config,
            "has the profile other, but it comes by a, which starts at base",
        ),
    ] {
        let case = Case {
            role: format!(r#"{role}, "aws_account": "123456789012", "aws_role": "read""#),
            more: more.into(),
            ..Case::default()
        };
        let error = case.plan().expect_err(words);
        assert_eq!(error.kind(), kind, "{words}");
        assert!(error.message().contains(words), "{error}");
        assert!(
            error.snippet().is_some() && !error.hints().is_empty(),
            "{error}"
        );
    }
}

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
            "credential_process of profile p",
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
            "credential_process of profile p",
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
            "has role_arn, and nothing to assume it from",
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
            "goes round in a circle: p → p",
        ),
        (
            "a loop",
            format!(
                "[profile p]\n{READ}source_profile = q\n[profile q]\n{READ}source_profile = p\n"
            ),
            "goes round in a circle: p → q → p",
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
            "profile p has no sso_account_id",
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

/// Every field of a profile with a role, of its chain, and of a source that
/// changes the credentials changes the key; what only says how things are
/// called or reached does not.
#[test]
fn keys_of_profiles() {
    let base = format!(
        "[profile p]\n{READ}source_profile = q\n[profile q]\nrole_arn = arn:aws:iam::222222222222:role/hub\nsource_profile = base\n"
    );
    let sso = "[profile p]\nsso_session = s\nsso_account_id = 222222222222\nsso_role_name = A\n[sso-session s]\nsso_start_url = https://x\nsso_region = eu-west-1\n";
    let web = format!("[profile p]\n{READ}web_identity_token_file = /t\n");
    let process = "[profile p]\ncredential_process = cmd a\n";
    let login =
        "[profile p]\nlogin_session = arn:aws:iam::222222222222:user/x\nregion = eu-west-1\n";
    let key = |config: &str| profile(config).planned().key();
    for (what, config, from, to, same) in [
        ("role", base.as_str(), "role/read", "role/write", false),
        (
            "account",
            base.as_str(),
            "123456789012",
            "123456789013",
            false,
        ),
        (
            "role on the way",
            base.as_str(),
            "role/hub",
            "role/bub",
            false,
        ),
        (
            "duration",
            base.as_str(),
            "source_profile = q",
            "duration_seconds = 900\nsource_profile = q",
            false,
        ),
        (
            "duration on the way",
            base.as_str(),
            "source_profile = base",
            "duration_seconds = 900\nsource_profile = base",
            false,
        ),
        (
            "external ID",
            base.as_str(),
            "source_profile = q",
            "external_id = x1\nsource_profile = q",
            false,
        ),
        (
            "external ID on the way",
            base.as_str(),
            "source_profile = base",
            "external_id = x1\nsource_profile = base",
            false,
        ),
        (
            "session name",
            base.as_str(),
            "source_profile = q",
            "role_session_name = x1\nsource_profile = q",
            false,
        ),
        (
            "device on the way",
            base.as_str(),
            "source_profile = base",
            "mfa_serial = arn:aws:iam::210987654321:mfa/x\nsource_profile = base",
            false,
        ),
        (
            "region",
            base.as_str(),
            "source_profile = q",
            "region = eu-west-1\nsource_profile = q",
            false,
        ),
        (
            "end point",
            base.as_str(),
            "source_profile = q",
            "endpoint_url = http://x\nsource_profile = q",
            false,
        ),
        (
            "FIPS",
            base.as_str(),
            "source_profile = q",
            "use_fips_endpoint = true\nsource_profile = q",
            false,
        ),
        (
            "global end point",
            base.as_str(),
            "source_profile = q",
            "sts_regional_endpoints = legacy\nsource_profile = q",
            false,
        ),
        (
            "source",
            base.as_str(),
            "source_profile = base",
            "credential_source = Ec2InstanceMetadata",
            false,
        ),
        (
            "an hour, said",
            base.as_str(),
            "source_profile = q",
            "duration_seconds = 3600\nsource_profile = q",
            true,
        ),
        (
            "attempts",
            base.as_str(),
            "source_profile = q",
            "max_attempts = 9\nsource_profile = q",
            true,
        ),
        (
            "an unknown key",
            base.as_str(),
            "source_profile = q",
            "output = json\nsource_profile = q",
            true,
        ),
        ("SSO account", sso, "222222222222", "222222222223", false),
        ("SSO role", sso, "= A", "= B", false),
        ("SSO portal", sso, "https://x", "https://y", false),
        ("SSO region", sso, "eu-west-1", "eu-west-2", false),
        ("name of the SSO session", sso, "s\n", "t\n", false),
        ("token file", web.as_str(), "/t", "/u", false),
        (
            "web identity's role",
            web.as_str(),
            "role/read",
            "role/write",
            false,
        ),
        (
            "web identity's name",
            web.as_str(),
            "web_",
            "role_session_name = x1\nweb_",
            false,
        ),
        (
            "web identity's duration",
            web.as_str(),
            "web_",
            "duration_seconds = 900\nweb_",
            false,
        ),
        ("command", process, "cmd a", "cmd b", false),
        ("login", login, "user/x", "user/y", false),
        (
            "region of the login",
            login,
            "eu-west-1",
            "eu-west-2",
            false,
        ),
    ] {
        let changed = match what {
            // In both its places. The portal is the same one, and who logged in
            // there by another name may be another person.
            "name of the SSO session" => config
                .replace("= s\n", "= t\n")
                .replace("sso-session s]", "sso-session t]"),
            _ => config.replacen(from, to, 1),
        };
        assert_ne!(changed, config, "{what}");
        assert_eq!(key(&changed) == key(config), same, "{what}");
    }
}

/// The same for what `~/.assumerole` says of sessions and chains.
#[test]
fn keys_of_chains() {
    let hub = r#", "a": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "hub", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"}"#;
    let via = r#""via": "a", "aws_account": "123456789012", "aws_role": "read""#;
    let key = |role: &str, more: &str, top: &str| {
        let case = Case {
            role: role.into(),
            more: more.into(),
            top: top.into(),
            ..Case::default()
        };
        case.planned().key()
    };
    let base = key(via, hub, "");
    for (what, changed, same) in [
        (
            "the way",
            key(
                &via.replace(r#""via": "a""#, r#""aws_profile": "base""#),
                hub,
                "",
            ),
            false,
        ),
        (
            "role on the way",
            key(via, &hub.replace("hub", "bub"), ""),
            false,
        ),
        (
            "device on the way",
            key(via, &hub.replace("mfa/jdoe", "mfa/jane"), ""),
            false,
        ),
        (
            "tag on the way",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "session_tags": {"a": "b"}"#),
                "",
            ),
            false,
        ),
        (
            "session",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "mfa_session": false"#),
                "",
            ),
            false,
        ),
        (
            "seconds of the session",
            key(
                via,
                &hub.replace(r#""hub""#, r#""hub", "mfa_session_seconds": 900"#),
                "",
            ),
            false,
        ),
        (
            "seconds for all",
            key(via, hub, r#""mfa_session_seconds": 900,"#),
            false,
        ),
        (
            "no session for all",
            key(via, hub, r#""mfa_session": false,"#),
            false,
        ),
        (
            "name of the one on the way",
            key(
                &via.replace(r#""a""#, r#""b""#),
                &hub.replace(r#""a":"#, r#""b":"#),
                "",
            ),
            true,
        ),
        (
            "to be confirmed",
            key(&format!(r#"{via}, "confirm": true"#), hub, ""),
            true,
        ),
        (
            "12 hours, said",
            key(via, hub, r#""mfa_session_seconds": 43200,"#),
            true,
        ),
    ] {
        assert_eq!(changed == base, same, "{what}");
    }
}

/// `sts_regional_endpoints`, region, end point, whether the global one is asked.
#[test]
fn the_global_end_point_is_asked_only_where_it_was() {
    for (legacy, region, more, global) in [
        ("legacy", "eu-west-1", "", true),
        ("legacy", "ap-east-1", "", false),
        ("legacy", "eu-west-1", "endpoint_url = http://x\n", false),
        ("legacy", "eu-west-1", "use_fips_endpoint = true\n", false),
        ("regional", "eu-west-1", "", false),
        ("", "eu-west-1", "", false),
    ] {
        let config =
            format!("[profile base]\nregion = {region}\nsts_regional_endpoints = {legacy}\n{more}");
        let plan = Case::config(&config).planned();
        let asked = super::sts(&plan).region.value.as_str() == "aws-global";
        assert_eq!(asked, global, "{config}");
    }
    let mut case =
        Case::config("[profile base]\nregion = eu-west-1\nsts_regional_endpoints = legacy\n");
    case.settings.sts_regional_endpoints = Some("regional".into());
    assert_eq!(
        super::sts(&case.planned()).region.value.as_str(),
        "eu-west-1"
    );
    let case = Case::config("[profile base]\nsts_regional_endpoints = old\n");
    assert!(
        case.plan()
            .expect_err("old")
            .message()
            .contains("regional or legacy")
    );
}

#[test]
fn roles_of_both_files_are_listed_once() {
    let config = format!(
        "[default]\nregion = eu-west-1\n[profile r]\n{READ}source_profile = base\n[profile p]\n{READ}source_profile = base\n[profile keys]\naws_access_key_id = A\n[profile sso]\nsso_account_id = 222222222222\nsso_role_name = A\n"
    );
    let aws = crate::aws_files::AwsFiles {
        config: Some(crate::aws_files::AwsFile::parse(
            crate::aws_files::FileKind::Config,
            "~/.aws/config",
            config,
        )),
        credentials: None,
    };
    let own = Config::parse("x", r#"{"assume_roles": {"z": {}, "r": {}}}"#.into()).expect("JSON");
    assert_eq!(
        role_names(&own, &aws).expect("names"),
        ["z", "r", "p", "sso"]
    );
    let none = Config::none("x");
    assert_eq!(role_names(&none, &aws).expect("names"), ["r", "p", "sso"]);
}
