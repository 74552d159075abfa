//! `keys import --from`: keys that another tool keeps.

use std::fs;

use crate::harness::{KEY, Ran, SECRET, Stage};
use crate::keys::BY_COMMAND;
use crate::support::{Checks, check};
use crate::terminal::Terminal;

/// aws-vault 7: `cli/export.go` and `cli/list.go` of ByteNess/aws-vault.
const AWS_VAULT: &str = include_str!("../stand_ins/aws-vault");

const OTHER_KEY: &str = "AKIAI44QH8DHBEXAMPLE";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

/// A stage whose keys are in aws-vault: those of `base` and `other`, and what a
/// role gives.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.script("bin/aws-vault", AWS_VAULT);
    // What its keyring has, which no program reads but the stand-in.
    let item = |id: &str, secret: &str, more: &str| {
        format!(r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}"{more}}}"#)
    };
    stage.write("vault/base", &item(KEY, SECRET, ""));
    stage.write("vault/other", &item(OTHER_KEY, OTHER_SECRET, ""));
    stage.write(".aws/credentials", "");
    stage
}

fn command(stage: &Stage, args: &[&str]) -> std::process::Command {
    let mut command = stage.in_path(&[&["keys", "import", "--from", "aws-vault"], args].concat());
    let folder = std::path::Path::new(crate::harness::program())
        .parent()
        .unwrap();
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        stage.path("bin").display(),
        folder.display()
    );
    command.env("PATH", path);
    command
}

fn import(stage: &Stage, args: &[&str]) -> Ran {
    stage.ran(&mut command(stage, args))
}

fn told(name: &str, id: &str) -> String {
    format!(
        "the key {id} of {name} is stored sealed; aws-vault still has it: remove it there: aws-vault remove {name}\n\
         to use it, put this into profile {name} of ~/.aws/credentials: credential_process = assumerole credential-process --session {name}\n"
    )
}

const SECOND_WAY: &str =
    "there is no second way to unlock the store; set one: assumerole keys store --recovery\n";

/// Where below the home folder a secret stands in clear.
fn in_clear(stage: &Stage) -> Vec<String> {
    let mut found = stage.secret_at();
    found.retain(|path| !path.starts_with("./vault/"));
    found
}

#[test]
fn keys_of_aws_vault_are_taken_over() {
    let stage = stage();
    let mut checks = Checks::default();
    let ran = import(&stage, &["--dry-run"]);
    checks.ran(
        "dry run",
        &ran,
        "aws-vault: key base\naws-vault: key other\n",
        "",
        0,
    );
    checks.same("calls", &calls(&stage), "list --credentials\n");
    let ran = import(&stage, &["base"]);
    let nobody = "error: nothing was imported: there is no terminal to ask at\n  hint: confirm it if you mean it: assumerole keys import --from aws-vault --yes base\n";
    checks.ran("nobody to ask", &ran, "", nobody, 5);
    checks.same("calls", &calls(&stage), "");
    let all = [&["--yes"][..], &BY_COMMAND].concat();
    // Within its own shell, aws-vault refuses.
    let ran = stage.ran(command(&stage, &all).env("AWS_VAULT", "base"));
    let both = format!(
        "{}{}{SECOND_WAY}",
        told("base", KEY),
        told("other", OTHER_KEY)
    );
    checks.ran("all", &ran, "", &both, 0);
    checks.same(
        "calls",
        &calls(&stage),
        "list --credentials\nexport --no-session --format=json -- base\nexport --no-session --format=json -- other\n",
    );
    checks.same("in clear", &format!("{:?}", in_clear(&stage)), "[]");
    // Again: nothing changes.
    let before = fs::read(stage.path(".assumerole.d/keys/store")).unwrap();
    let ran = import(&stage, &["--yes", "base"]);
    checks.ran(
        "again",
        &ran,
        "",
        &format!("{}{SECOND_WAY}", told("base", KEY)),
        0,
    );
    let after = fs::read(stage.path(".assumerole.d/keys/store")).unwrap();
    checks.same("store", &(before == after).to_string(), "true");
    // The key works.
    stage.write(
        ".aws/credentials",
        "[base]\ncredential_process = assumerole credential-process --session base\n",
    );
    checks.ran(
        "use",
        &stage.run(&["exec", "plain", "--", "true"]),
        "",
        "",
        0,
    );
}

