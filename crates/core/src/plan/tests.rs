//! Decision tables: files and environment in, steps out.

mod chains;
mod invalidation;
mod profiles;
mod session;

use std::collections::BTreeMap;

use crate::aws_files::{AwsFile, AwsFiles, FileKind};
use crate::config::Config;
use crate::error::{Kind, Result};
use crate::ids::{Region, SessionPolicy};
use crate::request::{Policies, Request, tag};
use crate::settings::Settings;

use super::{AssumeRole, Inputs, Plan, Route, SourceKind, Target, plan};
use crate::origin::{Origin, Sourced};
use crate::service::Service;

const KEYS: &str = "aws_access_key_id = AKIA1\naws_secret_access_key = s1\n";

/// The files and the environment of a case; a row of a table changes a few.
struct Case {
    /// What is asked for.
    name: String,
    role: String,
    /// Other roles of the file.
    more: String,
    top: String,
    config: String,
    credentials: String,
    settings: Settings,
    request: Request,
    policies: BTreeMap<String, SessionPolicy>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "r".into(),
            more: String::new(),
            role: r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "read""#
                .into(),
            top: String::new(),
            config: String::new(),
            credentials: format!("[base]\n{KEYS}"),
            settings: Settings {
                user: "os-user".into(),
                ..Settings::default()
            },
            request: Request::default(),
            policies: BTreeMap::new(),
        }
    }
}

impl Case {
    fn role(more: &str) -> Self {
        let mut case = Self::default();
        case.role = format!("{}, {more}", case.role);
        case
    }

    fn config(text: &str) -> Self {
        Self {
            config: text.into(),
            ..Self::default()
        }
    }

    fn plan(&self) -> Result<Plan> {
        let text = format!(
            "{{ {} \"assume_roles\": {{ \"r\": {{ {} }} {} }} }}",
            self.top, self.role, self.more
        );
        let config = Config::parse("~/.assumerole", text)?;
        let parse =
            |kind, path: &str, text: &str| Some(AwsFile::parse(kind, path, text.to_owned()));
        let aws = AwsFiles {
            config: parse(FileKind::Config, "~/.aws/config", &self.config),
            credentials: parse(
                FileKind::Credentials,
                "~/.aws/credentials",
                &self.credentials,
            ),
        };
        let inputs = Inputs {
            config: &config,
            aws: &aws,
            settings: &self.settings,
            request: &self.request,
            policies: &self.policies,
        };
        let target = Target::find(&config, &aws, &self.name)?.expect("it is there");
        plan(inputs, &target)
    }

    fn planned(&self) -> Plan {
        self.plan().expect("a plan")
    }
}

/// The last role of a plan.
fn assume(plan: &Plan) -> &AssumeRole {
    plan.role().expect("a role")
}

fn duration(plan: &Plan) -> u32 {
    assume(plan).duration.value
}

/// How STS is reached for it.
fn sts(plan: &Plan) -> &Route {
    &plan.steps.last().expect("a step").route
}

fn variable_region() -> Sourced<Region> {
    let region = "eu-north-1".parse().expect("a region");
    Sourced::new(region, Origin::Variable("AWS_REGION"))
}

#[test]
fn a_plain_role_is_one_call_from_the_profiles_keys() {
    let plan = Case::default().planned();
    assert_eq!(plan.source.profile.value, "base");
    assert!(
        matches!(&plan.source.kind, SourceKind::Keys { access_key_id, token_from: None, .. }
            if access_key_id.value == "AKIA1")
    );
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(
        assume(&plan).arn.value.to_string(),
        "arn:aws:iam::123456789012:role/read"
    );
    assert_eq!(assume(&plan).session_name.value.as_str(), "os-user");
    assert_eq!(
        (duration(&plan), assume(&plan).duration.from.clone()),
        (3600, Origin::Default)
    );
    assert_eq!(
        (assume(&plan).mfa.clone(), plan.region.value.clone()),
        (None, None)
    );
    assert_eq!(sts(&plan).region.value.as_str(), "us-east-1");
    assert_eq!(
        (
            sts(&plan).endpoint_url.value.clone(),
            sts(&plan).attempts.value
        ),
        (None, 3)
    );
}

