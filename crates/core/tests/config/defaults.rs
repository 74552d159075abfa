//! `aws_profile`, `aws_mfa_arn` and `max_session_duration` at the top: what is
//! refused and what is warned of. What comes of them is in the tables of the
//! planner.

use assumerole_core::config::Lint;

use crate::{config, refused, told, warned};

const ROLE: &str = r#""aws_role": "arn:aws:iam::123456789012:role/x""#;
const DEVICE: &str = "arn:aws:iam::123456789012:mfa/me";

#[test]
fn values_that_are_wrong() {
    for (text, expected) in [
        (
            r#"{"aws_profile": 5}"#,
            r#"1:17 «5» aws_profile must be a string, this is a number | "#,
        ),
        (
            r#"{"aws_profile": ""}"#,
            r#"1:17 «""» aws_profile is empty | give it a value, or remove the key"#,
        ),
        (
            r#"{"max_session_duration": 60}"#,
            r#"1:26 «60» max_session_duration is out of range: AWS grants a role session of 15 minutes to 12 hours, in seconds: 900 to 43200 | "#,
        ),
        (
            r#"{"aws_profile": "p", "aws_mfa_arn": false}"#,
            r#"1:37 «false» aws_mfa_arn must be a string, this is true or false | "#,
        ),
        (
            r#"{"aws_profile": "p", "aws_profile": "q"}"#,
            r#"1:22 «"aws_profile"» the file has aws_profile twice: the first is at ~/.assumerole:1:2 | join the two into one"#,
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    // Half of it would guard nothing.
    let alone = format!(r#"{{"aws_mfa_arn": "{DEVICE}"}}"#);
    let why = r#"1:17 «"arn:aws:iam::123456789012:mfa/me"» the file has aws_mfa_arn beside its roles without an aws_profile, where it has no effect: a device belongs to the user of one profile | add "aws_profile": "PROFILE" beside it, or write aws_mfa_arn into each role that it is for"#;
    assert_eq!(refused(&alone), why);
    config(&format!(
        r#"{{"aws_mfa_arn": "{DEVICE}", "aws_profile": "p"}}"#
    ));
    config(r#"{"aws_mfa_arn": null, "aws_profile": null, "max_session_duration": null}"#);
}

#[test]
fn slips_at_the_top_are_no_guard_passed_over() {
    let after = |key: &str| {
        format!(
            r#" looks like {key}: {key} narrows or guards sessions, so a misspelling is an error"#
        )
    };
    for (key, meant) in [
        ("mfa_arn", "aws_mfa_arn"),
        ("aws_mfa_arm", "aws_mfa_arn"),
        ("mfa_serial", "aws_mfa_arn"),
        ("require_mfa", "aws_mfa_arn"),
        ("duration_seconds", "max_session_duration"),
        ("max_duration", "max_session_duration"),
    ] {
        let error = refused(&format!(r#"{{"aws_profile": "p", "{key}": 1}}"#));
        assert!(error.contains(&after(meant)), "{key}: {error}");
    }
    // Words of MFA that guard nothing.
    for key in ["mfa_program", "mfa_timeout", "mfa_comment"] {
        let found = config(&format!(r#"{{"aws_profile": "p", "{key}": 1}}"#));
        assert_eq!(found.warnings().len(), 1, "{key}");
    }
}

#[test]
fn a_slip_in_a_role_does_not_take_the_profile_of_the_top() {
    let role = |key: &str| {
        let text =
            format!(r#"{{"aws_profile": "p", "assume_roles": {{"r": {{"{key}": "q", {ROLE}}}}}}}"#);
        match config(&text).role("r") {
            Ok(role) => format!("{:?}", role.unwrap().aws_profile.unwrap().value),
            Err(error) => told(&error),
        }
    };
    let slip = |key: &str, name: &str| {
        format!(
            "1:45 «\"{key}\"» role \"r\" has an unknown key \"{key}\", which looks like {name}: passed over, the role would take the aws_profile that is at ~/.assumerole:1:17 | write {name} instead of \"{key}\", or remove it"
        )
    };
    for (key, name) in [
        ("aws_profil", "aws_profile"),
        ("aws_profilE", "aws_profile"),
        ("profile", "aws_profile"),
        ("source_profile", "aws_profile"),
        ("awsProfile", "aws_profile"),
    ] {
        assert_eq!(role(key), slip(key, name), "{key}");
    }
    // A guard anyway.
    assert!(role("Via").contains("looks like via"), "{}", role("Via"));
    assert_eq!(role("comment"), "\"p\"");
}

#[test]
fn true_is_no_device() {
    let text = format!(
        r#"{{"aws_profile": "p", "assume_roles": {{"r": {{"aws_mfa_arn": true, {ROLE}}}}}}}"#
    );
    let error = config(&text).role("r").unwrap_err();
    assert_eq!(
        told(&error),
        r#"1:60 «true» role "r": aws_mfa_arn is true, which is not a device | write the ARN that IAM shows for the device: arn:aws:iam::ACCOUNT:mfa/NAME"#
    );
}

#[test]
fn a_role_that_repeats_the_profile_is_told_that_it_has_no_device() {
    let text = |role: &str| {
        format!(
            r#"{{"aws_profile": "p", "aws_mfa_arn": "{DEVICE}", "assume_roles": {{"r": {{{role}{ROLE}}}, "h": {{{ROLE}}}}}}}"#
        )
    };
    let warnings = |role: &str| -> Vec<String> {
        let mut warnings = Vec::new();
        let found = config(&text(role)).lint(&mut |found| match found {
            Lint::Error(error) => panic!("{error}"),
            Lint::Warning(warning) => warnings.push(warned(&warning)),
        });
        found.unwrap();
        warnings
    };
    assert_eq!(
        warnings(r#""aws_profile": "p", "#),
        [
            r#"1:111 «"p"» role "r" repeats the top-level aws_profile, so the aws_mfa_arn beside that one does not apply to it | remove it there, or add "aws_mfa_arn": false"#
        ]
    );
    for fine in [
        "",
        r#""aws_profile": "q", "#,
        r#""aws_profile": "p", "aws_mfa_arn": false, "#,
        r#""aws_profile": "p", "aws_mfa_arn": "GAHT12345678", "#,
        r#""via": "h", "aws_profile": "p", "#,
    ] {
        assert!(warnings(fine).is_empty(), "{fine}");
    }
}
