//! The decision table of sources, MFA sessions and chains: files in, steps out.

use super::{Case, Plan, Whose};
use crate::config::Config;
use crate::diagnostic::Kind;
use crate::plan::{Call, Step, role_names};

pub(super) const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";

/// A plan in one line: the source, then each step with its seconds and, with
/// `+code`, where a code is asked for.
pub(super) fn line(plan: &Plan) -> String {
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
pub(super) fn profile(config: &str) -> Case {
    let mut case = Case::config(config);
    case.name = "p".into();
    case
}

fn with_device(more: &str) -> Case {
    Case::role(&format!(r#""aws_mfa_arn": "{DEVICE}"{more}"#))
}

pub(super) const READ: &str = "role_arn = arn:aws:iam::123456789012:role/read\n";

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
    let session = |case: &Case| case.planned().keys(&Whose::Said)[1];
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
            "endpoint",
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
            "is assumed via b, which does not exist",
        ),
        (r#""via": "r""#, "", Kind::Config, "forms a cycle: r → r"),
        (
            r#""via": "a""#,
            r#", "a": {"via": "r", "aws_account": "222222222222", "aws_role": "hub"}"#,
            Kind::Config,
            "forms a cycle: r → a → r",
        ),
        (
            r#""via": "a", "aws_profile": "other""#,
            r#", "a": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "hub"}"#,
            Kind::Config,
            "sets the profile other, but is assumed via a, which uses profile base",
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

/// `sts_regional_endpoints`, region, endpoint, whether the global one is asked.
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
    let aws = crate::aws_config::AwsFiles {
        config: Some(crate::aws_config::AwsFile::parse(
            crate::aws_config::FileKind::Config,
            "~/.aws/config",
            config,
        )),
        credentials: None,
    };
    let own =
        Config::parse("x", r#"{"assume_roles": {"z": {}, "r": {}}}"#.to_owned()).expect("JSON");
    assert_eq!(
        role_names(&own, &aws).expect("names"),
        ["z", "r", "p", "sso"]
    );
    let none = Config::none("x");
    assert_eq!(role_names(&none, &aws).expect("names"), ["r", "p", "sso"]);
}
