//! Becoming another program.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use crate::probe::PROBE;

/// Runs the probe with only `env`.
fn probe(env: &[(&str, &str)], args: &[&str]) -> Output {
    Command::new(PROBE)
        .env_clear()
        .envs(env.iter().copied())
        .args(args)
        .output()
        .unwrap()
}

const USUAL: [(&str, &str); 1] = [("PATH", "/usr/local/bin:/usr/bin:/bin")];

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_new_program_has_this_process_its_arguments_and_environment() {
    let env = [USUAL[0], ("A", "1 2"), ("B", "")];
    let child = Command::new(PROBE)
        .env_clear()
        .envs(env)
        .args([
            "exec",
            "sh",
            "-c",
            r#"echo $$; env | grep '^[AB]='; printf '[%s]' "$@""#,
        ])
        .args(["sh", "a b", "", "*"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let said = said(&child.wait_with_output().unwrap());
    assert_eq!(said, format!("{pid}\nA=1 2\nB=\n[a b][][*]"));
}

#[test]
fn its_status_is_ours() {
    assert_eq!(
        probe(&USUAL, &["exec", "sh", "-c", "exit 42"])
            .status
            .code(),
        Some(42)
    );
}

/// Rust ignores SIGPIPE; `yes | head` in a shell that inherits that talks
/// about a broken pipe for ever.
#[test]
fn sigpipe_ends_the_new_program() {
    let output = probe(
        &USUAL,
        &["exec", "sh", "-c", "kill -PIPE $$; echo survived"],
    );
    assert_eq!(output.status.signal(), Some(13));
    assert_eq!(said(&output), "");
}

#[test]
fn the_path_of_the_new_environment_is_searched() {
    let dir = tempfile::tempdir().unwrap();
    let tool = dir.path().join("tool");
    fs::write(&tool, "#!/bin/sh\necho found\n").unwrap();
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
    let path = [("PATH", dir.path().to_str().unwrap())];
    assert_eq!(said(&probe(&path, &["exec", "tool"])), "found\n");
    let output = probe(&USUAL, &["exec", "tool"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "probe: tool: command not found\n");
}

#[test]
fn a_script_that_names_no_interpreter_is_run_by_sh() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("script");
    fs::write(&script, "echo \"ran with $1\"\n").unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let path = [("PATH", dir.path().to_str().unwrap())];
    assert_eq!(
        said(&probe(&path, &["exec", "script", "x"])),
        "ran with x\n"
    );
    let direct = script.to_str().unwrap();
    assert_eq!(said(&probe(&USUAL, &["exec", direct, "x"])), "ran with x\n");
}

/// What the test was started with comes in, and no more goes out.
#[cfg(target_os = "linux")]
#[test]
fn nothing_but_the_streams_is_passed_on() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("d");
    let dir = dir.to_str().unwrap();
    let usual = Command::new("ls").arg("/proc/self/fd").output().unwrap();
    let args = ["lock-and-exec", dir, "x.lock", "ls", "/proc/self/fd"];
    let expected = format!("locked\n{}", said(&usual));
    assert_eq!(said(&probe(&USUAL, &args)), expected);
}

/// The owner of what is in /proc/PID is root for a process that may not be
/// dumped, and core limits pass through exec.
#[cfg(target_os = "linux")]
#[test]
fn the_new_program_may_dump_core_as_the_caller_could() {
    let script = "ulimit -c; stat -c %u /proc/$$/environ";
    let plain = probe(&USUAL, &["exec", "sh", "-c", script]);
    let hardened = probe(&USUAL, &["harden-and-exec", "sh", "-c", script]);
    assert!(plain.status.success());
    assert_eq!(said(&hardened), said(&plain));
}
