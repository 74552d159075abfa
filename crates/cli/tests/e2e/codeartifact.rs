//! The CodeArtifact token of a role: when it is asked for, where, how often,
//! and who gets it.

use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use aws_sandbox::{Domain, Fault, Options, Repository, Sandbox, World};

use super::harness::{ACCOUNT, Stage, world};
use super::support::{Checks, check, environment};

/// The file that gets the token.
pub(crate) const SETTINGS: &str = ".m2/settings.xml";

/// One with a server for it.
pub(crate) const XML: &str = "<settings>
  <servers>
    <!-- for the builds -->
    <server>
      <id>codeartifact</id>
      <username>aws</username>
      <password>old</password>
    </server>
  </servers>
</settings>
";

/// What is configured.
pub(crate) const DOMAIN: &str =
    r#"{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1"}"#;

/// The usual world, in which `plain` may have tokens of `my-artifacts`.
pub(crate) fn artifacts() -> World {
    let mut world = world();
    for role in world
        .roles
        .iter_mut()
        .filter(|role| role.arn.ends_with("/plain"))
    {
        role.allow = vec![
            "codeartifact:*".to_owned(),
            "sts:GetServiceBearerToken".to_owned(),
        ];
    }
    let shop = Repository::new("shop");
    let other = Domain::new("other", ACCOUNT).repository(shop.clone());
    world
        .domain(Domain::new("my-artifacts", ACCOUNT).repository(shop))
        .domain(other)
}

/// A stage with `codeartifact` in the file, and a `settings.xml`.
pub(crate) fn stage(codeartifact: &str) -> Stage {
    let stage = Stage::with(artifacts(), Options::default());
    configure(&stage, codeartifact);
    stage.write(SETTINGS, XML);
    stage
}

/// A file with the role `plain`, and `codeartifact` beside it.
pub(crate) fn configure(stage: &Stage, codeartifact: &str) {
    let role =
        r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#;
    let text = format!(r#"{{"codeartifact": {codeartifact}, "assume_roles": {{{role}}}}}"#);
    stage.write(".assumerole", &text);
}

/// How often a token was asked for.
pub(crate) fn asked(stage: &Stage) -> usize {
    stage.sandbox.count("GetAuthorizationToken")
}

/// The token that a command in the role sees; empty if none.
pub(crate) fn token(stage: &Stage) -> String {
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "printf %s \"$CODEARTIFACT_AUTH_TOKEN\"",
    ]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    ran.stdout
}

pub(crate) fn settings(stage: &Stage) -> String {
    fs::read_to_string(stage.path(SETTINGS)).unwrap()
}

#[test]
fn a_role_with_a_settings_xml_gets_a_token_once() {
    let stage = stage(DOMAIN);
    let first = token(&stage);
    assert!(first.len() > 500, "{first}");
    assert_eq!(settings(&stage), XML.replace("old", &first));
    let request = stage.sandbox.journal().pop().unwrap();
    assert_eq!(
        (request.action.as_str(), request.region.as_str()),
        ("GetAuthorizationToken", "eu-central-1")
    );
    let caller = request.caller.unwrap();
    assert!(caller.contains("assumed-role/plain/"), "{caller}");
    assert_eq!(request.parameters["domain"], "my-artifacts");
    assert_eq!(request.parameters["domain-owner"], ACCOUNT);
    // As long as the session.
    assert_eq!(request.parameters["duration"], "0");

    // From the cache, and the file is not touched.
    let before = fs::metadata(stage.path(SETTINGS)).unwrap();
    assert_eq!(token(&stage), first);
    let after = fs::metadata(stage.path(SETTINGS)).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!((stage.requests(), asked(&stage)), (2, 1));

    // A new session of the role is no reason for a new token.
    assert_eq!(stage.run(&["exec", "--fresh", "plain", "true"]).stderr, "");
    assert_eq!((stage.requests(), asked(&stage)), (3, 1));
}

