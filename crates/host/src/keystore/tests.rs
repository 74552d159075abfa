use std::cell::{Cell, RefCell};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use assumerole_core::{Error, Kind};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;
use crate::clock::{SteppedClock, SystemClock};

fn private() -> (TempDir, PrivateDir) {
    let home = tempfile::tempdir().unwrap();
    let dir = PrivateDir::create(&home.path().join("d")).unwrap();
    (home, dir)
}

fn clock() -> SteppedClock {
    SteppedClock::new(Timestamp::UNIX_EPOCH)
}

/// A system store that answers as a container does, or as a full quota.
#[derive(Default)]
struct Scripted {
    load: Option<&'static str>,
    save: Option<&'static str>,
    kept: RefCell<Option<[u8; KEY_LEN]>>,
    saves: Cell<u32>,
}

impl Store for &Scripted {
    fn place(&self) -> Place {
        Place::KernelKeyring
    }

    fn load(&self) -> Result<Option<SecretKey>, StoreError> {
        match self.load {
            Some(why) => Err(StoreError::Unavailable(why.to_owned())),
            None => Ok(self.kept.borrow().map(|key| SecretBox::new(Box::new(key)))),
        }
    }

    fn save(&self, key: &SecretKey) -> Result<(), StoreError> {
        self.saves.set(self.saves.get() + 1);
        match self.save {
            Some(why) => Err(StoreError::Unavailable(why.to_owned())),
            None => {
                *self.kept.borrow_mut() = Some(*key.expose_secret());
                Ok(())
            }
        }
    }

    fn destroy(&self) -> Result<bool, StoreError> {
        match self.load {
            Some(why) => Err(StoreError::Unavailable(why.to_owned())),
            None => Ok(self.kept.borrow_mut().take().is_some()),
        }
    }
}

fn with<'a>(system: &'a Scripted, dir: &'a PrivateDir, clock: &'a SteppedClock) -> KeyStore<'a> {
    KeyStore {
        stores: vec![Box::new(system), Box::new(file::KeyFile::new(dir))],
        dir,
        clock,
    }
}

fn bytes(key: &SealingKey) -> [u8; KEY_LEN] {
    *key.key.expose_secret()
}

#[test]
fn the_system_store_is_used_and_no_file_is_made() {
    let (_home, dir) = private();
    let (system, clock) = (Scripted::default(), clock());
    let store = with(&system, &dir, &clock);
    assert!(store.peek().unwrap().is_none());
    let first = store.open().unwrap();
    assert_eq!((first.place, first.created), (Place::KernelKeyring, true));
    assert_eq!(first.warning, None);
    let again = store.open().unwrap();
    assert_eq!((again.created, bytes(&again)), (false, bytes(&first)));
    assert_eq!(bytes(&store.peek().unwrap().unwrap()), bytes(&first));
    assert!(dir.list().unwrap().is_empty());
    // To a folder that has nothing of it, it is nothing.
    let none = store.destroy(Path::new("/own"), false, &|_| false);
    assert_eq!(none.unwrap(), []);
    assert_eq!(
        store.destroy(Path::new("/own"), true, &|_| false).unwrap(),
        [Place::KernelKeyring]
    );
    assert_ne!(bytes(&store.open().unwrap()), bytes(&first));
}

#[test]
fn where_keyctl_is_forbidden_a_file_takes_over_and_says_so_once() {
    let (_home, dir) = private();
    let system = Scripted {
        load: Some("keyctl is not permitted"),
        ..Scripted::default()
    };
    let clock = clock();
    let store = with(&system, &dir, &clock);
    assert!(store.peek().unwrap().is_none());
    let first = store.open().unwrap();
    assert_eq!((first.place, first.created), (Place::KeyFile, true));
    let warning = first.warning.as_ref().unwrap();
    assert!(
        warning.message.contains("keyctl is not permitted"),
        "{warning:?}"
    );
    let again = store.open().unwrap();
    assert_eq!((again.created, again.warning.as_ref()), (false, None));
    assert_eq!(bytes(&again), bytes(&first));
    let mode = fs::metadata(dir.path().join(FILE_NAME))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        store.destroy(Path::new("/own"), true, &|_| false).unwrap(),
        [Place::KeyFile]
    );
}

