//! The person's files: found, read, and named as the person would name them.

use std::path::{Path, PathBuf};

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind};
use assumerole_core::config::Config;
use assumerole_core::diagnostic::Warning;
use assumerole_core::shell::note::UserFiles;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::{Env, names};
use assumerole_host::error::quoted;
use assumerole_host::fs::{self, PrivateDir};
use assumerole_host::identity;

/// Where everything is.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The home folder, if there is one.
    pub(crate) home: Option<PathBuf>,
    /// `~/.assumerole`, or what is said instead.
    pub(crate) config: PathBuf,
    /// Whether something else was said.
    pub(crate) config_is_named: bool,
    /// `~/.aws/config`.
    pub(crate) aws_config: PathBuf,
    /// `~/.aws/credentials`.
    pub(crate) aws_credentials: PathBuf,
}

impl Places {
    /// By the command line, then the environment, then the home folder.
    pub(crate) fn find(env: &Env, config: Option<&Path>) -> Self {
        let home = identity::home(env);
        let under = |name: &str| home.clone().unwrap_or_default().join(name);
        // For whoever no shell has expanded it: `--config=~/x`, a `.env` file.
        let tilde = |path: PathBuf| match (path.strip_prefix("~"), &home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path,
        };
        let named = config
            .map(Path::to_owned)
            .or_else(|| env.path(names::ASSUMEROLE_CONFIG));
        Self {
            config_is_named: named.is_some(),
            config: named.map_or_else(|| under(".assumerole"), tilde),
            aws_config: env
                .path(names::AWS_CONFIG_FILE)
                .map_or_else(|| under(".aws/config"), tilde),
            aws_credentials: env
                .path(names::AWS_SHARED_CREDENTIALS_FILE)
                .map_or_else(|| under(".aws/credentials"), tilde),
            home,
        }
    }

    /// The file of accounts, which stands beside `~/.assumerole`, or beside what was
    /// said instead.
    pub(crate) fn accounts(&self) -> PathBuf {
        let mut path = self.config.clone().into_os_string();
        path.push(".accounts");
        path.into()
    }

    /// The files of the home folder, whatever was said.
    pub(crate) fn usual(&self) -> UserFiles {
        let under = |name: &str| self.home.clone().unwrap_or_default().join(name);
        UserFiles {
            config: under(".assumerole"),
            aws_config: under(".aws/config"),
            aws_credentials: under(".aws/credentials"),
        }
    }

    /// The places of `files`, with this home folder.
    pub(crate) fn with(&self, files: &UserFiles) -> Self {
        Self {
            config_is_named: files.config != self.usual().config,
            config: files.config.clone(),
            aws_config: files.aws_config.clone(),
            aws_credentials: files.aws_credentials.clone(),
            home: self.home.clone(),
        }
    }

    /// `~/.assumerole.d`.
    pub(crate) fn state(&self) -> Option<PathBuf> {
        Some(self.home.as_ref()?.join(fs::STATE))
    }

    /// `path` as a person would write it.
    pub(crate) fn show(&self, path: &Path) -> String {
        let below = self
            .home
            .as_ref()
            .and_then(|home| path.strip_prefix(home).ok());
        // Without `format!`: each file that is read has its name shown.
        match below {
            Some(rest) if !rest.as_os_str().is_empty() => ["~/", &rest.to_string_lossy()].concat(),
            _ => path.to_string_lossy().into_owned(),
        }
    }
}

/// Reads `~/.assumerole`.
///
/// # Errors
/// There is none, it cannot be read, or it is wrong.
pub(crate) fn config(places: &Places) -> Result<Config> {
    let shown = places.show(&places.config);
    let bytes = fs::read(&places.config, fs::LARGEST);
    let bytes = bytes.map_err(|error| error.into_error(Kind::Config))?;
    if let Some(bytes) = bytes {
        return Config::from_bytes(&shown, bytes);
    }
    // Whoever moved the file did not mean to have none: it may say which
    // roles are confirmed by name.
    if let Some(target) = fs::link_target(&places.config) {
        return Err(leads_nowhere(&shown, &places.show(&target)));
    }
    // Who names a file wants that one; everybody else may have all of
    // their roles in ~/.aws/config.
    match places.config_is_named {
        true => Err(missing(&shown)),
        false => Ok(Config::none(&shown)),
    }
}

/// Reads the file of accounts, `~/.assumerole.accounts`; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is wrong.
pub(crate) fn accounts(places: &Places) -> Result<Option<Config>> {
    let path = places.accounts();
    let bytes = fs::read(&path, fs::LARGEST);
    let bytes = bytes.map_err(|error| error.into_error(Kind::Config))?;
    bytes
        .map(|bytes| Config::from_bytes(&places.show(&path), bytes))
        .transpose()
}

