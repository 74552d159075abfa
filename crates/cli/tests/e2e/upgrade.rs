//! What an earlier build left in `~/.assumerole.d` is found again: no code is
//! asked for after an upgrade. `upgrade_files` were written by the build of
//! 29 November 2026 ("Understand a line that is being completed once") at
//! 20:14 UTC, with the sealing key in a file: the session of jdoe's MFA device,
//! the role `read`, and two lines of history. Nothing answers at the place that
//! they are for, so that each request would be an error.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use super::harness::{KEY, Ran, SECRET, Stage};
use super::in_place::fake_time_library;
use super::support::Checks;

const FILES: [(&str, &[u8]); 5] = [
    (
        "cache/96def8106864969fa52e3f3c699a032c",
        include_bytes!("upgrade_files/96def8106864969fa52e3f3c699a032c"),
    ),
    (
        "cache/fecd32457c92f6b60292c83bbd39dc37",
        include_bytes!("upgrade_files/fecd32457c92f6b60292c83bbd39dc37"),
    ),
    (
        "cache/fd5239ca189f9cd521ac5106d82e6a90.spent",
        include_bytes!("upgrade_files/fd5239ca189f9cd521ac5106d82e6a90.spent"),
    ),
    ("history", include_bytes!("upgrade_files/history")),
    ("sealing-key", include_bytes!("upgrade_files/sealing-key")),
];

/// A home as that build left it.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole", include_str!("upgrade_files/assumerole.json"));
    stage.write(
        ".aws/credentials",
        &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    stage.write(
        ".aws/config",
        "[profile base]\nregion = eu-central-1\nendpoint_url = http://127.0.0.1:47321\n",
    );
    let folder = stage.path(".assumerole.d");
    fs::create_dir_all(folder.join("cache")).unwrap();
    for private in [folder.clone(), folder.join("cache")] {
        fs::set_permissions(private, fs::Permissions::from_mode(0o700)).unwrap();
    }
    for (name, bytes) in FILES {
        fs::write(folder.join(name), bytes).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    stage
}

/// The program, run when it is `time` (UTC).
fn run_at(stage: &Stage, time: &str, args: &[&str]) -> Ran {
    let mut command: Command = stage.command(args);
    command
        .env("LD_PRELOAD", fake_time_library())
        .env("FAKETIME", format!("@2026-11-29 {time}"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    stage.ran(&mut command)
}

fn json(ran: &Ran) -> Value {
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn what_an_earlier_build_cached_is_used() {
    let stage = stage();
    let mut checks = Checks::default();
    let show = ["exec", "read", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"];
    let ran = run_at(&stage, "20:30:00", &show);
    checks.ran("the role", &ran, "ASIA7ON3XRAXBPI3ENTD\n", "", 0);
    // Another role, and the same one when its session is over: from the MFA
    // session, without a code.
    for (role, time) in [("admin", "20:30:00"), ("read", "23:30:00")] {
        let plan = json(&run_at(&stage, time, &["plan", role, "--json"]));
        checks.same(role, &plan["asks"].to_string(), "[]");
        checks.same(role, &plan["requests"].to_string(), r#"["AssumeRole"]"#);
        let usable = &plan["steps"][1]["cached"]["usable"];
        checks.same(role, &usable.to_string(), "true");
    }
    let status = json(&run_at(&stage, "20:30:00", &["status", "--json"]));
    let names: Vec<&str> = [&status[0], &status[1]]
        .map(|entry| entry["access_key_id"].as_str().unwrap())
        .into();
    let (session, role) = ("ASIA7QVVPBGMUOBPDZGD", "ASIA7ON3XRAXBPI3ENTD");
    checks.same("status", &names.join(" "), &format!("{session} {role}"));
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn lines_of_an_earlier_build_are_read() {
    let stage = stage();
    let mut checks = Checks::default();
    let history = json(&run_at(&stage, "20:30:00", &["history", "--json"]));
    for (at, way, cached) in [(0, "exec", false), (1, "export", true)] {
        let line = &history[at];
        checks.same(way, line["name"].as_str().unwrap(), "read");
        checks.same(way, line["way"].as_str().unwrap(), way);
        checks.same(way, &line["cached"].to_string(), &cached.to_string());
        let ends = line["expires"].as_str().unwrap();
        checks.same(way, ends, "2026-11-29T21:14:17Z");
    }
}

/// What that build did not note is not made up.
#[test]
fn what_it_did_not_note_is_null() {
    let stage = stage();
    let rows = |args: &[&str]| -> Vec<Value> {
        let ran = run_at(&stage, "20:30:00", args);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let status = rows(&["status", "--json"]);
    assert_eq!(status.len(), 2);
    for row in &status {
        for key in ["narrowed", "session_name", "duration_seconds"] {
            assert_eq!(row[key], Value::Null, "{row}");
        }
    }
    let history = rows(&["history", "--json"]);
    assert!(history.len() >= 2 && history.iter().all(|row| row["narrowed"] == Value::Null));
}
