//! `import`: what of other tools' set-ups works where it is, and entries for
//! what does not.

use std::fmt::Write as _;
use std::fs;

use super::harness::{CONFIG, Stage};
use super::support::{Checks, check};

const ARN: &str = "arn:aws:iam::123456789012:role/plain";

/// A stage with no `~/.assumerole`, and more in `~/.aws/config`.
fn stage(more: &str) -> Stage {
    let stage = Stage::new();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    let endpoint = stage.sandbox.endpoint();
    let base = format!("[profile base]\nendpoint_url = {endpoint}\n");
    stage.write(".aws/config", &format!("{base}{more}"));
    stage
}

#[test]
fn roles_that_work_where_they_are_need_nothing() {
    let role = format!("role_arn = {ARN}\nsource_profile = base\n");
    let stage = stage(&format!("[profile dev]\n{role}[profile prod]\n{role}"));
    let said = "\
Nothing has to be imported. These roles are used where they are:
  dev
  prod
";
    check(&stage.run(&["import"]), said, "", 0);
    assert!(!stage.path(".assumerole").exists());
    assert_eq!(stage.requests(), 0);
    // A role of ~/.aws/config has the endpoint of its own profile.
    let endpoint = stage.sandbox.endpoint();
    let ran = stage.run_in(&["exec", "dev", "true"], &[("AWS_ENDPOINT_URL", &endpoint)]);
    check(&ran, "", "", 0);
    assert_eq!(stage.requests(), 1);
}

#[test]
fn nothing_at_all_is_said_to_be_nothing() {
    let said = "There is nothing to import: no profile of ~/.aws/config is a role.\n";
    check(&stage("").run(&["import"]), said, "", 0);
}

#[test]
fn what_only_aws_vault_reads_becomes_an_entry_that_works() {
    let stage = stage(&format!(
        "[profile common]\nsource_profile = base\nregion = eu-west-1\n\
         [profile tagged]\ninclude_profile = common\nrole_arn = {ARN}\nsession_tags = team=a\n"
    ));
    let foreign = "
Of other tools:
  ~/.aws/config:7:1: include_profile, of aws-vault: what it takes over stands in the entry
  ~/.aws/config:9:1: session_tags, of aws-vault: an entry has a key of the same meaning
";
    let reasons = "    for session_tags at ~/.aws/config:9:16\n    \
                   for source_profile at ~/.aws/config:4:18\n    \
                   for region at ~/.aws/config:5:10\n";
    let role = r#"  "tagged": {
    "aws_profile": "base",
    "aws_role": "arn:aws:iam::123456789012:role/plain",
    "aws_region": "eu-west-1",
    "session_tags": {"team": "a"}
  }
"#;
    let mut checks = Checks::default();
    let dry = format!("Would be written:\n{role}{reasons}{foreign}");
    checks.ran("dry", &stage.run(&["import", "--dry-run"]), &dry, "", 0);
    checks.same(
        "untouched",
        &stage.path(".assumerole").exists().to_string(),
        "false",
    );
    let written = format!("Written:\n  tagged, at ~/.assumerole:3:5\n{reasons}{foreign}");
    checks.ran("written", &stage.run(&["import"]), &written, "", 0);
    checks.ran(
        "it works",
        &stage.run(&["exec", "tagged", "true"]),
        "",
        "",
        0,
    );
    checks.same(
        "tag",
        &stage.parameter("Tags.member.1.Key").unwrap_or_default(),
        "team",
    );
    let there = format!("In ~/.assumerole already:\n  tagged\n{foreign}");
    checks.ran("again", &stage.run(&["import"]), &there, "", 0);
}

