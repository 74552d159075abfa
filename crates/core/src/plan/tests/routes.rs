//! Where STS is asked: regions, endpoints, switches.

use super::*;
use crate::aws::service::Service;
use crate::aws::url::EndpointUrl;

/// Role, top level, profile, environment → region exported, region of STS.
#[test]
fn regions() {
    let role = r#""aws_region": "eu-west-1""#;
    let top = r#""aws_region": "eu-west-2","#;
    let profile = "[profile base]\nregion = eu-west-3\n";
    for (in_role, on_top, in_profile, in_env, exported, asked) in [
        (true, true, true, true, Some("eu-west-1"), "eu-west-3"),
        (false, true, true, true, Some("eu-west-2"), "eu-west-3"),
        (false, false, true, true, Some("eu-west-3"), "eu-west-3"),
        (false, false, false, true, None, "eu-north-1"),
        (false, false, false, false, None, "us-east-1"),
        (true, false, false, true, Some("eu-west-1"), "eu-west-1"),
    ] {
        let mut case = if in_role {
            Case::role(role)
        } else {
            Case::default()
        };
        case.top = if on_top { top.into() } else { String::new() };
        case.config = if in_profile {
            profile.into()
        } else {
            String::new()
        };
        case.settings.region = in_env.then(variable_region);
        let plan = case.planned();
        let row = (in_role, on_top, in_profile, in_env);
        assert_eq!(
            plan.region.value.as_ref().map(Region::as_str),
            exported,
            "{row:?}"
        );
        assert_eq!(sts(&plan).region.value.as_str(), asked, "{row:?}");
    }
}

#[test]
fn a_region_of_another_partition_is_not_asked() {
    let mut case = Case::role(r#""aws_mfa_arn": "arn:aws-us-gov:iam::210987654321:mfa/jdoe""#);
    case.settings.region = Some(variable_region());
    assert_eq!(sts(&case.planned()).region.value.as_str(), "us-gov-west-1");
}

/// Which endpoint is called: service before global, environment before file.
#[test]
fn endpoints() {
    let services = "[profile base]\nservices = s\nendpoint_url = http://profile\n[services s]\nsts =\n  endpoint_url = http://service\n";
    let ignore =
        "[profile base]\nendpoint_url = http://profile\nignore_configured_endpoint_urls = true\n";
    let profile = "[profile base]\nendpoint_url = http://profile\n";
    let url = |text: &str| Some(text.to_owned());
    for (config, service, global, ignored, called) in [
        ("", None, None, None, None),
        (profile, None, None, None, url("http://profile")),
        (services, None, None, None, url("http://service")),
        (
            services,
            None,
            url("http://global"),
            None,
            url("http://global"),
        ),
        (
            services,
            url("http://sts"),
            url("http://global"),
            None,
            url("http://sts"),
        ),
        (services, url("http://sts"), None, Some(true), None),
        (ignore, None, None, None, None),
        (ignore, None, None, Some(false), url("http://profile")),
    ] {
        let mut case = Case::config(config);
        case.settings.endpoint_urls = service.map(|url| (Service::Sts, url)).into_iter().collect();
        case.settings.endpoint_url = global;
        case.settings.ignore_endpoint_urls = ignored;
        let plan = case.planned();
        let url = sts(&plan).endpoint_url.value.as_ref();
        assert_eq!(url.map(EndpointUrl::as_str), called.as_deref(), "{config}");
    }
}

fn switches(route: &Route) -> (bool, bool, Option<&str>, u32) {
    (
        route.fips.value,
        route.dual_stack.value,
        route.ca_bundle.value.as_deref(),
        route.attempts.value,
    )
}

#[test]
fn switches_of_the_environment_win_over_the_profiles() {
    let config = "[profile base]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\nca_bundle = /p\nmax_attempts = 7\n";
    let mut case = Case::config(config);
    let plan = case.planned();
    assert_eq!(switches(sts(&plan)), (true, true, Some("/p"), 7));
    case.settings.fips = Some(false);
    case.settings.dual_stack = Some(false);
    case.settings.ca_bundle = Some("/e".into());
    case.settings.max_attempts = Some(1);
    let plan = case.planned();
    assert_eq!(switches(sts(&plan)), (false, false, Some("/e"), 1));
}

/// Whoever names an endpoint, one that is none is refused with its place, and
/// without what it holds that is secret.
#[test]
fn broken_endpoints_are_refused_where_they_stand() {
    let broken = [
        "http://[::1",
        "http://host:1:2",
        "http://a_b%zz",
        "http://user@",
        "http://u:hush@[::1",
        "http://u:hush@host:0",
        "http://u:hush@host:65536",
        "http:// u:hush@host",
        "http://u:hush@ho st?token=hush",
        "u:hush@host",
        "ftp://u:hush@host",
        "http:///x?token=hush",
        "https://",
    ];
    for url in broken {
        let refused = |case: &Case, kind: Kind, place: &str| {
            let error = case.plan().expect_err(url);
            assert_eq!(error.kind(), kind, "{url}");
            let snippet = error.snippet();
            let text = format!(
                "{error} {} {} {}",
                error.hints().join(" "),
                snippet
                    .map(crate::diagnostic::text::Snippet::place)
                    .unwrap_or_default(),
                snippet.map(|at| at.text.clone()).unwrap_or_default(),
            );
            assert!(text.contains(place), "{place} should be in {text}");
            assert!(!text.contains("hush"), "{text}");
            assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        };
        for (config, place) in [
            (
                format!("[profile base]\nendpoint_url = {url}\n"),
                "config:2:16",
            ),
            (
                format!(
                    "[profile base]\nservices = s\n[services s]\nsts =\n  endpoint_url = {url}\n"
                ),
                "config:5:18",
            ),
        ] {
            let mut case = Case::config(&config);
            case.credentials = format!("[base]\n{KEYS}");
            refused(&case, Kind::Config, place);
        }
        let mut case = Case::config("");
        case.settings.endpoint_url = Some(url.to_owned());
        refused(&case, Kind::Usage, "AWS_ENDPOINT_URL says so");
        let mut case = Case::config("");
        case.settings.endpoint_urls = [(Service::Sts, url.to_owned())].into();
        refused(&case, Kind::Usage, "AWS_ENDPOINT_URL_STS says so");
    }
}