#[test]
fn the_shell_prints_it_with_the_other_lines() {
    let stage = stage(DOMAIN);
    let ran = stage.ran(stage.command(&["plain"]).env("SHELL", "/bin/true"));
    let names: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split('=').next())
        .collect();
    assert_eq!(
        names,
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "CODEARTIFACT_AUTH_TOKEN",
        ]
    );
    assert_eq!(ran.status, 0);
}

#[test]
fn a_role_that_may_have_none_is_told_and_not_asked_for_again_at_once() {
    let stage = stage(DOMAIN);
    stage
        .sandbox
        .edit(|world| world.roles.iter_mut().for_each(|role| role.allow.clear()))
        .unwrap();
    let words = "An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: \
                 User: arn:aws:sts::123456789012:assumed-role/plain/tester is not authorized to perform: \
                 codeartifact:GetAuthorizationToken on resource: \
                 arn:aws:codeartifact:eu-central-1:123456789012:domain/my-artifacts because no \
                 identity-based policy allows the codeartifact:GetAuthorizationToken action";
    let hint = "  hint: allow plain codeartifact:GetAuthorizationToken and sts:GetServiceBearerToken, in its own policies and in the policy of the domain my-artifacts\n";
    let without = "  hint: name a \"profile\" in codeartifact of ~/.assumerole, or set ASSUMEROLE_SKIP_CODEARTIFACT, for a role that should not have it\n";
    let warning = format!("warning: no CodeArtifact token: {words}\n{hint}{without}");
    for _ in 0..2 {
        let ran = stage.run(&["exec", "plain", "echo", "works"]);
        assert_eq!((ran.stdout.as_str(), ran.status), ("works\n", 0));
        assert_eq!(ran.stderr, warning);
        assert_eq!(asked(&stage), 1);
    }
    assert_eq!(settings(&stage), XML);

    // Asked for by name it is asked for, and its refusal is a failure.
    let ran = stage.run(&["codeartifact", "plain", "--print"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 6));
    assert!(
        ran.stderr.starts_with(&format!("error: {words}\n")),
        "{}",
        ran.stderr
    );
    assert_eq!(asked(&stage), 2);
    let stage_may = |world: &mut World| {
        for role in &mut world.roles {
            role.allow = vec!["*".to_owned()];
        }
    };
    stage.sandbox.edit(stage_may).unwrap();
    assert_eq!(stage.run(&["codeartifact", "plain"]).status, 0);
    assert!(!token(&stage).is_empty());
}

#[test]
fn what_aws_did_not_say_is_asked_again() {
    let stage = stage(DOMAIN);
    let mut checks = Checks::default();
    for (case, fault, words) in [
        (
            "throttled",
            Fault::throttle(),
            "An error occurred (ThrottlingException) when calling the GetAuthorizationToken operation: Rate exceeded\n  hint: wait a few seconds, then try again: there were too many requests at once\n",
        ),
        ("cut", Fault::cut(), ""),
        ("garbage", Fault::garbage(), ""),
    ] {
        stage
            .sandbox
            .inject(fault.on("GetAuthorizationToken").times(3));
        let ran = stage.run(&["exec", "plain", "echo", "works"]);
        checks.same(case, &ran.stdout, "works\n");
        let starts = ran.stderr.starts_with("warning: no CodeArtifact token: ");
        checks.same(case, &starts.to_string(), "true");
        if !words.is_empty() {
            checks.same(
                case,
                &ran.stderr,
                &format!("warning: no CodeArtifact token: {words}"),
            );
        }
        stage.sandbox.clear_faults();
    }
    assert!(!token(&stage).is_empty());
}

