//! `profiles … --sso SESSION`: the roles of a directory as profiles.

use std::os::unix::fs::symlink;

use super::list::stage;
use super::python;
use crate::harness::{Ran, Stage, program};
use crate::support::Checks;

fn profiles(stage: &Stage, args: &[&str]) -> Ran {
    let bin = stage.path("bin");
    if !bin.exists() {
        std::fs::create_dir(&bin).unwrap();
        symlink(program(), bin.join("assumerole")).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let args = [&["profiles"], args].concat();
    stage.ran(stage.command(&args).env("PATH", path))
}

fn config(stage: &Stage) -> String {
    std::fs::read_to_string(stage.path(".aws/config")).unwrap()
}

#[test]
fn every_sdk_reads_the_profiles_of_a_directory() {
    let stage = stage(2, 1000);
    let mut checks = Checks::default();
    let before = config(&stage);
    checks.number(
        "no login",
        profiles(&stage, &["write", "--sso", "corp"])
            .status
            .unsigned_abs() as usize,
        8,
    );
    stage.logs_jdoe_in();
    let left_out = "\
Left out:
  acme/Read: there is a profile acme/Read already (~/.aws/config:3:1)
  (touch-x)-profile-default/Read: not every SDK finds a profile of that name: letters and digits of ASCII and _-/.%@:+ are found by all
";
    let written = profiles(&stage, &["write", "--sso", "corp"]);
    let added = "\
Added to ~/.aws/config:
  two-words/Read-222222222222
  two-words/Read-333333333333
  team-000/Read
  team-000/Admin
  team-001/Read
  team-001/Admin
";
    checks.ran("written", &written, &format!("{added}{left_out}"), "", 0);
    let text = config(&stage);
    assert!(text.starts_with(&before), "{text}");
    let one = "\n[profile team-001/Admin]\nsso_session = corp\nsso_account_id = 500000000001\nsso_role_name = Admin\n";
    assert!(text.contains(one), "{text}");
    checks.number(
        "diff",
        profiles(&stage, &["diff", "--sso", "corp"])
            .status
            .unsigned_abs() as usize,
        0,
    );
    let show = [
        "exec",
        "team-001/Admin",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    let endpoint = stage.sandbox.endpoint();
    let used = stage.run_in(&show, &[("AWS_ENDPOINT_URL", endpoint.as_str())]);
    checks.ran("used", &used, "500000000001\n", "", 0);
    // boto3 uses the profile, and the login that we made.
    let script = format!(
        "import os\nos.environ.update(AWS_ENDPOINT_URL={endpoint:?}, AWS_PROFILE='team-000/Read', AWS_DEFAULT_REGION='eu-west-1')\n\
         import boto3\nprint(boto3.client('sts').get_caller_identity()['Account'])"
    );
    checks.ran("boto3", &python(&stage, &script), "500000000000\n", "", 0);
    let removed = profiles(&stage, &["remove", "--sso", "corp"]);
    checks.number("removed", removed.status.unsigned_abs() as usize, 0);
    checks.same("nothing is left", &config(&stage), &before);
}

#[test]
fn names_and_lines_are_those_that_were_asked_for() {
    let stage = stage(2, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    let only = [
        "write",
        "--sso",
        "corp",
        "--only",
        "*-Admin",
        "--name",
        "{account_id}-{role_name}",
    ];
    checks.ran(
        "named",
        &profiles(&stage, &only),
        "Added to ~/.aws/config:\n  500000000000-Admin\n  500000000001-Admin\n",
        "",
        0,
    );
    // Another name of the same role, and lines of the other kind.
    let again = [
        "write",
        "--sso",
        "corp",
        "--only",
        "team-000/Admin",
        "--process",
    ];
    checks.ran(
        "process",
        &profiles(&stage, &again),
        "\
Added to ~/.aws/config:
  team-000/Admin
Removed from ~/.aws/config:
  500000000000-Admin
",
        "",
        0,
    );
    let line = "credential_process = HOME/bin/assumerole credential-process -- team-000/Admin\n";
    let text = config(&stage).replace(stage.home().to_str().unwrap(), "HOME");
    assert!(text.contains(line), "{text}");
    checks.ran(
        "one",
        &profiles(&stage, &["remove", "--sso", "corp", "--only", "5000*"]),
        "Removed from ~/.aws/config:\n  500000000001-Admin\n",
        "",
        0,
    );
    for (args, status) in [
        (vec!["write", "--name", "{account_id}/{role_name}"], 2),
        (vec!["write", "--sso", "corp", "--name", "{role_name}"], 2),
        (vec!["write", "--sso", "nope"], 4),
        (vec!["write", "--sso", "corp", "--only", "nope*"], 4),
    ] {
        let ran = profiles(&stage, &args);
        checks.number(
            &format!("{args:?}"),
            ran.status.unsigned_abs() as usize,
            status,
        );
    }
}

/// What was taken from the person stays until it is pruned.
#[test]
fn gone_roles_leave_when_they_are_pruned() {
    let stage = stage(1, 1000);
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    profiles(&stage, &["write", "--sso", "corp"]);
    stage
        .sandbox
        .edit(|world| world.identity_centers[0].users[0].assignments.clear())
        .unwrap();
    let refreshed = stage.run(&["sso", "list", "--refresh"]);
    assert_eq!(refreshed.status, 0, "{refreshed:?}");
    let kept = profiles(&stage, &["write", "--sso", "corp"]);
    assert!(
        kept.stdout.starts_with("There is nothing to change"),
        "{kept:?}"
    );
    let pruned = profiles(&stage, &["write", "--sso", "corp", "--prune"]);
    assert!(
        pruned.stdout.starts_with("Removed from ~/.aws/config:\n"),
        "{pruned:?}"
    );
    checks.number("left", config(&stage).matches("sso_account_id").count(), 0);
}
