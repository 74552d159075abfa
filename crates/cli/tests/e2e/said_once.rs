//! One fault is told once, and for no other reason than its own.

use serde_json::Value;

use super::harness::Stage;
use super::support::Checks;

/// Three roles of `~/.aws`, and lines that cannot be read beside them.
const AWS: &str = "\
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
region eu-west-1
[profile one]
role_arn = arn:aws:iam::123456789012:role/one
source_profile = base
[profile two]
role_arn = arn:aws:iam::123456789012:role/two
source_profile = base
[profile sso]
sso_start_url = https://x.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Admin
";

fn findings(stage: &Stage) -> Vec<Value> {
    let found: Value = serde_json::from_str(&stage.run(&["check", "--json"]).stdout).unwrap();
    let errors = found["findings"].as_array().unwrap().iter();
    errors
        .filter(|found| found["severity"] == "error")
        .cloned()
        .collect()
}

fn stage(config: &str, aws: &str) -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole", config);
    stage.write(".aws/config", aws);
    stage.write(".aws/credentials", "");
    stage
}

#[test]
fn what_is_wrong_with_the_file_is_said_once() {
    let mut checks = Checks::default();
    let role = r#""a": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "x"}"#;
    for (text, message) in [
        (
            format!("{{\"assume_roles\": {{{role},}}}}"),
            "trailing comma before }",
        ),
        (
            format!("{{\"assume_roles\": {{{role}}}"),
            "the { at 1:1 is never closed",
        ),
        (
            format!("{{\"assume_roles\": {{{role} {role}}}}}"),
            "a comma is missing after this value",
        ),
        (
            format!("{{\"assume_roles\": {{{role}, {role}}}}}"),
            "role \"a\" is defined twice",
        ),
        (
            "[]".to_owned(),
            "the file must hold an object, this is a list",
        ),
        (
            "{\"assume_roles\": {}, \"print_exports\": 1}".to_owned(),
            "print_exports must be true or false, this is a number",
        ),
    ] {
        let stage = stage(&text, AWS);
        let found = findings(&stage);
        let of_config: Vec<&str> = found
            .iter()
            .filter(|found| found["file"].as_str().unwrap().ends_with(".assumerole"))
            .map(|found| found["message"].as_str().unwrap())
            .collect();
        checks.number(&format!("{message}: {of_config:?}"), of_config.len(), 1);
        // And the line of ~/.aws, which is another fault.
        checks.number(message, found.len(), 2);
        let doctor = stage.run(&["doctor", "--offline"]).stdout;
        let told = of_config
            .first()
            .map_or(0, |message| doctor.matches(message).count());
        checks.number(&format!("doctor: {message}"), told, 1);
    }
}

#[test]
fn a_circle_is_said_once_and_blames_no_line_that_it_has_nothing_to_do_with() {
    let via = |from: &str, to: &str| {
        format!(r#""{from}": {{"via": "{to}", "aws_account": "123456789012", "aws_role": "x"}}"#)
    };
    let mut checks = Checks::default();
    for (pairs, said) in [
        (vec![("a", "a")], "\"via\" of role a forms a cycle: a → a"),
        (
            vec![("b", "a"), ("a", "b")],
            "\"via\" of role b forms a cycle: b → a → b",
        ),
        (
            vec![("d", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("e", "c")],
            "\"via\" of role a forms a cycle: a → b → c → a",
        ),
    ] {
        let roles: Vec<String> = pairs.iter().map(|(from, to)| via(from, to)).collect();
        let config = format!("{{\"assume_roles\": {{{}}}}}", roles.join(",\n"));
        let stage = stage(&config, AWS);
        let found = findings(&stage);
        let circles: Vec<&Value> = found
            .iter()
            .filter(|found| found["rule"] == "plan")
            .collect();
        checks.number(said, circles.len(), 1);
        checks.same(said, circles[0]["message"].as_str().unwrap(), said);
        checks.same(said, &circles[0]["because"].to_string(), "[]");
        for (name, _) in pairs {
            let ran = stage.run(&["plan", name]);
            checks.same(
                name,
                ran.stderr.lines().next().unwrap(),
                &format!("error: {said}"),
            );
        }
    }
    let profiles = "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::123456789012:role/b\nsource_profile = a\n[profile c]\nrole_arn = arn:aws:iam::123456789012:role/c\nsource_profile = b\n";
    let stage = stage("{\"assume_roles\": {}}", profiles);
    let found = findings(&stage);
    checks.number("profiles", found.len(), 1);
    checks.same(
        "profiles",
        found[0]["message"].as_str().unwrap(),
        "source_profile forms a cycle: a → b → a",
    );
}

/// A line that cannot be read is a reason only where something is missing.
#[test]
fn a_line_that_cannot_be_read_is_the_reason_of_what_is_missing_alone() {
    let line = "ignored: not a `key = value` line";
    let bad = "[profile x]\nregion eu-west-1\n";
    let base = "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    let role = "role_arn = arn:aws:iam::123456789012:role/a\n";
    let mut checks = Checks::default();
    for (case, profile, is_blamed) in [
        (
            "no such profile",
            format!("[profile a]\n{role}source_profile = nobody\n"),
            true,
        ),
        (
            "no credentials",
            format!("[profile a]\n{role}source_profile = x\n"),
            true,
        ),
        ("no source", format!("[profile a]\n{role}"), true),
        (
            "half a pair",
            "[profile a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n".to_owned(),
            true,
        ),
        (
            "no such session",
            "[profile a]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = A\n"
                .to_owned(),
            true,
        ),
        (
            "a wrong ARN",
            "[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = base\n".to_owned(),
            false,
        ),
        (
            "a wrong number",
            format!("[profile a]\n{role}source_profile = base\nduration_seconds = 1\n"),
            false,
        ),
        (
            "two sources",
            format!("[profile a]\n{role}source_profile = base\ncredential_source = Environment\n"),
            false,
        ),
        (
            "a wrong URL",
            format!("[profile a]\n{role}source_profile = base\nendpoint_url = http://[::1\n"),
            false,
        ),
        (
            "a circle",
            format!("[profile a]\n{role}source_profile = a\n"),
            false,
        ),
    ] {
        let stage = stage("{\"assume_roles\": {}}", &format!("{base}{bad}{profile}"));
        let ran = stage.run(&["plan", "a"]);
        checks.same(case, &(ran.status != 0).to_string(), "true");
        checks.same(
            &format!("{case}: {}", ran.stderr),
            &ran.stderr.contains(line).to_string(),
            &is_blamed.to_string(),
        );
    }
}
