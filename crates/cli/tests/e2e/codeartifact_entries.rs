//! The entries `codeartifact` of `~/.assumerole`: for whom, where, and wrong ones.

use std::fs;

use super::codeartifact::{DOMAIN, SETTINGS, XML, asked, configure, settings, stage, token};
use super::support::{Checks, check};

#[test]
fn without_one_of_the_conditions_nothing_is_asked() {
    let mut checks = Checks::default();
    for (case, codeartifact, file, env, expected) in [
        ("all", DOMAIN, true, "", 1),
        ("no settings.xml", DOMAIN, false, "", 0),
        ("nothing configured", "null", true, "", 0),
        (
            "neither domain nor owner",
            r#"{"id": "codeartifact"}"#,
            true,
            "",
            0,
        ),
        ("switched off", DOMAIN, true, "1", 0),
        (
            "another profile",
            r#"{"profile": "x", "domain": "my-artifacts", "domain_owner": "123456789012"}"#,
            true,
            "",
            0,
        ),
        (
            "no tool",
            r#"{"domain": "my-artifacts", "domain_owner": "123456789012", "tools": []}"#,
            true,
            "",
            0,
        ),
    ] {
        let stage = stage(codeartifact);
        if !file {
            fs::remove_file(stage.path(SETTINGS)).unwrap();
        }
        let ran = stage.run_in(
            &[
                "exec",
                "plain",
                "sh",
                "-c",
                "echo ${CODEARTIFACT_AUTH_TOKEN:+set}",
            ],
            &[("ASSUMEROLE_SKIP_CODEARTIFACT", env)],
        );
        let said = if expected == 1 { "set\n" } else { "\n" };
        checks.ran(case, &ran, said, "", 0);
        checks.number(case, asked(&stage), expected);
        if file && expected == 0 {
            checks.same(case, &settings(&stage), XML);
        }
    }
}

#[test]
fn each_shape_is_for_its_profile() {
    let one = |profile: &str, domain: &str| {
        format!(
            r#"{{"profile": "{profile}", "domain": "{domain}", "domain_owner": "123456789012", "region": "eu-west-1"}}"#
        )
    };
    let (mine, theirs) = (one("base", "other"), one("somebody", "my-artifacts"));
    let mut checks = Checks::default();
    for (case, value) in [
        ("object", mine.clone()),
        ("list", format!("[{theirs}, {mine}]")),
        ("map", format!(r#"{{"a": {theirs}, "b": {mine}}}"#)),
    ] {
        let stage = stage(&value);
        assert!(!token(&stage).is_empty(), "{case}");
        let domain = stage.parameter("domain").unwrap_or_default();
        checks.same(case, &domain, "other");
    }
}

#[test]
fn the_region_is_the_entrys_else_the_roles() {
    let stage = stage(r#"{"domain": "my-artifacts", "domain_owner": "123456789012"}"#);
    let region = || stage.sandbox.journal().pop().unwrap().region;
    let ran = stage.run(&["exec", "--region", "ap-south-1", "plain", "true"]);
    check(&ran, "", "", 0);
    assert_eq!((asked(&stage), region().as_str()), (1, "ap-south-1"));
    configure(&stage, DOMAIN);
    check(
        &stage.run(&["exec", "--region", "ap-south-1", "plain", "true"]),
        "",
        "",
        0,
    );
    assert_eq!((asked(&stage), region().as_str()), (2, "eu-central-1"));

    configure(
        &stage,
        r#"{"domain": "my-artifacts", "domain_owner": "123456789012"}"#,
    );
    check(
        &stage.run(&["exec", "plain", "echo", "works"]),
        "works\n",
        "warning: no CodeArtifact token: the region of the CodeArtifact domain my-artifacts is not known\n  \
         hint: add \"region\" to codeartifact in ~/.assumerole, or \"aws_region\" to the role\n",
        0,
    );
}

#[test]
fn a_wrong_entry_is_told_before_anything_is_asked() {
    let mut checks = Checks::default();
    for (case, entry, words, column) in [
        (
            "missing",
            r#"{"domain": "my-artifacts"}"#,
            "codeartifact has no domain_owner",
            18,
        ),
        (
            "type",
            r#"[{"profile": "base", "domain": 7, "domain_owner": "123456789012"}]"#,
            "codeartifact of profile \"base\": domain must be a string, this is a number",
            49,
        ),
        (
            "shape",
            "7",
            "codeartifact must be an object or a list of objects, this is a number",
            18,
        ),
    ] {
        let stage = stage(entry);
        for args in [&["exec", "plain", "true"][..], &["codeartifact", "plain"]] {
            let ran = stage.run(args);
            let head = format!("error: {words}\n --> ~/.assumerole:1:{column}\n");
            checks.same(
                case,
                ran.stderr.get(..head.len()).unwrap_or(&ran.stderr),
                &head,
            );
            let status = if args[0] == "exec" { 125 } else { 3 };
            checks.number(case, ran.status as usize, status);
        }
        checks.number(case, stage.requests(), 0);
        // Who wants no token is not told.
        let ran = stage.run_in(
            &["exec", "plain", "echo", "works"],
            &[("ASSUMEROLE_SKIP_CODEARTIFACT", "1")],
        );
        checks.ran(case, &ran, "works\n", "", 0);
    }
    // What is wrong for another profile is that one's.
    let stage = stage(r#"[{"profile": "other", "domain": 7}]"#);
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    checks.ran("another profile", &ran, "works\n", "", 0);
}

#[test]
fn an_unknown_key_of_the_entry_is_told() {
    let odd = DOMAIN.replace("{", r#"{"user_name": "x", "#);
    let stage = stage(&odd);
    for args in [&["exec", "plain", "true"][..], &["codeartifact", "plain"]] {
        let ran = stage.run(args);
        let head =
            "warning: codeartifact has an unknown key \"user_name\"\n --> ~/.assumerole:1:19\n";
        assert!(ran.stderr.starts_with(head), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("did you mean username?"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.status, 0);
    }
}
