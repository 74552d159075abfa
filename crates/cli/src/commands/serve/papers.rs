//! The files of a server: what programs find it by. They go with it, and what
//! one that was killed has left goes with the next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::aws_config::Copies;
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::clock::Clock;
use assumerole_host::fs::{self, PrivateDir, runtime_path};
use assumerole_host::lock::{Lock, LockError};
use assumerole_host::random;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::janitor::Leftover;
use super::spec::CopyPaths;
use crate::app::App;

/// What their names begin with.
const START: &str = "serve-";

/// What their names end with, behind a dot.
const TOKEN: &str = "token";
const CONFIG: &str = "config";
const CREDENTIALS: &str = "credentials";
const LOCK: &str = "lock";
const STATE: &str = "state";
const SOCKET: &str = "sock";

/// All of them but the lock.
const ALL: [&str; 5] = [TOKEN, CONFIG, CREDENTIALS, STATE, SOCKET];

/// A token and what is written down of a server have less.
const LARGEST: usize = 64 * 1024;

/// The folder for them: that of the person who is logged in, else the program's.
///
/// # Errors
/// Neither can be had.
pub(super) fn folder(app: &App<'_>) -> Result<PrivateDir> {
    if let Some(path) = runtime_path(&app.env)
        && let Ok(dir) = PrivateDir::create(&path)
    {
        return Ok(dir);
    }
    let path = app.places.state();
    let path = path.ok_or_else(|| {
        Error::new(Kind::Failed, "the home folder is not known").called(Id::ServerFailed)
    })?;
    Ok(PrivateDir::create(&path)?)
}

/// The files of one server, which holds their lock.
pub(super) struct Papers<'d> {
    dir: &'d PrivateDir,
    id: String,
    _lock: Lock<'d>,
}

impl<'d> Papers<'d> {
    /// A place for files in `dir`. What dead servers have left there is removed.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn open(dir: &'d PrivateDir, clock: &dyn Clock) -> Result<Self> {
        let number = random::number().map_err(|error| {
            Error::new(Kind::Failed, "no random number could be had")
                .called(Id::ServerFailed)
                .because(error)
        })?;
        let id = format!("{number:016x}");
        let name = file_name(&id, LOCK);
        let lock = at_once(dir, name, clock)?;
        sweep(dir, clock);
        Ok(Self {
            dir,
            id,
            _lock: lock,
        })
    }

    /// All its files, for whoever removes them when a signal ends the server.
    pub(super) fn files(&self) -> impl Iterator<Item = Leftover> {
        ALL.into_iter().chain([LOCK]).map(|what| Leftover {
            path: self.dir.path().join(file_name(&self.id, what)),
            is_ours: Box::new(|| true),
        })
    }

    /// Writes the token.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn token(&self, token: &str) -> Result<String> {
        self.write(TOKEN, token.as_bytes())
    }

    /// Writes down what finds a server that goes on by itself.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn state(&self, state: &[u8]) -> Result<()> {
        self.write(STATE, state).map(drop)
    }

    /// Whether that is still there: it goes with the folder when its user logs
    /// out.
    pub(super) fn has_state(&self) -> bool {
        fs::exists(&self.dir.path().join(file_name(&self.id, STATE)))
    }

    /// Where a server that goes on by itself listens to what it is told.
    pub(super) fn socket(&self) -> PathBuf {
        self.dir.path().join(file_name(&self.id, SOCKET))
    }

    /// Writes copies of the files of `~/.aws`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn copies(&self, copies: &Copies) -> Result<CopyPaths> {
        Ok(CopyPaths {
            config: self.write(CONFIG, &copies.config)?,
            credentials: self.write(CREDENTIALS, &copies.credentials)?,
        })
    }

    fn write(&self, what: &str, bytes: &[u8]) -> Result<String> {
        let name = file_name(&self.id, what);
        self.dir.write(&name, bytes)?;
        path(self.dir.path(), &name)
    }
}

impl Drop for Papers<'_> {
    fn drop(&mut self) {
        remove(self.dir, &self.id);
    }
}