#[test]
fn what_cannot_be_used_is_said_with_the_reason() {
    let stage = stage(&format!(
        "[profile vault]\n[profile dev]\nrole_arn = {ARN}\nsource_profile = vault\n\
         [profile machine]\nrole_arn = {ARN}\ncredential_source = Environment\nsession_tags = a=b\n\
         [profile long]\nrole_arn = {ARN}\nsource_profile = base\nsource_identity = a b\n\
         [profile sso]\ngranted_sso_region = eu-west-1\n"
    ));
    check(&stage.run(&["import"]), "\
Cannot be used:
  dev: ~/.aws/config:6:18: profile vault of profile dev has no aws_access_key_id and no aws_secret_access_key: looked in ~/.aws/config and ~/.aws/credentials
      hint: add access keys: aws configure --profile vault
      hint: put, if aws-vault keeps the keys of vault, credential_process = aws-vault export --format=json --no-session vault into that profile
  machine: an entry cannot name the credential_source at ~/.aws/config:9:21
  long: role \"long\": source_identity is not valid: a source identity has letters, digits and _+=,.@- only, this has ' '

Of other tools:
  ~/.aws/config:10:1: session_tags, of aws-vault: an entry has a key of the same meaning
  ~/.aws/config:14:1: source_identity, of aws-vault: an entry has a key of the same meaning
  ~/.aws/config:16:1: granted_sso_region, of granted: only granted reads it; here sso_region does the same
", "", 1);
    assert!(!stage.path(".assumerole").exists());
}

#[test]
fn profiles_that_are_named_are_written_in_any_case() {
    let stage = stage(&format!(
        "[profile dev]\nrole_arn = {ARN}\nsource_profile = base\n"
    ));
    stage.write(".assumerole", CONFIG);
    let mut checks = Checks::default();
    let written = "Written:\n  dev, at ~/.assumerole:22:5\n";
    checks.ran("named", &stage.run(&["import", "dev"]), written, "", 0);
    let ran = stage.run(&["import", "dev"]);
    checks.same(
        "twice",
        ran.stderr.lines().next().unwrap(),
        "error: there is a role \"dev\" already",
    );
    let none = "\
error: there is no profile \"nobody\" in ~/.aws
  hint: see what could be imported: assumerole import --dry-run
";
    checks.ran("nobody", &stage.run(&["import", "nobody"]), "", none, 4);
    stage.write(".assumerole", "{");
    let ran = stage.run(&["import", "dev"]);
    checks.same(
        "broken",
        ran.stderr.lines().next().unwrap(),
        "error: this { is never closed",
    );
}

/// More than are made at once, in one change of the file: one that is wrong, and
/// one that is there, stand in the way of no other.
#[test]
fn five_thousand_profiles_are_written_in_one_change() {
    const PROFILES: usize = 5_000;
    let mut profiles = String::from("[profile common]\nsource_profile = base\n");
    for number in 0..PROFILES {
        let arn = match number {
            2500 => "arn:aws:iam::1:role/plain",
            _ => ARN,
        };
        let _ = writeln!(
            profiles,
            "[profile r-{number}]\ninclude_profile = common\nrole_arn = {arn}"
        );
    }
    let stage = stage(&profiles);
    let there = "{\"assume_roles\": {\n  \"r-7\": {\"aws_profile\": \"base\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}\n}}\n";
    stage.write(".assumerole", there);
    let dry = stage.run(&["import", "--dry-run"]);
    let mut checks = Checks::default();
    checks.number("dry run", dry.status.try_into().unwrap(), 1);
    checks.number(
        "untouched",
        fs::read_to_string(stage.path(".assumerole")).unwrap().len(),
        there.len(),
    );
    let ran = stage.run(&["import"]);
    checks.number(&ran.stderr, ran.status.try_into().unwrap(), 1);
    let text = fs::read_to_string(stage.path(".assumerole")).unwrap();
    checks.number("written", text.matches("aws_profile").count(), PROFILES - 1);
    checks.number("as it was", usize::from(text.starts_with(&there[..80])), 1);
    checks.number("the wrong one", text.matches("r-2500").count(), 0);
    let place = text.lines().position(|line| line.contains("\"r-4999\""));
    let told = format!("r-4999, at ~/.assumerole:{}:3\n", place.unwrap() + 1);
    checks.number(&told, usize::from(ran.stdout.contains(&told)), 1);
    checks.number(
        "there",
        ran.stdout
            .matches("In ~/.assumerole already:\n  r-7\n")
            .count(),
        1,
    );
    checks.ran("last", &stage.run(&["exec", "r-4999", "true"]), "", "", 0);
}
