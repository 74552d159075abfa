//! One deadline for the whole call, counted from its start: 20 seconds, and 50
//! where a person or a program of theirs takes part. (Time passes many times as
//! fast.)

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use super::children::{FASTER, faster, mfa_program};
use super::*;

/// Longer than any test.
const FOREVER: Duration = Duration::from_secs(600);

/// What `ran` says, which failed with `status` and in one line.
#[track_caller]
fn line(ran: &Ran, status: i32) -> &str {
    let said = ran.stderr.as_str();
    let is = (ran.stdout.as_str(), said.lines().count(), ran.status);
    assert_eq!(is, ("", 1, status), "{said}");
    said
}

/// The files of the only entry there is: itself, and its lock.
fn entry(stage: &Stage) -> [PathBuf; 2] {
    let entries = stage.entries();
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    let entry = stage.path(".assumerole.d/cache").join(entry);
    [entry.clone(), entry.with_extension("lock")]
}

/// An answer that would come after 40 seconds is none, without a person.
#[test]
fn aws_is_waited_for_twenty_seconds() {
    let stage = Stage::new();
    stage
        .sandbox
        .inject(Fault::hang(Duration::from_secs(2)).always());
    let ran = stage.ran(faster(&mut process(&stage, "plain")));
    let said = line(&ran, 7);
    assert!(said.contains("could not be reached"), "{said}");
}

#[test]
fn another_process_is_waited_for_twenty_seconds() {
    let stage = Stage::new();
    answer(&stage.ran(&mut process(&stage, "plain")));
    let [entry, lock] = entry(&stage);
    std::fs::remove_file(entry).unwrap();
    let held = File::create(lock).unwrap();
    held.lock().unwrap();
    let ran = stage.ran(faster(&mut process(&stage, "plain")));
    let said = line(&ran, 1);
    let (_, rest) = said.split_once("waited ").unwrap();
    let seconds: u32 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!((10..=20).contains(&seconds), "{said}");
}

/// Where it can be renewed later, a program has what is left long before it
/// gives up.
#[test]
fn a_renewal_that_hangs_costs_no_answer() {
    let stage = Stage::new();
    let first = answer(&stage.ran(&mut process(&stage, "plain")));
    stage.sandbox.inject(Fault::hang(FOREVER).always());
    let before = stage.requests();
    let mut command = process(&stage, "plain");
    later(&stage, &mut command, 50 * 60);
    let (_, speed) = FASTER.split_once(' ').unwrap();
    command.env("FAKETIME", format!("+{} {speed}", 50 * 60));
    command.env_remove("FAKETIME_DONT_FAKE_MONOTONIC");
    assert_eq!(answer(&stage.ran(&mut command)), first);
    assert!(stage.requests() > before, "nothing was tried");
}

/// The second code is part of the same call: what is left of it decides whether
/// it is waited for, and whoever cannot wait is told until when.
#[test]
fn a_second_try_has_what_is_left() {
    // A code after 15 seconds, which is wrong.
    let stage = mfa_program("echo x >> $HOME/runs\nsleep 0.75\necho 000000");
    let ran = stage.ran(faster(&mut process(&stage, "read")));
    let said = line(&ran, 5);
    let reasons = [
        "MultiFactorAuthentication failed",
        "longer than",
        "; try again in ",
    ];
    assert!(reasons.iter().any(|why| said.contains(why)), "{said}");
    let runs = std::fs::read_to_string(stage.path("runs")).unwrap();
    // Three would take 45 seconds, and the windows between them more.
    assert!(runs.lines().count() <= 2, "{runs}");
}
