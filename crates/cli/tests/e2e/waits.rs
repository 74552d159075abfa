//! Waiting for other processes: all waits of a run share one time.

use std::fs::{self, File};
use std::time::Duration;

use aws_sandbox::{Options, Role};

use super::harness::{ACCOUNT, Stage, world};
use super::in_place::fake_time_library;

/// Seconds that `stderr` says were waited for the process that holds `lock`.
fn waited(stderr: &str, lock: &str) -> Option<u64> {
    let (_, rest) = stderr.split_once("waited ")?;
    let (seconds, rest) = rest.split_once(' ')?;
    let line = rest.lines().next()?;
    line.contains(lock).then(|| seconds.parse().unwrap())
}

/// Two processes hang, each with the lock of one result. Whoever needs both waits
/// for the second one only as long as the first has left of the time, and not for
/// the 42 seconds that a single wait may take. (Time passes four times as fast.)
#[test]
fn two_that_hang_are_not_waited_for_one_after_the_other() {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/far");
    let far = Role::new(arn.as_str()).trusting(ACCOUNT);
    let stage = Stage::with(world().role(far), Options::default());
    stage.roles(&format!(
        r#""near": {{"aws_profile": "base", "aws_account": "{ACCOUNT}", "aws_role": "plain"}},
           "far": {{"via": "near", "aws_account": "{ACCOUNT}", "aws_role": "far"}}"#
    ));
    let cache = stage.path(".assumerole.d/cache");
    let taken = |role: &str| {
        let known = stage.entries();
        assert_eq!(stage.run(&["exec", role, "--", "true"]).status, 0);
        let mut entries = stage.entries();
        entries.retain(|entry| !known.contains(entry));
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        entry.clone()
    };
    let (near, far) = (taken("near"), taken("far"));
    let seconds = super::serve::until(|| {
        let hold = |entry: &str| {
            let _ = fs::remove_file(cache.join(entry));
            let lock = File::create(cache.join(format!("{entry}.lock"))).unwrap();
            lock.lock().unwrap();
            lock
        };
        let (first, _second) = (hold(&far), hold(&near));
        let mut command = stage.command(&["exec", "far", "--", "true"]);
        command
            .env("LD_PRELOAD", fake_time_library())
            .env("FAKETIME", "+0 x4");
        let ran = std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_secs(3));
                drop(first);
            });
            stage.ran(&mut command)
        });
        assert_eq!(ran.status, 125, "{}", ran.stderr);
        // On a busy machine the first one may be held for too long.
        waited(&ran.stderr, &near)
    });
    assert!(seconds < 42, "{seconds}");
}
