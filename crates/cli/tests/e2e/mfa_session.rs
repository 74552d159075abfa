//! One code for all roles of a user: the MFA session and what comes from it.

use aws_sandbox::{Fault, Options, Role};

use super::harness::{ACCOUNT, BASE_ACCOUNT, Stage, world};
use super::support::{Checks, check};
use super::terminal::Terminal;

const DEVICE: &str = super::harness::DEVICE;

/// Two accounts with roles that want MFA, one that wants it recent, and a
/// chain.
fn stage() -> Stage {
    let role = |name: &str| Role::new(format!("arn:aws:iam::{ACCOUNT}:role/{name}"));
    let world = world()
        .role(role("write").trusting(BASE_ACCOUNT).with_mfa())
        .role(
            role("careful")
                .trusting(BASE_ACCOUNT)
                .with_mfa_younger_than(60),
        )
        .role(Role::new("arn:aws:iam::345678901234:role/end").trusting(ACCOUNT));
    let stage = Stage::with(world, Options::default());
    let entry = |name: &str, more: &str| {
        format!(
            r#""{name}": {{"aws_profile": "base", "aws_account": "{ACCOUNT}", "aws_role": "{name}", "aws_mfa_arn": "{DEVICE}"{more}}}"#
        )
    };
    stage.roles(&format!(
        "{},\n{},\n{},\n{},\n{}",
        entry("read", ""),
        entry("write", ""),
        entry("careful", ""),
        entry("deploy", r#", "max_session_duration": 7200"#)
            .replace(r#""aws_role": "deploy""#, r#""aws_role": "team/deploy""#),
        r#""end": {"via": "read", "aws_account": "345678901234", "aws_role": "end"}"#,
    ));
    stage
}

fn operations(stage: &Stage) -> Vec<String> {
    let journal = stage.sandbox.journal();
    journal.iter().map(|entry| entry.action.clone()).collect()
}

#[test]
fn one_code_opens_all_roles() {
    let stage = stage();
    let code = stage.code();
    let run = |role: &str, code: Option<&str>| {
        let mut args = vec!["exec", role];
        args.extend(code.into_iter().flat_map(|code| ["--mfa-code", code]));
        args.extend(["--", "sh", "-c", "echo $AWS_ACCOUNT"]);
        stage.run(&args)
    };
    check(&run("read", Some(&code)), "read\n", "", 0);
    check(&run("write", None), "write\n", "", 0);
    check(&run("end", None), "end\n", "", 0);
    check(&run("read", None), "read\n", "", 0);
    assert_eq!(
        operations(&stage),
        ["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"]
    );
    let journal = stage.sandbox.journal();
    let parameter = |at: usize, name: &str| journal[at].parameters.get(name).cloned();
    assert_eq!(parameter(0, "SerialNumber").as_deref(), Some(DEVICE));
    assert_eq!(parameter(0, "DurationSeconds").as_deref(), Some("43200"));
    assert_eq!(parameter(1, "SerialNumber"), None);
    // The chain starts at the role that was cached.
    assert!(parameter(3, "RoleArn").is_some_and(|arn| arn.ends_with("role/end")));
}

#[test]
fn what_is_longer_than_an_hour_takes_a_code_of_its_own() {
    let stage = stage();
    stage.warm("read");
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec assumerole exec deploy -- echo done", &[]);
    terminal.sees(&format!("MFA code of {DEVICE}:"));
    let said = terminal.all();
    assert!(
        said.contains("deploy lasts 7200 s, longer than the hour that STS gives from an MFA session: it takes a code of its own."),
        "{said}"
    );
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(stage.parameter("TokenCode"), Some(code));
}

#[test]
fn a_recent_code_may_be_wanted_and_is_had_by_a_flag() {
    let stage = stage();
    stage.warm("read");
    stage.sandbox.advance(jiff::SignedDuration::from_secs(120));
    let ran = stage.run(&["exec", "careful", "true"]);
    check(
        &ran,
        "",
        "\
error: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/careful
  hint: see whether arn:aws:iam::123456789012:role/careful exists, its trust policy names this user or requires an external ID (external_id), and the user may call sts:AssumeRole on it
  hint: give a more recent MFA code than the session's: assumerole --fresh-mfa careful
  hint: check whose keys they are: aws sts get-caller-identity --profile base
",
        125,
    );
    let before = stage.requests();
    let code = stage.code();
    let ran = stage.run(&[
        "exec",
        "--fresh-mfa",
        "--mfa-code",
        &code,
        "careful",
        "true",
    ]);
    check(&ran, "", "", 0);
    assert_eq!(
        operations(&stage)[before..],
        ["GetSessionToken", "AssumeRole"]
    );
    // It is the session of all from now on.
    check(&stage.run(&["exec", "write", "true"]), "", "", 0);
    assert_eq!(stage.requests(), before + 3);
}

#[test]
fn fresh_asks_for_the_role_and_not_for_a_code() {
    let stage = stage();
    stage.warm("read");
    check(&stage.run(&["exec", "--fresh", "read", "true"]), "", "", 0);
    assert_eq!(
        operations(&stage),
        ["GetSessionToken", "AssumeRole", "AssumeRole"]
    );
}

/// A key that was withdrawn takes its sessions along: a new one is had.
#[test]
fn a_session_that_is_dead_is_replaced() {
    let stage = stage();
    stage.warm("read");
    let dead = Fault::error(
        "ExpiredToken",
        "The security token included in the request is expired",
        400,
    );
    stage.sandbox.inject(dead.on("AssumeRole"));
    let code = stage.code();
    let ran = stage.run(&["exec", "write", "--mfa-code", &code, "--", "echo", "works"]);
    check(&ran, "works\n", "", 0);
    assert_eq!(
        operations(&stage)[2..],
        ["AssumeRole", "GetSessionToken", "AssumeRole"]
    );
}

#[test]
fn login_obtains_the_session_ahead() {
    let stage = stage();
    let mut checks = Checks::default();
    checks.ran(
        "no terminal",
        &stage.run(&["login"]),
        "",
        "\
error: role read needs an MFA code of arn:aws:iam::210987654321:mfa/jdoe
  because: there is no terminal to ask at
  hint: give the code: assumerole login --mfa-code CODE
",
        5,
    );
    checks.ran(
        "no terminal, for a role",
        &stage.run(&["login", "read"]),
        "",
        "\
error: role read needs an MFA code of arn:aws:iam::210987654321:mfa/jdoe
  because: there is no terminal to ask at
  hint: give the code: assumerole login read CODE
",
        5,
    );
    let code = stage.code();
    let ran = stage.run(&["login", "--mfa-code", &code]);
    let said = format!("MFA session of profile base ({DEVICE}): until ");
    assert!(ran.stderr.starts_with(&said), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(" (11h 59m)\n"), "{}", ran.stderr);
    checks.number("one request", stage.requests(), 1);
    // The longer role too: a program gets an hour of it at a time.
    for name in ["base", "read", "deploy"] {
        let ran = stage.run(&["login", name]);
        assert!(ran.stderr.ends_with(", cached\n"), "{}", ran.stderr);
    }
    checks.ran("no code", &stage.run(&["exec", "write", "true"]), "", "", 0);
    checks.number("requests", stage.requests(), 2);
}

/// Where the code goes with the role, the role is what is logged in to.
#[test]
fn login_obtains_a_role_that_takes_a_code_of_its_own() {
    let stage = Stage::direct();
    let code = stage.code();
    let ran = stage.run(&["login", "read", &code]);
    assert!(
        ran.stderr.starts_with("role read: until "),
        "{}",
        ran.stderr
    );
    assert_eq!(
        (operations(&stage), ran.status),
        (vec!["AssumeRole".to_owned()], 0)
    );
    check(&stage.run(&["exec", "read", "echo", "x"]), "x\n", "", 0);
    let ran = stage.run(&["credential-process", "read"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert_eq!(stage.requests(), 1);
    let mut checks = Checks::default();
    checks.ran(
        "nothing to ask for",
        &stage.run(&["login", "plain"]),
        "",
        "\
error: plain has no MFA session to log in to
  because: no MFA device is named for it
  hint: see what it does: assumerole plan plain
",
        2,
    );
    let ran = stage.run(&["login", "123456"]);
    assert!(
        ran.stderr.contains("assumerole login --mfa-code 123456"),
        "{}",
        ran.stderr
    );
}

#[test]
fn status_is_a_tree_and_logout_takes_what_comes_from_a_session() {
    let stage = stage();
    stage.warm("read");
    assert_eq!(stage.run(&["exec", "end", "true"]).status, 0);
    assert_eq!(stage.run(&["exec", "write", "true"]).status, 0);
    let ran = stage.run_in(&["status"], &[("LC_ALL", "C.UTF-8")]);
    let names: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| line.split("  ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names.len(), 5, "{}", ran.stdout);
    assert!(ran.stdout.contains("base (MFA session)"), "{}", ran.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&stage.run(&["status", "--json"]).stdout).unwrap();
    let parent = |name: &str| {
        let rows = json.as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        (
            row["kind"].as_str().unwrap().to_owned(),
            row["parent"].clone(),
        )
    };
    assert_eq!(
        parent("base"),
        ("session".to_owned(), serde_json::Value::Null)
    );
    assert_eq!(parent("read"), ("role".to_owned(), "base".into()));
    assert_eq!(parent("end"), ("role".to_owned(), "read".into()));
    assert_eq!(parent("write"), ("role".to_owned(), "base".into()));

    check(
        &stage.run(&["logout", "read"]),
        "",
        "forgot 2 sessions\n",
        0,
    );
    assert_eq!(stage.entries().len(), 2);
    check(
        &stage.run(&["logout", "base"]),
        "",
        "forgot 2 sessions\n",
        0,
    );
    assert!(stage.entries().is_empty());
}

#[test]
fn plan_shows_the_steps_and_which_are_there() {
    let stage = stage();
    stage.warm("read");
    let json: serde_json::Value =
        serde_json::from_str(&stage.run(&["plan", "write", "--json"]).stdout).unwrap();
    let steps = json["steps"].as_array().unwrap();
    let brief: Vec<(String, bool)> = steps
        .iter()
        .map(|step| {
            (
                step["step"].as_str().unwrap().to_owned(),
                step["needed"].as_bool().unwrap(),
            )
        })
        .collect();
    let step = |name: &str, needed| (name.to_owned(), needed);
    assert_eq!(
        brief,
        [
            step("profile_keys", false),
            step("mfa_session", false),
            step("assume_role", true)
        ]
    );
    assert_eq!(json["asks"], serde_json::json!([]));
    assert_eq!(json["requests"], serde_json::json!(["AssumeRole"]));
    let text = stage.run(&["plan", "--fresh-mfa", "write"]).stdout;
    assert!(
        text.starts_with("write: calls AWS and prompts for an MFA code\n"),
        "{text}"
    );
    assert!(
        text.contains("\n2. MFA session (GetSessionToken): --fresh-mfa; cached until "),
        "{text}"
    );
    let text = stage.run(&["plan", "end"]).stdout;
    assert!(
        text.contains("\n2. MFA session (GetSessionToken): cached until "),
        "{text}"
    );
    assert!(
        text.contains("\n3. AssumeRole read: cached until "),
        "{text}"
    );
    assert!(text.contains("\n4. AssumeRole end: not cached\n"), "{text}");
}

#[test]
fn a_role_to_confirm_wants_its_name_typed() {
    let stage = stage();
    stage.roles(r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "confirm": true}"#);
    let mut checks = Checks::default();
    checks.ran(
        "no terminal",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "\
error: role plain is not assumed: there is no terminal to type its name at
  because: it has \"confirm\": true in ~/.assumerole
  hint: confirm it if you mean it: assumerole exec --yes plain -- COMMAND
",
        125,
    );
    checks.ran(
        "--yes",
        &stage.run(&["exec", "--yes", "plain", "echo", "in"]),
        "in\n",
        "",
        0,
    );
    for (typed, status) in [("plain\r", 0), ("plian\r", 130), ("\u{1b}", 130)] {
        let mut terminal = Terminal::new();
        terminal.start(&stage, "exec assumerole exec plain -- true", &[]);
        terminal.sees("Type plain to assume it:");
        terminal.types(typed);
        checks.number(typed, terminal.ends() as usize, status);
    }
    // What was typed before the question stood there does not answer it.
    let mut terminal = Terminal::new();
    terminal.types("plain\r");
    terminal.start(&stage, "exec assumerole exec plain -- true", &[]);
    terminal.sees("Type plain to assume it:");
    terminal.types("no\r");
    checks.number("typed before", terminal.ends() as usize, 130);
}
