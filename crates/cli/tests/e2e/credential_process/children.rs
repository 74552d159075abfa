//! Programs that are run for an SDK: what they print is handed on, what they say
//! is not, and none of them keeps the SDK waiting.

use std::fs::File;
use std::io::Seek as _;
use std::time::{Duration, SystemTime};

use super::super::harness::CONFIG;
use super::super::support::check;
use super::super::terminal::{Terminal, path_with_program};
use super::*;

/// The usual stage with the profile `p`, whose process is the script `body`.
fn of_process(body: &str) -> Stage {
    let stage = Stage::new();
    let script = stage.script("creds", &format!("#!/bin/sh\n{body}\n"));
    stage.write(
        ".aws/config",
        &format!("[profile p]\ncredential_process = {script}\n"),
    );
    stage
}

/// Keys that end in so many seconds, as a process prints them.
fn keys(seconds: u64) -> (String, String) {
    let end = SystemTime::now() + Duration::from_secs(seconds);
    let end = Timestamp::try_from(end).unwrap();
    let end = Timestamp::from_second(end.as_second()).unwrap().to_string();
    let keys = format!(
        r#"{{"Version": 1, "AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{end}"}}"#
    );
    (keys, end)
}

/// Another process has a life of its own: what it gives is handed on to its end,
/// and it is asked whether it has something newer.
#[test]
fn what_another_process_gives_is_handed_on_as_it_is() {
    let stage = of_process("echo x >> runs\ncat out");
    let (keys, end) = keys(480);
    stage.write("out", &keys);
    for seconds in [0, 200, 300, 420] {
        let mut command = process(&stage, "p");
        later(&stage, &mut command, seconds);
        let object = answer(&stage.ran(&mut command));
        assert_eq!(object["Expiration"], end.as_str(), "{seconds}");
    }
    let ran = std::fs::read_to_string(stage.path("runs")).unwrap();
    assert!(ran.lines().count() > 1);
    let mut command = process(&stage, "p");
    later(&stage, &mut command, 481);
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1));
    assert!(ran.stderr.contains("expired at"), "{}", ran.stderr);
}

/// Whoever started us may have put anything there, and wants it back.
#[test]
fn standard_input_is_neither_read_nor_handed_on() {
    let stage = of_process("cat > got\ncat out");
    stage.write("out", &keys(3600).0);
    stage.write("in", "not for us\n");
    let mut input = File::open(stage.path("in")).unwrap();
    let mut command = process(&stage, "p");
    command.stdin(input.try_clone().unwrap());
    answer(&stage.ran(&mut command));
    // Both have the same place in it.
    assert_eq!(input.stream_position().unwrap(), 0);
    assert_eq!(std::fs::read_to_string(stage.path("got")).unwrap(), "");
}

/// An SDK reads to the end of both.
#[test]
fn what_a_process_leaves_behind_holds_neither_stream() {
    let stage = of_process("sleep 600 &\necho $! > left\ncat out");
    stage.write("out", &keys(3600).0);
    // Returns when nobody has either of them.
    answer(&stage.ran(&mut process(&stage, "p")));
    let left = std::fs::read_to_string(stage.path("left")).unwrap();
    let killed = Command::new("kill").arg(left.trim()).status().unwrap();
    assert!(killed.success(), "it was waited for");
}

/// Java reads stderr at the end, from a pipe that takes 64 KiB.
#[test]
fn what_programs_say_is_not_passed_on() {
    let talk = "i=0; while [ $i -lt 2000 ]; do echo 'a line that nobody has to read, of fifty bytes' >&2; i=$((i+1)); done";
    // They go on: it is read as it comes.
    let stage = of_process(&format!("{talk}\ncat out"));
    stage.write("out", &keys(3600).0);
    answer(&stage.ran(&mut process(&stage, "p")));
    let stage = of_process(&format!("{talk}\nexit 1"));
    let ran = stage.ran(&mut process(&stage, "p"));
    check(
        &ran,
        "",
        "error: the credential_process of profile p failed: it ended with status 1; run it yourself to see why: it is at ~/.aws/config:2:22\n",
        1,
    );
    let stage = mfa_program(talk);
    let ran = stage.ran(&mut process(&stage, "read"));
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 5));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    // Nobody hears a warning: the one line says it.
    assert!(
        ran.stderr.contains("wrote more than 65536 bytes"),
        "{}",
        ran.stderr
    );
}

