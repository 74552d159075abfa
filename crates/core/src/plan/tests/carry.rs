//! What the flags ask of a session, over every source and every way in which
//! a file narrows: carried as asked, or refused.

use super::{Case, KEYS, Plan, SourceKind, assume, duration};
use crate::aws::ids::PolicyArn;
use crate::diagnostic::Kind;
use crate::plan::Call;
use crate::plan::origin::Origin;
use crate::plan::request::{Policies, Request, tag};

fn arn(name: &str) -> PolicyArn {
    format!("arn:aws:iam::aws:policy/{name}")
        .parse()
        .expect("an ARN")
}

/// Each flag that says what the session shall be.
fn flags() -> Vec<(&'static str, Request)> {
    let none = Request::default;
    vec![
        (
            "--read-only",
            Request {
                policies: Policies::ReadOnly,
                ..none()
            },
        ),
        (
            "--policy-arn",
            Request {
                policies: Policies::Managed(vec![arn("z"), arn("a"), arn("z")]),
                ..none()
            },
        ),
        (
            "--tag",
            Request {
                tags: vec![tag("team=x").expect("a tag")],
                ..none()
            },
        ),
        (
            "--duration",
            Request {
                duration: Some(900),
                ..none()
            },
        ),
        (
            "--session-name",
            Request {
                session_name: Some("of-flag".parse().expect("a name")),
                ..none()
            },
        ),
    ]
}

const SSO: &str = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = Admin\n";
const SESSION: &str =
    "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n";

/// Profiles that hand out what is not a role by AssumeRole: the profile, and
/// which flags they carry.
const ALONE: &[(&str, &str, &[&str])] = &[
    ("keys", KEYS, &["--duration"]),
    (
        "keys and a device",
        "aws_access_key_id = AKIA1\naws_secret_access_key = s1\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n",
        &["--duration"],
    ),
    (
        "temporary keys",
        "aws_access_key_id = ASIA1\naws_secret_access_key = s1\naws_session_token = t\n",
        &[],
    ),
    ("process", "credential_process = /bin/keys\n", &[]),
    (
        "process and a device",
        "credential_process = /bin/keys\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n",
        &[],
    ),
    ("sso", SSO, &[]),
    (
        "login",
        "login_session = arn:aws:iam::123456789012:user/jdoe\nregion = eu-west-1\n",
        &[],
    ),
    (
        "web identity",
        "role_arn = arn:aws:iam::123456789012:role/web\nweb_identity_token_file = /token\n",
        &[
            "--read-only",
            "--policy-arn",
            "--duration",
            "--session-name",
        ],
    ),
];

fn of_profile(text: &str, request: Request) -> Case {
    Case {
        name: "p".into(),
        request,
        ..Case::config(&format!("[profile p]\n{text}{SESSION}"))
    }
}

/// What came of a flag: the values that go with the last call.
fn carried(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let mut push = |what: &str, from: &Origin, value: String| {
        if let Origin::Flag(flag) = from {
            found.push(format!("{flag} {what}={value}"));
        }
    };
    match (plan.steps.last().map(|step| &step.call), &plan.source.kind) {
        (Some(Call::Assume(role)), _) => {
            push(
                "arns",
                &role.policy_arns.from,
                format!(
                    "{:?}",
                    role.policy_arns
                        .value
                        .iter()
                        .map(PolicyArn::as_str)
                        .collect::<Vec<_>>()
                ),
            );
            push("tags", &role.tags.from, role.tags.value.len().to_string());
            push(
                "seconds",
                &role.duration.from,
                role.duration.value.to_string(),
            );
            push(
                "name",
                &role.session_name.from,
                role.session_name.value.to_string(),
            );
        }
        (Some(Call::Session(session)), _) => {
            push(
                "seconds",
                &session.duration.from,
                session.duration.value.to_string(),
            );
        }
        (None, SourceKind::WebIdentity(web)) => {
            push(
                "arns",
                &web.policy_arns.from,
                format!(
                    "{:?}",
                    web.policy_arns
                        .value
                        .iter()
                        .map(PolicyArn::as_str)
                        .collect::<Vec<_>>()
                ),
            );
            push(
                "seconds",
                &web.duration.from,
                web.duration.value.to_string(),
            );
            push(
                "name",
                &web.session_name.from,
                web.session_name.value.to_string(),
            );
        }
        _ => {}
    }
    found
}

