//! The sealing key in the user's Keychain, as a generic password.

use secrecy::{ExposeSecret, SecretBox};
use security_framework::base::Error;
use security_framework::passwords::{
    delete_generic_password, get_generic_password, set_generic_password,
};
use zeroize::Zeroizing;

use crate::keystore::store::{KEY_LEN, Place, SecretKey, Store, StoreError};

/// What the Keychain shows as the item's name.
const SERVICE: &str = "assumerole";
/// Which of the program's keys.
const ACCOUNT: &str = "sealing-key:v1";

/// The list of folders that hold what is sealed with it.
const FOLDERS: &str = "folders:v1";

/// `errSecItemNotFound` of Security/SecBase.h.
const ITEM_NOT_FOUND: i32 = -25300;

/// The Keychain that the user's log-in unlocks.
pub(crate) struct Keychain;

impl Store for Keychain {
    fn place(&self) -> Place {
        Place::Keychain
    }

    fn load(&self) -> Result<Option<SecretKey>, StoreError> {
        match get_generic_password(SERVICE, ACCOUNT) {
            Ok(bytes) => Ok(whole(&Zeroizing::new(bytes))),
            Err(error) if error.code() == ITEM_NOT_FOUND => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    fn save(&self, key: &SecretKey) -> Result<(), StoreError> {
        set_generic_password(SERVICE, ACCOUNT, key.expose_secret())
            .map_err(|error| unavailable(&error))
    }

    fn destroy(&self) -> Result<bool, StoreError> {
        remove(ACCOUNT)
    }

    fn folders(&self) -> Result<Vec<u8>, StoreError> {
        match get_generic_password(SERVICE, FOLDERS) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.code() == ITEM_NOT_FOUND => Ok(Vec::new()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    fn keep_folders(&self, folders: &[u8]) -> Result<(), StoreError> {
        match folders {
            [] => remove(FOLDERS).map(drop),
            folders => {
                set_generic_password(SERVICE, FOLDERS, folders).map_err(|error| unavailable(&error))
            }
        }
    }
}

/// Removes the item `account`; whether there was one.
fn remove(account: &str) -> Result<bool, StoreError> {
    match delete_generic_password(SERVICE, account) {
        Ok(()) => Ok(true),
        Err(error) if error.code() == ITEM_NOT_FOUND => Ok(false),
        Err(error) => Err(unavailable(&error)),
    }
}

/// Anything but a key of the right length is replaced.
fn whole(bytes: &[u8]) -> Option<SecretKey> {
    if bytes.len() != KEY_LEN {
        return None;
    }
    let mut key = Box::new([0; KEY_LEN]);
    key.copy_from_slice(bytes);
    Some(SecretBox::new(key))
}

/// A locked Keychain over ssh and a person who clicked "Deny" look the same
/// from here: the next place is tried.
fn unavailable(error: &Error) -> StoreError {
    let said = error
        .message()
        .unwrap_or_else(|| "no reason given".to_owned());
    StoreError::Unavailable(format!("{said} ({})", error.code()))
}
