//! `logout`, and the plain files that the shell script left behind.

use std::fs;

use super::harness::Stage;
use super::support::{Checks, check};

fn warm() -> Stage {
    let stage = Stage::direct();
    stage.warm("plain");
    stage.warm("read");
    stage
}

#[test]
fn without_a_name_everything_goes_and_the_key_too() {
    let stage = warm();
    let mut checks = Checks::default();
    checks.ran("all", &stage.run(&["logout"]), "", "forgot 2 sessions\n", 0);
    checks.number("entries", stage.entries().len(), 0);
    checks.same(
        "key",
        &stage.path(".assumerole.d/sealing-key").exists().to_string(),
        "false",
    );
    checks.ran(
        "again",
        &stage.run(&["logout"]),
        "",
        "nothing was cached\n",
        0,
    );
    checks.ran("quiet", &stage.run(&["-q", "logout"]), "", "", 0);
    checks.ran(
        "status",
        &stage.run(&["status"]),
        "",
        "nothing is cached; assume a role: assumerole ROLE\n",
        0,
    );
    checks.ran("anew", &stage.run(&["exec", "plain", "true"]), "", "", 0);
    checks.number("requests", stage.requests(), 3);
}

#[test]
fn with_names_those_go_and_no_other() {
    let stage = warm();
    let mut checks = Checks::default();
    checks.ran(
        "one",
        &stage.run(&["logout", "read"]),
        "",
        "forgot 1 session\n",
        0,
    );
    checks.ran(
        "gone already",
        &stage.run(&["logout", "read"]),
        "",
        "nothing was cached\n",
        0,
    );
    checks.ran(
        "the other is there",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "",
        0,
    );
    checks.number("requests", stage.requests(), 2);
    checks.ran(
        "unknown",
        &stage.run(&["logout", "plian"]),
        "",
        "\
error: there is no role \"plian\" in ~/.assumerole or ~/.aws
  hint: did you mean plain?
  hint: see all roles: assumerole list
",
        4,
    );
    stage.warm("read");
    checks.ran(
        "both",
        &stage.run(&["logout", "read", "plain"]),
        "",
        "forgot 2 sessions\n",
        0,
    );
    checks.number("entries", stage.entries().len(), 0);
}

#[test]
fn a_role_that_left_the_file_can_still_be_forgotten() {
    let stage = warm();
    stage.roles("");
    check(
        &stage.run(&["logout", "plain"]),
        "",
        "forgot 1 session\n",
        0,
    );
    assert_eq!(stage.entries().len(), 1);
    fs::remove_file(stage.path(".assumerole")).unwrap();
    check(&stage.run(&["logout"]), "", "forgot 1 session\n", 0);
    assert_eq!(stage.entries().len(), 0);
}

#[test]
fn what_cannot_be_opened_goes_too() {
    let stage = warm();
    for name in stage.entries() {
        fs::write(stage.path(".assumerole.d/cache").join(name), "damaged").unwrap();
    }
    check(&stage.run(&["logout"]), "", "forgot 2 sessions\n", 0);
    assert_eq!(stage.entries().len(), 0);
}

/// What the script wrote, with something that tells when it is run.
const SCRIPT: &str = "\
export AWS_ACCESS_KEY_ID=ASIAOLD
export AWS_SECRET_ACCESS_KEY='old'
export AWS_SESSION_TOKEN=\"old\"
export ROLE=read ACCOUNT=123456789012
touch \"$HOME/marker\"
";

#[test]
fn files_of_the_script_are_deleted_and_never_run() {
    let stage = Stage::new();
    let script = |name: &str| stage.write(&format!(".assumerole.d/cache/{name}"), SCRIPT);
    script("read");
    script("acme-sandbox-read_123456789012");
    // Not the script's: a note, however it got there.
    stage.write(".assumerole.d/cache/notes.txt", "remember the milk\n");
    let mut checks = Checks::default();
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "echo $AWS_ACCESS_KEY_ID | cut -c1-4; echo $ROLE",
    ]);
    checks.ran(
        "cold",
        &ran,
        "ASIA\n\n",
        "deleted 2 plain-text cache files of the old script\n",
        0,
    );
    let mut left = stage.list(".assumerole.d/cache");
    left.retain(|name| !name.contains('.') || name == "notes.txt");
    checks.number("left", left.len(), 2);
    checks.same(
        "left",
        &left.contains(&"notes.txt".to_owned()).to_string(),
        "true",
    );

    script("read");
    checks.ran(
        "logout",
        &stage.run(&["logout"]),
        "",
        "\
deleted 1 plain-text cache file of the old script
forgot 1 session
",
        0,
    );
    checks.same(
        "left",
        &stage
            .list(".assumerole.d/cache")
            .contains(&"read".to_owned())
            .to_string(),
        "false",
    );
    script("plain");
    let ran = stage.run(&["-q", "exec", "plain", "echo", "works"]);
    checks.ran("quiet", &ran, "works\n", "", 0);
    checks.same("run", &stage.path("marker").exists().to_string(), "false");
}
