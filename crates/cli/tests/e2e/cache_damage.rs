//! An entry that is not what it was is a miss, is replaced, and stops nobody.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::harness::Stage;
use super::support::{Checks, check};

/// The only entry of the stage.
fn entry(stage: &Stage) -> PathBuf {
    let entries = stage.entries();
    assert_eq!(entries.len(), 1);
    stage.path(".assumerole.d/cache").join(&entries[0])
}

/// `exec plain` is a miss that says nothing, and then a hit.
fn heals(checks: &mut Checks, case: &str, stage: &Stage) {
    let before = stage.requests();
    for requests in [before + 1, before + 1] {
        let ran = stage.run(&["exec", "plain", "echo", "works"]);
        checks.ran(case, &ran, "works\n", "", 0);
        checks.number(case, stage.requests(), requests);
    }
}

#[test]
fn whatever_stands_in_its_place_is_replaced() {
    let stage = Stage::new();
    stage.warm("plain");
    let path = entry(&stage);
    let mut checks = Checks::default();
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut version = good.clone();
    version[0] = 0xff;
    for (case, bytes) in [
        ("empty", Vec::new()),
        ("one byte", good[..1].to_vec()),
        ("no text", good[..25].to_vec()),
        ("cut", good[..good.len() - 1].to_vec()),
        ("longer", [good.as_slice(), b"x"].concat()),
        ("one bit", flipped),
        ("another version", version),
        ("garbage", vec![0xa5; 5000]),
        ("huge", vec![1; 1 << 20]),
        ("JSON", b"{\"access_key_id\": \"AKIA\"}".to_vec()),
        // Never sourced: the script's kind of entry under our kind of name.
        (
            "shell",
            b"export AWS_ACCESS_KEY_ID=x; touch \"$HOME/marker\"\n".to_vec(),
        ),
    ] {
        fs::write(&path, bytes).unwrap();
        heals(&mut checks, case, &stage);
        checks.number(case, stage.entries().len(), 1);
    }
    fs::remove_file(&path).unwrap();
    symlink("/etc/passwd", &path).unwrap();
    heals(&mut checks, "link", &stage);
    checks.same("link", &path.is_symlink().to_string(), "false");
    assert!(!stage.path("marker").exists());
}

#[test]
fn an_entry_of_one_role_is_none_of_another() {
    let stage = Stage::direct();
    stage.warm("plain");
    let plain = entry(&stage);
    stage.warm("read");
    let both = stage.entries();
    let read = stage
        .path(".assumerole.d/cache")
        .join(both.iter().find(|name| !plain.ends_with(name)).unwrap());
    let (a, b) = (fs::read(&plain).unwrap(), fs::read(&read).unwrap());
    fs::write(&plain, b).unwrap();
    fs::write(&read, a).unwrap();
    let show = ["sh", "-c", "echo $AWS_ACCOUNT"];
    let ran = stage.run(&[&["exec", "plain"][..], &show].concat());
    check(&ran, "plain\n", "", 0);
    let code = stage.code();
    let ran = stage.run(&[&["exec", "read", "--mfa-code", &code][..], &show].concat());
    check(&ran, "read\n", "", 0);
    assert_eq!(stage.requests(), 4);
}

#[test]
fn an_entry_of_somebody_else_is_none() {
    let (stage, other) = (Stage::new(), Stage::new());
    stage.warm("plain");
    other.warm("plain");
    fs::copy(entry(&other), entry(&stage)).unwrap();
    heals(&mut Checks::default(), "foreign", &stage);
}

#[test]
fn another_sealing_key_opens_nothing() {
    let mut checks = Checks::default();
    let key = ".assumerole.d/sealing-key";
    for (case, bytes, mode) in [
        ("gone", None, 0o600),
        ("short", Some(vec![7; 31]), 0o600),
        ("another", Some(vec![7; 32]), 0o600),
        ("read by others", None, 0o644),
    ] {
        let stage = Stage::new();
        stage.warm("plain");
        assert_eq!(
            fs::metadata(stage.path(key)).unwrap().permissions().mode() & 0o777,
            0o600
        );
        match bytes {
            Some(bytes) => fs::write(stage.path(key), bytes).unwrap(),
            None if mode == 0o600 => fs::remove_file(stage.path(key)).unwrap(),
            None => fs::set_permissions(stage.path(key), fs::Permissions::from_mode(mode)).unwrap(),
        }
        heals(&mut checks, case, &stage);
        let mode = fs::metadata(stage.path(key)).unwrap().permissions().mode();
        checks.same(case, &format!("{:o}", mode & 0o777), "600");
    }
}

#[test]
fn what_is_written_is_closed_to_others_and_no_secret_can_be_read() {
    let stage = Stage::new();
    let env = stage.run(&["exec", "plain", "env", "-0"]).stdout;
    let env = super::support::environment(&env);
    let mut seen = 0;
    for folder in [".assumerole.d", ".assumerole.d/cache"] {
        let mode = fs::metadata(stage.path(folder))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o700, "{folder}");
        for name in stage.list(folder) {
            let path = stage.path(folder).join(&name);
            if path.is_dir() {
                continue;
            }
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o600, "{name}");
            let bytes = fs::read(&path).unwrap();
            for secret in [
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_ACCESS_KEY_ID",
            ] {
                let secret = env[secret].as_bytes();
                assert!(
                    !bytes.windows(secret.len()).any(|part| part == secret),
                    "{name}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "key, entry, history: {seen}");
}
