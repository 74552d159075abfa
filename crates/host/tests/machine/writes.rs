//! Writes whose writer is killed at any moment.

use std::fs;
use std::time::Duration;

use crate::probe::Probe;
use assumerole_host::fs::PrivateDir;

/// What the probe writes is whole if every byte is the first one and their
/// number fits it.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.len() >= 2
        && bytes.len() == 2 + usize::from(bytes[0]) * 997
        && bytes[2..].iter().all(|byte| *byte == bytes[0])
}

/// Kills the probe at moments that differ from round to round, some in the
/// middle of a write; `check` looks at what is left.
fn kill_again_and_again(args: &[&str], check: impl Fn(u64)) {
    for round in 0..60 {
        let mut probe = Probe::start(args);
        assert_eq!(probe.line(), "round");
        std::thread::sleep(Duration::from_micros(round * 137));
        probe.kill();
        check(round);
    }
}

#[test]
fn an_entry_is_the_old_or_the_new() {
    let home = tempfile::tempdir().unwrap();
    let dir = PrivateDir::create(&home.path().join("d")).unwrap();
    let path = dir.path().to_str().unwrap();
    kill_again_and_again(&["write", path, "entry"], |round| {
        let bytes = dir.read("entry", 1 << 20).unwrap().unwrap();
        assert!(is_whole(&bytes), "round {round}: {} bytes", bytes.len());
        let names: Vec<_> = dir.list().unwrap().into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["entry"], "round {round}");
    });
}

#[test]
fn a_file_of_a_person_is_the_old_or_the_new() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("settings.xml");
    kill_again_and_again(&["replace", path.to_str().unwrap()], |round| {
        let bytes = fs::read(&path).unwrap();
        assert!(is_whole(&bytes), "round {round}: {} bytes", bytes.len());
    });
}

/// On a file system of a few pages, in a name space of our own.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_old_and_leaves_nothing() {
    let inside = |script: &str| {
        std::process::Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-ec", script])
            .output()
            .unwrap()
    };
    if !inside("true").status.success() {
        // This machine permits no name spaces, so there is no small disk.
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let (disk, probe) = (home.path().display(), crate::probe::PROBE);
    let output = inside(&format!(
        "mount -t tmpfs -o size=64k none '{disk}'
         '{probe}' write-once '{disk}/d' 1000
         ! '{probe}' write-once '{disk}/d' 100000
         ls -A '{disk}/d'
         wc -c < '{disk}/d/entry'"
    ));
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{errors}");
    assert_eq!(said, "entry\n1000\n");
    assert!(errors.contains("No space left on device"), "{errors}");
}