/// `path`, from the folder that this runs in.
///
/// # Errors
/// That folder is gone.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    match path.is_absolute() {
        true => Ok(path.to_owned()),
        false => Ok(fs::current_dir()?.join(path)),
    }
}

fn path(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name).into_os_string().into_string();
    path.map_err(|_| {
        let message = format!("{} is not UTF-8", folder.display());
        Error::new(Kind::Failed, message)
            .called(Id::ServerFailed)
            .hint("set XDG_RUNTIME_DIR to another folder")
    })
}

fn file_name(id: &str, what: &str) -> String {
    format!("{START}{id}.{what}")
}

/// The lock `name`, if nobody has it.
fn at_once<'d>(
    dir: &'d PrivateDir,
    name: String,
    clock: &dyn Clock,
) -> Result<Lock<'d>, LockError> {
    Lock::acquire(dir, name, clock, Duration::ZERO, &mut |_| {})
}

fn remove(dir: &PrivateDir, id: &str) {
    for what in ALL {
        let _ = dir.remove(file_name(id, what));
    }
}

/// Removes the files of servers that are dead: nobody holds their lock.
/// Returns of how many.
pub(super) fn sweep(dir: &PrivateDir, clock: &dyn Clock) -> usize {
    let mut dead = 0;
    for id in ids(dir) {
        if let Ok(_lock) = at_once(dir, file_name(&id, LOCK), clock) {
            remove(dir, &id);
            dead += 1;
        }
    }
    dead
}

/// The ids of all servers that have files in `dir`.
pub(super) fn ids(dir: &PrivateDir) -> Vec<String> {
    let mut ids: Vec<String> = dir
        .list()
        .unwrap_or_default()
        .iter()
        .filter_map(|file| id_of(file.name.to_str()?))
        .map(str::to_owned)
        .collect();
    ids.dedup();
    ids
}

/// Whether the server `id` has ended, or does within `time`.
pub(super) fn ends_within(dir: &PrivateDir, id: &str, clock: &dyn Clock, time: Duration) -> bool {
    match Lock::acquire(dir, file_name(id, LOCK), clock, time, &mut |_| {}) {
        Ok(_lock) => {
            remove(dir, id);
            true
        }
        Err(_) => false,
    }
}

/// What a server has written down.
pub(super) struct LeftPapers<'d> {
    dir: &'d PrivateDir,
    id: String,
}

impl<'d> LeftPapers<'d> {
    /// That of the server `id`.
    pub(super) fn of(dir: &'d PrivateDir, id: &str) -> Self {
        Self {
            dir,
            id: id.to_owned(),
        }
    }

    /// What finds it, if it goes on by itself.
    ///
    /// # Errors
    /// The file is another user's, or cannot be read.
    pub(super) fn state(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.dir.read(file_name(&self.id, STATE), LARGEST)?)
    }

    /// Its token.
    ///
    /// # Errors
    /// As there.
    pub(super) fn token(&self) -> Result<Option<SecretString>> {
        let bytes = self.dir.read(file_name(&self.id, TOKEN), LARGEST)?;
        let bytes = bytes.map(Zeroizing::new);
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned().into()))
    }

    /// Where the token is.
    pub(super) fn token_path(&self) -> PathBuf {
        self.dir.path().join(file_name(&self.id, TOKEN))
    }

    /// Where it listens to what it is told.
    pub(super) fn socket(&self) -> PathBuf {
        self.dir.path().join(file_name(&self.id, SOCKET))
    }
}

fn id_of(name: &str) -> Option<&str> {
    let (id, what) = name.strip_prefix(START)?.split_once('.')?;
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && (ALL.contains(&what) || what == LOCK)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_servers_are_swept() {
        for (name, id) in [
            ("serve-0123456789abcdef.token", Some("0123456789abcdef")),
            ("serve-0123456789abcdef.lock", Some("0123456789abcdef")),
            ("serve-0123456789abcdef.sock", Some("0123456789abcdef")),
            ("serve-0123456789abcdef.json", None),
            ("serve-x.token", None),
            ("terminal-1-0.lock", None),
        ] {
            assert_eq!(id_of(name), id, "{name}");
        }
    }
}
