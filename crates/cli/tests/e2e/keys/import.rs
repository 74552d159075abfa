//! `keys import`: the key leaves `~/.aws`, and everything goes on working.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json as json;

use super::BY_COMMAND;
use crate::harness::{CONFIG, DEVICE, KEY, SECRET, Stage, program};
use crate::support::{Checks, check};
use crate::terminal::Terminal;

fn import(stage: &Stage, args: &[&str]) -> crate::harness::Ran {
    stage.keys(&[&["import"], args, &BY_COMMAND].concat())
}

fn line(name: &str) -> String {
    format!(
        "credential_process = {} credential-process --session {name}\n",
        shell_words::quote(program())
    )
}

#[test]
fn the_two_lines_become_one_and_every_other_byte_stays() {
    let stage = Stage::new();
    let around = |pair: &str| {
        format!(
            "# mine\r\n[other]\naws_access_key_id = AKIAOTHEROTHEROTHER1\naws_secret_access_key = other/secret\n\n[base]\n; mine\n{pair}region=eu-west-1 \n# end"
        )
    };
    let pair = format!("aws_access_key_id={KEY}\naws_secret_access_key = {SECRET}\n");
    stage.write(".aws/credentials", &around(&pair));
    fs::set_permissions(
        stage.path(".aws/credentials"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    let dry = import(&stage, &["--dry-run", "base"]);
    assert_eq!(dry.status, 0, "{dry:?}");
    assert!(dry.stdout.contains(&format!(
        "- aws_access_key_id = {KEY}\n- aws_secret_access_key = (secret)\n+ "
    )));
    assert!(!dry.stdout.contains(SECRET));
    assert_eq!(stage.list(".assumerole.d"), Vec::<String>::new());
    let ran = import(&stage, &["--yes", "base"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 0), "{ran:?}");
    let after = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    assert_eq!(after, around(&line("base")));
    let mode = fs::metadata(stage.path(".aws/credentials"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(stage.secret_at(), Vec::<String>::new());
    // Again, there is nothing to do.
    check(
        &import(&stage, &["--yes", "base"]),
        "",
        "error: profile base has no access key\n  because: its key is stored already\n",
        2,
    );
}

/// The credentials that are asked for, and how they are cached, are those of
/// before.
#[test]
fn a_table_of_before_and_after() {
    let mut checks = Checks::default();
    let table: [(&str, &[&str]); 8] = [
        ("a role", &["exec", "plain", "--", "true"]),
        (
            "with MFA",
            &["exec", "read", "--mfa-code", "CODE", "--", "true"],
        ),
        (
            "the direct way",
            &["exec", "deploy", "--mfa-code", "CODE", "--", "true"],
        ),
        ("login", &["login", "base", "CODE"]),
        ("export", &["export", "plain", "--format", "json"]),
        ("a program", &["credential-process", "plain"]),
        ("the profile", &["exec", "base", "--", "true"]),
        ("via", &["exec", "chained", "--", "true"]),
    ];
    for (what, args) in table {
        let mut seen = Vec::new();
        for imported in [false, true] {
            let stage = Stage::new();
            let more = CONFIG.replacen(
                "\"plain\": {",
                "\"chained\": {\"via\": \"plain\", \"aws_role\": \"arn:aws:iam::123456789012:role/plain\"}, \"plain\": {",
                1,
            );
            stage.write(".assumerole", &more);
            if imported {
                stage.import_base();
            }
            let code = stage.code();
            let args: Vec<&str> = args
                .iter()
                .map(|word| if *word == "CODE" { &*code } else { word })
                .collect();
            let ran = stage.run(&args);
            let asked: Vec<(String, BTreeMap<String, String>)> = stage
                .sandbox
                .journal()
                .iter()
                .map(|call| {
                    let mut parameters = call.parameters.clone();
                    parameters.remove("TokenCode");
                    (call.action.clone(), parameters.into_iter().collect())
                })
                .collect();
            let again = stage.run(&args);
            seen.push(format!(
                "{} {} {asked:?} {}",
                ran.status,
                again.status,
                stage.requests()
            ));
            assert!(!format!("{ran:?}").contains(SECRET));
        }
        checks.same(what, &seen[1], &seen[0]);
        // That one is refused by AWS, before and after: it does not trust the other.
        checks.same(what, &seen[1][..1], if what == "via" { "1" } else { "0" });
    }
}

/// What was cached before is used after: the same cache key.
#[test]
fn sessions_of_before_are_used_after() {
    let stage = Stage::new();
    stage.warm("read");
    stage.run(&["exec", "plain", "--", "true"]);
    let requests = stage.requests();
    stage.import_base();
    for role in ["read", "plain"] {
        check(&stage.run(&["exec", role, "--", "true"]), "", "", 0);
    }
    assert_eq!(stage.requests(), requests);
    // And a store that cannot be opened is no matter to them.
    fs::remove_file(stage.path("store-key")).unwrap();
    stage.keys(&["lock"]);
    check(&stage.run(&["exec", "read", "--", "true"]), "", "", 0);
}

#[test]
fn programs_get_an_mfa_session_and_never_the_key() {
    let stage = Stage::new();
    stage.import_base();
    let code = stage.code();
    // The device that the roles of the profile share.
    assert_eq!(stage.run(&["login", "base", &code]).status, 0);
    let ran = stage.run(&["credential-process", "--session", "base"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let answer: json::Value = json::from_str(&ran.stdout).unwrap();
    assert!(answer["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert!(answer["SessionToken"].is_string() && !ran.stdout.contains(SECRET));
    let journal = stage.sandbox.journal();
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].action, "GetSessionToken");
    assert_eq!(journal[0].parameters["SerialNumber"], DEVICE);
    // With flags, it goes the long way round, to the same.
    let ran = stage.run(&[
        "credential-process",
        "--no-prompt",
        "--session",
        "--",
        "base",
    ]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(stage.requests(), 1);
    let ran = stage.run(&["credential-process", "--session", "--read-only", "base"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    let ran = stage.run(&["credential-process", "--session", "nobody"]);
    assert_eq!(ran.status, 4, "{ran:?}");
}

#[test]
fn without_a_code_a_program_is_told_status_5() {
    let stage = Stage::new();
    stage.import_base();
    let ran = stage.run(&["credential-process", "--session", "base"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 5), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

#[test]
fn everything_is_named_before_it_asks() {
    let stage = Stage::new();
    let pair = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    stage.write(
        ".aws/credentials",
        &format!("[base]\n{pair}[default]\n{pair}"),
    );
    let endpoint = stage.sandbox.endpoint();
    stage.write(".aws/config", &format!("[profile base]\nendpoint_url = {endpoint}\n[profile r]\nrole_arn = arn:aws:iam::123456789012:role/read\nsource_profile = base\nmfa_serial = {DEVICE}\n"));
    for copy in [
        ".aws/credentials~",
        ".aws/credentials.bak",
        ".aws/.credentials.swp",
        ".aws/old/c",
        ".boto",
    ] {
        stage.write(copy, &format!("\0junk {SECRET} junk"));
    }
    fs::create_dir(stage.path(".git")).unwrap();
    let mut terminal = Terminal::of_size(160, 40);
    let words = BY_COMMAND.map(|word| format!("\"{word}\"")).join(" ");
    let folder = std::path::Path::new(program()).parent().unwrap();
    let script = format!(
        "PATH=\"{}:$PATH\"; assumerole keys import {words} base",
        folder.display()
    );
    terminal.start(&stage, &script, &[]);
    terminal.sees("Store the key of profile base, and take it out of ~/.aws? [y/N]");
    let screen = terminal.all();
    for text in [
        "minio-py, s3cmd, Polars",
        "profile r has mfa_serial and comes from base",
        "the same key stands in profile default (~/.aws/credentials:5",
        "the same key stands in ~/.aws/credentials~",
        "the same key stands in ~/.aws/credentials.bak",
        "the same key stands in ~/.aws/.credentials.swp",
        "the same key stands in ~/.aws/old/c",
        "the same key stands in ~/.boto",
        "the history of the git work tree",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    assert!(!screen.contains(SECRET));
    terminal.types("n\r");
    assert_eq!(terminal.ends(), 130);
    assert!(!stage.path(".assumerole.d/keys").exists());
    assert!(
        fs::read_to_string(stage.path(".aws/credentials"))
            .unwrap()
            .contains(SECRET)
    );
    // Both profiles at once; what is left is what was named.
    let ran = import(&stage, &["--yes", "base", "default"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let mut left = stage.secret_at();
    left.sort();
    assert_eq!(
        left,
        [
            "./.aws/.credentials.swp",
            "./.aws/credentials.bak",
            "./.aws/credentials~",
            "./.aws/old/c",
            "./.boto"
        ]
    );
}

#[test]
fn keep_leaves_the_file_alone() {
    let stage = Stage::new();
    let before = fs::read(stage.path(".aws/credentials")).unwrap();
    let ran = import(&stage, &["--yes", "--keep", "base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(before, fs::read(stage.path(".aws/credentials")).unwrap());
    assert_eq!(stage.keys(&["show", "base"]).status, 0);
    // Later without: the store has it already.
    let ran = import(&stage, &["--yes", "base"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(stage.secret_at().is_empty());
}

#[test]
fn what_cannot_go_well_is_refused_before_anything_changes() {
    let mut checks = Checks::default();
    let pair = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    for (what, credentials, why) in [
        ("no profile", String::new(), "there is no profile base"),
        (
            "no key",
            "[base]\nregion = eu-west-1\n".to_owned(),
            "profile base has no access key",
        ),
        (
            "temporary",
            format!("[base]\n{pair}aws_session_token = t\n"),
            "it is a temporary key, which ends by itself",
        ),
        (
            "a role beside it",
            format!("[base]\n{pair}role_arn = arn:aws:iam::123456789012:role/read\n"),
            "programs would use it when the key is gone",
        ),
        (
            "a process beside it",
            format!("[base]\n{pair}credential_process = x\n"),
            "programs would use it when the key is gone",
        ),
        (
            "half",
            format!("[base]\naws_access_key_id = {KEY}\n"),
            "profile base has aws_access_key_id, but no aws_secret_access_key",
        ),
    ] {
        let stage = Stage::new();
        stage.write(".aws/config", "");
        stage.write(".aws/credentials", &credentials);
        let ran = import(&stage, &["--yes", "base"]);
        checks.same(what, &ran.stderr.contains(why).to_string(), "true");
        assert!(ran.stderr.contains(why), "{what}: {ran:?}");
        checks.same(
            what,
            &fs::read_to_string(stage.path(".aws/credentials")).unwrap(),
            &credentials,
        );
        checks.same(
            what,
            &stage.path(".assumerole.d/keys").exists().to_string(),
            "false",
        );
        assert!(!ran.stderr.contains(SECRET));
    }
    // Another key of that name is not lost.
    let stage = Stage::new();
    stage.import_base();
    stage.write(
        ".aws/credentials",
        &format!(
            "[base]\naws_access_key_id = AKIAOTHEROTHEROTHER1\naws_secret_access_key = {SECRET}\n"
        ),
    );
    let ran = import(&stage, &["--yes", "base"]);
    assert!(
        ran.stderr.contains("another key is stored as base"),
        "{ran:?}"
    );
    assert_eq!(ran.status, 2);
}

#[test]
fn plan_and_doctor_know_a_stored_key() {
    let stage = Stage::new();
    stage.import_base();
    let plan = stage.run(&["plan", "read"]);
    assert!(
        plan.stdout.contains("stored key of profile base"),
        "{plan:?}"
    );
    let plan: json::Value = json::from_str(&stage.run(&["plan", "read", "--json"]).stdout).unwrap();
    assert!(plan.to_string().contains("\"stored_key\""), "{plan}");
    let doctor = stage.run(&["doctor"]);
    let all = format!("{}{}", doctor.stdout, doctor.stderr);
    assert!(
        all.contains("STS accepts the stored key of profile base"),
        "{all}"
    );
    assert!(!all.contains(SECRET));
    stage.keys(&["remove", "--yes", "base"]);
    let ran = stage.run(&["exec", "plain", "--", "true"]);
    assert!(
        ran.stderr
            .contains("takes its key from the key store, which has no key \"base\""),
        "{ran:?}"
    );
}
