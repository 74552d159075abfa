//! What goes with the request for a session: keys of the role, and flags that
//! win over them.

use aws_sandbox::{Fault, Options, Role, World};

use super::harness::{BASE_ACCOUNT, Stage, world};
use super::support::{Checks, check};

/// The role `r`, with `more` among its keys.
fn role(more: &str) -> String {
    format!(
        r#""r": {{"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/plain"{more}}}"#
    )
}

/// What the latest request held of what may go with one.
fn sent(stage: &Stage) -> String {
    const USUAL: [&str; 5] = [
        "Action",
        "Version",
        "RoleArn",
        "RoleSessionName",
        "DurationSeconds",
    ];
    let journal = stage.sandbox.journal();
    let parameters = journal.last().unwrap().parameters.iter();
    let lines = parameters.filter(|(name, _)| !USUAL.contains(&name.as_str()));
    lines
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect()
}

const FULL: &str = r#",
    "external_id": "acme:1/x", "session_name": "ci@acme", "source_identity": "j.doe",
    "session_tags": {"team": "pay ments", "Cost": ""}, "transitive_tags": ["TEAM"],
    "policy_arns": ["arn:aws:iam::aws:policy/b", "arn:aws:iam::aws:policy/a"],
    "policy": {"Version": "2012-10-17", "Statement": []}"#;

const FULL_SENT: &str = r#"ExternalId=acme:1/x
Policy={"Version":"2012-10-17","Statement":[]}
PolicyArns.member.1.arn=arn:aws:iam::aws:policy/a
PolicyArns.member.2.arn=arn:aws:iam::aws:policy/b
SourceIdentity=j.doe
Tags.member.1.Key=Cost
Tags.member.1.Value=
Tags.member.2.Key=team
Tags.member.2.Value=pay ments
TransitiveTagKeys.member.1=team
"#;

#[test]
fn the_keys_of_a_role_are_sent_and_a_plain_role_sends_none() {
    let stage = Stage::of_roles(&role(FULL));
    let mut checks = Checks::default();
    checks.ran("full", &stage.run(&["exec", "r", "true"]), "", "", 0);
    checks.same("full", &sent(&stage), FULL_SENT);
    checks.same(
        "name",
        &stage.parameter("RoleSessionName").unwrap(),
        "ci@acme",
    );
    stage.roles(&role(""));
    checks.ran("plain", &stage.run(&["exec", "r", "true"]), "", "", 0);
    checks.same("plain", &sent(&stage), "");
}

#[test]
fn flags_win_over_the_file() {
    let stage = Stage::of_roles(&role(FULL));
    let mut checks = Checks::default();
    for (flags, expected) in [
        (
            &["--tag", "TEAM=pay ments", "--tag", "new=a=b"][..],
            FULL_SENT
                .replace(
                    "Tags.member.2.Key=team",
                    "Tags.member.2.Key=new\nTags.member.2.Value=a=b\nTags.member.3.Key=team",
                )
                .replace("Tags.member.2.Value=pay", "Tags.member.3.Value=pay"),
        ),
        (&["--region", "eu-west-3"], FULL_SENT.to_owned()),
    ] {
        let args = [&["exec", "--fresh"], flags, &["r", "true"]].concat();
        checks.ran(&args.join(" "), &stage.run(&args), "", "", 0);
        checks.same(&args.join(" "), &sent(&stage), &expected);
    }
    // Without a command it is the same.
    let env = [("ASSUMEROLE_COMMAND", "true")];
    let ran = stage.run_in(
        &["r", "--session-name", "by-flag", "--duration", "20m"],
        &env,
    );
    checks.ran("shell", &ran, "", "", 0);
    for (name, value) in [("RoleSessionName", "by-flag"), ("DurationSeconds", "1200")] {
        checks.same(name, &stage.parameter(name).unwrap(), value);
    }
}

