//! A user's long-term keys reach no program, whoever gives them.

use std::collections::BTreeMap;

use super::Stage;
use crate::harness::{KEY, SECRET};
use crate::support::{Checks, environment};

/// A process that prints the user's keys, with `more` in the object.
fn process(stage: &Stage, more: &str) -> String {
    let script = format!(
        "#!/bin/sh\necho run >> ~/runs\necho '{{\"Version\": 1, \"AccessKeyId\": \"{KEY}\", \"SecretAccessKey\": \"{SECRET}\"{more}}}'\n"
    );
    stage.script("creds", &script)
}

#[test]
fn long_term_keys_of_a_process_become_temporary_ones() {
    let stage = Stage::of_sources("");
    let mut checks = Checks::default();
    let script = process(&stage, "");
    stage.config(&format!(
        "[profile q]\nSTS\ncredential_process = '{script}'\n[profile m]\nSTS\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\ncredential_process = '{script}'\n"
    ));
    let ways: [&[&str]; 8] = [
        &["exec", "q", "--", "env"],
        &["export", "q"],
        &["export", "--format", "json", "q"],
        &["export", "--format", "credential-process", "q"],
        &["export", "--format", "ini", "q"],
        &["export", "--format", "fish", "q"],
        &["export", "--format", "dotenv", "q"],
        &["-vv", "exec", "q", "--fresh", "--", "env"],
    ];
    for way in ways {
        let ran = stage.run(way);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        let case = way.join(" ");
        checks.number(&case, ran.status as usize, 0);
        checks.same(&case, &all.contains(SECRET).to_string(), "false");
        checks.same(&case, &ran.stdout.contains("ASIA").to_string(), "true");
    }
    let shell = stage.run_in(&["q"], &[("ASSUMEROLE_COMMAND", "env -0")]);
    let env: BTreeMap<String, String> = environment(&shell.stdout);
    checks.same("shell", &env["AWS_ACCESS_KEY_ID"][..4], "ASIA");
    assert!(env.contains_key("AWS_SESSION_TOKEN"));
    // A device's code goes into its session.
    let code = stage.code();
    let ran = stage.run(&["exec", "m", "--mfa-code", &code, "--", "true"]);
    checks.ran("with MFA", &ran, "", "", 0);
    let journal = stage.sandbox.journal();
    let last = journal.last().unwrap();
    checks.same("with MFA", &last.action, "GetSessionToken");
    assert!(last.parameters.contains_key("SerialNumber"));
    let ran = stage.run(&["exec", "m", "--", "true"]);
    checks.ran("with MFA, again", &ran, "", "", 0);
    checks.same(
        "nothing else",
        &stage.asked(),
        &"GetSessionToken OK by 210987654321:user/jdoe\n".repeat(3),
    );
}

#[test]
fn a_session_token_beside_a_long_term_key_makes_it_no_temporary_one() {
    let stage = Stage::of_sources("");
    let mut checks = Checks::default();
    let script = process(
        &stage,
        ", \"SessionToken\": \"t\", \"Expiration\": \"2999-01-01T00:00:00Z\"",
    );
    stage.config(&format!(
        "[profile q]\nSTS\ncredential_process = '{script}'\n"
    ));
    for way in [&["exec", "q", "--", "env"][..], &["export", "q"]] {
        let status = if way[0] == "exec" { 125 } else { 6 };
        checks.ran(
            &way.join(" "),
            &stage.run(way),
            "",
            "\
error: credential_process of profile q gives long-term keys
  because: they would be handed over as they are, and never expire
  hint: print them without a session token, so that temporary ones can be made from them
",
            status,
        );
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn temporary_credentials_without_an_end_are_handed_over_and_not_kept() {
    let stage = Stage::of_sources("");
    let mut checks = Checks::default();
    let script = stage.script(
        "creds",
        "#!/bin/sh\necho run >> ~/runs\necho '{\"Version\": 1, \"AccessKeyId\": \"ASIA1\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"}'\n",
    );
    stage.config(&format!(
        "[profile q]\nSTS\ncredential_process = '{script}'\n"
    ));
    let show = "echo $AWS_ACCESS_KEY_ID $AWS_SESSION_TOKEN $AWS_CREDENTIAL_EXPIRATION";
    for times in 1..=2 {
        let ran = stage.run(&["exec", "q", "--", "sh", "-c", show]);
        checks.ran("no end", &ran, "ASIA1 t\n", "", 0);
        let runs = std::fs::read_to_string(stage.path("runs")).unwrap();
        checks.number("runs", runs.lines().count(), times);
    }
    checks.number("entries", stage.entries().len(), 0);
    let plan = stage.run(&["plan", "q"]);
    assert!(
        plan.stdout.contains("not without an Expiration"),
        "{}",
        plan.stdout
    );
}