fn as_asked(flag: &str) -> Vec<String> {
    let said = match flag {
        "--read-only" => r#"--read-only arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]"#,
        "--policy-arn" => {
            r#"--policy-arn arns=["arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/z"]"#
        }
        "--tag" => "--tag tags=1",
        "--duration" => "--duration seconds=900",
        _ => "--session-name name=of-flag",
    };
    vec![said.to_owned()]
}

#[test]
fn what_a_profile_cannot_carry_is_refused() {
    for (source, text, carries) in ALONE {
        for (flag, request) in flags() {
            let what = format!("{source} {flag}");
            let case = of_profile(text, request);
            if carries.contains(&flag) {
                assert_eq!(carried(&case.planned()), as_asked(flag), "{what}");
                continue;
            }
            let error = case.plan().expect_err(&what);
            assert_eq!(error.kind(), Kind::Usage, "{what}");
            let message = format!("profile p cannot be used with {flag}");
            assert_eq!(error.message(), message, "{what}");
            assert_eq!(error.causes().len(), 1, "{what}");
            assert!(error.snippet().is_some(), "{what}: no place");
            assert!(
                error
                    .hints()
                    .iter()
                    .any(|hint| hint.contains("assumerole add --profile p")),
                "{what}"
            );
        }
    }
}

#[test]
fn a_role_of_every_source_carries_everything() {
    for (source, text, _) in ALONE {
        for (flag, request) in flags() {
            // By ~/.aws, and by ~/.assumerole.
            let role =
                "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n";
            let mut case = Case::config(&format!("{role}[profile q]\n{text}{SESSION}"));
            case.request = request;
            case.name = "p".into();
            let plan = case.planned();
            assert_eq!(carried(&plan), as_asked(flag), "{source} {flag}");
            if let SourceKind::WebIdentity(web) = &plan.source.kind {
                assert!(
                    web.policy_arns.value.is_empty(),
                    "flags are for the last role"
                );
                assert_eq!(web.duration.value, 3600);
            }
            case.name = "r".into();
            case.role = case.role.replace("base", "q");
            assert_eq!(carried(&case.planned()), as_asked(flag), "{source} {flag}");
        }
    }
}

/// STS gives an hour at most from temporary credentials: a flag that asks for
/// more is refused, a default of a file or a variable gives way.
#[test]
fn a_length_that_cannot_be_had_is_refused() {
    for (source, text, _) in ALONE {
        // What a process prints is only seen when it has run.
        let long = matches!(
            *source,
            "keys" | "keys and a device" | "process" | "process and a device"
        );
        let role = "role_arn = arn:aws:iam::123456789012:role";
        let files = format!(
            "[profile p]\n{role}/r\nsource_profile = q\n[profile o]\n{role}/o\nsource_profile = p\n[profile q]\n{text}{SESSION}"
        );
        for (name, can_be_long) in [("p", long), ("o", false), ("r", long), ("via", false)] {
            let what = format!("{source} {name}");
            let mut case = Case::config(&files);
            case.role = case.role.replace("base", "q");
            case.more =
                r#", "via": {"via": "r", "aws_account": "345678901234", "aws_role": "end"}"#.into();
            case.name = name.into();
            for (seconds, fits) in [
                (900, true),
                (3600, true),
                (3601, can_be_long),
                (43_200, can_be_long),
            ] {
                case.request.duration = Some(seconds);
                match case.plan() {
                    Ok(plan) => {
                        assert!(fits, "{what} {seconds}");
                        assert_eq!(duration(&plan), seconds, "{what}");
                        assert_eq!(assume(&plan).capped, None, "{what}");
                    }
                    Err(error) => {
                        assert!(!fits, "{what} {seconds}: {error}");
                        assert_eq!(error.kind(), Kind::Usage, "{what}");
                        let message =
                            format!("role {name} cannot last {seconds} s, as --duration asks");
                        assert_eq!(error.message(), message, "{what}");
                        let hint =
                            format!("ask for an hour at most: assumerole --duration 1h {name}");
                        assert_eq!(error.hints()[0], hint, "{what}");
                    }
                }
            }
            case.request.duration = None;
            case.settings.duration = Some(43_200);
            let given = if can_be_long { 43_200 } else { 3600 };
            assert_eq!(duration(&case.planned()), given, "{what}");
        }
    }
}

#[test]
fn all_that_is_refused_is_named_and_a_region_is_not() {
    let mut request = Request {
        region: Some("eu-north-1".parse().expect("a region")),
        ..Request::default()
    };
    assert!(of_profile(SSO, request.clone()).plan().is_ok());
    request.duration = Some(900);
    request.policies = Policies::ReadOnly;
    let error = of_profile(SSO, request).plan().expect_err("refused");
    assert_eq!(
        error.message(),
        "profile p cannot be used with --read-only and --duration"
    );
    assert!(error.hints()[0].contains("permission set decides"));
}