#[test]
fn a_device_gives_session_name_and_partition() {
    let plan =
        Case::role(r#""aws_mfa_arn": "arn:aws-cn:iam::210987654321:mfa/team/jdoe""#).planned();
    assert_eq!(assume(&plan).session_name.value.as_str(), "jdoe");
    assert_eq!(
        assume(&plan).arn.value.to_string(),
        "arn:aws-cn:iam::123456789012:role/read"
    );
    assert_eq!(sts(&plan).region.value.as_str(), "cn-north-1");
}

#[test]
fn a_duration_is_the_roles_then_the_environments_then_an_hour() {
    let mut case = Case::role(r#""max_session_duration": 7200"#);
    case.settings.duration = Some(900);
    assert_eq!(duration(&case.planned()), 7200);
    assert!(matches!(
        assume(&case.planned()).duration.from,
        Origin::Config(_)
    ));
    let mut case = Case::default();
    case.settings.duration = Some(900);
    assert_eq!(duration(&case.planned()), 900);
    assert_eq!(
        assume(&case.planned()).duration.from,
        Origin::Variable("AWS_STS_DURATION_SECONDS")
    );
}

#[test]
fn from_temporary_keys_a_role_lasts_an_hour_at_most() {
    let mut case = Case::role(r#""max_session_duration": 7200"#);
    assert_eq!(assume(&case.planned()).capped, None);
    case.credentials.push_str("aws_session_token = t\n");
    let plan = case.planned();
    let capped = assume(&plan).capped.as_ref().map(|asked| asked.value);
    assert_eq!((duration(&plan), capped), (3600, Some(7200)));
}

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

/// Which end point is called: service before global, environment before file.
#[test]
fn end_points() {
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
        assert_eq!(sts(&case.planned()).endpoint_url.value, called, "{config}");
    }
}

#[test]
fn switches_of_the_environment_win_over_the_profiles() {
    let config = "[profile base]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\nca_bundle = /p\nmax_attempts = 7\n";
    let mut case = Case::config(config);
    let plan = case.planned();
    let found = sts(&plan);
    assert_eq!(
        (
            found.fips.value,
            found.dual_stack.value,
            found.ca_bundle.value.as_deref(),
            found.attempts.value
        ),
        (true, true, Some("/p"), 7)
    );
    case.settings.fips = Some(false);
    case.settings.dual_stack = Some(false);
    case.settings.ca_bundle = Some("/e".into());
    case.settings.max_attempts = Some(1);
    let plan = case.planned();
    let found = sts(&plan);
    assert_eq!(
        (
            found.fips.value,
            found.dual_stack.value,
            found.ca_bundle.value.as_deref(),
            found.attempts.value
        ),
        (false, false, Some("/e"), 1)
    );
}

/// What cannot be planned, and the words that say so.
#[test]
fn refusals() {
    for (config, credentials, kind, words) in [
        (
            "",
            "[bas]\n",
            Kind::UnknownName,
            "profile base, which does not exist",
        ),
        (
            "",
            "[base]\n",
            Kind::Config,
            "has no aws_access_key_id and no aws_secret_access_key",
        ),
        (
            "",
            "[base]\naws_access_key_id = A\n",
            Kind::Config,
            "has no aws_secret_access_key",
        ),
        (
            "[profile base]\naws_access_key_id = A\n",
            "[base]\naws_secret_access_key = s\n",
            Kind::Config,
            "stand in different files",
        ),
        (
            "[profile base]\nrole_arn = x\n",
            "",
            Kind::Config,
            "role_arn of profile base is not valid",
        ),
        (
            "[profile base]\nregion = eu west\n",
            &format!("[base]\n{KEYS}"),
            Kind::Config,
            "is not a region",
        ),
        (
            "[profile base]\nendpoint_url = sts.example\n",
            &format!("[base]\n{KEYS}"),
            Kind::Config,
            "is not a URL",
        ),
        (
            "[profile base]\nuse_fips_endpoint = yes\n",
            &format!("[base]\n{KEYS}"),
            Kind::Config,
            "true or false",
        ),
    ] {
        let mut case = Case::config(config);
        case.credentials = credentials.to_owned();
        let error = case.plan().expect_err(words);
        assert_eq!(error.kind(), kind, "{words}");
        assert!(
            format!("{error}").contains(words),
            "{error} should contain {words}"
        );
    }
}

#[test]
fn a_missing_profile_names_the_nearest_and_the_files() {
    let case = Case {
        credentials: "[bese]\n".into(),
        ..Case::default()
    };
    let error = case.plan().expect_err("no such profile");
    assert_eq!(
        error.causes(),
        ["looked in ~/.aws/config and ~/.aws/credentials"]
    );
    assert_eq!(
        error.hints(),
        [
            "did you mean bese?",
            "make it: aws configure --profile base"
        ]
    );
    assert_eq!(error.snippet().map(|at| at.line), Some(1));
}

/// What is changed, and how.
type Change = (&'static str, fn(&mut Case));

/// Every input that changes the credentials changes the key; what only says
/// how they are asked for, or how things are called, does not.
#[test]
fn keys() {
    let mfa = r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;
    let base = || Case::role(mfa);
    let changed: [Change; 32] = [
        ("role", |c| c.role = c.role.replace("read", "write")),
        ("path", |c| c.role = c.role.replace("read", "p/read")),
        ("account", |c| {
            c.role = c.role.replace("123456789012", "123456789013");
        }),
        ("device", |c| {
            c.role = c.role.replace("mfa/jdoe", "mfa/p/jdoe");
        }),
        ("no device", |c| c.role = Case::default().role),
        ("user of the session", |c| {
            c.role = c.role.replace("mfa/jdoe", "mfa/jane");
        }),
        ("duration", |c| {
            c.role.push_str(r#", "max_session_duration": 900"#);
        }),
        ("duration of the environment", |c| {
            c.settings.duration = Some(901);
        }),
        ("partition", |c| {
            c.role = c.role.replace("arn:aws:", "arn:aws-cn:");
        }),
        ("access key", |c| {
            c.credentials = c.credentials.replace("AKIA1", "AKIA2");
        }),
        ("temporary keys", |c| {
            c.credentials.push_str("aws_session_token = t\n");
        }),
        ("region of STS", |c| {
            c.config = "[profile base]\nregion = eu-west-1\n".into();
        }),
        ("end point", |c| {
            c.config = "[profile base]\nendpoint_url = http://x\n".into();
        }),
        ("end point of the environment", |c| {
            c.settings.endpoint_url = Some("http://y".into());
        }),
        ("FIPS", |c| c.settings.fips = Some(true)),
        ("dual stack", |c| c.settings.dual_stack = Some(true)),
        ("external ID", |c| {
            c.role.push_str(r#", "external_id": "x1""#);
        }),
        ("source identity", |c| {
            c.role.push_str(r#", "source_identity": "x1""#);
        }),
        ("session name", |c| {
            c.role.push_str(r#", "session_name": "x1""#);
        }),
        ("tag", |c| {
            c.role.push_str(r#", "session_tags": {"a": "b"}"#);
        }),
        ("value of a tag", |c| {
            c.role.push_str(r#", "session_tags": {"a": "c"}"#);
        }),
        ("tag passed on", |c| {
            c.role
                .push_str(r#", "session_tags": {"a": "b"}, "transitive_tags": ["a"]"#);
        }),
        ("two tags", |c| {
            c.role.push_str(r#", "session_tags": {"a": "b", "c": "d"}"#);
        }),
        ("policy ARN", |c| {
            c.role
                .push_str(r#", "policy_arns": ["arn:aws:iam::aws:policy/x"]"#);
        }),
        ("policy", |c| c.role.push_str(r#", "policy": {"a": 1}"#)),
        ("policy of a file", |c| {
            c.role.push_str(r#", "policy": "/p""#);
            c.policies
                .insert("/p".into(), r#"{"a": 2}"#.parse().expect("a policy"));
        }),
        ("the other policy of a file", |c| {
            c.role.push_str(r#", "policy": "/p""#);
            c.policies
                .insert("/p".into(), r#"{"a": 3}"#.parse().expect("a policy"));
        }),
        ("--duration", |c| c.request.duration = Some(902)),
        ("--session-name", |c| {
            c.request.session_name = Some("x2".parse().expect("a name"));
        }),
        ("--tag", |c| {
            c.request.tags = vec![tag("e=f").expect("a tag")];
        }),
        ("--policy-arn", |c| {
            c.request.policies =
                Policies::Managed(vec!["arn:aws:iam::aws:policy/y".parse().expect("an ARN")]);
        }),
        ("--read-only", |c| c.request.policies = Policies::ReadOnly),
    ];
    let mut seen = vec![("nothing", base().planned().key())];
    for (what, change) in changed {
        let mut case = base();
        change(&mut case);
        let key = case.planned().key();
        let same = seen.iter().find(|(_, other)| *other == key);
        assert!(same.is_none(), "{what} gives the key of {same:?}");
        seen.push((what, key));
    }
    let same: [Change; 10] = [
        ("environment", |c| {
            c.role
                .push_str(r#", "environment": [{"name": "A", "value": "b"}]"#);
        }),
        ("ssh key", |c| c.role.push_str(r#", "sshkey": "~/.ssh/x""#)),
        ("secret key of the same access key", |c| {
            c.credentials = c.credentials.replace("s1", "s2");
        }),
        ("name of the profile", |c| {
            c.role = c.role.replace("\"base\"", "\"other\"");
            c.credentials = c.credentials.replace("[base]", "[other]");
        }),
        ("proxy", |c| {
            c.settings.https_proxy = Some("http://p".into());
        }),
        ("the default duration, said", |c| {
            c.role.push_str(r#", "max_session_duration": 3600"#);
        }),
        ("the default name, said", |c| {
            c.role.push_str(r#", "session_name": "jdoe""#);
        }),
        ("description and tags", |c| {
            c.role
                .push_str(r#", "description": "d", "tags": {"a": "b"}"#);
        }),
        ("no tags, no policies", |c| {
            c.role
                .push_str(r#", "session_tags": {}, "policy_arns": [], "policy": null"#);
        }),
        ("--region", |c| {
            c.request.region = Some("eu-north-1".parse().expect("a region"));
        }),
    ];
    for (what, change) in same {
        let mut case = base();
        change(&mut case);
        assert_eq!(case.planned().key(), seen[0].1, "{what}");
    }
}

#[test]
fn what_is_granted_is_compared_without_the_path() {
    let mut case = Case::role(r#""aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#);
    case.role = case.role.replace("\"read\"", "\"team/read\"");
    let plan = case.planned();
    let role = assume(&plan);
    assert!(
        role.check_granted("arn:aws:sts::123456789012:assumed-role/read/jdoe")
            .is_ok()
    );
    for other in [
        "",
        "arn:aws:sts::123456789012:assumed-role/team/read/jdoe",
        "arn:aws:sts::123456789013:assumed-role/read/jdoe",
        "arn:aws:sts::123456789012:assumed-role/reader/jdoe",
        "arn:aws:sts::123456789012:assumed-role/read/jane",
        "arn:aws-cn:sts::123456789012:assumed-role/read/jdoe",
        "arn:aws:sts::123456789012:assumed-role/read/jdoe/x",
    ] {
        assert!(role.check_granted(other).is_err(), "{other}");
    }
}
