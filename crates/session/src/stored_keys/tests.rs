use std::fs;

use assumerole_core::config::KeyProvider;
use secrecy::ExposeSecret as _;

use super::wrap::recovery_with;
use super::*;
use crate::scene::Scene;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A store that is wrapped with `cat`, of which nothing is held.
struct TestStore {
    scene: Scene,
    folder: tempfile::TempDir,
}

impl TestStore {
    fn new() -> Self {
        Self {
            scene: Scene::at("2026-11-23T10:00:00Z"),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            host: &self.scene.host,
            env: &self.scene.host.env,
            report: &self.scene.heard,
            may_ask: false,
            unlock_seconds: Some(0),
        }
    }

    fn options(&self) -> Enrolment {
        let file = self.folder.path().join("key");
        let file = file.display();
        Enrolment {
            ssh_key: None,
            get: Some(format!("/bin/cat '{file}'")),
            put: Some(format!("/bin/sh -c 'cat > \"$0\"' '{file}'")),
        }
    }

    fn store(&self) -> (StoredKeys, Unlocked) {
        let made = StoredKeys::create(
            &self.scene.state,
            &self.desk(),
            KeyProvider::Command,
            &self.options(),
        );
        made.unwrap()
    }

    fn key(&self, name: &str) -> StoredKey {
        StoredKey::new(name, "AKIA1", self.scene.host.clock.now())
    }

    fn put(&self, store: &StoredKeys, unlocked: &Unlocked, name: &str) {
        let secret = SecretString::from(SECRET);
        store
            .write(&self.desk(), unlocked, self.key(name), &secret)
            .unwrap();
    }
}

#[test]
fn a_key_is_stored_and_read_whatever_its_name_is() {
    let made = TestStore::new();
    assert!(StoredKeys::open(&made.scene.state).unwrap().is_none());
    let (store, unlocked) = made.store();
    for name in ["base", "../x", "a b é", "", "-x", &"n".repeat(500)] {
        made.put(&store, &unlocked, name);
        let again = StoredKeys::open(&made.scene.state).unwrap().unwrap();
        let unlocked = again.unlock(&made.desk()).unwrap();
        let read = again.read(&unlocked, name).unwrap();
        assert_eq!(read.secret_access_key.expose_secret(), SECRET);
        assert_eq!(
            access_key_id(&made.scene.state, name).unwrap().as_deref(),
            Some("AKIA1")
        );
    }
    assert_eq!(store.keys().unwrap().len(), 6);
    assert_eq!(access_key_id(&made.scene.state, "other").unwrap(), None);
    assert!(store.remove(&made.desk(), "base").unwrap());
    assert!(!store.remove(&made.desk(), "base").unwrap());
    assert_eq!(
        store.read(&unlocked, "base").unwrap_err().kind(),
        Kind::UnknownName
    );
}

#[test]
fn no_file_has_the_secret_or_the_sealing_key() {
    let made = TestStore::new();
    let (store, unlocked) = made.store();
    made.put(&store, &unlocked, "base");
    let folder = made.scene.state.path().join(FOLDER);
    let raw = unlocked.1.expose_secret();
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(SECRET) && !text.contains(&encoded(SECRET.as_bytes())));
        assert!(!text.contains(&encoded(raw)) && !bytes.windows(32).any(|w| w == raw));
    }
    assert!(!format!("{unlocked:?}{store:?}").contains(SECRET));
}

#[test]
fn every_changed_byte_is_noticed() {
    let made = TestStore::new();
    let (store, unlocked) = made.store();
    made.put(&store, &unlocked, "base");
    let path = made.scene.state.path().join(FOLDER).join(file_name("base"));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        fs::write(&path, &bent).unwrap();
        let read = store.read(&unlocked, "base");
        // A changed blank or letter case in JSON that reads as the same is the
        // same.
        if let Ok(read) = read {
            assert_eq!(read.access_key_id, "AKIA1", "byte {at}");
            assert_eq!(read.secret_access_key.expose_secret(), SECRET);
        }
    }
    // One key in another's place.
    made.put(&store, &unlocked, "base");
    made.put(&store, &unlocked, "other");
    let other = path.with_file_name(file_name("other"));
    fs::copy(&path, &other).unwrap();
    assert!(store.read(&unlocked, "other").is_err());
}

#[test]
fn a_store_without_its_file_is_never_made_anew() {
    let made = TestStore::new();
    let (store, unlocked) = made.store();
    made.put(&store, &unlocked, "base");
    fs::remove_file(made.scene.state.path().join(FOLDER).join(STORE)).unwrap();
    let error = StoredKeys::open(&made.scene.state).unwrap_err();
    assert!(error.message().contains("store"), "{error}");
    let again = StoredKeys::create(
        &made.scene.state,
        &made.desk(),
        KeyProvider::Command,
        &made.options(),
    );
    assert!(again.is_err(), "a new sealing key would lose the old keys");
}

