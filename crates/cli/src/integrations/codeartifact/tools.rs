//! The files of package tools: where they are, and how they are changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::config::{CodeArtifact, Tool};
use assumerole_core::edits::Edited;
use assumerole_core::maven::{self, Server};
use assumerole_core::tools::{
    Repository, edit_npmrc, edit_nuget_config, edit_pip_conf, edit_pypirc,
};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::fs::{self, PrivateDir};
use assumerole_host::lock::Lock;
use assumerole_session::artifacts::Granted;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::app::App;

/// No such file is larger.
const LARGEST: usize = 16 * 1024 * 1024;

/// A change takes milliseconds: who holds the lock for longer is stuck.
const WAIT: Duration = Duration::from_secs(30);

/// Whether there is a `settings.xml` of Maven.
pub(super) fn has_maven(app: &App<'_>) -> bool {
    home(app).is_some_and(|home| fs::exists(&home.join(MAVEN)))
}

const MAVEN: &str = ".m2/settings.xml";

fn home<'a>(app: &'a App<'_>) -> Option<&'a Path> {
    app.places.home.as_deref()
}

/// Makes the files of `tool` say what `found` and `granted` want them to say;
/// those that were changed, as a person would write them.
///
/// # Errors
/// A file cannot be read or written, or is not what it should be. It is as it
/// was.
pub(super) fn set_up(
    app: &App<'_>,
    tool: Tool,
    found: &CodeArtifact,
    granted: &Granted,
) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for file in files(app, tool)? {
        if change(app, &file, |path, bytes| {
            edit(tool, path, bytes, found, granted)
        })? {
            changed.push(app.places.show(&file));
        }
    }
    Ok(changed)
}

/// The files that `tool` reads its settings from.
fn files(app: &App<'_>, tool: Tool) -> Result<Vec<PathBuf>> {
    let home = home(app).ok_or_else(|| {
        Error::new(
            Kind::Failed,
            "there is no home folder that its settings are in",
        )
        .hint("set HOME")
    })?;
    let under = |name: &str| vec![home.join(name)];
    let named = |name: &str| app.env.path(name).map(|path| vec![path]);
    Ok(match tool {
        Tool::Maven if has_maven(app) => under(MAVEN),
        Tool::Maven | Tool::Gradle | Tool::Cargo => Vec::new(),
        // npm takes either, and means the same.
        Tool::Npm => named(names::NPM_CONFIG_USERCONFIG)
            .or_else(|| named(names::lower::NPM_CONFIG_USERCONFIG))
            .unwrap_or_else(|| under(".npmrc")),
        Tool::Pip => vec![pip_folder(app, home).join("pip/pip.conf")],
        Tool::Twine => under(".pypirc"),
        Tool::Nuget => nuget_files(home),
    })
}

/// Where pip's folder is: <https://pip.pypa.io/en/stable/topics/configuration/>.
fn pip_folder(app: &App<'_>, home: &Path) -> PathBuf {
    let support = home.join("Library/Application Support");
    if cfg!(target_os = "macos") && fs::exists(&support.join("pip")) {
        return support;
    }
    let config = app.env.path(names::XDG_CONFIG_HOME);
    let config = config.filter(|_| !cfg!(target_os = "macos"));
    config.unwrap_or_else(|| home.join(".config"))
}

/// That of `dotnet` and that of Mono's `nuget`, as far as they are there:
/// <https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior>.
fn nuget_files(home: &Path) -> Vec<PathBuf> {
    let dotnet = home.join(".nuget/NuGet/NuGet.Config");
    let mono = home.join(".config/NuGet/NuGet.Config");
    match (fs::exists(&dotnet), fs::exists(&mono)) {
        (true, true) => vec![dotnet, mono],
        (false, true) => vec![mono],
        (_, false) => vec![dotnet],
    }
}

fn edit(
    tool: Tool,
    path: &str,
    bytes: Option<&[u8]>,
    found: &CodeArtifact,
    granted: &Granted,
) -> Result<Edited> {
    let token = &granted.token;
    let endpoint = tool
        .format()
        .and_then(|format| granted.endpoints.get(format));
    let repository = Repository {
        endpoint: endpoint.map_or("", String::as_str),
        token,
    };
    let text = || text(path, bytes.unwrap_or_default());
    match tool {
        Tool::Maven => {
            let server = Server {
                id: &found.id,
                username: &found.username,
                password: token,
            };
            // It was there a moment ago, and is not made where it is not.
            bytes.map_or(Ok(Edited::Unchanged), |bytes| {
                maven::edit(path, bytes, &server)
            })
        }
        Tool::Npm => edit_npmrc(path, text()?, &found.scopes, &repository),
        Tool::Pip => edit_pip_conf(path, text()?, &repository),
        Tool::Twine => edit_pypirc(path, text()?, &found.id, &repository),
        Tool::Nuget => {
            let name = found.repository.as_ref().map_or("", |name| &name.value);
            let name = format!("{}/{name}", found.domain.value);
            edit_nuget_config(path, bytes, &name, &repository)
        }
        Tool::Gradle | Tool::Cargo => Ok(Edited::Unchanged),
    }
}

fn text<'b>(path: &str, bytes: &'b [u8]) -> Result<&'b str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        Error::new(Kind::Config, format!("{path} is not UTF-8 text"))
            .because(format!("line {line} is not"))
            .hint("save it as UTF-8")
    })
}

/// Reads the file `path`, and replaces it if `edit` says so; whether it did.
fn change(
    app: &App<'_>,
    path: &Path,
    edit: impl Fn(&str, Option<&[u8]>) -> Result<Edited>,
) -> Result<bool> {
    let shown = app.places.show(path);
    let read = || -> Result<Option<Zeroizing<Vec<u8>>>> {
        let bytes = fs::read(path, LARGEST).map_err(|error| error.into_error(Kind::Config))?;
        Ok(bytes.map(Zeroizing::new))
    };
    let edited = |bytes: Option<&Zeroizing<Vec<u8>>>| edit(&shown, bytes.map(|b| b.as_slice()));
    // Nothing to do, as nearly always: nobody has to wait for anybody.
    if let Edited::Unchanged = edited(read()?.as_ref())? {
        return Ok(false);
    }
    let _lock = app.state_dir().ok().map(|dir| lock(app, dir)).transpose()?;
    // What another process wrote meanwhile stays.
    match edited(read()?.as_ref())? {
        Edited::Unchanged => Ok(false),
        Edited::Changed(bytes) => {
            fs::create_folder_of(path)?;
            fs::replace(path, bytes.expose_secret())?;
            Ok(true)
        }
    }
}

/// One lock for all files: they are changed a few times a day.
fn lock<'d>(app: &App<'_>, dir: &'d PrivateDir) -> Result<Lock<'d>> {
    let clock = app.host.clock.as_ref();
    Ok(Lock::acquire(dir, "tools.lock", clock, WAIT, &mut |_| {})?)
}
