//! What the files say of how AWS is reached: which profile says it, and what
//! cannot be meant.

use super::*;
use crate::aws::url::EndpointUrl;
use crate::plan::settings::MetadataSettings;

/// What one of the two files says of how AWS is reached, and cannot mean.
#[test]
fn settings_that_cannot_be_read_are_refused_where_they_stand() {
    let services = |section: &str| format!("[profile base]\nservices = s\n{section}");
    let base = |line: &str| format!("[profile base]\n{line}\n");
    let rows = [
        (
            services(""),
            "2:12",
            "services section s, which does not exist",
        ),
        (
            services("[services t]\nsts =\n  endpoint_url = http://t\n"),
            "2:12",
            "does not exist",
        ),
        (
            services("[services s]\n"),
            "3:1",
            "the services section s is empty",
        ),
        (
            services("[services s]\nsts = https://sts.example.com\n"),
            "4:1",
            "not a block of sub-keys",
        ),
        (
            services("[services s]\nsts =\nendpoint_url = https://x\n"),
            "4:1",
            "not a block of sub-keys",
        ),
        (
            services("[services s]\nsts =\n  endpoint_url: https://x\n"),
            "5:3",
            "a line below sts of the services section s cannot be read",
        ),
        (
            services("[services s]\nsts =\n  endpoint_url = https://x\n  region\n"),
            "6:3",
            "a line below sts of the services section s cannot be read",
        ),
        (
            services("[services s]\nsts: endpoint_url = https://x\n"),
            "4:1",
            "not a block of sub-keys",
        ),
        (
            base("services ="),
            "2:1",
            "services of profile base is empty",
        ),
        (
            base("services =\n  sts = https://x"),
            "2:1",
            "services of profile base is not a single value",
        ),
        (
            base("endpoint_url =\n  sts = https://x"),
            "2:1",
            "endpoint_url of profile base is not a single value",
        ),
        (
            base("region =\n  a = b"),
            "2:1",
            "region of profile base is not a single value",
        ),
        (
            base("ca_bundle =\n  a = b"),
            "2:1",
            "ca_bundle of profile base is not a single value",
        ),
        (
            base("max_attempts = abc"),
            "2:16",
            "max_attempts of profile base is a number, not \"abc\"",
        ),
        (base("max_attempts = -1"), "2:16", "is a number"),
        (base("max_attempts = 3 # tries"), "2:16", "is a number"),
        (base("max_attempts = 2.5"), "2:16", "is a number"),
        (base("max_attempts ="), "2:15", "is a number"),
        (base("max_attempts =\n  a = 3"), "2:1", "not a single value"),
        (
            base("ignore_configured_endpoint_urls = yes"),
            "2:35",
            "is true or false, not \"yes\"",
        ),
        (
            base("ignore_configured_endpoint_urls = 1"),
            "2:35",
            "is true or false",
        ),
        (base("use_fips_endpoint = yes"), "2:21", "is true or false"),
        (
            base("use_dualstack_endpoint = on"),
            "2:26",
            "is true or false",
        ),
        (
            base("sts_regional_endpoints = Legacy"),
            "2:26",
            "is regional or legacy",
        ),
        (
            base("sts_regional_endpoints = global"),
            "2:26",
            "is regional or legacy",
        ),
    ];
    for (config, place, message) in rows {
        let error = Case::config(&config).plan().expect_err(&config);
        let at = error.snippet().map(crate::diagnostic::text::Snippet::place);
        let at = at.unwrap_or_default();
        assert!(at.ends_with(&format!("config:{place}")), "{config}: {at}");
        assert!(error.message().contains(message), "{config}: {error}");
    }
}

/// A services section that is there for other services, or is not asked, does
/// no harm.
#[test]
fn services_that_are_not_asked_do_not_matter() {
    let of_s3 = "[profile base]\nservices = s\n[services s]\ns3 = https://x\n";
    assert_eq!(sts(&Case::config(of_s3).planned()).endpoint_url.value, None);
    let missing = "[profile base]\nservices = s\n";
    let mut case = Case::config(missing);
    case.settings.endpoint_url = Some("http://global".into());
    assert!(sts(&case.planned()).endpoint_url.value.is_some());
    let mut case = Case::config(missing);
    case.settings.ignore_endpoint_urls = Some(true);
    assert_eq!(sts(&case.planned()).endpoint_url.value, None);
    let empty = "[profile base]\nservices = s\nendpoint_url = http://p\n[services s]\nsts =\n  endpoint_url =\n";
    let plan = Case::config(empty).planned();
    let url = sts(&plan).endpoint_url.value.as_ref();
    assert_eq!(url.map(EndpointUrl::as_str), Some("http://p"));
}

