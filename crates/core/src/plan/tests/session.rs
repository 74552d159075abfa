//! What goes with the request: the role's keys, and flags that win over them.

use super::{Case, Origin, Plan, assume, sts};
use crate::aws::ids::{ExternalId, PolicyArn, SessionPolicy, SourceIdentity};
use crate::diagnostic::Kind;
use crate::plan::request::{Policies, Request, tag};

/// A role with every key that goes with the request.
const FULL: &str = r#""max_session_duration": 7200, "external_id": "x:1", "session_name": "of-file",
    "source_identity": "me", "session_tags": {"b": "1", "A": "2"}, "transitive_tags": ["B"],
    "policy_arns": ["arn:aws:iam::aws:policy/z", "arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/z"],
    "policy": "{ \"x\": 1 }""#;

/// `key=value`, with a star for what is passed on.
fn shown(plan: &Plan) -> Vec<String> {
    let star = |transitive: bool| if transitive { "*" } else { "" };
    let tags = assume(plan)
        .tags
        .value
        .iter()
        .map(|tag| format!("{}={}{}", tag.key, tag.value.as_str(), star(tag.transitive)));
    tags.collect()
}

fn arns(plan: &Plan) -> Vec<&str> {
    let arns = assume(plan).policy_arns.value.iter();
    arns.map(PolicyArn::as_str).collect()
}

#[test]
fn what_the_role_says_goes_into_the_request() {
    let plan = Case::role(FULL).planned();
    let assume = assume(&plan);
    assert_eq!(
        assume
            .external_id
            .as_ref()
            .map(|id| ExternalId::as_str(&id.value)),
        Some("x:1")
    );
    assert_eq!(
        assume
            .source_identity
            .as_ref()
            .map(|id| SourceIdentity::as_str(&id.value)),
        Some("me")
    );
    assert_eq!(assume.session_name.value.as_str(), "of-file");
    assert_eq!(shown(&plan), ["A=2", "b=1*"]);
    assert_eq!(
        arns(&plan),
        ["arn:aws:iam::aws:policy/a", "arn:aws:iam::aws:policy/z"]
    );
    assert_eq!(
        assume
            .policy
            .as_ref()
            .map(|policy| SessionPolicy::as_str(&policy.value)),
        Some(r#"{"x":1}"#)
    );
}

#[test]
fn a_duration_a_name_and_more_tags_win_over_the_role() {
    let mut case = Case::role(FULL);
    case.settings.duration = Some(901);
    case.request = Request {
        duration: Some(900),
        session_name: Some("of-flag".parse().expect("a name")),
        tags: vec![tag("B=1").expect("a tag"), tag("c=4").expect("a tag")],
        policies: Policies::OfTheFile,
        region: Some("eu-north-1".parse().expect("a region")),
    };
    let plan = case.planned();
    let assume = assume(&plan);
    assert_eq!(
        (assume.duration.value, assume.duration.from.clone()),
        (900, Origin::Flag("--duration"))
    );
    assert_eq!(assume.session_name.value.as_str(), "of-flag");
    assert_eq!(shown(&plan), ["A=2", "b=1*", "c=4"]);
    assert_eq!(arns(&plan).len(), 2);
    assert!(assume.policy.is_some());
    assert_eq!(
        plan.region
            .value
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("eu-north-1")
    );
    // A region to export is none to ask STS in, and says nothing of the role.
    assert_eq!(sts(&plan).region.value.as_str(), "us-east-1");
}

#[test]
fn a_policy_that_was_not_read_is_no_policy_left_out() {
    let case = Case::role(r#""policy": "~/p.json""#);
    let error = case.plan().expect_err("no policy");
    assert_eq!(error.message(), "the policy in ~/p.json was not read");
}

#[test]
fn too_many_tags_of_file_and_command_line_together() {
    let tags: Vec<String> = (0..50).map(|n| format!("\"k{n}\": \"\"")).collect();
    let mut case = Case::role(&format!("\"session_tags\": {{{}}}", tags.join(",")));
    case.request.tags = vec![tag("K7=").expect("a tag")];
    assert_eq!(assume(&case.planned()).tags.value.len(), 50);
    case.request.tags = vec![tag("more=x").expect("a tag")];
    let error = case.plan().expect_err("51 tags");
    assert_eq!(error.kind(), Kind::Usage);
    assert_eq!(error.message(), "with --tag, role r has 51 session tags");
}
