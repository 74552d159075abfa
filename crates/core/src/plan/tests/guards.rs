//! Every way to a role that an entry protects.

use super::{Case, KEYS};
use crate::aws_config::{AwsFile, AwsFiles, FileKind};
use crate::config::Config;
use crate::plan::{Inputs, Target, guards, plan};

const PROD: &str = r#""prod": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "ops/Admin", "confirm": true}"#;
const SSO: &str = "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n";

/// `name way` of each guard of `name`, in files with [`PROD`] and `more` roles.
fn of(name: &str, more: &str, config: &str) -> Vec<String> {
    let text = format!("{{\"assume_roles\": {{{PROD}{more}}}}}");
    let file = Config::parse("~/.assumerole", text).expect("a file");
    let parse = |kind, text: String| Some(AwsFile::parse(kind, "f", text));
    let aws = AwsFiles {
        config: parse(FileKind::Config, config.to_owned()),
        credentials: parse(FileKind::Credentials, format!("[base]\n{KEYS}")),
    };
    let case = Case::default();
    let inputs = Inputs {
        config: &file,
        aws: &aws,
        settings: &case.settings,
        request: &case.request,
        policies: &case.policies,
        stored: &std::collections::BTreeMap::new(),
    };
    let target = Target::find(&file, &aws, name)
        .expect("read")
        .expect("there");
    let plan = plan(inputs, &target).expect("a plan");
    let found = guards(&[&file], &plan).expect("read");
    let show = |guard: super::super::Guard| {
        assert!(guard.at.is_some());
        format!("{} {:?}", guard.name, guard.way)
    };
    found.into_iter().map(show).collect()
}