#[test]
fn a_full_quota_is_noticed_when_the_key_is_kept() {
    let (_home, dir) = private();
    let system = Scripted {
        save: Some("quota"),
        ..Scripted::default()
    };
    let clock = clock();
    let store = with(&system, &dir, &clock);
    let first = store.open().unwrap();
    assert_eq!((first.place, first.created), (Place::KeyFile, true));
    let again = store.open().unwrap();
    assert_eq!((again.place, again.created), (Place::KeyFile, false));
    assert_eq!(bytes(&store.peek().unwrap().unwrap()), bytes(&first));
    assert_eq!(system.saves.get(), 2);
}

#[test]
fn a_file_that_is_short_or_was_open_to_others_is_replaced() {
    let (_home, dir) = private();
    let clock = clock();
    let store = KeyStore::new(Some(Place::KeyFile), &dir, &clock);
    let first = store.open().unwrap();
    assert_eq!((first.created, first.warning.as_ref()), (true, None));
    let path = dir.path().join(FILE_NAME);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let second = store.open().unwrap();
    assert!(second.created && bytes(&second) != bytes(&first));
    fs::write(&path, [1; KEY_LEN - 1]).unwrap();
    let third = store.open().unwrap();
    assert!(third.created && bytes(&third) != bytes(&second));
    assert_eq!(fs::read(&path).unwrap(), bytes(&third));
}

#[test]
fn the_place_of_another_system_is_an_error_that_says_what_to_do() {
    let (_home, dir) = private();
    let clock = clock();
    let other = if cfg!(target_os = "macos") {
        Place::KernelKeyring
    } else {
        Place::Keychain
    };
    let store = KeyStore::new(Some(other), &dir, &clock);
    let error = Error::from(store.open().unwrap_err());
    assert!(
        error.hints()[0].contains("ASSUMEROLE_KEY_STORE=file"),
        "{error}"
    );
    assert!(dir.list().unwrap().is_empty());
}

#[test]
fn a_survey_tells_each_place_and_makes_nothing() {
    let (_home, dir) = private();
    let system = Scripted {
        load: Some("no"),
        ..Scripted::default()
    };
    let clock = clock();
    let store = with(&system, &dir, &clock);
    let system_state = (
        Place::KernelKeyring,
        StoreState::Unavailable("no".to_owned()),
    );
    let expected = [system_state.clone(), (Place::KeyFile, StoreState::Absent)];
    assert_eq!(store.survey(), expected);
    store.open().unwrap();
    assert_eq!(
        store.survey(),
        [system_state, (Place::KeyFile, StoreState::Present)]
    );
}

#[test]
fn many_at_once_make_one_key() {
    let (_home, dir) = private();
    let clock = SystemClock::new();
    let keys: Vec<(bool, [u8; KEY_LEN])> = std::thread::scope(|scope| {
        let open = || {
            let store = KeyStore::new(Some(Place::KeyFile), &dir, &clock);
            let key = store.open().unwrap();
            (key.created, bytes(&key))
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|(_, key)| *key == keys[0].1));
    assert_eq!(keys.iter().filter(|(created, _)| *created).count(), 1);
}

#[test]
fn places_are_spelled_as_the_variable_spells_them() {
    for place in [Place::KernelKeyring, Place::Keychain, Place::KeyFile] {
        assert_eq!(place.as_str().parse(), Ok(place));
    }
    let error = "disk".parse::<Place>().unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
}

#[test]
fn a_key_is_shown_to_nobody() {
    let (_home, dir) = private();
    let clock = clock();
    let key = KeyStore::new(Some(Place::KeyFile), &dir, &clock)
        .open()
        .unwrap();
    assert!(!format!("{key:?}").contains(&format!("{:?}", bytes(&key))));
}
