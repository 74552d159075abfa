//! A failed file operation: what was being done, to which file, why.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use rustix::io::Errno;

/// An [`io::Error`] that knows its file. Becomes an
/// [`assumerole_core::Error`] with a hint where a person can do something.
#[derive(Debug)]
pub struct FileError {
    /// What could not be done, as a verb: `read`, `replace`, `lock`.
    pub doing: &'static str,
    /// To which file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
    /// What to do about it, where the reason alone does not say.
    pub hint: Option<String>,
}

impl FileError {
    /// `doing` failed on `path` because of `source`.
    pub fn new(
        doing: &'static str,
        path: impl Into<PathBuf>,
        source: impl Into<io::Error>,
    ) -> Self {
        Self {
            doing,
            path: path.into(),
            source: source.into(),
            hint: None,
        }
    }

    /// `path` is not what it has to be; `why` says what it is instead.
    pub(crate) fn refused(
        doing: &'static str,
        path: impl Into<PathBuf>,
        why: impl Into<String>,
    ) -> Self {
        let why = io::Error::new(io::ErrorKind::PermissionDenied, why.into());
        Self::new(doing, path, why)
    }

    /// The file `path` cannot be made: there is no folder for it.
    pub(crate) fn without_folder(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(path);
        Self::new("create", path, Errno::NOENT)
            .hint(format!("create its folder: mkdir -p {}", quoted(folder)))
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same as a failure of `kind`, for files whose failure means more
    /// than [`Kind::Failed`].
    pub fn into_error(self, kind: Kind) -> Error {
        let message = format!("cannot {} {}", self.doing, self.path.display());
        let hint = self.hint.clone().or_else(|| self.usual_hint());
        let mut error = Error::new(kind, message).because(reason(&self.source));
        if kind == Kind::Failed {
            error = error.called(Id::FileFailed);
        }
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn usual_hint(&self) -> Option<String> {
        let folder = self.path.parent().unwrap_or(&self.path);
        // Not a file that is larger than we read.
        if Errno::from_io_error(&self.source) == Some(Errno::FBIG) {
            return Some("raise the limit for files: ulimit -f unlimited".to_owned());
        }
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => Some(format!(
                "check the permissions: ls -ld {} {}",
                quoted(folder),
                quoted(&self.path)
            )),
            io::ErrorKind::QuotaExceeded => {
                Some("remove some of your files, or ask for a larger quota: quota -s".to_owned())
            }
            io::ErrorKind::StorageFull => {
                Some(format!("free some space: df -h {}", quoted(folder)))
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                Some("change the file at its source: the file system is mounted read-only".to_owned())
            }
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidInput => {
                Some(format!("see what it is: ls -lL {}", quoted(&self.path)))
            }
            io::ErrorKind::ResourceBusy => {
                Some("a file that is mounted on its own, as containers do, cannot be replaced: mount its folder".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (doing, path) = (self.doing, self.path.display());
        write!(f, "cannot {doing} {path}: {}", reason(&self.source))
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        error.into_error(Kind::Failed)
    }
}

/// The reason without Rust's `(os error 13)`, which tells a person nothing.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(code) => text
            .strip_suffix(&format!(" (os error {code})"))
            .map_or(text.clone(), str::to_owned),
        None => text,
    }
}

/// A path to paste into a shell.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~@:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_what_where_why_and_what_next() {
        let error = FileError::new(
            "read",
            "/home/j doe/.assumerole",
            io::Error::from_raw_os_error(13),
        );
        assert_eq!(
            error.to_string(),
            "cannot read /home/j doe/.assumerole: Permission denied"
        );
        let error = error.into_error(Kind::Config);
        assert_eq!(error.kind(), Kind::Config);
        assert_eq!(error.message(), "cannot read /home/j doe/.assumerole");
        assert_eq!(error.causes(), ["Permission denied"]);
        assert_eq!(
            error.hints(),
            ["check the permissions: ls -ld '/home/j doe' '/home/j doe/.assumerole'"]
        );
    }

    #[test]
    fn a_hint_of_its_own_wins() {
        let error = FileError::refused("use", "/x", "it is a symbolic link").hint("rm /x");
        assert_eq!(Error::from(error).hints(), ["rm /x"]);
    }
}
