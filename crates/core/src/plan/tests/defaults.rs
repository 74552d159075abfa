//! What the top of the file says for all roles: every combination of the top,
//! the role and `via`.

use super::*;
use crate::plan::Call;

const ROLE: &str = r#""aws_account": "123456789012", "aws_role": "read""#;
const HUB: &str =
    r#", "hub": {"aws_profile": "other", "aws_account": "123456789012", "aws_role": "hub"}"#;
const TOP_DEVICE: &str = "arn:aws:iam::111111111111:mfa/top";
const OWN_DEVICE: &str = "arn:aws:iam::111111111111:mfa/own";

fn case(top: &str, role: &str) -> Case {
    Case {
        top: top.to_owned(),
        role: format!("{role}{ROLE}"),
        more: HUB.to_owned(),
        credentials: format!("[base]\n{KEYS}[other]\n{KEYS}"),
        ..Case::default()
    }
}

/// `profile device`, by the source and by the device that anything on the way
/// has.
fn way(case: &Case) -> String {
    match case.plan() {
        Ok(plan) => {
            let device = plan.steps.iter().find_map(|step| step.device());
            let device = device.map_or("-", |device| device.user().unwrap_or_default());
            format!("{} {device}", plan.source.profile.value)
        }
        Err(error) => error.message().to_owned(),
    }
}

#[test]
fn profile_and_device_by_who_says_them() {
    let top_profile = r#""aws_profile": "base", "#;
    let top_device = format!(r#""aws_mfa_arn": "{TOP_DEVICE}", "#);
    let both = format!("{top_profile}{top_device}");
    let own_device = format!(r#""aws_mfa_arn": "{OWN_DEVICE}", "#);
    let none = r#""aws_mfa_arn": false, "#;
    let null = r#""aws_mfa_arn": null, "#;
    let same = r#""aws_profile": "base", "#;
    let other = r#""aws_profile": "other", "#;
    let via = r#""via": "hub", "#;
    let via_repeats = r#""via": "hub", "aws_profile": "other", "#;
    let missing = "role \"r\" has no aws_profile";
    // What the role says of both; what comes of it without anything at the
    // top, with a profile there, with a profile and a device.
    for (profile, device, [nothing, one, two]) in [
        ("", "", [missing, "base -", "base top"]),
        ("", null, [missing, "base -", "base top"]),
        ("", none, [missing, "base -", "base -"]),
        ("", &own_device, [missing, "base own", "base own"]),
        (same, "", ["base -", "base -", "base -"]),
        (same, null, ["base -", "base -", "base -"]),
        (same, none, ["base -", "base -", "base -"]),
        (same, &own_device, ["base own", "base own", "base own"]),
        (other, "", ["other -", "other -", "other -"]),
        (other, none, ["other -", "other -", "other -"]),
        (other, &own_device, ["other own", "other own", "other own"]),
        (via, "", ["other -", "other -", "other -"]),
        (via, none, ["other -", "other -", "other -"]),
        (via_repeats, "", ["other -", "other -", "other -"]),
        (
            r#""aws_profile": null, "#,
            "",
            [missing, "base -", "base top"],
        ),
    ] {
        for (top, expected) in [("", nothing), (top_profile, one), (&both, two)] {
            let case = case(top, &format!("{profile}{device}"));
            assert_eq!(way(&case), expected, "{top} | {profile}{device}");
        }
    }
}

#[test]
fn the_first_role_of_a_chain_may_take_both() {
    let top = format!(r#""aws_profile": "base", "aws_mfa_arn": "{TOP_DEVICE}", "#);
    let mut case = case(&top, r#""via": "hub", "#);
    case.more = r#", "hub": {"aws_account": "123456789012", "aws_role": "hub"}"#.to_owned();
    assert_eq!(way(&case), "base top");
    let plan = case.planned();
    assert_eq!(assume(&plan).way, crate::plan::MfaWay::None);
}

#[test]
fn seconds_and_region_count_for_every_role() {
    let top = r#""max_session_duration": 1800, "aws_region": "eu-west-1", "aws_profile": "base", "#;
    for (role, expected) in [
        ("", "1800 eu-west-1"),
        (r#""max_session_duration": 900, "#, "900 eu-west-1"),
        (r#""max_session_duration": null, "#, "1800 eu-west-1"),
        (r#""aws_profile": "other", "#, "1800 eu-west-1"),
        (r#""via": "hub", "#, "1800 eu-west-1"),
        (r#""aws_region": "eu-west-2", "#, "1800 eu-west-2"),
    ] {
        let mut case = case(top, role);
        // As if each role said it: the variable is for those that do not.
        case.settings.duration = Some(1000);
        let plan = case.planned();
        let region = plan.region.value.as_ref().map(ToString::to_string);
        let found = format!("{} {}", duration(&plan), region.unwrap_or_default());
        assert_eq!(found, expected, "{role}");
        case.request.duration = Some(1200);
        assert_eq!(duration(&case.planned()), 1200, "{role}");
    }
    // More than an hour takes a code of its own, as in a role.
    let top = format!(
        r#""max_session_duration": 7200, "aws_profile": "base", "aws_mfa_arn": "{TOP_DEVICE}", "#
    );
    let plan = case(&top, "").planned();
    assert!(matches!(&plan.steps[..], [step] if matches!(&step.call, Call::Assume(_))));
    assert_eq!(assume(&plan).way, crate::plan::MfaWay::DirectForLong);
}

#[test]
fn every_value_has_the_place_where_it_stands() {
    let top = format!(
        r#""aws_profile": "base", "aws_mfa_arn": "{TOP_DEVICE}", "max_session_duration": 1800, "#
    );
    let text =
        |role: &str| format!("{{ {top}\n\"assume_roles\": {{\n\"r\": {{ {role}{ROLE} }} }} }}");
    let places = |role: &str| {
        let config = Config::parse("f", text(role)).expect("a file");
        let role = config.role("r").expect("read").expect("there");
        let place = |span: std::ops::Range<usize>| config.snippet(span).place();
        [
            role.aws_profile.map(|found| found.span),
            role.aws_mfa_arn.map(|found| found.span),
            role.no_device,
            role.max_session_duration.map(|found| found.span),
        ]
        .map(|span| span.map_or("-".to_owned(), place))
        .join(" ")
    };
    assert_eq!(places(""), "f:1:18 f:1:41 - f:1:102");
    assert_eq!(
        places(r#""aws_mfa_arn": false, "#),
        "f:1:18 - f:3:23 f:1:102"
    );
    assert_eq!(
        places(r#""aws_profile": "x", "max_session_duration": 900, "#),
        "f:3:23 - - f:3:52"
    );
}

#[test]
fn the_device_of_the_top_names_the_partition() {
    let top = r#""aws_profile": "base", "aws_mfa_arn": "arn:aws-cn:iam::111111111111:mfa/top", "#;
    let arn = |role| assume(&case(top, role).planned()).arn.value.to_string();
    assert_eq!(arn(""), "arn:aws-cn:iam::123456789012:role/read");
    assert_eq!(
        arn(r#""aws_mfa_arn": false, "#),
        "arn:aws:iam::123456789012:role/read"
    );
}