/// How AWS is reached is for the profile to say that is asked for, whichever
/// profile on the way gets the first credentials.
#[test]
fn the_profile_that_is_asked_for_says_how_aws_is_reached() {
    let sso = "sso_start_url = https://a\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = A\n";
    let web = "role_arn = arn:aws:iam::123456789012:role/w\nweb_identity_token_file = /t\n";
    let login = "login_session = arn:aws:iam::123456789012:user/u\n";
    let role = "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n";
    let own = "region = eu-west-3\nendpoint_url = http://own\nca_bundle = /own\n";
    let other = "region = eu-north-1\nendpoint_url = http://other\nca_bundle = /other\n";
    for source in [sso, web, login] {
        for (of_p, of_q, region, url, bundle) in [
            (own, other, "eu-west-3", Some("http://own"), Some("/own")),
            (own, "", "eu-west-3", Some("http://own"), Some("/own")),
            ("region = eu-west-3\n", other, "eu-west-3", None, None),
        ] {
            let config = format!("[profile p]\n{role}{of_p}[profile q]\n{source}{of_q}");
            let mut case = Case::config(&config);
            case.name = "p".into();
            let plan = case.planned();
            for route in plan.source.routes() {
                let asked = route.region.value.as_str();
                // The portal is where its session is.
                let expected = if source == sso { "eu-west-1" } else { region };
                assert_eq!(asked, expected, "{config}");
                let called = route.endpoint_url.value.as_ref();
                assert_eq!(called.map(EndpointUrl::as_str), url, "{config}");
                assert_eq!(route.ca_bundle.value.as_deref(), bundle, "{config}");
            }
            // Asked for itself, the source says it.
            case.name = "q".into();
            if of_q == other {
                let plan = case.planned();
                let route = plan.source.routes()[0];
                let called = route.endpoint_url.value.as_ref();
                assert_eq!(called.map(EndpointUrl::as_str), Some("http://other"));
            }
        }
    }
}

/// The metadata service: variable before profile; a URL before a mode.
#[test]
fn the_metadata_service() {
    const USUAL: &str = "http://169.254.169.254";
    const IPV6: &str = "http://[fd00:ec2::254]";
    let endpoint = "ec2_metadata_service_endpoint = http://profile\n";
    let mode = "ec2_metadata_service_endpoint_mode = ipv6\n";
    let patience = "metadata_service_num_attempts = 5\nmetadata_service_timeout = 7\n";
    let set = |change: fn(&mut MetadataSettings)| {
        let mut settings = MetadataSettings::default();
        change(&mut settings);
        settings
    };
    let nothing = || set(|_| {});
    for (config, settings, url, attempts, timeout) in [
        ("", nothing(), USUAL, 3, 1),
        (endpoint, nothing(), "http://profile", 3, 1),
        (mode, nothing(), IPV6, 3, 1),
        ("imds_use_ipv6 = True\n", nothing(), IPV6, 3, 1),
        ("imds_use_ipv6 = yes\n", nothing(), USUAL, 3, 1),
        (patience, nothing(), USUAL, 5, 7),
        (
            "metadata_service_num_attempts = 0\n",
            nothing(),
            USUAL,
            1,
            1,
        ),
        (
            endpoint,
            set(|s| s.endpoint = Some("http://env".into())),
            "http://env",
            3,
            1,
        ),
        (
            endpoint,
            set(|s| s.endpoint_mode = Some("IPv6".into())),
            "http://profile",
            3,
            1,
        ),
        (
            mode,
            set(|s| s.endpoint_mode = Some("IPv4".into())),
            USUAL,
            3,
            1,
        ),
        (
            "",
            set(|s| s.endpoint_mode = Some("IPv6".into())),
            IPV6,
            3,
            1,
        ),
        ("", set(|s| s.use_ipv6 = Some("true".into())), IPV6, 3, 1),
        (
            patience,
            set(|s| s.attempts = Some("2".into())),
            USUAL,
            2,
            7,
        ),
        (patience, set(|s| s.timeout = Some("3".into())), USUAL, 5, 3),
    ] {
        // The profile that is asked for says it, not the one with the source.
        for (p, q) in [
            (config, "ec2_metadata_service_endpoint_mode = ipv6\n"),
            (config, ""),
        ] {
            let config = format!(
                "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n{p}\
                 [profile q]\nrole_arn = arn:aws:iam::123456789012:role/q\ncredential_source = Ec2InstanceMetadata\n{q}"
            );
            let mut case = Case::config(&config);
            case.name = "p".into();
            case.settings.metadata = settings.clone();
            let SourceKind::Instance { service, .. } = case.planned().source.kind else {
                panic!("{config}: another source");
            };
            let found = (
                service.endpoint.value.as_str(),
                service.attempts.value,
                service.timeout.value,
            );
            assert_eq!(found, (url, attempts, timeout), "{config}");
        }
    }
    for (line, place) in [
        ("ec2_metadata_service_endpoint = nowhere", "config:4:33"),
        ("ec2_metadata_service_endpoint_mode = ipv5", "config:4:38"),
        ("metadata_service_num_attempts = many", "config:4:33"),
        ("metadata_service_timeout = 0.5", "config:4:28"),
        ("metadata_service_timeout =\n  a = b", "config:4:1"),
    ] {
        let mut case = Case::config(&format!(
            "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata\n{line}\n"
        ));
        case.name = "p".into();
        let error = case.plan().expect_err(line);
        let at = error.snippet().map(crate::diagnostic::text::Snippet::place);
        assert!(at.unwrap_or_default().ends_with(place), "{line}: {error}");
    }
}

