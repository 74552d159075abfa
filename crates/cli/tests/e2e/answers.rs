//! `export` for programs: what they ask for they get, and nothing beside it.

use super::codeartifact::{DOMAIN, SETTINGS, XML, stage};
use super::harness::{Ran, Stage};
use super::support::Checks;

const FORMAT: [&str; 3] = ["export", "--format", "credential-process"];

/// The access key ID of a good answer.
fn key(ran: &Ran) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).ok()?;
    Some(answer["AccessKeyId"].as_str()?.to_owned())
}

/// Makes the program say something of every kind.
fn talk(stage: &Stage) {
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!(
            "[profile base]\nendpoint_url = {endpoint}\nsource_identity = jdoe\n\
             [profile loud]\nendpoint_url = {endpoint}\ncredential_process = {}\n",
            stage.script(
                "loud",
                "#!/bin/sh\necho a word >&2\necho '{\"Version\": 1, \"AccessKeyId\": \"ASIALOUD\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"}'\n"
            )
        ),
    );
}

#[test]
fn a_program_hears_nothing_beside_its_answer() {
    let stage = stage(DOMAIN);
    talk(&stage);
    let mut checks = Checks::default();
    for (role, fresh) in [("plain", true), ("plain", false), ("loud", true)] {
        let mut args = FORMAT.to_vec();
        args.extend(fresh.then_some("--fresh"));
        args.push(role);
        let ran = stage.run(&args);
        checks.same(role, &ran.stderr, "");
        assert!(key(&ran).is_some(), "{role}: {}", ran.stdout);
        // Who wants to know is told.
        args.push("-v");
        let ran = stage.run(&args);
        assert!(key(&ran).is_some(), "{role}: {}", ran.stdout);
        assert_ne!(ran.stderr, "", "{role}");
    }
    // What has failed is said.
    let ran = stage.run(&["export", "--format", "credential-process", "nobody"]);
    assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    checks.same("nothing", &ran.stdout, "");
}

/// Other formats talk, and the ones that hold more than credentials ask for more.
#[test]
fn what_a_format_cannot_hold_is_not_asked_for() {
    let mut checks = Checks::default();
    for (format, asked) in [
        ("credential-process", 0),
        ("ini", 0),
        ("json", 1),
        ("bash", 1),
    ] {
        let stage = stage(DOMAIN);
        talk(&stage);
        let ran = stage.run(&["export", "--format", format, "plain"]);
        checks.same(format, &ran.status.to_string(), "0");
        let journal = stage.sandbox.journal();
        let tokens = journal
            .iter()
            .filter(|entry| entry.action == "GetAuthorizationToken");
        checks.number(format, tokens.count(), asked);
        let settings = std::fs::read_to_string(stage.path(SETTINGS)).unwrap();
        checks.number(format, usize::from(settings != XML), asked);
        let warned = ran.stderr.contains("source_identity");
        checks.same(
            format,
            &warned.to_string(),
            &(format != "credential-process").to_string(),
        );
    }
}

/// A name in a header that would cost readers the file is refused before
/// anything is asked; one that some would not find is told.
#[test]
fn names_that_a_credentials_file_cannot_hold() {
    let names = [
        ("a#b", false, "# and ;"),
        ("a;b", false, "# and ;"),
        ("profile x", false, "the word profile"),
        ("DEFAULT", false, "every profile"),
        ("a]b", false, "a bracket"),
        (" a", false, "a blank"),
        ("a b", true, "not every SDK finds a section named \"a b\""),
        ("a=b", true, "not every SDK finds a section named \"a=b\""),
        ("é", true, "not every SDK finds a section named \"é\""),
        ("a'b", true, "not every SDK finds"),
        ("a_-/.%@:+b", true, ""),
        ("default", true, ""),
    ];
    let roles: Vec<String> = names
        .iter()
        .map(|(name, _, _)| {
            format!(
                "{}: {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}",
                serde_json::to_string(name).unwrap()
            )
        })
        .collect();
    let stage = Stage::of_roles(&roles.join(", "));
    let mut checks = Checks::default();
    let mut requests = 0;
    for (name, well, said) in names {
        let ran = stage.run(&["export", "--format", "ini", "--", name]);
        let status = if well { "0" } else { "2" };
        checks.same(name, &ran.status.to_string(), status);
        assert!(ran.stderr.contains(said), "{name}: {}", ran.stderr);
        if said.is_empty() {
            checks.same(name, &ran.stderr, "");
        }
        if well {
            let header = format!("[{name}]\n");
            assert!(ran.stdout.starts_with(&header), "{name}: {}", ran.stdout);
        } else {
            checks.same(name, &ran.stdout, "");
            checks.number(name, stage.requests(), requests);
        }
        requests = stage.requests();
    }
}