#[test]
fn another_key_of_the_provider_opens_nothing_and_makes_nothing() {
    let made = TestStore::new();
    let (store, unlocked) = made.store();
    made.put(&store, &unlocked, "base");
    let file = made.folder.path().join("key");
    let line = fs::read_to_string(&file).unwrap();
    let before = fs::read(made.scene.state.path().join(FOLDER).join(STORE)).unwrap();
    let id = line.split(':').nth(1).unwrap();
    for wrong in [
        String::new(),
        "Password Store\n".to_owned(),
        format!("assumerole-key-1:{id}:{}\n", encoded(&[9; 32])),
        line.replace(id, "0123"),
    ] {
        fs::write(&file, &wrong).unwrap();
        let error = store.unlock(&made.desk()).unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded, "{wrong:?}: {error}");
    }
    fs::remove_file(&file).unwrap();
    assert!(store.unlock(&made.desk()).is_err());
    let after = fs::read(made.scene.state.path().join(FOLDER).join(STORE)).unwrap();
    assert_eq!(before, after);
    fs::write(&file, line).unwrap();
    assert!(store.unlock(&made.desk()).is_ok());
}

#[test]
fn a_store_moves_to_another_provider_with_its_keys() {
    let made = TestStore::new();
    let (mut store, unlocked) = made.store();
    made.put(&store, &unlocked, "base");
    let old = made.folder.path().join("key");
    let new = made.folder.path().join("new");
    let options = Enrolment {
        get: Some(format!("/bin/cat '{}'", new.display())),
        put: Some(format!("/bin/sh -c 'cat > \"$0\"' '{}'", new.display())),
        ..Enrolment::default()
    };
    store
        .rewrap(&made.desk(), &unlocked, KeyProvider::Command, &options)
        .unwrap();
    fs::remove_file(old).unwrap();
    let again = StoredKeys::open(&made.scene.state).unwrap().unwrap();
    let unlocked = again.unlock(&made.desk()).unwrap();
    assert!(again.read(&unlocked, "base").is_ok());
}

#[test]
fn a_passphrase_is_not_asked_where_nobody_may_be_asked() {
    let made = TestStore::new();
    let created = StoredKeys::create(
        &made.scene.state,
        &made.desk(),
        KeyProvider::Passphrase,
        &Enrolment::default(),
    );
    assert_eq!(created.unwrap_err().kind(), Kind::LoginNeeded);
    assert!(StoredKeys::open(&made.scene.state).unwrap().is_none());
}

#[test]
fn of_two_that_rewrap_at_once_each_keeps_what_the_other_wrote() {
    let made = TestStore::new();
    let (mut store, unlocked) = made.store();
    let other = StoredKeys::open(&made.scene.state).unwrap().unwrap();
    let passphrase = SecretString::from("correct horse");
    let recovery = recovery_with(&passphrase, &other.file.id, &unlocked.1).unwrap();
    other.rewrite(&made.desk(), vec![recovery]).unwrap();
    store
        .rewrap(
            &made.desk(),
            &unlocked,
            KeyProvider::Command,
            &made.options(),
        )
        .unwrap();
    let again = StoredKeys::open(&made.scene.state).unwrap().unwrap();
    assert!(again.has_recovery() && store.has_recovery());
    assert!(again.unlock(&made.desk()).is_ok());
}

#[test]
fn what_is_written_down_of_a_rotation_is_found_by_either_key() {
    let made = TestStore::new();
    let (store, unlocked) = made.store();
    let rotations = Rotations::create(&made.scene.state).unwrap();
    let now = made.scene.host.clock.now();
    let known = vec!["AKIAOLD".to_owned()];
    let mut rotation = Rotation::new("AKIAOLD", "arn:aws:iam::1:user/a", known, now, 3600);
    rotations.write(&rotation).unwrap();
    assert_eq!(rotations.find("AKIAOLD").unwrap().as_ref(), Some(&rotation));
    assert_eq!(rotations.find("AKIANEW").unwrap(), None);
    rotation.new = Some(("AKIANEW".to_owned(), now));
    rotations.write(&rotation).unwrap();
    assert_eq!(rotations.find("AKIANEW").unwrap().as_ref(), Some(&rotation));
    assert_eq!(rotation.delete_at(), None);
    // The key that has no place yet is no stored key.
    let secret = SecretString::from(SECRET);
    let next = StoredKey::new("AKIAOLD", "AKIANEW", now);
    store
        .keep_next(&made.desk(), &unlocked, next, &secret)
        .unwrap();
    let kept = store.next(&unlocked, "AKIAOLD").unwrap().unwrap();
    assert_eq!(kept.access_key_id, "AKIANEW");
    assert!(store.keys().unwrap().is_empty());
    store.forget_next("AKIAOLD").unwrap();
    rotations.forget(&rotation).unwrap();
    assert!(store.next(&unlocked, "AKIAOLD").unwrap().is_none());
    assert!(rotations.all().unwrap().is_empty());
}
