//! Slips in keys that narrow a session or guard a role: never passed over.

use super::harness::{KEY, SECRET, Stage};
use super::support::{Checks, base_keys};

const ROLE: &str = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain""#;

fn roles(slip: &str) -> String {
    format!("\n\"r\": {{{ROLE},\n{slip}}}, \"plain\": {{{ROLE}}}")
}

#[test]
fn a_slip_in_a_key_that_guards_is_an_error_of_that_role() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (slip, right) in [
        (r#""Confirm": true"#, "confirm"),
        (r#""confirm_": true"#, "confirm"),
        (
            r#""policy_arn": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]"#,
            "policy_arns",
        ),
        (r#""read_only": true"#, "policy_arns"),
        (r#""duration": 900"#, "max_session_duration"),
        (r#""sourceIdentity": "me""#, "source_identity"),
        (r#""externalId": "x""#, "external_id"),
        (r#""session-tags": {"a": "b"}"#, "session_tags"),
        (r#""cofnrim": true"#, "confirm"),
        (r#""source_id": "me""#, "source_identity"),
        (r#""tags_session": {"a": "b"}"#, "session_tags"),
        (r#""permission_boundary": "x""#, "policy"),
        (r#""require_mfa": true"#, "aws_mfa_arn"),
        (r#""AWS_MFA_ARN": "x""#, "aws_mfa_arn"),
        (r#""mfa_serial": "x""#, "aws_mfa_arn"),
    ] {
        stage.roles(&roles(slip));
        let key = slip.split('"').nth(1).unwrap();
        let first = format!(
            "error: role \"r\" has an unknown key \"{key}\", which looks like {right}\n --> ~/.assumerole:3:1\n"
        );
        for (args, env) in [
            (&["exec", "r", "true"][..], &[][..]),
            (&["-q", "exec", "r", "true"], &[]),
            (&["exec", "r", "true"], &[("ASSUMEROLE_QUIET", "1")]),
            (&["r"], &[("ASSUMEROLE_COMMAND", "true")]),
            (&["export", "--format", "json", "r"], &[]),
            (&["plan", "r"], &[]),
        ] {
            let ran = stage.run_in(args, env);
            let case = format!("{slip} {args:?}");
            checks.same(&case, &ran.stdout, "");
            let begins = ran.stderr.get(..first.len()).unwrap_or(&ran.stderr);
            checks.same(&case, begins, &first);
            let hint = format!("instead of \"{key}\", or remove it\n");
            checks.number(&ran.stderr, usize::from(ran.stderr.contains(&hint)), 1);
            checks.number(&case, usize::from(ran.status == 0), 0);
        }
        checks.number(slip, stage.requests(), 0);
        let ran = stage.run(&["check"]);
        checks.number(slip, usize::from(ran.stdout.contains(&first)), 1);
        checks.number(slip, ran.status.try_into().unwrap(), 1);
        // It stands in no other role's way, and what guards nothing is a warning.
        let ran = stage.run(&["list", "--json"]);
        checks.number(slip, ran.status.try_into().unwrap(), 0);
    }
    stage.roles(&roles(r#""coment": "x""#));
    let ran = stage.run(&["exec", "r", "true"]);
    checks.number(
        &ran.stderr,
        usize::from(
            ran.stderr
                .starts_with("warning: role \"r\" has an unknown key"),
        ),
        1,
    );
    checks.number("a warning", ran.status.try_into().unwrap(), 0);
    checks.ran(
        "the other",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "",
        0,
    );
}

#[test]
fn what_guards_one_role_guards_none_at_the_top() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let text = format!("{{\n\"confirm\": true,\n\"assume_roles\": {{\"r\": {{{ROLE}}}}}}}");
    for (key, stderr) in [
        (
            "confirm",
            "\
error: the file has \"confirm\" beside its roles, where it has no effect
 --> ~/.assumerole:2:1
  |
2 | \"confirm\": true,
  | ^^^^^^^^^
  = because: confirm narrows or guards the sessions of one role
  hint: write confirm into each role that it is for, or remove it
",
        ),
        (
            "mfaSession",
            "\
error: the file has an unknown key \"mfaSession\", which looks like mfa_session
 --> ~/.assumerole:2:1
  |
2 | \"mfaSession\": true,
  | ^^^^^^^^^^^^
  = because: mfa_session narrows or guards sessions, so a misspelling is an error
  hint: write mfa_session instead of \"mfaSession\", or remove it
",
        ),
    ] {
        stage.write(".assumerole", &text.replace("confirm", key));
        for args in [&["exec", "r", "true"][..], &["-q", "exec", "r", "true"]] {
            checks.ran(key, &stage.run(args), "", stderr, 125);
        }
    }
    checks.number("requests", stage.requests(), 0);
    stage.write(".assumerole", &text.replace("confirm", "comment"));
    checks.number(
        "far",
        stage.run(&["exec", "r", "true"]).status.try_into().unwrap(),
        0,
    );
}

#[test]
fn a_key_of_aws_without_a_value_is_not_left_out() {
    let stage = Stage::new();
    let sts = format!("endpoint_url = {}", stage.sandbox.endpoint());
    let role = "role_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\n";
    let good = format!("[profile base]\n{sts}\n[profile good]\n{role}{sts}\n");
    let mut checks = Checks::default();
    for key in ["duration_seconds", "external_id", "mfa_serial"] {
        stage.write(
            ".aws/config",
            &format!("{good}[profile r]\n{key}\n{role}{sts}\n"),
        );
        let marks = "^".repeat(key.len());
        let stderr = format!(
            "\
error: profile r has a line that begins with {key} and cannot be read
 --> ~/.aws/config:8:1
  |
8 | {key}
  | {marks}
  = because: without it the session may be another one than is meant, and the AWS CLI refuses the file
  hint: write {key} = VALUE in a line that is not indented, or remove it
"
        );
        for args in [&["exec", "r", "true"][..], &["-q", "exec", "r", "true"]] {
            checks.ran(key, &stage.run(args), "", &stderr, 125);
        }
        checks.number(key, stage.requests(), 0);
    }
    checks.ran("good", &stage.run(&["exec", "good", "true"]), "", "", 0);
}

/// The AWS CLI refuses the whole file; here it is what comes through it.
#[test]
fn what_stands_twice_in_a_file_of_aws_is_not_chosen_from() {
    let stage = Stage::new();
    let sts = format!("endpoint_url = {}", stage.sandbox.endpoint());
    let role = "role_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\n";
    let good = format!("[profile base]\n{sts}\n[profile good]\n{role}{sts}\n");
    let mut checks = Checks::default();
    for (case, config, more, name, said) in [
        ("section", format!("[profile r]\n{role}external_id = a1\n[profile r]\n{role}{sts}\n"), String::new(), "r", "profile r stands twice in ~/.aws/config"),
        ("key", format!("[profile r]\n{role}{sts}\nexternal_id = a1\nExternal_Id = b1\n"), String::new(), "r", "profile r has external_id twice in ~/.aws/config"),
        ("on the way", format!("[profile r]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = s\n{sts}\n[profile s]\n{role}\n[profile s]\n{role}"), String::new(), "r", "profile s stands twice in ~/.aws/config"),
        ("keys", format!("[profile r]\n{sts}\n"), format!("[r]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_secret_access_key = other\n"), "r", "profile r has aws_secret_access_key twice in ~/.aws/credentials"),
        ("sso-session", "[profile r]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = Admin\n[sso-session s]\nsso_start_url = https://a.example\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = https://b.example\n".to_owned(), String::new(), "r", "sso-session s stands twice in ~/.aws/config"),
        ("services", format!("[profile r]\n{role}services = s\n[services s]\nsts =\n  endpoint_url = http://a.example\n[services s]\n"), String::new(), "r", "services s stands twice in ~/.aws/config"),
    ] {
        stage.write(".aws/config", &format!("{good}{config}"));
        stage.write(".aws/credentials", &format!("{}{more}", base_keys()));
        for args in [&["exec", name, "true"][..], &["-q", "exec", name, "true"], &["plan", name]] {
            let ran = stage.run(args);
            let first = ran.stderr.lines().next().unwrap_or_default();
            checks.same(case, first, &format!("error: {said}"));
            checks.number(case, usize::from(ran.stderr.contains("  = because: the first is at ~/.aws/c")), 1);
            checks.number(case, usize::from(ran.stderr.contains(SECRET)), 0);
            checks.number(case, usize::from(ran.status == 0), 0);
        }
        checks.ran(case, &stage.run(&["exec", "good", "true"]), "", "", 0);
        checks.ran(case, &stage.run(&["exec", "plain", "true"]), "", "", 0);
    }
    // What all profiles inherit is a part of each.
    stage.write(".aws/credentials", &base_keys());
    stage.write(
        ".aws/config",
        &format!("[DEFAULT]\nregion = eu-west-1\n[DEFAULT]\nregion = eu-west-2\n{good}"),
    );
    let ran = stage.run(&["exec", "good", "true"]);
    checks.same(
        "DEFAULT",
        ran.stderr.lines().next().unwrap_or_default(),
        "error: profile good has region twice in ~/.aws/config",
    );
    stage.write(
        ".aws/config",
        &format!("[DEFAULT]\nregion = eu-west-1\n[DEFAULT]\noutput = json\n{good}"),
    );
    checks.ran(
        "DEFAULT twice",
        &stage.run(&["exec", "good", "true"]),
        "",
        "",
        0,
    );
}

#[test]
fn keys_of_aws_vault_are_named_once() {
    let stage = Stage::new();
    let sts = format!("endpoint_url = {}", stage.sandbox.endpoint());
    let role =
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\n";
    let mut checks = Checks::default();
    for (keys, said, hint) in [
        (
            "source_identity = me\nsession_tags = a=b\ntransitive_session_tags = a\n",
            "source_identity, session_tags, transitive_session_tags, which have",
            "write an entry into ~/.assumerole that says the same: assumerole import",
        ),
        (
            "include_profile = other\n",
            "include_profile, which has",
            "write an entry into ~/.assumerole that says the same: assumerole import",
        ),
        (
            "confirm = true\n",
            "confirm, which has",
            "write an entry into ~/.assumerole for the role, with confirm: assumerole add",
        ),
        (
            "policy_arn = arn:aws:iam::aws:policy/ReadOnlyAccess\n",
            "policy_arn, which has",
            "write an entry into ~/.assumerole for the role, with policy_arns: assumerole add",
        ),
        (
            "external-id = x1\n",
            "external-id, which has",
            "write external_id, or remove it",
        ),
        (
            "duration = 900\n",
            "duration, which has",
            "write duration_seconds, or remove it",
        ),
    ] {
        stage.write(
            ".aws/config",
            &format!("[profile base]\n{sts}\n{role}{keys}{sts}\n"),
        );
        let line = format!("warning: profile r sets {said} no effect here\n");
        for args in [
            &["exec", "r", "true"][..],
            &["plan", "r"],
            &["export", "--format", "json", "r"],
        ] {
            let ran = stage.run(args);
            checks.same(
                keys,
                ran.stderr.get(..line.len()).unwrap_or(&ran.stderr),
                &line,
            );
            checks.number(keys, ran.stderr.matches("warning: ").count(), 1);
            checks.number(
                keys,
                usize::from(ran.stderr.contains(&format!("hint: {hint}\n"))),
                1,
            );
            checks.number(keys, ran.status.try_into().unwrap(), 0);
        }
        let ran = stage.run(&["check"]);
        checks.number(&ran.stdout, ran.stdout.matches(&line).count(), 1);
    }
    stage.write(".aws/config", &format!("[profile base]\n{sts}\n{role}external_id = x1\nrole_session_name = me\nduration_seconds = 900\ncredential_process_x = 1\n{sts}\n"));
    checks.ran("own", &stage.run(&["exec", "r", "true"]), "", "", 0);
}

/// A token that lasts longer than was meant.
#[test]
fn a_slip_in_codeartifact_is_an_error_too() {
    let stage = Stage::new();
    stage.write(".assumerole", &format!("{{\"codeartifact\": {{\"domain\": \"d\", \"domain_owner\": \"123456789012\", \"region\": \"eu-west-1\", \"duration\": 900}}, \"assume_roles\": {{\"plain\": {{{ROLE}}}}}}}"));
    let ran = stage.run(&["codeartifact", "plain"]);
    let mut checks = Checks::default();
    checks.number(
        &ran.stderr,
        usize::from(
            ran.stderr
                .contains("has an unknown key \"duration\", which looks like duration_seconds"),
        ),
        1,
    );
    checks.number("requests", stage.requests(), 0);
}

/// Names are suggested as they would be typed.
#[test]
fn a_name_that_a_shell_would_take_apart_is_suggested_in_quotes() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (name, typed, shown) in [
        ("two words", "two wrds", "'two words'"),
        ("it's", "its", "'it'\\''s'"),
        ("tab\\there", "tab there", "'tab\there'"),
        ("bell\\u0007ring", "bellring", "bell\u{fffd}ring"),
        ("any*thing", "anything", "'any*thing'"),
        ("$HOME", "HOME", "'$HOME'"),
        ("münchen", "munchen", "münchen"),
        ("-dash", "-dahs", "-dash"),
    ] {
        stage.roles(&format!(
            r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}"#
        ));
        let ran = stage.run(&["plan", "--", typed]);
        let hint = ran
            .stderr
            .lines()
            .find(|line| line.contains("did you mean"));
        let hint = hint.unwrap_or(&ran.stderr).trim();
        checks.same(name, hint, &format!("hint: did you mean {shown}?"));
    }
}

/// What stands behind `--` is no option; the line that was meant is written out.
#[test]
fn options_behind_two_dashes_are_told() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (args, option, meant) in [
        (
            &["add", "--", "-x", "--profile", "base", "--role", "plain"][..],
            "--profile",
            "add --profile base --role plain -- -x",
        ),
        (
            &["edit", "--", "-x", "--region=eu-west-1"],
            "--region",
            "edit --region=eu-west-1 -- -x",
        ),
        (
            &["plan", "--", "-x", "--json"],
            "--json",
            "plan --json -- -x",
        ),
    ] {
        let said = format!(
            "error: unexpected argument \"{option}\" after --\n  hint: put options before --: assumerole {meant}\n"
        );
        checks.ran(meant, &stage.run(args), "", &said, 2);
    }
}
