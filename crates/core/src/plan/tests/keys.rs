//! The cache key: what changes it, and what does not.

use super::*;

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
            c.settings.https_proxy = Some(Sourced::default("http://p".into()));
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
