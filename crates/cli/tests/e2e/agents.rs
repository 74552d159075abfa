//! AI agents get less, and are told so.

use aws_sandbox::Fault;

use super::harness::{CONFIG, Ran, Stage};
use super::serve::{Running, until};
use super::support::Checks;
use super::terminal::QUESTION;

const AGENT: (&str, &str) = ("CLAUDECODE", "1");

/// The usual stage with `agents` at the top of its file; `read` is tagged `prod`,
/// `plain` is tagged `sandbox`.
fn stage(agents: &str) -> Stage {
    let stage = Stage::new();
    let tagged = CONFIG
        .replacen("\"read\": {", "\"read\": { \"tags\": [\"prod\"],", 1)
        .replacen("\"plain\": {", "\"plain\": { \"tags\": [\"sandbox\"],", 1)
        .replacen('{', &format!("{{ \"agents\": {agents},"), 1);
    stage.write(".assumerole", &tagged);
    stage
}

fn in_agent(stage: &Stage, args: &[&str]) -> Ran {
    stage.run_in(args, &[AGENT])
}

#[test]
fn sessions_of_agents_are_narrowed_and_those_of_people_are_not() {
    let stage = stage(r#"{"read_only": true}"#);
    let mut checks = Checks::default();
    let ways: [&[&str]; 4] = [
        &["exec", "plain", "--", "true"],
        &["export", "plain", "--format", "json"],
        &["credential-process", "plain"],
        &["exec", "plain", "--fresh", "--", "true"],
    ];
    for way in ways {
        let ran = in_agent(&stage, way);
        checks.number(&format!("{way:?} {ran:?}"), ran.status as usize, 0);
        let arn = stage.parameter("PolicyArns.member.1.arn");
        checks.same(
            &format!("{way:?}"),
            &arn.unwrap_or_default(),
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        );
    }
    // A person gets the whole role, and not what is cached for the agent.
    let before = stage.requests();
    let ran = stage.run(&["exec", "plain", "--", "true"]);
    checks.ran("a person", &ran, "", "", 0);
    checks.number("a new session", stage.requests(), before + 1);
    checks.same(
        "whole",
        &stage
            .parameter("PolicyArns.member.1.arn")
            .unwrap_or_default(),
        "",
    );
    // And the agent none of the person's.
    let ran = in_agent(&stage, &["exec", "plain", "--", "true"]);
    checks.ran("again", &ran, "", "", 0);
    checks.number("cached", stage.requests(), before + 1);
}

#[test]
fn what_cannot_be_narrowed_is_refused_and_never_given_whole() {
    let stage = stage(r#"{"read_only": true}"#);
    let mut checks = Checks::default();
    // What was cached for a person, too.
    stage.run(&["exec", "base", "--", "true"]);
    let requests = stage.requests();
    let table: [&[&str]; 6] = [
        &["exec", "base", "--", "true"],
        &["export", "base"],
        &["credential-process", "base"],
        &["credential-process", "--session", "base"],
        &[
            "exec",
            "plain",
            "--policy-arn",
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "--",
            "true",
        ],
        &["exec", "--fresh-mfa", "plain", "--", "true"],
    ];
    for args in table {
        let ran = in_agent(&stage, args);
        checks.same(
            &format!("{args:?} {ran:?}"),
            &(ran.status == 0).to_string(),
            "false",
        );
        checks.same(&format!("{args:?}"), &ran.stdout, "");
        checks.same(
            &format!("{args:?} {}", ran.stderr),
            &ran.stderr.contains("claude-code").to_string(),
            "true",
        );
        checks.same(
            &format!("{args:?} {}", ran.stderr),
            &ran.stderr.contains("CLAUDECODE").to_string(),
            "true",
        );
    }
    checks.number("nothing was asked of AWS", stage.requests(), requests);
}

/// The server renews long after it was started, and for the agent all the same.
#[test]
fn a_server_that_an_agent_starts_gives_narrowed_sessions_only() {
    let stage = stage(r#"{"read_only": true, "deny": ["tag:prod"]}"#);
    let denied = in_agent(&stage, &["exec", "--serve", "read", "--", "true"]);
    assert_eq!(denied.status, 125, "{denied:?}");
    assert_eq!(stage.requests(), 0);
    stage.sandbox.inject(Fault::expire_in(20).on("AssumeRole"));
    let mut command = stage.command(&["exec", "--serve", "plain"]);
    let running = Running::start(command.env(AGENT.0, AGENT.1));
    until(|| (stage.requests() > 1).then_some(()));
    let body = running.asks_until(|status, _| status == 200);
    assert!(body.contains("AccessKeyId"), "{body}");
    running.end();
    for call in stage.sandbox.journal() {
        assert_eq!(
            call.parameters["PolicyArns.member.1.arn"],
            "arn:aws:iam::aws:policy/ReadOnlyAccess"
        );
    }
}

/// What an agent asks for itself may be less than what it may have.
#[test]
fn an_agent_that_may_read_may_only_look_if_it_says_so() {
    let stage = stage(r#"{"read_only": true}"#);
    let ran = in_agent(&stage, &["exec", "--view-only", "plain", "--", "true"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        stage.parameter("PolicyArns.member.1.arn").as_deref(),
        Some("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    );
}

#[test]
fn roles_are_allowed_and_denied_by_patterns() {
    let mut checks = Checks::default();
    for (agents, plain, deploy) in [
        (r#"{"roles": ["tag:sandbox"]}"#, true, false),
        (r#"{"roles": []}"#, false, false),
        (r#"{"deny": ["tag:sandbox"]}"#, false, true),
        (r#"{"deny": ["account:123456789012"]}"#, false, false),
        (r#"{"roles": ["*"], "deny": ["name:plain"]}"#, false, true),
        (r#"{"deny": ["profile:base"]}"#, false, false),
    ] {
        let stage = stage(agents);
        let code = stage.code();
        for (role, may) in [("plain", plain), ("deploy", deploy)] {
            let args = ["exec", role, "--mfa-code", &code, "--", "true"];
            let args = if role == "plain" {
                vec!["exec", role, "--", "true"]
            } else {
                args.to_vec()
            };
            let ran = in_agent(&stage, &args);
            checks.same(
                &format!("{agents} {role} {ran:?}"),
                &(ran.status == 0).to_string(),
                &may.to_string(),
            );
            if !may {
                checks.same(
                    "who",
                    &ran.stderr
                        .contains("is not for the AI agent claude-code")
                        .to_string(),
                    "true",
                );
            }
        }
    }
}

/// The same role under another name, and one that no entry tells about.
#[test]
fn another_name_does_not_get_round_a_denial() {
    let stage = stage(r#"{"deny": ["tag:sandbox"]}"#);
    let endpoint = stage.sandbox.endpoint();
    stage.write(".aws/config", &format!(
        "[profile base]\nendpoint_url = {endpoint}\n[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\n[profile q]\nrole_arn = arn:aws:iam::123456789012:role/unknown\nsource_profile = base\n"
    ));
    for name in ["p", "q", "base"] {
        let ran = in_agent(&stage, &["exec", name, "--", "true"]);
        assert_eq!(ran.status, 125, "{name}: {ran:?}");
        assert!(
            ran.stderr
                .contains("\"deny\" of \"agents\" has tag:sandbox"),
            "{ran:?}"
        );
    }
    // Another file does not help.
    stage.write("other.json", r#"{"assume_roles": {"x": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}}"#);
    let ran = in_agent(
        &stage,
        &["--config", "other.json", "exec", "x", "--", "true"],
    );
    assert_eq!(ran.status, 125, "{ran:?}");
    assert_eq!(stage.requests(), 0);
}

#[test]
fn a_role_to_confirm_is_never_for_an_agent() {
    let stage = Stage::new();
    let config = CONFIG.replacen("\"plain\": {", "\"plain\": { \"confirm\": true,", 1);
    stage.write(".assumerole", &config);
    let ran = in_agent(&stage, &["exec", "--yes", "plain", "--", "true"]);
    assert_eq!(ran.status, 125, "{ran:?}");
    assert!(ran.stderr.contains("only a person confirms"), "{ran:?}");
    assert_eq!(stage.requests(), 0);
}

#[test]
fn commands_that_only_a_person_may_use() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let refused: [&[&str]; 14] = [
        &["console", "plain"],
        &["keys", "add", "x"],
        &["keys", "import", "--yes", "base"],
        &["keys", "rotate", "--yes", "base"],
        &["keys", "remove", "--yes", "x"],
        &["keys", "export", "--yes", "x"],
        &["keys", "show", "x"],
        &["keys", "unlock"],
        &["keys", "store"],
        &["mfa", "add", "arn:aws:iam::210987654321:mfa/jdoe"],
        &[
            "mfa",
            "remove",
            "--yes",
            "arn:aws:iam::210987654321:mfa/jdoe",
        ],
        &["serve", "plain"],
        &["serve", "--status"],
        &["login", "--fresh-mfa", "read", "123456"],
    ];
    for args in refused {
        let ran = in_agent(&stage, args);
        checks.same(&format!("{args:?} {ran:?}"), &ran.status.to_string(), "5");
        checks.same(
            &format!("{args:?} {}", ran.stderr),
            &ran.stderr
                .contains("is not for an AI agent (claude-code)")
                .to_string(),
            "true",
        );
    }
    let allowed: [&[&str]; 6] = [
        &["keys", "list"],
        &["keys", "lock"],
        &["list"],
        &["status"],
        &["plan", "plain"],
        &["exec", "plain", "--", "true"],
    ];
    for args in allowed {
        let ran = in_agent(&stage, args);
        checks.same(&format!("{args:?} {ran:?}"), &ran.status.to_string(), "0");
    }
    assert!(stage.path(".aws/credentials").exists());
}

#[test]
fn no_question_is_asked_in_an_agent() {
    let stage = Stage::new();
    let mut terminal = super::terminal::Terminal::new();
    terminal.start(&stage, "assumerole exec read -- true", &[AGENT]);
    let status = terminal.ends();
    assert_eq!(status, 125, "{}", terminal.screen());
    assert!(!terminal.all().contains(QUESTION), "{}", terminal.screen());
    assert!(
        terminal.all().contains("an AI agent runs this"),
        "{}",
        terminal.screen()
    );
    // A person says that it is them, at a terminal.
    let mut terminal = super::terminal::Terminal::new();
    terminal.start(
        &stage,
        "assumerole exec read -- true",
        &[AGENT, ("ASSUMEROLE_AGENT", "0")],
    );
    terminal.is_asked(1);
    terminal.types(super::terminal::CTRL_C);
    terminal.end_of_shell();
}

#[test]
fn sessions_are_tagged_if_the_file_says_so() {
    let stage = stage(r#"{"tag": true}"#);
    in_agent(&stage, &["exec", "plain", "--", "true"]);
    assert_eq!(
        stage.parameter("Tags.member.1.Key").as_deref(),
        Some("agent")
    );
    assert_eq!(
        stage.parameter("Tags.member.1.Value").as_deref(),
        Some("claude-code")
    );
}

#[test]
fn a_misspelt_setting_is_an_error_and_nothing_is_given() {
    for agents in [
        r#"{"readonly": true}"#,
        r#"{"denied": ["tag:prod"]}"#,
        r#"{"deny": ["tags:prod"]}"#,
        "true",
    ] {
        let stage = stage(agents);
        let ran = in_agent(&stage, &["exec", "plain", "--", "true"]);
        assert_eq!(ran.status, 125, "{agents}: {ran:?}");
        assert_eq!(stage.requests(), 0, "{agents}");
    }
}