/// The `~/.assumerole` of the home folder, where another file was named in its
/// place: what it protects stays protected. `None` if there is none.
///
/// # Errors
/// It cannot be read, or is wrong, and may protect something.
pub(crate) fn usual_config(places: &Places) -> Result<Option<Config>> {
    let Some(home) = places.home.as_ref().filter(|_| places.config_is_named) else {
        return Ok(None);
    };
    let usual = Places {
        config: home.join(".assumerole"),
        config_is_named: false,
        ..places.clone()
    };
    if usual.config == places.config {
        return Ok(None);
    }
    let error = match config(&usual) {
        Ok(config) => return Ok(Some(config)),
        Err(error) => error,
    };
    match fs::read(&usual.config, fs::LARGEST) {
        Ok(Some(bytes)) if !Config::may_protect(&bytes) => Ok(None),
        _ => Err(error.because(
            "roles in it with \"confirm\": true are confirmed by name, whichever file is named",
        )),
    }
}

fn leads_nowhere(shown: &str, target: &str) -> Error {
    Error::new(
        Kind::Config,
        format!("cannot read {shown}: it is a link to {target}, which does not exist"),
    )
    .hint(format!(
        "put the file there, or remove the link: rm {shown}"
    ))
}

fn missing(shown: &str) -> Error {
    Error::new(Kind::Config, format!("there is no {shown}"))
        .because("it names the roles that can be assumed")
        .hint(format!("create it: assumerole --config {shown} add"))
        .hint("name another file: --config FILE or ASSUMEROLE_CONFIG")
}

/// A secret, `what`, went into the file at `path`, whose mode lets others read
/// it.
pub(crate) fn open_to_others(path: &Path, shown: &str, mode: u32, what: &str) -> Warning {
    Warning::new(format!(
        "other users can read {shown} (mode {mode:04o}), which now holds {what}"
    ))
    .hint(format!("keep it to yourself: chmod 600 {}", quoted(path)))
}

/// The error of somebody who has no role at all: the first steps.
pub(crate) fn no_role(places: &Places) -> Error {
    let config = places.show(&places.config);
    let message = format!("there is no role: no {config}, and no profile with role_arn in ~/.aws");
    Error::new(Kind::Config, message)
        .hint("create a profile with keys: aws configure --profile NAME")
        .hint("add a role that uses it: assumerole add")
}

/// Reads both files of `~/.aws`. One that does not exist is left out.
///
/// # Errors
/// One that exists cannot be read.
pub(crate) fn aws(places: &Places) -> Result<AwsFiles> {
    let read = |kind, path: &Path| -> Result<Option<AwsFile>> {
        let bytes = fs::read(path, fs::LARGEST).map_err(|error| error.into_error(Kind::Config))?;
        if let Some(bytes) = bytes.as_deref().filter(|bytes| bytes.len() > MOST_LINES) {
            check_lines(path, bytes)?;
        }
        Ok(bytes.map(|bytes| AwsFile::from_bytes(kind, &places.show(path), bytes)))
    };
    Ok(AwsFiles {
        config: read(FileKind::Config, &places.aws_config)?,
        credentials: read(FileKind::Credentials, &places.aws_credentials)?,
    })
}

/// The most lines of a file of `~/.aws`: with the place of each in mind, a file
/// that is rubbish would take more memory than anybody wants to give.
const MOST_LINES: usize = 200_000;

/// Whether a big file has few enough lines.
///
/// # Errors
/// It has more.
fn check_lines(path: &Path, bytes: &[u8]) -> Result<()> {
    let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = ends.count();
    if lines <= MOST_LINES {
        return Ok(());
    }
    let message = format!("cannot read {}", path.display());
    Err(Error::new(Kind::Config, message)
        .because(format!("it has {lines} lines; the limit is {MOST_LINES}"))
        .hint(format!("see what it is: head {}", quoted(path))))
}

/// `~/.assumerole.d`, made if need be.
///
/// # Errors
/// It cannot be made, or others could write to it.
pub(crate) fn state_dir(places: &Places) -> Result<PrivateDir> {
    let state = places.state().ok_or_else(|| {
        Error::new(Kind::Failed, "there is no home folder to keep a cache in").hint("set HOME")
    })?;
    Ok(PrivateDir::create(&state)?)
}

/// `~/.assumerole.d`, if there is one.
///
/// # Errors
/// It cannot be opened, or others could write to it.
pub(crate) fn existing_state_dir(places: &Places) -> Result<Option<PrivateDir>> {
    match places.state() {
        Some(state) => Ok(PrivateDir::open(&state)?),
        None => Ok(None),
    }
}
