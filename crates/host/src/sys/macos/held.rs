//! The kernel holds no keys here.

use secrecy::SecretBox;

const NONE: &str = "this system has no keyring in its kernel";

/// Holds nothing.
///
/// # Errors
/// Always.
pub(crate) fn hold(_name: &str, _bytes: &[u8], _seconds: Option<u32>) -> Result<(), String> {
    Err(NONE.to_owned())
}

/// Has nothing.
///
/// # Errors
/// Always.
pub(crate) fn held<const LEN: usize>(_name: &str) -> Result<Option<SecretBox<[u8; LEN]>>, String> {
    Err(NONE.to_owned())
}

/// Forgets nothing.
///
/// # Errors
/// Never: there is nothing.
pub(crate) fn let_go(_name: &str) -> Result<bool, String> {
    Ok(false)
}
