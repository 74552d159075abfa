use std::time::Duration;

use super::*;

/// A key of a test's own, removed at its end.
struct Own(UserKeyring);

impl Own {
    /// `None` where the kernel or a container forbids keys: then there is
    /// nothing to test but that this is said.
    fn new(test: &str) -> Option<Self> {
        let pid = std::process::id();
        let own = Self(UserKeyring::new(format!("assumerole:test:{test}:{pid}")));
        match own.0.load() {
            Ok(_) => Some(own),
            Err(StoreError::Unavailable(why)) => {
                assert!(!why.is_empty());
                None
            }
            Err(StoreError::Failed(error)) => panic!("{error}"),
        }
    }

    fn raw(&self) -> Key {
        self.0.find().unwrap().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.0.destroy();
    }
}

fn key(byte: u8) -> SecretKey {
    SecretBox::new(Box::new([byte; KEY_LEN]))
}

fn loaded(own: &Own) -> Option<u8> {
    own.0.load().unwrap().map(|key| key.expose_secret()[0])
}

#[test]
fn a_key_is_kept_replaced_and_removed() {
    let Some(own) = Own::new("kept") else { return };
    assert_eq!(loaded(&own), None);
    own.0.save(&key(1)).unwrap();
    assert_eq!(loaded(&own), Some(1));
    own.0.save(&key(2)).unwrap();
    assert_eq!(loaded(&own), Some(2));
    assert!(own.0.destroy().unwrap());
    assert!(!own.0.destroy().unwrap());
    assert_eq!(loaded(&own), None);
}

#[test]
fn every_process_of_the_user_may_read_it_and_nobody_else() {
    let Some(own) = Own::new("permissions") else {
        return;
    };
    own.0.save(&key(1)).unwrap();
    assert_eq!(
        own.raw().metadata().unwrap().get_perms().bits(),
        PERMISSIONS
    );
}

#[test]
fn a_key_of_another_length_is_no_key_and_is_replaced() {
    let Some(own) = Own::new("length") else {
        return;
    };
    for wrong in [&[7_u8; 31][..], &[7; 33], &[7; 1]] {
        let ring = UserKeyring::ring().unwrap();
        ring.add_key(own.0.description.as_str(), wrong).unwrap();
        assert_eq!(loaded(&own), None, "{} bytes", wrong.len());
        own.0.save(&key(3)).unwrap();
        assert_eq!(loaded(&own), Some(3));
        own.0.destroy().unwrap();
    }
}

#[test]
fn a_revoked_key_is_replaced() {
    let Some(own) = Own::new("revoked") else {
        return;
    };
    own.0.save(&key(1)).unwrap();
    own.raw().revoke().unwrap();
    assert_eq!(loaded(&own), None);
    own.0.save(&key(2)).unwrap();
    assert_eq!(loaded(&own), Some(2));
}

#[test]
fn an_expired_key_is_replaced() {
    let Some(own) = Own::new("expired") else {
        return;
    };
    own.0.save(&key(1)).unwrap();
    own.raw().set_timeout(1).unwrap();
    while loaded(&own).is_some() {
        std::thread::sleep(Duration::from_millis(50));
    }
    own.0.save(&key(2)).unwrap();
    assert_eq!(loaded(&own), Some(2));
}

#[test]
fn a_key_that_may_not_be_read_is_replaced() {
    let Some(own) = Own::new("unreadable") else {
        return;
    };
    own.0.save(&key(1)).unwrap();
    // View and nothing else; root has no privilege over keys.
    own.raw()
        .set_perms(KeyPermissions::from_u32(0x0101_0000))
        .unwrap();
    assert_eq!(loaded(&own), None);
    own.0.save(&key(2)).unwrap();
    assert_eq!(loaded(&own), Some(2));
}

#[test]
fn every_refusal_has_a_reason_for_a_person() {
    let reasons = [
        KeyError::PermissionDenied,
        KeyError::Unknown(38),
        KeyError::QuotaExceeded,
        KeyError::Unknown(5),
    ]
    .map(|error| match unavailable(error) {
        StoreError::Unavailable(why) => why,
        StoreError::Failed(error) => panic!("{error}"),
    });
    assert_eq!(
        reasons,
        [
            "keyctl is not permitted, as in most containers",
            "this kernel has no keyctl",
            "this user's quota of keys is used up",
            "Input/output error",
        ]
    );
}
