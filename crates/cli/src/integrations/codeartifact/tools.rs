//! The files of package tools: where they are, and how they are changed.

mod wins;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::config::{CodeArtifact, Tool};
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::Warning;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::FileError;
use assumerole_host::env::names;
use assumerole_host::fs::{self, Holds, Original, PrivateDir, Replaced};
use assumerole_host::lock::Lock;
use assumerole_packages::edits::Edited;
use assumerole_packages::maven::{self, Server};
use assumerole_packages::{
    Repository, edit_npmrc, edit_nuget_config, edit_pip_conf, edit_pypirc, userconfig,
};
use assumerole_session::Report as _;
use assumerole_session::artifacts::Granted;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::app::App;
use crate::files::open_to_others;

/// A change takes milliseconds: who holds the lock for longer is stuck.
const WAIT: Duration = Duration::from_secs(30);

/// How often other programs may change a file while it is being changed.
const ATTEMPTS: usize = 5;

/// Whether there is a `settings.xml` of Maven.
pub(super) fn has_maven(app: &App<'_>) -> bool {
    home(app).is_some_and(|home| fs::exists(&home.join(MAVEN)))
}

const MAVEN: &str = ".m2/settings.xml";

fn home<'a>(app: &'a App<'_>) -> Option<&'a Path> {
    app.places.home.as_deref()
}

/// Makes the files of `tool` say what `found` and `granted` want them to say;
/// those that were changed, as a person would write them. What the tool takes
/// in their place is warned of.
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
    let files = files(app, tool)?;
    for file in &files {
        if change(app, &file.path, |path, bytes| {
            edit(tool, path, bytes, file.adds, found, granted)
        })? {
            changed.push(app.places.show(&file.path));
        }
    }
    if let Some(file) = files.last() {
        for warning in wins::warnings(app, tool, &file.path, found, granted) {
            app.warn(&warning);
        }
    }
    Ok(changed)
}

/// The files of `tool` that other users can read and that `holds` something
/// to keep from them, each with a word on it.
pub(super) fn exposed(
    app: &App<'_>,
    tool: Tool,
    holds: impl Fn(&[u8]) -> bool,
) -> Vec<(PathBuf, Warning)> {
    let files = files(app, tool).unwrap_or_default();
    let warning = |ToolFile { path, .. }: ToolFile| {
        let (mode, _) = fs::mode_and_owner(&path).ok()??;
        if mode & 0o044 == 0 {
            return None;
        }
        let bytes = Zeroizing::new(fs::read_regular(&path, fs::LARGEST_EDITED).ok()??);
        let shown = app.places.show(&path);
        let warning = open_to_others(&path, &shown, mode, "a token");
        holds(&bytes).then_some((path, warning))
    };
    files.into_iter().filter_map(warning).collect()
}

/// A file of a tool.
struct ToolFile {
    path: PathBuf,
    /// Whether something is put into it, or only what is there brought up to
    /// date.
    adds: bool,
}

/// The files that `tool` reads its settings from, the one that wins last.
fn files(app: &App<'_>, tool: Tool) -> Result<Vec<ToolFile>> {
    let home = home(app).ok_or_else(|| {
        Error::new(
            Kind::Failed,
            "there is no home folder that its settings are in",
        )
        .hint("set HOME")
    })?;
    let under = |name: &str| vec![home.join(name)];
    let files = match tool {
        Tool::Maven if has_maven(app) => under(MAVEN),
        Tool::Maven | Tool::Gradle | Tool::Cargo => Vec::new(),
        Tool::Npm => vec![npm_file(app, home)?],
        Tool::Pip => return pip_files(app, home),
        Tool::Twine => under(".pypirc"),
        Tool::Nuget => nuget_files(home),
    };
    let adds = |path| ToolFile { path, adds: true };
    Ok(files.into_iter().map(adds).collect())
}

/// Where npm's settings of a user are.
fn npm_file(app: &App<'_>, home: &Path) -> Result<PathBuf> {
    let text = |(name, value)| Some((OsStr::to_str(name)?, OsStr::to_str(value)?));
    let variables: Vec<(&str, &str)> = app.env.iter().filter_map(text).collect();
    let current = fs::current_dir().unwrap_or_default();
    let found = userconfig(&variables, home, &current).map_err(|name| {
        let variable = names::NPM_CONFIG_USERCONFIG;
        Error::new(
            Kind::Config,
            format!("{variable} does not say where npm's settings are"),
        )
        .because(format!("it has ${{{name}}} in it, and {name} is not set"))
        .hint(format!(
            "set {name}, or name the file in full: export {variable}=~/.npmrc"
        ))
    })?;
    Ok(found.unwrap_or_else(|| home.join(".npmrc")))
}

