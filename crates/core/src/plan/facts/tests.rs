//! Each value with who decided it; and that both agree with the plan.

use std::collections::BTreeMap;

use crate::aws::ids::Region;
use crate::aws::service::Service;
use crate::aws_config::{AwsFile, AwsFiles, FileKind};
use crate::config::Config;
use crate::plan::request::{Policies, Request};
use crate::plan::settings::RunSettings;
use crate::plan::{Inputs, Target, plan};

use super::*;

const KEYS: &str = "[base]\naws_access_key_id = AKIA1\naws_secret_access_key = s1\n";

/// The facts, each as `value < who decided`, by name.
fn why(role: &str, top: &str, config: &str, set: &RunSettings) -> impl Fn(&str) -> String + use<> {
    asked(role, top, config, set, &Request::default())
}

/// As [`why`], with flags.
fn asked(
    role: &str,
    top: &str,
    config: &str,
    set: &RunSettings,
    request: &Request,
) -> impl Fn(&str) -> String + use<> {
    let text =
        format!("{{{top} \"assume_roles\": {{\n\"r\": {{\"aws_profile\": \"base\", {role}\n}}}}}}");
    let parsed = Config::parse("roles", text).unwrap();
    let file = |kind, name: &str, text: &str| Some(AwsFile::parse(kind, name, text.to_owned()));
    let aws = AwsFiles {
        config: file(FileKind::Config, "config", config),
        credentials: file(FileKind::Credentials, "credentials", KEYS),
    };
    let inputs = Inputs {
        config: &parsed,
        aws: &aws,
        settings: set,
        request,
        policies: &BTreeMap::new(),
        stored: &BTreeMap::new(),
    };
    let target = Target::find(&parsed, &aws, "r").unwrap().unwrap();
    let plan = plan(inputs, &target).unwrap();
    let why = Why::of(&plan, &parsed, &aws);
    let mut facts = why.source;
    facts.extend(why.steps.into_iter().next_back().unwrap());
    facts.push(why.region);
    move |name| {
        let fact = facts.iter().find(|fact| fact.name == name).unwrap();
        let value = match &fact.content {
            Content::Text(text) => text.clone(),
            Content::Number(number) => number.to_string(),
            Content::Switch(on) => on.to_string(),
            Content::Secret => "***".to_owned(),
            Content::Nothing => "-".to_owned(),
        };
        let by = match &fact.decided {
            Decided::File(at) => format!("{}:{}", at.path, at.line),
            Decided::Flag(name) | Decided::Variable(name) => (*name).to_owned(),
            Decided::Rule(rule) => (*rule).to_owned(),
            Decided::Default => "default".to_owned(),
        };
        format!("{value} < {by}")
    }
}

fn in_variable(region: &str) -> Sourced<Region> {
    let from = Origin::Variable("AWS_DEFAULT_REGION");
    Sourced::new(region.parse().unwrap(), from)
}

const PLAIN: &str = "\n\"aws_account\": \"123456789012\",\n\"aws_role\": \"read\"";

#[test]
fn where_nobody_says_anything_it_is_the_default() {
    let settings = RunSettings {
        user: "me".to_owned(),
        ..RunSettings::default()
    };
    let why = why(PLAIN, "", "", &settings);
    for (name, fact) in [
        ("profile", "base < roles:2"),
        ("access_key_id", "AKIA1 < credentials:2"),
        ("secret_access_key", "*** < credentials:3"),
        ("arn", "arn:aws:iam::123456789012:role/read < roles:4"),
        ("account", "123456789012 < roles:3"),
        ("partition", "aws < default"),
        ("session_name", "me < the user of this machine"),
        ("duration_seconds", "3600 < default"),
        ("mfa", "- < default"),
        (
            "sts_region",
            "us-east-1 < the one that serves the partition",
        ),
        ("endpoint_url", "- < default"),
        ("fips", "false < default"),
        ("dual_stack", "false < default"),
        ("ca_bundle", "- < default"),
        ("attempts", "3 < default"),
        ("region", "- < default"),
    ] {
        assert_eq!(why(name), fact, "{name}");
    }
}

#[test]
fn the_files_are_named_by_line() {
    let role = format!(
        "{PLAIN},\n\"aws_mfa_arn\": \"arn:aws-cn:iam::210987654321:mfa/x/jdoe\",\n\"max_session_duration\": 900"
    );
    let config = "[profile base]\nregion = cn-north-1\nendpoint_url = https://u:p@a.example/x\n\
        use_fips_endpoint = true\nuse_dualstack_endpoint = false\nca_bundle = /c\nmax_attempts = 7\n";
    let why = why(
        &role,
        "\"aws_region\": \"cn-northwest-1\",",
        config,
        &RunSettings::default(),
    );
    for (name, fact) in [
        ("arn", "arn:aws-cn:iam::123456789012:role/read < roles:4"),
        ("partition", "aws-cn < roles:5"),
        ("session_name", "jdoe < the user of the MFA device"),
        ("duration_seconds", "900 < roles:6"),
        (
            "mfa",
            "from the MFA session < one code for all roles of the user",
        ),
        ("sts_region", "cn-north-1 < config:2"),
        ("endpoint_url", "https://a.example/x < config:3"),
        ("fips", "true < config:4"),
        ("dual_stack", "false < config:5"),
        ("ca_bundle", "/c < config:6"),
        ("attempts", "7 < config:7"),
        ("region", "cn-northwest-1 < roles:1"),
    ] {
        assert_eq!(why(name), fact, "{name}");
    }
}