#[test]
fn it_is_asked_where_the_files_and_variables_say() {
    let stage = stage(DOMAIN);
    let other = Sandbox::start(artifacts(), Options::default()).unwrap();
    let sts = stage.sandbox.endpoint();
    let mut checks = Checks::default();
    for (case, config, env) in [
        (
            "services",
            format!(
                "[profile base]\nendpoint_url = {sts}\nservices = s\n[services s]\ncodeartifact =\n  endpoint_url = {}\n",
                other.endpoint()
            ),
            None,
        ),
        (
            "variable",
            format!("[profile base]\nendpoint_url = {sts}\n"),
            Some(other.endpoint()),
        ),
    ] {
        stage.write(".aws/config", &config);
        stage.run(&["logout"]);
        let mut command = stage.command(&["exec", "plain", "true"]);
        command.envs(env.map(|url| ("AWS_ENDPOINT_URL_CODEARTIFACT", url)));
        // Signed by a session of the first, which the second does not know.
        let ran = stage.ran(&mut command);
        checks.same(case, &ran.status.to_string(), "0");
        checks.number(case, other.count("GetAuthorizationToken"), 1);
        checks.number(case, asked(&stage), 0);
        other.clear_journal();
    }
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {sts}\n"),
    );
    stage.run(&["logout"]);
    let ran = stage.run_in(
        &["exec", "plain", "true"],
        &[("AWS_ENDPOINT_URL_CODEARTIFACT", "http://127.0.0.1:9")],
    );
    assert!(
        ran.stderr.starts_with(
            "warning: no CodeArtifact token: CodeArtifact could not be reached at http://127.0.0.1:9: "
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn it_is_nowhere_but_where_it_belongs() {
    let stage = stage(DOMAIN);
    let ran = stage.run(&[
        "-vv",
        "exec",
        "plain",
        "sh",
        "-c",
        "printf %s \"$CODEARTIFACT_AUTH_TOKEN\"",
    ]);
    let token = ran.stdout;
    assert!(
        ran.stderr
            .contains("~/.m2/settings.xml has the new token\n"),
        "{}",
        ran.stderr
    );
    // A part is as telling as the whole; its head is the same for all.
    let secret = &token[token.len() - 200..];
    assert!(!ran.stderr.contains(secret));
    let mut holds = Vec::new();
    let mut folders = vec![stage.home().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(secret) {
                holds.push(path);
            }
        }
    }
    assert_eq!(holds, [stage.path(SETTINGS)]);
}

#[test]
fn many_processes_ask_once() {
    let stage = stage(DOMAIN);
    assert_eq!(
        stage
            .run_in(
                &["exec", "plain", "true"],
                &[("ASSUMEROLE_SKIP_CODEARTIFACT", "1")]
            )
            .status,
        0
    );
    // Slow enough that they meet.
    stage.sandbox.set_latency(Duration::from_millis(500));
    let start = |_| {
        let mut command = stage.command(&[
            "--quiet",
            "exec",
            "plain",
            "printenv",
            "CODEARTIFACT_AUTH_TOKEN",
        ]);
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..20).map(start).collect();
    let tokens: Vec<String> = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    assert!(tokens[0].len() > 500);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(asked(&stage), 1);
    assert_eq!(settings(&stage), XML.replace("old", tokens[0].trim()));
}

#[test]
fn logging_out_forgets_it() {
    let stage = stage(DOMAIN);
    let tokens = || {
        let names = stage.list(".assumerole.d/cache");
        names.iter().filter(|name| name.ends_with(".token")).count()
    };
    for logout in [&["logout"][..], &["logout", "plain"]] {
        token(&stage);
        assert_eq!(tokens(), 1);
        check(&stage.run(logout), "", "forgot 1 session\n", 0);
        assert_eq!(tokens(), 0, "{logout:?}");
    }
    assert_eq!(asked(&stage), 2);
}

#[test]
fn a_role_may_use_it_in_its_environment() {
    let stage = stage(DOMAIN);
    let role = r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
        "environment": [{"name": "PIP", "value": "https://aws:$CODEARTIFACT_AUTH_TOKEN@x/"}]}"#;
    let with = |codeartifact: &str| {
        let text = format!(r#"{{"codeartifact": {codeartifact}, "assume_roles": {{{role}}}}}"#);
        stage.write(".assumerole", &text);
        stage.run(&["exec", "plain", "env", "-0"])
    };
    let ran = with(DOMAIN);
    let env = environment(&ran.stdout);
    assert_eq!(
        env["PIP"],
        format!("https://aws:{}@x/", env["CODEARTIFACT_AUTH_TOKEN"])
    );
    // Without one it is a name that is not set, and that is told first.
    stage.run(&["logout"]);
    let requests = stage.requests();
    fs::remove_file(stage.path(SETTINGS)).unwrap();
    for codeartifact in ["null", DOMAIN] {
        let ran = with(codeartifact);
        assert_eq!(ran.status, 125);
        assert!(
            ran.stderr.contains("CODEARTIFACT_AUTH_TOKEN"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(stage.requests(), requests);
}

#[test]
fn nothing_is_left_of_it_in_a_role_without_one() {
    let stage = stage(
        r#"[{"profile": "base", "domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-west-1"}]"#,
    );
    let role = |name: &str, profile: &str| {
        format!(
            r#""{name}": {{"aws_profile": "{profile}", "aws_account": "{ACCOUNT}", "aws_role": "plain"}}"#
        )
    };
    let text = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let text = text.replace(
        "\"assume_roles\": {",
        &format!("\"assume_roles\": {{{},", role("bare", "second")),
    );
    stage.write(".assumerole", &text);
    let keys = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    stage.write(
        ".aws/credentials",
        &format!("{keys}{}", keys.replace("base", "second")),
    );
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    stage.write(
        ".aws/config",
        &format!("{config}{}", config.replace("base", "second")),
    );
    let program = super::harness::program();
    let ran = stage.run(&["exec", "plain", program, "exec", "bare", "env", "-0"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert!(!environment(&ran.stdout).contains_key("CODEARTIFACT_AUTH_TOKEN"));
    assert_eq!(asked(&stage), 1);
}

/// A command in many roles: two at once, each with the token of its role, and the file
/// that holds one token alone stays as it is.
#[test]
fn each_role_has_its_own_token_and_the_file_none_of_them() {
    let mut world = artifacts();
    let other = aws_sandbox::Role::new("arn:aws:iam::123456789012:role/other");
    let mut other = other.trusting("210987654321");
    other.allow = vec![
        "codeartifact:*".to_owned(),
        "sts:GetServiceBearerToken".to_owned(),
    ];
    world = world.role(other).role(
        aws_sandbox::Role::new("arn:aws:iam::123456789012:role/none").trusting("210987654321"),
    );
    let stage = Stage::with(world, Options::default());
    stage.write(SETTINGS, XML);
    let role = |name: &str| {
        format!(
            r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "{name}"}}"#
        )
    };
    let roles = ["plain", "other", "none"].map(role).join(", ");
    stage.write(
        ".assumerole",
        &format!(r#"{{"codeartifact": {DOMAIN}, "assume_roles": {{{roles}}}}}"#),
    );
    let script = "echo ${CODEARTIFACT_AUTH_TOKEN:+a token}; echo $CODEARTIFACT_AUTH_TOKEN >\"$HOME/$AWS_ACCOUNT\"";
    let ran = stage.run(&["each", "all", "--jobs", "2", "--", "sh", "-c", script]);
    check(
        &ran,
        "== plain\na token\n== other\na token\n== none\n\n",
        "3 ok\n  without a CodeArtifact token: none; see why: assumerole codeartifact ROLE\n",
        0,
    );
    let token = |name: &str| fs::read_to_string(stage.path(name)).unwrap();
    assert_ne!(token("plain"), token("other"));
    assert_eq!(fs::read_to_string(stage.path(SETTINGS)).unwrap(), XML);
    // One request for each, however often; and the same that `exec` has.
    let before = asked(&stage);
    stage.run(&["each", "plain", "other", "--", "sh", "-c", script]);
    assert_eq!(asked(&stage), before);
    let exec = stage.run(&[
        "exec",
        "plain",
        "--",
        "sh",
        "-c",
        "echo $CODEARTIFACT_AUTH_TOKEN",
    ]);
    assert_eq!(exec.stdout, token("plain"));
}