/// A block of sub-keys, or nothing, where a request needs a value: the AWS CLI
/// gets no role with either.
#[test]
fn what_goes_with_a_request_is_a_value() {
    for key in ["external_id", "mfa_serial", "role_session_name"] {
        for (value, message) in [
            ("\n  a = b", "not a single value"),
            ("", "is empty"),
            ("  ", "is empty"),
        ] {
            let mut case = Case::config(&format!(
                "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n{key} ={value}\n"
            ));
            case.name = "p".into();
            if key == "role_session_name" && value.trim().is_empty() {
                assert_eq!(
                    assume(&case.planned()).session_name.value.as_str(),
                    "os-user"
                );
                continue;
            }
            let error = case.plan().expect_err(key);
            assert!(error.message().contains(message), "{key}: {error}");
            let at = error.snippet().map(crate::diagnostic::text::Snippet::place);
            assert!(
                at.unwrap_or_default().ends_with("config:4:1"),
                "{key}: {error}"
            );
        }
    }
}

/// Of a profile that only has the keys, nothing counts but its region: what else
/// it says of how AWS is reached may be wrong.
#[test]
fn what_a_source_says_of_end_points_does_not_matter() {
    let device = "mfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n";
    let role = "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n";
    for line in [
        "services = gone",
        "max_attempts = abc",
        "use_fips_endpoint = yes",
    ] {
        let mut case = Case::config(&format!(
            "[profile p]\n{role}{device}[profile base]\nregion = eu-west-2\n{line}\n"
        ));
        case.name = "p".into();
        let plan = case.planned();
        assert_eq!(plan.steps[0].route.region.value.as_str(), "eu-west-2");
        case.name = "base".into();
        case.plan().expect_err(line);
    }
}

/// `[DEFAULT]` gives its keys to a session, too: the same block in both is no
/// contradiction.
#[test]
fn what_default_gives_to_a_session_is_the_profiles_own() {
    let sso = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = A\n";
    let session = "[sso-session s]\nsso_start_url = https://a\nsso_region = eu-west-1\n";
    for (of_profile, same) in [("", true), ("s3 =\n  b = 1\n", false), ("s3 = x\n", false)] {
        let mut case = Case::config(&format!(
            "[DEFAULT]\ns3 =\n  a = 1\n[profile p]\n{sso}{of_profile}{session}"
        ));
        case.name = "p".into();
        let well = case.plan().is_ok();
        assert_eq!(well, same, "{of_profile}");
    }
}
