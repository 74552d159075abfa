//! The sealing key in the user's keyring of the Linux kernel: keyrings(7).
//!
//! The user keyring (`@u`) is there for every process of a user, log-ins and
//! cron jobs included, outlives them all and ends with the machine's uptime.

use linux_keyutils::{Key, KeyError, KeyPermissions, KeyRing, KeyRingIdentifier};
use secrecy::{ExposeSecret, SecretBox};

use crate::keystore::store::{KEY_LEN, Place, SecretKey, Store, StoreError};

/// The name of the key; keyrings are one a user, so it need not name one.
pub(crate) const DESCRIPTION: &str = "assumerole:sealing-key:v1";

/// The name of the list of folders that hold what is sealed with it.
const FOLDERS: &str = "assumerole:folders:v1";

/// Bytes of a key at most, as the kernel has it.
const LARGEST: usize = 32 * 1024;

/// Everything for possessor and user, nothing for anybody else. By default
/// only a possessor may read, and a process outside of the log-in session
/// that made the key does not possess it.
const PERMISSIONS: u32 = 0x3f3f_0000;

/// A key in the user keyring.
pub(crate) struct UserKeyring {
    description: String,
}

impl UserKeyring {
    /// The key `description`.
    pub(crate) fn new(description: impl Into<String>) -> Self {
        let description = description.into();
        Self { description }
    }

    fn ring() -> Result<KeyRing, KeyError> {
        KeyRing::from_special_id(KeyRingIdentifier::User, false)
    }

    fn find(&self) -> Result<Option<Key>, KeyError> {
        search(&self.description)
    }
}

fn search(description: &str) -> Result<Option<Key>, KeyError> {
    match UserKeyring::ring()?.search(description) {
        Ok(key) => Ok(Some(key)),
        Err(error) if is_absent(error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Holds `bytes` as the key `description` for so many seconds; `None`: until
/// reboot. There is no moment at which they are there without that limit: every
/// write would take it away.
///
/// # Errors
/// The kernel does not; the reason.
pub(crate) fn hold(description: &str, bytes: &[u8], seconds: Option<u32>) -> Result<(), String> {
    let seconds = seconds.map(|seconds| usize::try_from(seconds).unwrap_or(usize::MAX));
    put_for(description, bytes, seconds).map_err(why)
}

/// The key `description`, if it is held and has `LEN` bytes.
///
/// # Errors
/// The kernel has no such thing; the reason.
pub(crate) fn held<const LEN: usize>(
    description: &str,
) -> Result<Option<SecretBox<[u8; LEN]>>, String> {
    let Some(key) = search(description).map_err(why)? else {
        return Ok(None);
    };
    let mut bytes = Box::new([0; LEN]);
    let read = key.read(&mut *bytes);
    let secret = SecretBox::new(bytes);
    match read {
        Ok(length) if length == LEN => Ok(Some(secret)),
        Ok(_) => Ok(None),
        Err(error) if is_absent(error) => Ok(None),
        Err(error) => Err(why(error)),
    }
}

/// Forgets the key `description`; whether it was held.
///
/// # Errors
/// The kernel does not; the reason.
pub(crate) fn let_go(description: &str) -> Result<bool, String> {
    let Some(key) = search(description).map_err(why)? else {
        return Ok(false);
    };
    // From here on nobody can read it, whatever else links to it.
    let _ = key.revoke();
    match UserKeyring::ring().and_then(|ring| ring.unlink_key(key)) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(error) => Ok(true),
        Err(error) => Err(why(error)),
    }
}

/// Makes the key `description`, in place of one of the same name.
fn put(description: &str, bytes: &[u8]) -> Result<(), KeyError> {
    put_for(description, bytes, None)
}

fn put_for(description: &str, bytes: &[u8], seconds: Option<usize>) -> Result<(), KeyError> {
    let user = UserKeyring::ring()?;
    // Finished where nobody sees it, then linked: that takes the
    // place of a key of the same name, however broken, in one step.
    let draft = KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?;
    let made = draft.add_key(description, bytes)?;
    let linked = made
        .set_perms(KeyPermissions::from_u32(PERMISSIONS))
        .and_then(|()| seconds.map_or(Ok(()), |seconds| made.set_timeout(seconds)))
        .and_then(|()| user.link_key(made));
    draft.unlink_key(made)?;
    linked
}

/// Removes the key `description`; whether there was one.
fn remove(description: &str) -> Result<bool, KeyError> {
    let Some(key) = search(description)? else {
        return Ok(false);
    };
    match UserKeyring::ring()?.unlink_key(key) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(error) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Store for UserKeyring {
    fn place(&self) -> Place {
        Place::KernelKeyring
    }

    fn load(&self) -> Result<Option<SecretKey>, StoreError> {
        let Some(key) = self.find().map_err(unavailable)? else {
            return Ok(None);
        };
        let mut bytes = Box::new([0; KEY_LEN]);
        let read = key.read(&mut *bytes);
        let secret = SecretBox::new(bytes);
        match read {
            // The length is the key's, even if the buffer is shorter.
            Ok(KEY_LEN) => Ok(Some(secret)),
            Ok(_) => Ok(None),
            Err(error) if is_absent(error) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    fn save(&self, key: &SecretKey) -> Result<(), StoreError> {
        put(&self.description, key.expose_secret()).map_err(unavailable)
    }

    fn destroy(&self) -> Result<bool, StoreError> {
        remove(&self.description).map_err(unavailable)
    }

    fn folders(&self) -> Result<Vec<u8>, StoreError> {
        let Some(key) = search(FOLDERS).map_err(unavailable)? else {
            return Ok(Vec::new());
        };
        let mut bytes = vec![0; LARGEST];
        match key.read(&mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                Ok(bytes)
            }
            Err(error) if is_absent(error) => Ok(Vec::new()),
            Err(error) => Err(unavailable(error)),
        }
    }

    fn keep_folders(&self, folders: &[u8]) -> Result<(), StoreError> {
        match folders {
            [] => remove(FOLDERS).map(drop),
            folders => put(FOLDERS, folders),
        }
        .map_err(unavailable)
    }
}

/// A key that is spent, or that this process may not find or read, is as
/// good as none: `save` takes its place. (Containers that forbid keys answer
/// EPERM or ENOSYS, not EACCES.)
fn is_absent(error: KeyError) -> bool {
    use KeyError::{AccessDenied, KeyDoesNotExist, KeyExpired, KeyRejected, KeyRevoked};
    matches!(
        error,
        AccessDenied | KeyDoesNotExist | KeyExpired | KeyRejected | KeyRevoked
    )
}

fn unavailable(error: KeyError) -> StoreError {
    StoreError::Unavailable(why(error))
}

fn why(error: KeyError) -> String {
    // ENOSYS has no name in that crate.
    const NO_SUCH_CALL: i32 = rustix::io::Errno::NOSYS.raw_os_error();
    match error {
        KeyError::PermissionDenied | KeyError::AccessDenied => {
            "keyctl is not permitted, as in most containers".to_owned()
        }
        KeyError::Unknown(NO_SUCH_CALL) | KeyError::OperationNotSupported => {
            "this kernel has no keyctl".to_owned()
        }
        KeyError::QuotaExceeded => "this user's quota of keys is used up".to_owned(),
        KeyError::Unknown(code) => crate::error::reason(&std::io::Error::from_raw_os_error(code)),
        other => format!("keyctl: {other}"),
    }
}

#[cfg(test)]
mod tests;
