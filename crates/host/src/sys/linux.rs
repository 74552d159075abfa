//! What only Linux has.

pub(crate) mod harden;
pub(crate) use keyring as held;
pub(crate) mod keyring;
pub(crate) mod peer;
pub(crate) mod proc;
pub(crate) mod terminal;

/// The system's own place for keys.
pub(crate) fn key_store() -> Box<dyn crate::keystore::store::Store> {
    Box::new(keyring::UserKeyring::new(keyring::DESCRIPTION))
}