#[test]
fn variables_come_first_where_the_planner_hears_them_first() {
    let config = "[profile base]\nendpoint_url = https://a\nuse_fips_endpoint = true\n\
        max_attempts = 7\nca_bundle = /c\n";
    let settings = || RunSettings {
        duration: Some(1000),
        region: Some(in_variable("eu-west-1")),
        endpoint_url: Some("https://b".to_owned()),
        fips: Some(false),
        max_attempts: Some(2),
        ca_bundle: Some("/d".to_owned()),
        ..RunSettings::default()
    };
    let found = why(PLAIN, "", config, &settings());
    for (name, fact) in [
        ("duration_seconds", "1000 < AWS_STS_DURATION_SECONDS"),
        ("sts_region", "eu-west-1 < AWS_DEFAULT_REGION"),
        ("endpoint_url", "https://b < AWS_ENDPOINT_URL"),
        ("fips", "false < AWS_USE_FIPS_ENDPOINT"),
        ("attempts", "2 < AWS_MAX_ATTEMPTS"),
        ("ca_bundle", "/d < AWS_CA_BUNDLE"),
        ("region", "- < default"),
    ] {
        assert_eq!(found(name), fact, "{name}");
    }
    let service = RunSettings {
        endpoint_urls: BTreeMap::from([(Service::Sts, "https://c".to_owned())]),
        ..settings()
    };
    let found = why(PLAIN, "", config, &service);
    assert_eq!(found("endpoint_url"), "https://c < AWS_ENDPOINT_URL_STS");
    let ignored = RunSettings {
        ignore_endpoint_urls: Some(true),
        ..settings()
    };
    let found = why(PLAIN, "", config, &ignored);
    assert_eq!(
        found("endpoint_url"),
        "- < AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    );
    // The endpoint of the service alone, in the file.
    let services = "[profile base]\nservices = s\nendpoint_url = https://a\n\
        [services s]\nsts =\n  endpoint_url = https://e\n";
    let found = why(PLAIN, "", services, &RunSettings::default());
    assert_eq!(found("endpoint_url"), "https://e < config:6");
}

/// An environment of another partition is not heard, and not blamed.
#[test]
fn a_region_of_another_partition_decides_nothing() {
    let settings = RunSettings {
        region: Some(in_variable("cn-north-1")),
        ..RunSettings::default()
    };
    let why = why(PLAIN, "", "", &settings);
    assert_eq!(
        why("sts_region"),
        "us-east-1 < the one that serves the partition"
    );
}

#[test]
fn what_goes_with_the_request_is_named_and_flags_win() {
    let role = format!(
        "{PLAIN},\n\"external_id\": \"ext\",\n\"session_name\": \"named\",\n\"source_identity\": \"me\",\n\
         \"session_tags\": {{\"team\": \"red\"}},\n\"policy\": {{\"Version\": \"2012-10-17\"}}"
    );
    let settings = RunSettings::default();
    let said = why(&role, "", "", &settings);
    for (name, fact) in [
        ("session_name", "named < roles:6"),
        ("external_id", "ext < roles:5"),
        ("source_identity", "me < roles:7"),
        ("session_tags", "team < roles:8"),
        ("policy", "24 characters < roles:9"),
    ] {
        assert_eq!(said(name), fact, "{name}");
    }
    let request = Request {
        duration: Some(900),
        session_name: "other".parse().ok(),
        tags: vec![("cost".parse().unwrap(), "1".parse().unwrap())],
        policies: Policies::ReadOnly,
        region: "eu-west-1".parse().ok(),
    };
    let role = role.replace(",\n\"policy\": {\"Version\": \"2012-10-17\"}", "");
    let said = asked(&role, "", "", &settings, &request);
    for (name, fact) in [
        ("duration_seconds", "900 < --duration"),
        ("session_name", "other < --session-name"),
        ("session_tags", "cost, team < --tag"),
        (
            "policy_arns",
            "arn:aws:iam::aws:policy/ReadOnlyAccess < --read-only",
        ),
        ("region", "eu-west-1 < --region"),
    ] {
        assert_eq!(said(name), fact, "{name}");
    }
}
