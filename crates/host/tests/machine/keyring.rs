//! The sealing key where the kernel forbids keys, as containers do.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use assumerole_host::fs::PrivateDir;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// Runs the probe where `keyctl`, `add_key` and `request_key` answer `errno`.
fn without_keys(errno: i32, args: &[&str]) -> Output {
    let calls = [libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_request_key];
    let rules: BTreeMap<i64, _> = calls.into_iter().map(|call| (call, Vec::new())).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.cast_unsigned()),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    // The filter is the thread's and its children's, for ever.
    std::thread::scope(|scope| {
        let run = || {
            apply_filter(&program).unwrap();
            Command::new(crate::probe::PROBE)
                .args(args)
                .output()
                .unwrap()
        };
        scope.spawn(run).join().unwrap()
    })
}

#[test]
fn a_file_takes_over_with_one_warning() {
    for (errno, why) in [
        (
            libc::EPERM,
            "keyctl is not permitted, as in most containers",
        ),
        (libc::ENOSYS, "this kernel has no keyctl"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("d")).unwrap();
        let args = ["key", dir.path().to_str().unwrap()];
        let output = without_keys(errno, &args);
        let first = String::from_utf8(output.stdout).unwrap();
        let (state, warning) = first.split_once('\n').unwrap();
        assert!(state.starts_with("file true "), "{first}");
        assert!(warning.contains(why), "{warning}");
        let again = String::from_utf8(without_keys(errno, &args).stdout).unwrap();
        assert_eq!(again.trim_end(), state.replace("true", "false"));
    }
}
