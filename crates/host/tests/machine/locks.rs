//! Locks between real processes.

use std::time::Duration;

use crate::probe::{Probe, signal};
use assumerole_host::clock::SystemClock;
use assumerole_host::fs::PrivateDir;
use assumerole_host::lock::{Lock, LockError};
use rustix::process::Signal;
use tempfile::TempDir;

/// Long enough for any machine; nobody waits for it in vain.
const PATIENCE: Duration = Duration::from_secs(120);

fn private() -> (TempDir, PrivateDir, String) {
    let home = tempfile::tempdir().unwrap();
    let dir = PrivateDir::create(&home.path().join("d")).unwrap();
    let path = dir.path().to_str().unwrap().to_owned();
    (home, dir, path)
}

/// The lock, or what is said of who has it.
fn now(dir: &PrivateDir) -> Result<Lock<'_>, LockError> {
    let clock = SystemClock::new();
    Lock::acquire(dir, "x.lock", &clock, Duration::ZERO, &mut |_| {})
}

fn is_free(dir: &PrivateDir) -> bool {
    now(dir).is_ok()
}

#[test]
fn a_holder_that_is_killed_lets_go() {
    let (_home, dir, path) = private();
    let clock = SystemClock::new();
    let mut probe = Probe::start(&["lock", &path, "x.lock"]);
    assert_eq!(probe.line(), "locked");
    let Err(LockError::TimedOut { holder, .. }) = now(&dir) else {
        panic!("it is held");
    };
    assert_eq!(holder.pid, Some(probe.child.id()));
    assert!(holder.since.is_some());
    // Killed while somebody waits for it.
    let mut waited = 0;
    let lock = Lock::acquire(&dir, "x.lock", &clock, PATIENCE, &mut |seen| {
        assert_eq!(seen, holder);
        waited += 1;
        probe.kill();
    });
    assert!(lock.is_ok());
    assert_eq!(waited, 1);
}

#[test]
fn what_the_holder_becomes_does_not_keep_the_lock() {
    let (_home, dir, path) = private();
    let script = "echo became; read wait";
    let mut probe = Probe::start(&["lock-and-exec", &path, "x.lock", "sh", "-c", script]);
    assert_eq!(probe.line(), "locked");
    assert_eq!(probe.line(), "became");
    assert!(is_free(&dir));
}

#[test]
fn what_the_holder_starts_does_not_keep_the_lock() {
    let (_home, dir, path) = private();
    let mut probe = Probe::start(&["lock-and-spawn", &path, "x.lock", "sleep", "600"]);
    let child = probe.line();
    let child: u32 = child.strip_prefix("child ").unwrap().parse().unwrap();
    assert!(!is_free(&dir));
    probe.kill();
    // The kernel wakes the parent a moment before it closes the descriptors of
    // the new program: free soon, and long before the child ends.
    let soon = Duration::from_secs(20);
    let free = Lock::acquire(&dir, "x.lock", &SystemClock::new(), soon, &mut |_| {});
    signal(child, Signal::KILL);
    assert!(free.is_ok(), "{free:?}");
}

#[test]
fn nothing_is_lost_between_reading_and_writing() {
    let (_home, dir, path) = private();
    let mut probes: Vec<Probe> = (0..6)
        .map(|_| Probe::start(&["count", &path, "20"]))
        .collect();
    for probe in &mut probes {
        assert!(probe.child.wait().unwrap().success());
    }
    assert_eq!(dir.read("count", 100).unwrap().unwrap(), b"120");
    let names: Vec<_> = dir.list().unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["count"]);
}
