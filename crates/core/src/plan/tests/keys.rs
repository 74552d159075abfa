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
    let changed: [Change; 33] = [
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
        ("endpoint", |c| {
            c.config = "[profile base]\nendpoint_url = http://x\n".into();
        }),
        ("endpoint of the environment", |c| {
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
        ("--view-only", |c| c.request.policies = Policies::ViewOnly),
    ];
    let mut seen = vec![("nothing", base().planned().fingerprint())];
    for (what, change) in changed {
        let mut case = base();
        change(&mut case);
        let key = case.planned().fingerprint();
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
        assert_eq!(case.planned().fingerprint(), seen[0].1, "{what}");
    }
}

/// Keys that a file or the environment names have the key that they always had:
/// nobody is asked for a code after an upgrade.
#[test]
fn a_caller_whom_the_plan_names_changes_nothing_in_the_key() {
    let plan = Case::default().planned();
    let keys = plan.keys(&Whose::Said);
    assert_eq!(keys[0], Some(plan.source_key()));
    assert_eq!(keys.last(), Some(&Some(plan.fingerprint())));
    let caller = |name: &str| Whose::Caller(Caller::of([("token", name.as_bytes())]));
    let (one, other) = (plan.keys(&caller("a")), plan.keys(&caller("b")));
    for number in 0..keys.len() {
        assert_ne!(one[number], other[number], "{number}");
        assert_ne!(one[number], keys[number], "{number}");
    }
    assert!(plan.keys(&Whose::Unknown).iter().all(Option::is_none));
}

/// What a process printed is kept for how it is run; what comes of that, for the
/// access key, as from a file.
#[test]
fn keys_that_a_process_prints_are_as_keys_in_a_file() {
    let plan = Case::default().planned();
    let run = |name: &str| Caller::of([("folder", name.as_bytes())]);
    let printed = |id: &str| {
        Some(Printed {
            access_key_id: id.to_owned(),
            temporary: false,
        })
    };
    let keys = |folder, id| {
        plan.keys(&Whose::Process {
            run: run(folder),
            printed: printed(id),
        })
    };
    let (here, there) = (keys("/a", "AKIA1"), keys("/b", "AKIA1"));
    assert_ne!(here[0], there[0]);
    assert_eq!(here[1..], there[1..]);
    assert_eq!(here[1..], plan.keys(&Whose::Said)[1..]);
    assert_ne!(here[1..], keys("/a", "AKIA2")[1..]);
    let unknown = plan.keys(&Whose::Process {
        run: run("/a"),
        printed: None,
    });
    assert_eq!((unknown[0], unknown[1]), (here[0], None));
}

/// Parts do not run into each other.
#[test]
fn callers_are_told_apart_by_each_of_their_parts() {
    let of = |parts: &[(&'static str, &'static str)]| {
        Caller::of(parts.iter().map(|(name, value)| (*name, value.as_bytes())))
    };
    let all = [
        of(&[]),
        of(&[("a", "")]),
        of(&[("", "a")]),
        of(&[("a", "b")]),
        of(&[("ab", "")]),
        of(&[("a", "b"), ("a", "b")]),
        of(&[("a", "ba"), ("", "b")]),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[at + 1..].contains(one), "{at}");
    }
    assert_eq!(format!("{:?}", all[0]), "Caller");
}

/// A mark is the same through renewals, and of nobody else; who cannot be told is
/// the same as nobody.
#[test]
fn a_mark_tells_the_same_caller_and_no_other() {
    let token = |token: &str| Caller::of([("token", token.as_bytes())]);
    let kept =
        |name: &str, who: &str| Whose::Caller(token(name).keeping([("sub", who.as_bytes())]));
    let renewed = Whose::Caller(token("b").renewed_from(&token("a")));
    let process = |run: &str, id: &str, temporary| Whose::Process {
        run: token(run),
        printed: Some(Printed {
            access_key_id: id.to_owned(),
            temporary,
        }),
    };
    let lost = Whose::Process {
        run: token("a"),
        printed: None,
    };
    for (case, was, is, same) in [
        ("said", Whose::Said, Whose::Said, true),
        ("unknown", Whose::Unknown, Whose::Unknown, false),
        ("lost", lost.clone(), lost.clone(), false),
        ("said, unknown", Whose::Said, Whose::Unknown, false),
        ("unknown, said", Whose::Unknown, Whose::Said, false),
        (
            "said, process",
            Whose::Said,
            process("a", "AKIA1", false),
            false,
        ),
        (
            "token",
            Whose::Caller(token("a")),
            Whose::Caller(token("a")),
            true,
        ),
        (
            "other",
            Whose::Caller(token("a")),
            Whose::Caller(token("b")),
            false,
        ),
        ("renewed", Whose::Caller(token("a")), renewed.clone(), true),
        (
            "renewed from another",
            Whose::Caller(token("c")),
            renewed.clone(),
            false,
        ),
        ("back", renewed, Whose::Caller(token("a")), false),
        ("same subject", kept("a", "x"), kept("b", "x"), true),
        ("other subject", kept("a", "x"), kept("a", "y"), false),
        (
            "claimed no more",
            kept("a", "x"),
            Whose::Caller(token("a")),
            false,
        ),
        (
            "key",
            process("a", "AKIA1", false),
            process("b", "AKIA1", false),
            true,
        ),
        (
            "other key",
            process("a", "AKIA1", false),
            process("a", "AKIA2", false),
            false,
        ),
        (
            "user's key with a token",
            process("a", "AKIA1", true),
            process("a", "AKIA2", true),
            false,
        ),
        (
            "temporary",
            process("a", "ASIA1", true),
            process("a", "ASIA2", true),
            true,
        ),
        (
            "run otherwise",
            process("a", "ASIA1", true),
            process("b", "ASIA2", true),
            false,
        ),
        ("temporary, lost", process("a", "ASIA1", true), lost, false),
    ] {
        assert_eq!(is.is_of(was.mark().as_deref()), same, "{case}");
    }
}
