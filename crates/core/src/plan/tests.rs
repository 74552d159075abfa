//! Decision tables: files and environment in, steps out.

mod carry;
mod chains;
mod defaults;
mod guards;
mod halves;
mod invalidation;
mod keys;
mod profiles;
mod programs;
mod reached;
mod routes;
mod session;
mod stored;

use std::collections::BTreeMap;

use crate::aws::ids::{Region, SessionPolicy};
use crate::aws_config::{AwsFile, AwsFiles, FileKind};
use crate::config::Config;
use crate::diagnostic::{Kind, Result};
use crate::plan::request::{Policies, Request, tag};
use crate::plan::settings::RunSettings;

use super::{AssumeRole, Caller, Inputs, Plan, Printed, Route, SourceKind, Target, Whose, plan};
use crate::plan::origin::{Origin, Sourced};

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
    settings: RunSettings,
    request: Request,
    policies: BTreeMap<String, SessionPolicy>,
    /// Names of stored keys, with their access key IDs.
    stored: BTreeMap<String, String>,
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
            settings: RunSettings {
                user: "os-user".into(),
                ..RunSettings::default()
            },
            request: Request::default(),
            policies: BTreeMap::new(),
            stored: BTreeMap::new(),
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
            stored: &self.stored,
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
            "has aws_access_key_id, but no aws_secret_access_key",
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
            "create it: aws configure --profile base"
        ]
    );
    assert_eq!(error.snippet().map(|at| at.line), Some(1));
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

#[test]
fn the_source_identity_that_is_granted_is_the_one_asked_for() {
    let plan = Case::role(r#""source_identity": "me""#).planned();
    for (answer, good) in [
        (Some("me"), true),
        (Some("ME"), false),
        (Some("mee"), false),
        (Some(""), false),
        (None, false),
    ] {
        let result = assume(&plan).check_identity(answer);
        assert_eq!(result.is_ok(), good, "{answer:?}");
    }
    // Without one, it may come from the session before.
    let plan = Case::default().planned();
    for answer in [None, Some("me")] {
        assert!(assume(&plan).check_identity(answer).is_ok());
    }
}
