//! A profile whose key was taken into the store is what it was before.

use super::*;
use crate::plan::request::Request;

const PROCESS: &str =
    "credential_process = /usr/bin/assumerole credential-process --session base\n";

/// As after `keys import base`.
fn imported(before: Case) -> Case {
    Case {
        credentials: before.credentials.replace(KEYS, PROCESS),
        stored: [("base".into(), "AKIA1".into())].into(),
        ..before
    }
}

#[test]
fn every_plan_caches_under_the_keys_of_before() {
    const MFA: &str = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;

    let profile = |config: &str| Case {
        name: "p".into(),
        ..Case::config(config)
    };
    let table: [(&str, &dyn Fn() -> Case); 7] = [
        ("a role", &Case::default),
        ("with MFA", &|| Case::role(MFA)),
        ("the direct way", &|| {
            Case::role(&format!("{MFA}, \"max_session_duration\": 7200"))
        }),
        ("without MFA session", &|| {
            Case::role(&format!("{MFA}, \"mfa_session\": false"))
        }),
        ("via another role", &|| Case {
            role: r#""via": "v", "aws_account": "123456789012", "aws_role": "read""#.into(),
            more: format!(
                r#", "v": {{"aws_profile": "base", "aws_account": "1", "aws_role": "hub", {MFA}}}"#
            )
            .replace("\"1\"", "\"123456789012\""),
            ..Case::default()
        }),
        ("the profile itself", &|| Case {
            name: "base".into(),
            ..Case::default()
        }),
        ("the profile itself, with a device", &|| Case {
            name: "base".into(),
            ..Case::config(
                "[profile base]\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\nregion = eu-west-1\n",
            )
        }),
    ];
    for (what, case) in table {
        let (before, after) = (case().planned(), imported(case()).planned());
        assert!(
            matches!(after.source.kind, SourceKind::Stored { .. }),
            "{what}"
        );
        assert_eq!(
            before.keys(&Whose::Said),
            after.keys(&Whose::Said),
            "{what}"
        );
        assert_eq!(before.steps.len(), after.steps.len(), "{what}");
        assert!(!after.is_kept(0), "{what}: the key itself is never cached");
    }
    // Over a profile of ~/.aws.
    for config in [
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/read\nsource_profile = base\n",
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/read\nsource_profile = base\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n",
    ] {
        let (before, after) = (
            profile(config).planned(),
            imported(profile(config)).planned(),
        );
        assert_eq!(before.keys(&Whose::Said), after.keys(&Whose::Said));
    }
}

#[test]
fn a_key_that_is_not_stored_is_an_error_with_the_command_to_type() {
    let case = Case {
        stored: [("other".into(), "AKIA2".into())].into(),
        ..imported(Case::default())
    };
    let error = case.plan().unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.message().contains("base"), "{error}");
    assert!(error.hints()[0].contains("assumerole keys add base"));
}

#[test]
fn what_stands_before_a_process_stands_before_a_stored_key() {
    let case = imported(Case::default());
    let case = Case {
        credentials: format!("{}{KEYS}", case.credentials),
        ..case
    };
    let plan = case.planned();
    assert!(matches!(plan.source.kind, SourceKind::Keys { .. }));
}

#[test]
fn flags_that_narrow_are_refused_for_the_session_of_a_stored_key() {
    let case = Case {
        name: "base".into(),
        request: Request {
            session_name: Some("someone".parse().unwrap()),
            ..Request::default()
        },
        ..Case::default()
    };
    let before = case.plan().unwrap_err();
    let after = imported(case).plan().unwrap_err();
    assert_eq!(before.message(), after.message());
}
