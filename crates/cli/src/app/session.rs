//! Which session this shell is in, and what was in force for it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use assumerole_core::environment::RESTORE;
use assumerole_core::environment::table::ROLE;
use assumerole_core::shell::note::{Here, UserFiles};
use assumerole_host::env::Env;
use assumerole_session::renamed::Renamed;
use jiff::Timestamp;

use super::App;
use crate::files::Places;

impl App<'_> {
    /// From here on the files are those that were in force for a session that
    /// goes on, and the duration that the environment named for it.
    pub(crate) fn adopt(&mut self, files: &UserFiles, duration: Option<u32>) {
        self.places = self.places.with(files);
        self.config_flag = match self.places.config_is_named {
            true => files.config.to_str().map(str::to_owned),
            false => None,
        };
        self.settings.duration = duration;
        self.config = OnceCell::new();
        self.extended = OnceCell::new();
        self.accounts_said.set(false);
        self.usual_config = OnceCell::new();
        self.aws_files = OnceCell::new();
    }

    /// Begins new work in a process that goes on: what was forgotten before it
    /// says nothing of what comes of it.
    pub(crate) fn begin_anew(&mut self) {
        self.begun = self.host.clock.now();
    }

    /// Reads `~/.aws` again where it is needed next: this process has changed it.
    pub(crate) fn read_again(&mut self) {
        self.aws_files = OnceCell::new();
        self.assigned = OnceCell::new();
    }

    /// The files in force by absolute paths. None where nobody can tell which
    /// they are: a relative path, in a folder that is gone.
    pub(crate) fn files_in_force(&self) -> Option<UserFiles> {
        let Places {
            config,
            aws_config,
            aws_credentials,
            ..
        } = &self.places;
        Some(UserFiles {
            config: absolute(config)?,
            aws_config: absolute(aws_config)?,
            aws_credentials: absolute(aws_credentials)?,
        })
    }

    /// What the environment says of the session that this shell is in.
    /// Its role has the name that it has now.
    pub(crate) fn here(&self) -> Here {
        let mut here = here(&self.host.env);
        if let Here::In(note) | Here::Left(note, _) = &mut here {
            let lasts = note.identity.seconds.map(i64::from).zip(note.ends);
            let made = lasts.and_then(|(lasts, ends)| Timestamp::from_second(ends - lasts).ok());
            let made = made.unwrap_or(Timestamp::MIN);
            if let Some(now) = self.renamed(&note.role, &note.files.config, made) {
                note.role = now;
            }
        }
        here
    }

    /// What the role is called now that was called `name` in the file `config`
    /// at `at`, if that is another name.
    pub(crate) fn renamed(&self, name: &str, config: &Path, at: Timestamp) -> Option<String> {
        let dir = self.existing_state_dir().ok()??;
        Renamed::read(&dir).of_file(name, config, at)
    }

    /// The name of the role that this shell is in, as far as anybody can tell:
    /// by its note, else by the variable that earlier versions set, too.
    pub(crate) fn current_role<'a>(&'a self, here: &'a Here) -> Option<&'a str> {
        match here.note() {
            Some(note) => Some(&note.role),
            None => self.host.env.text(ROLE),
        }
    }
}

/// `path` wherever it is read from later.
fn absolute(path: &Path) -> Option<PathBuf> {
    match path.is_absolute() {
        true => Some(path.to_owned()),
        false => Some(assumerole_host::fs::current_dir().ok()?.join(path)),
    }
}

/// As [`absolute`], of a path that is written down for a shell.
pub(super) fn written(path: &Path) -> Option<String> {
    let path = match path.starts_with("~") {
        true => path.to_owned(),
        false => absolute(path)?,
    };
    path.into_os_string().into_string().ok()
}

/// What `env` says of the session that it is in.
pub(crate) fn here(env: &Env) -> Here {
    Here::of(|name| env.get(name), env.is_set(RESTORE))
}
