//! The sealing key in a file.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use secrecy::{ExposeSecret, SecretBox};

use super::store::{KEY_LEN, Place, SecretKey, Store, StoreError};
use crate::error::FileError;
use crate::fs::PrivateDir;

/// The name of the key file.
pub(crate) const FILE_NAME: &str = "sealing-key";

/// [`KEY_LEN`] bytes in a file of mode 0600.
pub(super) struct KeyFile<'a> {
    dir: &'a PrivateDir,
}

impl<'a> KeyFile<'a> {
    pub(super) fn new(dir: &'a PrivateDir) -> Self {
        Self { dir }
    }
}

impl Store for KeyFile<'_> {
    fn place(&self) -> Place {
        Place::KeyFile
    }

    fn load(&self) -> Result<Option<SecretKey>, StoreError> {
        let Some((mut file, found)) = self.dir.open_file(OsStr::new(FILE_NAME))? else {
            return Ok(None);
        };
        // A key that others could read is a key no more.
        let exposed = found.mode() & 0o077 != 0;
        if exposed || found.len() != KEY_LEN as u64 {
            return Ok(None);
        }
        let mut key = Box::new([0; KEY_LEN]);
        file.read_exact(key.as_mut_slice())
            .map_err(|error| FileError::new("read", self.dir.path().join(FILE_NAME), error))?;
        Ok(Some(SecretBox::new(key)))
    }

    fn save(&self, key: &SecretKey) -> Result<(), StoreError> {
        Ok(self.dir.write(FILE_NAME, key.expose_secret())?)
    }

    fn destroy(&self) -> Result<bool, StoreError> {
        Ok(self.dir.remove(FILE_NAME)?)
    }
}