#[test]
fn an_arn_is_protected_whatever_leads_to_it() {
    let role = |keys: &str| format!(r#", "x": {{{keys}}}"#);
    let own = r#""aws_account": "123456789012", "aws_role""#;
    let base = r#""aws_profile": "base""#;
    for (keys, expected) in [
        (format!(r#"{base}, {own}: "ops/Admin""#), "prod Alias"),
        // IAM tells no names apart by path or case.
        (format!(r#"{base}, {own}: "admin""#), "prod Alias"),
        (
            format!(r#"{base}, "aws_role": "arn:aws:iam::123456789012:role/ops/Admin""#),
            "prod Alias",
        ),
        (
            format!(r#"{base}, "aws_role": "arn:aws-cn:iam::123456789012:role/Admin""#),
            "prod Alias",
        ),
        (format!(r#""via": "prod", {own}: "reader""#), "prod Through"),
        (format!(r#"{base}, {own}: "reader""#), ""),
        (
            format!(r#"{base}, "aws_account": "123456789013", "aws_role": "ops/Admin""#),
            "",
        ),
    ] {
        assert_eq!(of("x", &role(&keys), "").join(", "), expected, "{keys}");
    }
    assert_eq!(of("prod", "", ""), ["prod Named"]);
    // Of two that protect it, it is the one that was named.
    let twin = role(&format!(r#"{base}, {own}: "Admin", "confirm": true"#));
    assert_eq!(of("x", &twin, ""), ["x Named"]);
    assert_eq!(of("prod", &twin, ""), ["prod Named"]);
    let both = role(&format!(r#""via": "prod", {own}: "r", "confirm": true"#));
    assert_eq!(of("x", &both, ""), ["prod Through", "x Named"]);
}

#[test]
fn profiles_lead_there_too() {
    let prod = "role_arn = arn:aws:iam::123456789012:role/ops/Admin\n";
    let far = "role_arn = arn:aws:iam::210987654321:role/far\n";
    for (config, expected) in [
        (format!("[profile p]\n{prod}source_profile = base\n"), "prod Alias"),
        (
            format!("[profile p]\n{far}source_profile = q\n[profile q]\n{prod}source_profile = base\n"),
            "prod Through",
        ),
        (
            format!("[profile p]\n{far}source_profile = q\n[profile q]\n{far}source_profile = r\n[profile r]\n{prod}source_profile = base\n"),
            "prod Through",
        ),
        (
            format!("[profile p]\n{prod}web_identity_token_file = /t\n"),
            "prod Alias",
        ),
        (
            format!("[profile p]\n{far}source_profile = q\n[profile q]\n{prod}web_identity_token_file = /t\n"),
            "prod Through",
        ),
        (
            format!("[profile p]\n{SSO}sso_account_id = 123456789012\nsso_role_name = Admin\n"),
            "prod Alias",
        ),
        (
            format!("[profile p]\n{far}source_profile = q\n[profile q]\n{SSO}sso_account_id = 123456789012\nsso_role_name = Admin\n"),
            "prod Through",
        ),
        (
            format!("[profile p]\n{SSO}sso_account_id = 210987654321\nsso_role_name = Admin\n"),
            "",
        ),
        (
            "[profile p]\nregion = eu-west-1\nlogin_session = arn:aws:sts::123456789012:assumed-role/Admin/jdoe\n".to_owned(),
            "prod Alias",
        ),
        (
            "[profile p]\nregion = eu-west-1\nlogin_session = arn:aws:iam::123456789012:user/Admin\n".to_owned(),
            "",
        ),
        (format!("[profile p]\n{far}source_profile = base\n"), ""),
    ] {
        assert_eq!(of("p", "", &config).join(", "), expected, "{config}");
    }
}

#[test]
fn the_role_of_a_permission_set_protects_the_set() {
    let set = |name: &str| {
        format!("[profile p]\n{SSO}sso_account_id = 123456789012\nsso_role_name = {name}\n")
    };
    let role = r#", "set": {"aws_profile": "base", "confirm": true, "aws_role": "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Power_User_0123456789abcdef"}"#;
    assert_eq!(of("p", role, &set("Power_User")), ["set Alias"]);
    assert!(of("p", role, &set("Power")).is_empty());
}

#[test]
fn an_entry_that_does_not_say_its_role_refuses_what_it_may_mean() {
    let x = r#"{"assume_roles": {"x": {"aws_profile": "base", "aws_account": "111111111111", "aws_role": "t/p"}"#;
    let refused = |text: &str, others: &str| {
        let file = Config::parse("~/.assumerole", text.to_owned()).expect("a file");
        let others = Config::parse("~/other", others.to_owned()).expect("a file");
        let aws = AwsFiles {
            config: None,
            credentials: Some(AwsFile::parse(
                FileKind::Credentials,
                "f",
                format!("[base]\n{KEYS}"),
            )),
        };
        let case = Case::default();
        let inputs = Inputs {
            config: &file,
            aws: &aws,
            settings: &case.settings,
            request: &case.request,
            policies: &case.policies,
            stored: &std::collections::BTreeMap::new(),
        };
        let target = Target::find(&file, &aws, "x")
            .expect("read")
            .expect("there");
        let plan = plan(inputs, &target).expect("a plan");
        guards(&[&file, &others], &plan)
    };
    for (keys, at, hint) in [
        (r#""aws_role": "p""#, 2, "aws_account"),
        (
            r#""aws_role": "P", "aws_account": "1111-1111-1111""#,
            2,
            "12 digits",
        ),
        (
            r#""aws_role": "/t/p", "aws_account": "11111111111""#,
            2,
            "12 digits",
        ),
        (r#""aws_role": "arn:aws:iam::111111111111:role/p ""#, 2, ""),
        (
            r#""aws_role": "arn:aws:iam::222222222222:role/p", "aws_account": "111111111111""#,
            2,
            "correct the wrong one",
        ),
        ("\"aws_rol\": \"y\"", 2, "aws_role"),
        ("\"via\": \"x\"", 2, "aws_role"),
    ] {
        let entry = format!("\"q\": {{\"aws_profile\": \"base\", \"confirm\": true, {keys}}}");
        let one = format!("{x},\n{entry}}}}}");
        let home = format!("{{\"assume_roles\":\n{{{entry}}}}}");
        for (text, others) in [(one.as_str(), "{}"), (&format!("{x}}}}}"), home.as_str())] {
            let error = refused(text, others).expect_err(keys);
            assert_eq!(error.kind(), crate::Kind::Config);
            let file = if others == "{}" {
                "~/.assumerole"
            } else {
                "~/other"
            };
            assert_eq!(
                error.message(),
                format!("role x is not assumed: role \"q\" of {file} may protect it")
            );
            let place = error.snippet().expect("a place").place();
            assert!(place.starts_with(&format!("{file}:{at}:")), "{place}");
            let all = format!("{error}; {:?}", error.hints());
            assert!(all.contains(hint), "{all}");
        }
        // One that is off protects nothing.
        let off = one.replace("\"confirm\": true", "\"confirm\": false");
        assert!(refused(&off, "{}").expect("read").is_empty(), "{keys}");
    }
    // Of another name than this one.
    for keys in [
        r#""aws_role": "pp""#,
        r#""aws_role": "arn:aws:iam::111111111111:role/q ""#,
    ] {
        let text = format!("{x},\n\"q\": {{\"confirm\": true, {keys}}}}}}}");
        assert!(refused(&text, "{}").expect("read").is_empty(), "{keys}");
    }
}
