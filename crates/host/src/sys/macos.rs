//! What only macOS has.

pub(crate) mod harden;
pub(crate) mod held;
pub(crate) mod keychain;
pub(crate) mod peer;
pub(crate) mod proc;
pub(crate) mod terminal;

/// The system's own place for keys.
pub(crate) fn key_store() -> Box<dyn crate::keystore::store::Store> {
    Box::new(keychain::Keychain)
}
