//! nushell takes names that differ by case for one variable.

use super::super::harness::Stage;
use super::super::support::{Checks, environment};
use super::shells::{nu, run_script};

/// nushell keeps the name that a variable has, whatever is done to it.
#[test]
fn a_variable_of_the_person_in_another_case_is_kept_or_said() {
    let stage = Stage::new();
    stage.warm("read");
    let mut checks = Checks::default();
    for (theirs, name) in [
        ("aws_account", "AWS_ACCOUNT"),
        ("aws_region", "AWS_REGION"),
        ("Aws_Session_Token", "AWS_SESSION_TOKEN"),
        ("myvar1", "MYVAR1"),
    ] {
        for way in [&["--in-place"][..], &[]] {
            let args = [&["export", "--format", "nu"][..], way, &["read"]].concat();
            let ran = stage.run_in(&args, &[(theirs, "us-west-1")]);
            let stderr = format!(
                "error: nu treats {theirs}, which is set, and {name} as one variable\n  because: it keeps the spelling that a variable already has\n  hint: unset {theirs} where it \
                 is set, and start nu anew\n  hint: assume the role in another shell\n"
            );
            checks.ran(theirs, &ran, "", &stderr, 2);
        }
    }
    // What a role takes away is a variable of the person's own in another case.
    let script = "assumerole export --format nu read | from json | load-env; ^env -0";
    let mut command = run_script(&stage, &[&nu(), "-n", "-c"], script);
    command.env("aws_profile", "mine").env("Aws_Vault", "mine");
    let env = environment(&stage.ran(&mut command).stdout);
    for (name, value) in [
        ("aws_profile", "mine"),
        ("Aws_Vault", "mine"),
        ("AWS_ACCOUNT", "read"),
    ] {
        checks.same(name, &env[name], value);
    }
}

/// A subshell has the role's spelling, because nushell starts with it.
#[test]
fn a_nushell_that_is_started_has_the_roles_spelling() {
    let stage = Stage::new();
    stage.warm("read");
    let mut command = run_script(&stage, &["assumerole", "exec", "read", "--"], &nu());
    command.args(["-n", "-c", "^env -0"]);
    for (name, value) in [
        ("aws_account", "mine"),
        ("aws_region", "us-west-1"),
        ("myvar1", "my own"),
    ] {
        command.env(name, value);
    }
    let env = environment(&stage.ran(&mut command).stdout);
    let mut checks = Checks::default();
    for (name, value) in [
        ("AWS_ACCOUNT", Some("read")),
        ("AWS_REGION", Some("eu-central-1")),
        ("MYVAR1", Some("my value")),
        ("aws_region", None),
        ("myvar1", None),
    ] {
        let found = env.get(name).map(String::as_str);
        checks.same(name, &format!("{found:?}"), &format!("{value:?}"));
    }
}

/// Both names of the role's name are one, and hold the same.
#[test]
fn a_subshell_of_nushell_has_the_roles_name_and_leaves_it() {
    let stage = Stage::new();
    stage.warm("plain");
    let script = "^env -0; print -n '--=x' (char nul); \
                  ^assumerole export --off --format nu | from json | load-env; ^env -0";
    let mut command = run_script(&stage, &["assumerole", "exec", "plain", "--"], &nu());
    command.args(["-n", "-c", script]);
    command
        .env("AWS_ACCOUNT", "mine")
        .env("aws_account", "mine");
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let (inside, out) = ran.stdout.split_once("--=x\0").unwrap();
    assert_eq!(environment(inside)["AWS_ACCOUNT"], "plain");
    assert_eq!(environment(out)["AWS_ACCOUNT"], "mine");
}

/// Neither a code nor a request is spent on it.
#[test]
fn two_values_of_one_variable_are_refused_before_anything_is_asked() {
    let stage = Stage::new();
    let roles = |own: &str| {
        format!(
            "{{\"assume_roles\": {{\"plain\": {{\"aws_profile\": \"base\", \"aws_account\": \
             \"123456789012\", \"aws_role\": \"plain\", \"environment\": {own}}}}}}}"
        )
    };
    let nu = nu();
    let mut checks = Checks::default();
    for (own, clash) in [
        (
            r#"{"TF_VAR_stage": "a", "TF_VAR_STAGE": "b"}"#,
            Some(("TF_VAR_stage", "TF_VAR_STAGE")),
        ),
        (
            r#"[{"name": "A", "value": "1"}, {"name": "B", "value": "1"}, {"name": "a", "value": "2"}]"#,
            Some(("A", "a")),
        ),
        (
            r#"{"aws_region": "eu-west-1"}"#,
            Some(("AWS_REGION", "aws_region")),
        ),
        (
            r#"{"Assumerole_Restore": "x"}"#,
            Some(("ASSUMEROLE_RESTORE", "Assumerole_Restore")),
        ),
        // One value, or no variable of a role.
        (r#"{"TF_VAR_stage": "a", "TF_VAR_STAGE": "a"}"#, None),
        (r#"{"TF_VAR_stage": "a", "TF_VAR_STAGES": "b"}"#, None),
    ] {
        stage.write(".assumerole", &roles(own));
        for (what, args, shell) in [
            (
                "export",
                &["export", "--format", "nu", "plain"][..],
                "/bin/sh",
            ),
            (
                "in place",
                &["export", "--in-place", "--format", "nu", "plain"],
                "/bin/sh",
            ),
            ("cmd", &["export", "--format", "cmd", "plain"], "/bin/sh"),
            ("subshell", &["plain"], &nu),
            (
                "exec",
                &["exec", "plain", "--", nu.as_str(), "-n", "-c", "1"],
                "/bin/sh",
            ),
        ] {
            if clash.is_none() && what != "exec" {
                continue;
            }
            let ran = stage.run_in(args, &[("SHELL", shell)]);
            let said = clash.map_or(String::new(), |(one, other)| {
                let shell = if what == "cmd" { "cmd" } else { "nu" };
                format!("error: {shell} treats {one} and {other} as one variable\n")
            });
            let case = format!("{what} {own}: {}", ran.stderr);
            checks.same(&case, &ran.stderr.starts_with(&said).to_string(), "true");
            checks.same(
                &case,
                &(ran.status == 0).to_string(),
                &clash.is_none().to_string(),
            );
        }
        // Another shell tells them apart.
        let ran = stage.run(&["exec", "plain", "--", "true"]);
        checks.number(own, usize::try_from(ran.status).unwrap_or(1), 0);
    }
}
