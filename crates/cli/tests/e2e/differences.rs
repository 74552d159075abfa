//! What two SDKs read in two ways in `~/.aws` is told by `check`, `doctor` and
//! `import`.

use super::harness::{KEY, SECRET, Stage};
use super::support::Checks;

/// A profile of each kind, and a line above all of them.
fn stage() -> Stage {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!(
            "region = eu-west-1\n[profile base]\nendpoint_url = {endpoint}\n[profile \"a b\"]\nregion = eu-west-1\n\
             [profile über]\nregion = eu-west-1\n[profile both]\nrole_arn = arn:aws:iam::123456789012:role/plain\n\
             source_profile = base\ncredential_process = /bin/false\n[profile token]\naws_session_token =\n"
        ),
    );
    stage.write(
        ".aws/credentials",
        &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    stage
}

const SAID: [(&str, &str); 6] = [
    ("~/.aws/config:1:1", "above the first [section]"),
    (
        "~/.aws/config:4:1",
        "the name of profile a b has a blank: the AWS SDK for Java ignores the profile, and the AWS CLI finds it",
    ),
    (
        "~/.aws/config:6:1",
        "the name of profile über has a letter beyond ASCII: the AWS SDK for Java ignores the profile, and the AWS CLI finds it",
    ),
    (
        "~/.aws/config:11:1",
        "profile both has credential_process beside role_arn: the AWS SDK for Java uses the credentials of the process, and the AWS SDK for Go assumes the role with them",
    ),
    (
        "~/.aws/config:13:1",
        "aws_session_token of profile token is empty: the AWS SDK for Java sends an empty token, and AWS refuses the request",
    ),
    (
        "~/.aws/config:11:1",
        "the AWS SDK for Java 1.x does not find the credential_process of profile both: it reads ~/.aws/config only where there is no ~/.aws/credentials",
    ),
];

#[test]
fn what_is_read_in_two_ways_is_told() {
    let stage = stage();
    let mut checks = Checks::default();
    for command in ["check", "doctor", "import"] {
        let ran = stage.run_in(&[command], &[("COLUMNS", "1000")]);
        for (place, message) in SAID {
            for part in [place, message] {
                let case = format!("{command}: {part}");
                checks.same(&case, &ran.stdout.contains(part).to_string(), "true");
            }
        }
    }
    let ran = stage.run(&["check", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let above = findings.iter().find(|one| one["line"] == 1).unwrap();
    checks.same(
        "java, too",
        &above["because"].to_string(),
        r#"["because of it, the AWS CLI refuses the whole file","so does the AWS SDK for Java"]"#,
    );
    let warnings = findings.iter().filter(|one| one["severity"] == "warning");
    checks.number("warnings", warnings.count(), 5);
}

#[test]
fn import_tells_it_of_the_profiles_that_are_named() {
    let stage = stage();
    stage.write(".assumerole", "");
    let ran = stage.run(&["import", "--dry-run", "both"]);
    let told = ran
        .stdout
        .split("Read in different ways:\n")
        .nth(1)
        .unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("  ~/.aws/config:11:1: "))
    );
}

/// Advice for programs with an SDK of old is told, and is no reason to fail.
#[test]
fn advice_does_not_fail_a_strict_check() {
    let stage = Stage::new();
    let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    let process = "[profile process]\ncredential_process = /bin/false\n";
    stage.write(".aws/config", &format!("{config}{process}"));
    let ran = stage.run_in(&["check", "--strict"], &[("COLUMNS", "1000")]);
    assert!(ran.stdout.contains("Java 1.x does not find"), "{ran:?}");
    assert_eq!((ran.stderr.as_str(), ran.status), ("1 warning\n", 0));
    let empty = format!("{config}{process}[profile token]\naws_session_token =\n");
    stage.write(".aws/config", &empty);
    assert_eq!(stage.run(&["check", "--strict"]).status, 1);
}