#[test]
fn the_duration_variable_is_for_roles() {
    let web = ALONE[7].1;
    for (text, own, seconds) in [
        (web, "", Some(900)),
        (web, "duration_seconds = 1800\n", Some(1800)),
        (KEYS, "", None),
        (SSO, "", None),
    ] {
        let mut case = of_profile(&format!("{text}{own}"), Request::default());
        case.settings.duration = Some(900);
        let plan = case.planned();
        let found = match &plan.source.kind {
            SourceKind::WebIdentity(web) => Some(web.duration.value),
            _ => None,
        };
        assert_eq!(found, seconds, "{text}");
    }
}

#[test]
fn flags_that_narrow_are_refused_where_the_file_narrows() {
    let read_only = r#""policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]"#;
    let two = r#""policy_arns": ["arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/z"]"#;
    let inline = r#""policy": {"Statement": []}"#;
    let both = format!("{two}, {inline}");
    let one = |name| Policies::Managed(vec![arn(name)]);
    let same = || Policies::Managed(vec![arn("z"), arn("a")]);
    for (own, policies, key) in [
        (read_only, Policies::ReadOnly, None),
        (read_only, one("a"), Some("policy_arns")),
        // One less could lack the other's Deny.
        (two, one("a"), Some("policy_arns")),
        (two, Policies::ReadOnly, Some("policy_arns")),
        (two, same(), None),
        (read_only, Policies::ViewOnly, Some("policy_arns")),
        (inline, Policies::ViewOnly, Some("policy")),
        (inline, Policies::ReadOnly, Some("policy")),
        (inline, one("a"), Some("policy")),
        (&both, same(), Some("policy")),
        (&both, Policies::ReadOnly, Some("policy")),
        (r#""policy_arns": []"#, one("a"), None),
        (r#""policy": null"#, one("a"), None),
    ] {
        let mut case = Case::role(own);
        case.request.policies = policies;
        match (case.plan(), key) {
            (Ok(plan), None) => assert!(!assume(&plan).policy_arns.value.is_empty(), "{own}"),
            (Err(error), Some(key)) => {
                assert_eq!(error.kind(), Kind::Usage);
                assert!(
                    error.message().ends_with(&format!(
                        "cannot be used with role r, whose {key} narrows it already"
                    )),
                    "{own}: {}",
                    error.message()
                );
                assert!(error.snippet().is_some(), "{own}");
            }
            (result, key) => panic!("{own}: {key:?} {result:?}"),
        }
    }
}

#[test]
fn what_narrows_the_role_before_stands_in_nobodys_way() {
    let mut case = Case {
        role: r#""via": "hub", "aws_account": "123456789012", "aws_role": "read""#.into(),
        more: r#", "hub": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "hub",
            "policy": {"Statement": []}, "session_tags": {"team": "a"}}"#
            .into(),
        ..Case::default()
    };
    case.request.policies = Policies::ReadOnly;
    case.request.tags = vec![tag("team=b").expect("a tag")];
    let plan = case.planned();
    assert_eq!(assume(&plan).policy_arns.value.len(), 1);
    let hub = plan.first_role().expect("the hub");
    assert!(hub.policy.is_some() && hub.policy_arns.value.is_empty());
}

#[test]
fn a_tag_of_the_file_keeps_its_value() {
    for (given, refused) in [
        ("team=payments", false),
        ("TEAM=payments", false),
        ("team=root", true),
        ("Team=", true),
        ("other=x", false),
    ] {
        let mut case =
            Case::role(r#""session_tags": {"team": "payments"}, "transitive_tags": ["team"]"#);
        case.request.tags = vec![tag(given).expect("a tag")];
        let result = case.plan();
        assert_eq!(result.is_err(), refused, "{given}");
        match result {
            Err(error) => {
                assert!(error.snippet().is_some());
                assert!(
                    error
                        .message()
                        .ends_with("which has that session tag already")
                );
            }
            Ok(plan) => {
                let tags = &assume(&plan).tags.value;
                let team = tags
                    .iter()
                    .find(|tag| tag.key.as_str() == "team")
                    .expect("kept");
                assert!(
                    team.transitive && team.value.as_str() == "payments",
                    "{given}"
                );
            }
        }
    }
}