/// Where pip's settings of a user are. It takes `PIP_CONFIG_FILE` as it
/// stands, and reads no other file of the user if that one exists; else the one
/// of today and before it the one of old:
/// <https://pip.pypa.io/en/stable/topics/configuration/>.
fn pip_files(app: &App<'_>, home: &Path) -> Result<Vec<ToolFile>> {
    let variable = names::PIP_CONFIG_FILE;
    match app.env.path(variable) {
        Some(null) if null == Path::new("/dev/null") => Err(Error::new(
            Kind::Config,
            format!("pip reads no settings, as {variable} is /dev/null"),
        )
        .hint(format!("unset {variable}, or leave pip out of \"tools\""))),
        Some(path) if fs::exists(&path) => Ok(vec![ToolFile { path, adds: true }]),
        _ => {
            let old = ToolFile {
                path: home.join(".pip/pip.conf"),
                adds: false,
            };
            let today = ToolFile {
                path: pip_folder(app, home).join("pip/pip.conf"),
                adds: true,
            };
            let old = Some(old).filter(|old| fs::exists(&old.path));
            Ok(old.into_iter().chain([today]).collect())
        }
    }
}

/// Where the folder of pip's settings is.
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

/// What `tool` is told of.
fn repository(tool: Tool, granted: &Granted) -> Repository<'_> {
    let format = tool.format();
    let endpoint = format.and_then(|format| granted.endpoints.get(format));
    Repository {
        endpoint: endpoint.map_or("", String::as_str),
        token: &granted.token,
    }
}

/// What a new source of NuGet is called.
fn source(found: &CodeArtifact) -> String {
    let name = found.repository.as_ref().map_or("", |name| &name.value);
    format!("{}/{name}", found.domain.value)
}

fn edit(
    tool: Tool,
    path: &str,
    bytes: Option<&[u8]>,
    adds: bool,
    found: &CodeArtifact,
    granted: &Granted,
) -> Result<Edited> {
    let token = &granted.token;
    let repository = repository(tool, granted);
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
        Tool::Pip => edit_pip_conf(path, text()?, &repository, adds),
        Tool::Twine => edit_pypirc(path, text()?, &found.id, &repository),
        Tool::Nuget => edit_nuget_config(path, bytes, &source(found), &repository),
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
    let wrong = |error: FileError| error.into_error(Kind::Config);
    // A token that a killed process left goes, whatever there is to do.
    fs::sweep(path);
    // Nothing to do, as nearly always: nobody has to wait for anybody.
    let bytes = fs::read_regular(path, fs::LARGEST_EDITED).map_err(wrong)?;
    let bytes = bytes.map(Zeroizing::new);
    if let Edited::Unchanged = edit(&shown, bytes.as_deref().map(Vec::as_slice))? {
        return Ok(false);
    }
    let _lock = app.state_dir().ok().map(|dir| lock(app, dir)).transpose()?;
    for _ in 0..ATTEMPTS {
        // What another process wrote meanwhile stays.
        let original = Original::open(path, fs::LARGEST_EDITED).map_err(wrong)?;
        let Edited::Changed(bytes) = edit(&shown, original.content())? else {
            return Ok(false);
        };
        match original
            .replace(bytes.expose_secret(), Holds::Token)
            .map_err(wrong)?
        {
            Replaced::Overtaken => {}
            Replaced::Unchanged => return Ok(false),
            Replaced::Created | Replaced::Changed => {
                if let Some(mode) = original.open_to_others() {
                    app.warn(&open_to_others(path, &shown, mode, "a token"));
                }
                return Ok(true);
            }
        }
    }
    Err(Error::new(Kind::Failed, format!("cannot replace {shown}"))
        .called(Id::FileFailed)
        .because("another program keeps changing it")
        .hint("run this again"))
}

/// One lock for all files: they are changed a few times a day.
fn lock<'d>(app: &App<'_>, dir: &'d PrivateDir) -> Result<Lock<'d>> {
    let clock = app.host.clock.as_ref();
    Ok(Lock::acquire(dir, "tools.lock", clock, WAIT, &mut |_| {})?)
}