#[test]
fn what_is_no_key_is_told_and_the_others_are_stored() {
    let stage = stage();
    stage.write("vault/role", r#"{"Version": 1, "AccessKeyId": "ASIAI44QH8DHBEXAMPLE", "SecretAccessKey": "hush", "SessionToken": "hush", "Expiration": "2030-01-01T00:00:00Z"}"#);
    stage.write("vault/odd", "hush, not JSON");
    let ran = import(
        &stage,
        &[&["--yes", "odd", "role", "nobody", "base"][..], &BY_COMMAND].concat(),
    );
    let stderr = format!(
        "error: aws-vault gave no key of odd\n  because: it printed no JSON (line 1, column 1)\n\
         error: aws-vault gave no key of role\n  because: it gave a temporary key: the profile assumes a role\n  hint: name the profile that has the key: aws-vault list --credentials\n\
         error: aws-vault failed\n  because: aws-vault: error: export: profile 'nobody' not found in ~/.aws/config and no stored credentials exist for it\n\
         {}{SECOND_WAY}\
         error: not every key was stored: odd was not\n  hint: run this again when that is corrected: keys that are stored stay as they are\n",
        told("base", KEY)
    );
    check(&ran, "", &stderr, 1);
    // Another key is not lost.
    stage.write(
        "vault/base",
        &format!(
            r#"{{"Version": 1, "AccessKeyId": "{OTHER_KEY}", "SecretAccessKey": "{OTHER_SECRET}"}}"#
        ),
    );
    let ran = import(&stage, &["--yes", "base"]);
    let another = format!(
        "error: another key is stored as base\n  because: stored is {KEY}, and profile base has {OTHER_KEY}\n  hint: remove the stored one if it is of no use any more: assumerole keys remove base\n"
    );
    check(&ran, "", &another, 2);
}

#[test]
fn it_asks_for_its_own_passphrase_at_the_terminal() {
    let stage = stage();
    stage.write("vault.passphrase", "open sesame");
    let ran = import(&stage, &[&["--yes", "base"][..], &BY_COMMAND].concat());
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("export: inappropriate ioctl"),
        "{ran:?}"
    );
    let mut terminal = Terminal::new();
    let line = format!(
        "PATH={}:$PATH; assumerole keys import --from aws-vault base",
        stage.path("bin").display()
    );
    terminal.start(&stage, &line, &[]);
    terminal.sees("Store the key base of aws-vault? [y/N]");
    terminal.types("y\r");
    terminal.sees("Enter passphrase to unlock");
    terminal.types("open sesame\r");
    terminal.sees("is stored sealed");
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.all().contains(SECRET));
    assert!(in_clear(&stage).is_empty());
}

#[test]
fn without_aws_vault_and_for_granted_it_says_what_to_do() {
    let stage = Stage::new();
    let few = stage.path_of(&["setsid"]);
    let ran = stage.run_in(
        &["keys", "import", "--from", "aws-vault", "--yes"],
        &[("PATH", &few)],
    );
    assert_eq!(ran.status, 127, "{ran:?}");
    let ran = stage.run(&["keys", "import", "--from", "granted", "base"]);
    let told = "error: the keys of granted cannot be imported by themselves\n  because: its only export writes the secret key into ~/.aws/credentials, in clear\n  hint: make a new key in IAM instead, and store it: assumerole keys add base\n  hint: or let it stand there for a moment: granted credentials export-plaintext base && assumerole keys import base && assumerole keys rotate base\n  hint: remove it from granted afterwards: granted credentials remove base\n";
    check(&ran, "", told, 2);
    assert!(!stage.path(".assumerole.d/keys").exists());
}

/// How it was called, since this was asked last.
fn calls(stage: &Stage) -> String {
    let calls = fs::read_to_string(stage.path("calls")).unwrap_or_default();
    let _ = fs::remove_file(stage.path("calls"));
    calls
}
