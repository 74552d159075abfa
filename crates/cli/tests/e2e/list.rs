//! `list PATTERN…`: some of the roles.

use super::harness::Stage;
use super::support::{Checks, check};

const ROLES: &str = r#""acme-prod": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "tags": {"stage": "prod"}},
    "acme-test": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "read", "tags": {"stage": "test"}},
    "globex": {"aws_profile": "other", "aws_account": "123456789012", "aws_role": "plain", "tags": ["prod"]},
    "tag:prod": {"aws_profile": "base", "aws_account": "222222222222", "aws_role": "plain"}"#;

fn stage() -> Stage {
    let stage = Stage::of_roles(ROLES);
    let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    let role =
        "[profile abroad]\nrole_arn = arn:aws:iam::333333333333:role/x\nsource_profile = base\n";
    stage.write(".aws/config", &format!("{config}{role}[profile other]\n"));
    stage
}

#[test]
fn patterns_pick_roles_of_both_files_in_their_order() {
    let stage = stage();
    let mut checks = Checks::default();
    for (patterns, names) in [
        (&[][..], "acme-prod acme-test globex tag:prod abroad"),
        (&["globex", "acme-*"], "acme-prod acme-test globex"),
        (&["*o*"], "acme-prod globex tag:prod abroad"),
        (&["acme-????", "abroad"], "acme-prod acme-test abroad"),
        (&["tag:prod"], "globex"),
        (&["tag:stage"], "acme-prod acme-test"),
        (&["tag:stage=t*"], "acme-test"),
        (&["account:123456789012"], "acme-prod globex"),
        (&["account:333*"], "abroad"),
        (&["profile:base"], "acme-prod acme-test tag:prod abroad"),
        (&["name:tag:prod"], "tag:prod"),
    ] {
        let case = patterns.join(" ");
        let ran = stage.run(&[&["list", "--json"], patterns].concat());
        let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let listed: Vec<&str> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        checks.same(&case, &listed.join(" "), names);
        checks.same(&case, &ran.stderr, "");
        // The same for people: a line each below the headings.
        let shown = stage.run(&[&["list"], patterns].concat()).stdout;
        let shown: Vec<&str> = shown
            .lines()
            .skip(1)
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        checks.same(&case, &shown.join(" "), names);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn a_pattern_that_picks_no_role_is_told_with_what_is_near() {
    let stage = stage();
    let mut checks = Checks::default();
    for (patterns, error, status) in [
        (
            &["globex", "acme-prd"][..],
            "error: no role matches \"acme-prd\"\n  hint: did you mean acme-prod or acme-test?\n",
            4,
        ),
        (
            &["tag:stage=prd"],
            "error: no role matches \"tag:stage=prd\"\n  hint: did you mean tag:stage=prod or tag:stage=test?\n",
            4,
        ),
        (
            &["zzz"],
            "error: no role matches \"zzz\"\n  hint: see all roles: assumerole list\n",
            4,
        ),
        (
            &["tags:prod"],
            "error: [PATTERN]... cannot be \"tags:prod\"\n  because: unknown prefix \"tags\"; the prefixes are tag:, account:, profile:, ou:, sso:, name:; for a role of that very name write name:tags:prod\n  hint: see: assumerole list --help\n",
            2,
        ),
        (
            &[""],
            "error: [PATTERN]... cannot be \"\"\n  because: an empty pattern picks no role\n  hint: see: assumerole list --help\n",
            2,
        ),
    ] {
        let ran = stage.run(&[&["list"], patterns].concat());
        checks.ran(&patterns.join(" "), &ran, "", error, status);
    }
}

#[test]
fn a_role_that_is_wrong_is_told_where_a_pattern_means_it() {
    let stage = Stage::of_roles(
        r#""good": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "read"},
    "bad": {"aws_profile": "base", "aws_account": "12", "aws_role": "read"}"#,
    );
    let ran = stage.run(&["list", "bad"]);
    assert!(
        ran.stderr.contains("role \"bad\": aws_account"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("no role matches \"bad\""),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.status, 4);
}

#[test]
fn an_empty_list_stays_empty_json() {
    let stage = Stage::of_roles("");
    check(&stage.run(&["list", "--json"]), "[]\n", "", 0);
}