/// A stage where the script `body` has the code for `read`.
pub(super) fn mfa_program(body: &str) -> Stage {
    let stage = Stage::new();
    let program = stage.script("codes", &format!("#!/bin/sh\n{body}\n"));
    let role = format!(
        "\"aws_role\": \"read\", \"mfa_provider\": \"process\", \"mfa_process\": \"{program}\","
    );
    stage.write(
        ".assumerole",
        &CONFIG.replacen("\"aws_role\": \"read\",", &role, 1),
    );
    stage
}

/// How much faster the time of the program goes by.
pub(super) const FASTER: &str = "+0 x20";

/// `command`, for which a minute goes by in three seconds.
pub(super) fn faster(command: &mut Command) -> &mut Command {
    command.env("LD_PRELOAD", library()).env("FAKETIME", FASTER)
}

/// Go gives up after a minute, and loses what comes then.
#[test]
fn whoever_hangs_is_waited_for_within_the_deadline() {
    let hang = "echo $$ > hanging\nexec sleep 900";
    let asking = {
        let stage = Stage::new();
        let program = stage.script("ask", &format!("#!/bin/sh\n{hang}\n"));
        let top = format!("{{ \"askpass\": \"{program}\",");
        stage.write(".assumerole", &CONFIG.replacen('{', &top, 1));
        stage
    };
    for (case, role, stage) in [
        ("a source", "p", of_process(hang)),
        ("a program with codes", "read", mfa_program(hang)),
        ("a window", "read", asking),
    ] {
        let ran = stage.ran(faster(&mut process(&stage, role)));
        let said = ran.stderr.as_str();
        assert_eq!(
            (ran.stdout.as_str(), said.lines().count()),
            ("", 1),
            "{case}"
        );
        assert_ne!(ran.status, 0, "{case}: {said}");
        let (_, time) = said
            .split_once("longer than ")
            .unwrap_or_else(|| panic!("{said}"));
        let time: u32 = time.split(' ').next().unwrap().parse().unwrap();
        // Of 50, five are kept for AWS.
        assert!((1..=45).contains(&time), "{case}: {said}");
        let left = std::fs::read_to_string(stage.path("hanging")).unwrap();
        let killed = Command::new("kill")
            .args(["-0", left.trim()])
            .output()
            .unwrap();
        assert!(!killed.status.success(), "{case}: it still runs");
    }
}

#[test]
fn a_question_at_the_terminal_keeps_the_deadline_too() {
    let stage = Stage::new();
    let mut terminal = Terminal::new();
    let env = [
        ("PATH", path_with_program()),
        ("LD_PRELOAD", library()),
        ("FAKETIME", FASTER.to_owned()),
    ];
    let env: Vec<(&str, &str)> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let script = "assumerole credential-process read > out 2> err; echo ended with $?";
    terminal.start(&stage, script, &env);
    terminal.is_asked(1);
    terminal.sees("ended with 5");
    assert_eq!(terminal.ends(), 0);
    let text = |name: &str| std::fs::read_to_string(stage.path(name)).unwrap();
    assert_eq!(text("out"), "");
    assert_eq!(text("err").lines().count(), 1, "{}", text("err"));
    assert_eq!(
        text("err"),
        "error: role read needs an MFA code, and none was given in time: the program that waits for the credentials gives up soon; log in first: assumerole login read\n"
    );
}