#[test]
fn flags_that_could_widen_what_the_file_narrows_are_refused() {
    const ADDS_UP: &str = "  = because: AWS adds up what the policies of a session allow: another one could only widen it\n";
    let inline = r#", "policy": {"Statement": []}"#;
    let managed = r#", "policy_arns": ["arn:aws:iam::aws:policy/b"]"#;
    let tags = r#", "session_tags": {"team": "payments"}"#;
    let stage = Stage::of_roles(&role(""));
    let mut checks = Checks::default();
    for (keys, flags, key) in [
        (inline, &["--read-only"][..], "policy"),
        (
            inline,
            &["--policy-arn", "arn:aws:iam::aws:policy/b"],
            "policy",
        ),
        (managed, &["--read-only"], "policy_arns"),
        (
            managed,
            &["--policy-arn", "arn:aws:iam::aws:policy/c"],
            "policy_arns",
        ),
        (tags, &["--tag", "Team=root"], "session_tags"),
    ] {
        stage.roles(&role(keys));
        for command in ["exec", "plan", "plan --json", "export --format json"] {
            let words: Vec<&str> = command.split(' ').collect();
            let rest = if command == "exec" {
                &["r", "true"][..]
            } else {
                &["r"]
            };
            let args = [&words, flags, rest].concat();
            let ran = stage.run(&args);
            let case = args.join(" ");
            checks.same(&case, &ran.stdout, "");
            checks.number(&case, usize::from(ran.status == 0), 0);
            checks.number(
                &case,
                usize::from(ran.stderr.contains(" --> ~/.assumerole:1:")),
                1,
            );
            if key == "session_tags" {
                checks.number(
                    &case,
                    usize::from(ran.stderr.contains("which has that session tag already")),
                    1,
                );
            } else {
                let line = format!(
                    "error: {} cannot be used with role r, whose {key} narrows it already\n",
                    flags[0]
                );
                checks.number(&case, usize::from(ran.stderr.starts_with(&line)), 1);
                checks.number(&case, usize::from(ran.stderr.contains(ADDS_UP)), 1);
            }
        }
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn a_duration_by_flag_wins_and_is_named_when_it_is_too_long() {
    let stage = Stage::of_roles(&role(r#", "max_session_duration": 1800"#));
    let mut checks = Checks::default();
    for (time, seconds) in [
        ("900", "900"),
        ("1h", "3600"),
        ("0h30m", "1800"),
        ("45m30s", "2730"),
    ] {
        let ran = stage.run_in(
            &["exec", "--duration", time, "r", "true"],
            &[("AWS_STS_DURATION_SECONDS", "1000")],
        );
        checks.ran(time, &ran, "", "", 0);
        checks.same(time, &stage.parameter("DurationSeconds").unwrap(), seconds);
    }
    let ran = stage.run(&["exec", "--duration", "8h", "r", "true"]);
    checks.ran("too long", &ran, "", "\
error: An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
  hint: lower it: 28800 s was requested (--duration)
  hint: or have an administrator raise the maximum session duration of r
", 125);
}

#[test]
fn the_exported_region_may_be_named_and_costs_no_request() {
    let stage = Stage::direct();
    stage.warm("read");
    let show = ["read", "sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION"];
    let mut checks = Checks::default();
    for (flags, region) in [
        (&[][..], "eu-central-1"),
        (&["--region", "us-west-2"], "us-west-2"),
    ] {
        let ran = stage.run(&[&["exec"], flags, &show].concat());
        checks.ran(region, &ran, &format!("{region} {region}\n"), "", 0);
    }
    checks.number("requests", stage.requests(), 1);
}

/// Each flag and key that changes the credentials is a session of its own,
/// and asking for it once more is not.
#[test]
fn what_changes_the_credentials_is_cached_apart() {
    let stage = Stage::of_roles(&role(""));
    stage.write("p.json", "{\"a\": 1}");
    let mut checks = Checks::default();
    let mut requests = 0;
    let rows: [(&str, &[&str]); 13] = [
        ("", &[]),
        (r#", "external_id": "x1""#, &[]),
        (r#", "session_name": "x1""#, &[]),
        (r#", "source_identity": "x1""#, &[]),
        (r#", "session_tags": {"a": "b"}"#, &[]),
        (r#", "policy_arns": ["arn:aws:iam::aws:policy/x"]"#, &[]),
        (r#", "policy": "~/p.json""#, &[]),
        ("", &["--duration", "15m"]),
        ("", &["--session-name", "x2"]),
        ("", &["--tag", "a=c"]),
        ("", &["--policy-arn", "arn:aws:iam::aws:policy/y"]),
        ("", &["--read-only"]),
        ("", &["--view-only"]),
    ];
    for (keys, flags) in rows {
        stage.roles(&role(keys));
        let args = [&["exec"], flags, &["r", "true"]].concat();
        let case = format!("{keys} {flags:?}");
        requests += 1;
        for _ in 0..2 {
            checks.ran(&case, &stage.run(&args), "", "", 0);
            checks.number(&case, stage.requests(), requests);
        }
    }
    stage.roles(&role(r#", "policy": "~/p.json""#));
    stage.write("p.json", "{ \"a\" : 1 }\n");
    assert_eq!(stage.run(&["exec", "r", "true"]).status, 0);
    checks.number(
        "the same policy, written otherwise",
        stage.requests(),
        requests,
    );
    stage.write("p.json", "{\"a\": 2}");
    assert_eq!(stage.run(&["exec", "r", "true"]).status, 0);
    checks.number("another policy in the file", stage.requests(), requests + 1);
    checks.same("sent", &sent(&stage), "Policy={\"a\":2}\n");
    // All of them are sessions of that role.
    let ran = stage.run(&["logout", "r"]);
    checks.ran("logout", &ran, "", "forgot 14 sessions\n", 0);
}

fn demanding() -> World {
    let mut tagless = Role::new("arn:aws:iam::123456789012:role/tagless").trusting(BASE_ACCOUNT);
    tagless.trust.tag_session = false;
    tagless.trust.set_source_identity = false;
    world()
        .role(
            Role::new("arn:aws:iam::123456789012:role/vendor")
                .trusting(BASE_ACCOUNT)
                .with_external_id("acme-1"),
        )
        .role(tagless)
}

#[test]
fn an_external_id_that_the_role_demands() {
    let stage = Stage::with(demanding(), Options::default());
    let vendor = |more: &str| role(more).replace("role/plain", "role/vendor");
    let mut checks = Checks::default();
    stage.roles(&vendor(r#", "external_id": "acme-1""#));
    checks.ran("right", &stage.run(&["exec", "r", "true"]), "", "", 0);
    const DENIED: &str = "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/vendor
  hint: see whether arn:aws:iam::123456789012:role/vendor exists, its trust policy names this user, and the user may call sts:AssumeRole on it
";
    const MFA: &str =
        "  hint: add \"aws_mfa_arn\" to r in ~/.assumerole if the role requires MFA\n";
    stage.roles(&vendor(""));
    checks.ran(
        "none",
        &stage.run(&["exec", "r", "true"]),
        "",
        &format!(
            "{}{MFA}",
            DENIED.replace(
                "this user,",
                "this user or requires an external ID (external_id),"
            )
        ),
        125,
    );
    stage.roles(&vendor(r#", "external_id": "acme-2""#));
    checks.ran(
        "wrong",
        &stage.run(&["exec", "r", "true"]),
        "",
        &format!("{DENIED}  hint: see whether its trust policy requires a different external ID than the one at ~/.assumerole:1:116\n{MFA}"),
        125,
    );
}

#[test]
fn tags_and_source_identities_that_are_not_allowed() {
    let stage = Stage::with(demanding(), Options::default());
    let tagless = |more: &str| role(more).replace("role/plain", "role/tagless");
    let mut checks = Checks::default();
    stage.roles(&tagless(r#", "session_tags": {"a": "b"}"#));
    checks.ran("tags", &stage.run(&["exec", "r", "true"]), "", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:TagSession on resource: arn:aws:iam::123456789012:role/tagless
  hint: allow sts:TagSession, both to the user of profile base and in the trust policy of r
  hint: or leave them out: session_tags in ~/.assumerole, --tag
", 125);
    stage.roles(&tagless(r#", "source_identity": "jdoe""#));
    checks.ran("identity", &stage.run(&["exec", "r", "true"]), "", "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::123456789012:role/tagless
  hint: allow sts:SetSourceIdentity, both to the user of profile base and in the trust policy of r
  hint: or leave it out: source_identity in ~/.assumerole
", 125);
}

#[test]
fn policies_that_aws_refuses() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    const CHECK: &str = "  hint: validate a policy file: aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://PATH\n";
    const SAID: &str = "error: An error occurred (MalformedPolicyDocument) when calling the AssumeRole operation: Syntax errors in policy.\n";
    stage.write("p.json", "{}");
    for (policy, place) in [
        ("{}", "~/.assumerole:1:110"),
        ("\"~/p.json\"", "~/p.json, named at ~/.assumerole:1:110"),
    ] {
        stage.roles(&role(&format!(", \"policy\": {policy}")));
        stage.sandbox.inject(Fault::error(
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
            400,
        ));
        let stderr = format!("{SAID}  hint: correct the session policy ({place})\n{CHECK}");
        checks.ran(policy, &stage.run(&["exec", "r", "true"]), "", &stderr, 125);
    }
    let tags: Vec<String> = (0..40)
        .map(|n| format!("\"k{n}\": \"{}\"", "v".repeat(256)))
        .collect();
    stage.roles(&role(&format!(
        ", \"session_tags\": {{{}}}",
        tags.join(",")
    )));
    checks.ran("too large", &stage.run(&["exec", "r", "true"]), "", "\
error: An error occurred (PackedPolicyTooLarge) when calling the AssumeRole operation: Packed size of session tags consumes 127% of allotted space.
  hint: shorten the policy, or use fewer policies and tags: session policies and session tags share one size limit
", 125);
}

#[test]
fn a_policy_file_that_is_no_policy_is_told_before_anything_is_asked() {
    let stage = Stage::of_roles(
        "\n\"r\": {\n\"policy\": \"~/p.json\",\n\"aws_profile\": \"base\",\n\"aws_mfa_arn\": \"arn:aws:iam::210987654321:mfa/jdoe\",\n\"aws_role\": \"arn:aws:iam::123456789012:role/read\"}",
    );
    let mut checks = Checks::default();
    let told = |why: &str| {
        format!(
            "\
error: the policy of role r cannot be used: ~/p.json
 --> ~/.assumerole:3:11
  |
3 | \"policy\": \"~/p.json\",
  |           ^^^^^^^^^^
  = because: {why}
"
        )
    };
    let run = || stage.run(&["exec", "r", "true"]);
    checks.ran("missing", &run(), "", &told("there is no such file"), 125);
    let long = format!("{{\"x\": \"{}\"}}", "x".repeat(2048));
    for (text, why) in [
        (
            "",
            "a policy is JSON, and this is none: EOF while parsing a value at line 1 column 0",
        ),
        ("[]", "a policy is a JSON object, {…}"),
        (
            &long,
            "a policy has at most 2048 characters, this has 2056, white space between its parts not counted",
        ),
    ] {
        stage.write("p.json", text);
        checks.ran(text, &run(), "", &told(why), 125);
    }
    // `doctor` says so too, once; the list still has the role.
    let doctor = stage.run(&["doctor", "--offline"]);
    let said = [doctor.stdout, doctor.stderr].concat();
    checks.number(
        "doctor",
        said.matches("the policy of role r cannot be used").count(),
        1,
    );
    let list = stage.run(&["list"]);
    checks.same(
        "list",
        &list.stdout.contains("r     123456789012").to_string(),
        "true",
    );
    // Another policy in its place does without.
    let ran = stage.run(&["exec", "--read-only", "--mfa-code", "12345x", "r", "true"]);
    checks.same(
        "read-only",
        &ran.stderr.contains("six digits").to_string(),
        "true",
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn flags_that_make_no_sense_are_told_before_anything_is_asked() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let arns: Vec<String> = (0..11)
        .flat_map(|n| {
            [
                "--policy-arn".to_owned(),
                format!("arn:aws:iam::aws:policy/p{n}"),
            ]
        })
        .collect();
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    for (flags, words) in [
        (
            &["--duration", "8"][..],
            "AWS grants a role session of 15 minutes to 12 hours",
        ),
        (
            &["--duration", "13h"],
            "AWS grants a role session of 15 minutes to 12 hours",
        ),
        (
            &["--duration", "soon"],
            "a duration looks like 8h, 90m, 1h30m or 3600 (seconds)",
        ),
        (
            &["--session-name", "a b"],
            "a session name has 2 to 64 letters",
        ),
        (&["--tag", "team"], "a tag is written KEY=VALUE"),
        (&["--tag", "a*=b"], "this has '*'"),
        (
            &["--tag", "a=b", "--tag", "A=c"],
            "--tag names the key A twice",
        ),
        (
            &["--policy-arn", "ReadOnlyAccess"],
            "the ARN of a policy looks like",
        ),
        (
            &["--policy-arn", "arn:aws:iam::aws:policy/x", "--read-only"],
            "cannot be used with --read-only",
        ),
        (
            &["--policy-arn", "arn:aws:iam::aws:policy/x", "--view-only"],
            "cannot be used with --view-only",
        ),
        (
            &["--view-only", "--read-only"],
            "--view-only cannot be used with --read-only",
        ),
        (&arns, "--policy-arn is given 11 times"),
        (
            &["--region", "Europe"],
            "a region is lower-case letters, digits and hyphens",
        ),
    ] {
        let ran = stage.run(&[&["exec"], flags, &["plain", "true"]].concat());
        let case = flags.join(" ");
        checks.same(
            &format!("{case}: {}", ran.stderr),
            &ran.stderr.contains(words).to_string(),
            "true",
        );
        checks.number(&case, ran.status.unsigned_abs() as usize, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

/// Passed over, a flag that narrows would leave a session that may do more.
#[test]
fn flags_before_a_command_are_refused() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (flags, status) in [
        (&["--read-only", "exec", "plain", "true"][..], 125),
        (&["--duration", "1h", "exec", "plain", "true"], 125),
        (&["--tag", "a=b", "list"], 2),
        (&["--fresh", "status"], 2),
    ] {
        let flag = flags[0];
        let stderr = format!(
            "error: unexpected argument {flag} before the command\n  \
             hint: put the option after the command: assumerole exec {flag} \u{2026}\n"
        );
        checks.ran(flag, &stage.run(flags), "", &stderr, status);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn what_goes_with_the_request_is_told_in_detail() {
    let stage = Stage::of_roles(&role(FULL));
    let ran = stage.run(&["-vv", "exec", "r", "true"]);
    let line = "no code; an external ID; source identity j.doe; tags Cost, team; \
                arn:aws:iam::aws:policy/a; arn:aws:iam::aws:policy/b; \
                policy {\"Version\":\"2012-10-17\",\"Statement\":[]}, STS in";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    assert!(!ran.stderr.contains("pay ments"), "{}", ran.stderr);
}

#[test]
fn description_and_tags_are_data() {
    let stage = Stage::of_roles(&format!(
        "{},{}",
        role(r#", "description": "Reads all", "tags": {"team": "payments", "env": ""}"#),
        role(r#", "tags": ["prod", "eu"]"#).replace("\"r\"", "\"s\"")
    ));
    let ran = stage.run(&["list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |at: usize| {
        (
            json[at]["description"].to_string(),
            json[at]["tags"].to_string(),
        )
    };
    assert_eq!(
        [of(0), of(1)],
        [
            (
                "\"Reads all\"".to_owned(),
                r#"{"env":"","team":"payments"}"#.to_owned()
            ),
            ("null".to_owned(), r#"{"eu":null,"prod":null}"#.to_owned())
        ]
    );
    check(&stage.run(&["exec", "r", "true"]), "", "", 0);
    assert_eq!(sent(&stage), "");
}

#[test]
fn a_source_identity_that_is_not_the_one_asked_for_is_no_session() {
    let mut checks = Checks::default();
    for (answer, said) in [
        (Some("mallory"), "the answer says \"mallory\""),
        (Some("J.DOE"), "the answer says \"J.DOE\""),
        (Some("\u{1b}[2J"), "the answer says \"\\u{1b}[2J\""),
        (None, "the answer names none"),
    ] {
        let stage = Stage::of_roles(&role(r#", "source_identity": "j.doe""#));
        stage.sandbox.inject(Fault::wrong_identity(answer));
        let ran = stage.run(&["exec", "r", "echo", "handed out"]);
        let stderr = format!(
            "\
error: asked for arn:aws:iam::123456789012:role/plain with the source identity j.doe, but {said}
  because: what is done in the session would be recorded under another identity
  hint: check endpoint_url and the proxy; nothing was exported or cached
"
        );
        checks.ran(said, &ran, "", &stderr, 125);
        checks.number(said, stage.requests(), 1);
        checks.number(said, stage.entries().len(), 0);
        checks.ran(said, &stage.run(&["exec", "r", "true"]), "", "", 0);
    }
}
