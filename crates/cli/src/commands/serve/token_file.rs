//! The file of a token that somebody named: `--token-file`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::error::FileError;
use assumerole_host::fs::{self, Holds};
use assumerole_server::Token;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::janitor::Leftover;

/// More than a token has.
const LARGEST: usize = 4096;

/// A file with a token, which is removed with its server.
pub(super) struct TokenFile {
    path: PathBuf,
    token: SecretString,
}

impl TokenFile {
    /// Writes `token` to the file at `path`, without a newline: Go's SDK would
    /// send it.
    ///
    /// # Errors
    /// As for [`TokenFile::check`], and if the file cannot be written.
    pub(super) fn write(path: &Path, token: &SecretString) -> Result<Self> {
        Self::check(path)?;
        let _ = fs::replace(path, token.expose_secret().as_bytes(), Holds::Login)?;
        Ok(Self {
            path: path.to_owned(),
            token: token.clone(),
        })
    }

    /// It, for whoever removes it when a signal ends the server.
    pub(super) fn file(&self) -> Leftover {
        let (path, token) = (self.path.clone(), self.token.clone());
        Leftover {
            is_ours: Box::new(move || is_there(&path, &token)),
            path: self.path.clone(),
        }
    }

    /// Whether a token may be written to `path`: nothing is there, or what a
    /// server that was killed has left.
    ///
    /// # Errors
    /// Something else is there.
    pub(super) fn check(path: &Path) -> Result<()> {
        let refused = || {
            let message = format!("cannot write the token to {}", path.display());
            Error::new(Kind::Failed, message)
                .called(Id::ServerFailed)
                .because("the file is there already and holds something else")
                .hint("name another file: --token-file FILE")
        };
        let held = match held(path) {
            Ok(held) => held,
            Err(error) if error.source.kind() == ErrorKind::FileTooLarge => return Err(refused()),
            Err(error) => return Err(error.into()),
        };
        let is_token = held.is_none_or(|held| Token::of(held).is_some());
        is_token.then_some(()).ok_or_else(refused)
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        if is_there(&self.path, &self.token) {
            let _ = fs::remove(&self.path);
        }
    }
}

/// Whether `token` is in the file at `path`: another server may have it by now.
fn is_there(path: &Path, token: &SecretString) -> bool {
    let held = held(path).ok().flatten();
    held.is_some_and(|held| held.expose_secret() == token.expose_secret())
}

/// What the file at `path` holds, as a text; `None` if there is no file.
fn held(path: &Path) -> Result<Option<SecretString>, FileError> {
    let bytes = fs::read_regular(path, LARGEST)?.map(Zeroizing::new);
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned().into()))
}
