//! The server that goes on by itself: one for each `~/.assumerole`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, PrivateDir};
use assumerole_host::identity;
use assumerole_host::lock::Lock;
use assumerole_host::process::background;
use assumerole_server::role_path;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::control::{self, Order, Reply, RoleReport};
use super::papers::{self, LeftPapers, absolute};
use super::spec::{self, Place, Ready, Role, Spec, Word};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::time;

/// Held while it is looked whether there is one, and while one is started.
const LOCK: &str = "serve-detach.lock";

/// Longer than starting one takes.
const WAIT: Duration = Duration::from_secs(60);

/// How long its end is waited for.
const ENDING: Duration = Duration::from_secs(15);

/// What is written down of it, without a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Noted {
    /// Of which `~/.assumerole`.
    pub(super) config: PathBuf,
    pub(super) pid: u32,
    pub(super) origin: String,
    pub(super) place: Place,
    /// Whether it stands in for the metadata service of an instance.
    pub(super) instance: bool,
    /// The file that somebody named for its token, as well.
    pub(super) token_file: Option<PathBuf>,
    pub(super) started: Timestamp,
}

/// One that runs.
pub(super) struct Detached {
    pub(super) state: Noted,
    pub(super) token: SecretString,
    id: String,
    socket: PathBuf,
    own_token_file: PathBuf,
}

impl Detached {
    /// Where programs find its token.
    pub(super) fn token_file(&self) -> &Path {
        let named = self.state.token_file.as_deref();
        named.unwrap_or(&self.own_token_file)
    }

    /// How it is reached.
    pub(super) fn ready(&self) -> Ready {
        Ready {
            origin: self.state.origin.clone(),
            token: self.token.clone(),
            token_file: self.token_file().to_str().map(str::to_owned),
            tells: true,
            copies: None,
        }
    }

    /// Whether programs ask it for the role `name`.
    pub(super) fn hands_out(&self, name: &str) -> bool {
        let is_asked = matches!(self.state.place, Place::Address(..)) && !self.state.instance;
        let told = self.report().unwrap_or_default();
        is_asked && told.iter().any(|told| told.name == name)
    }

    /// Tells it something.
    ///
    /// # Errors
    /// It does not answer, or does not do it.
    pub(super) fn tell(&self, order: Order) -> Result<Reply> {
        match control::tell(&self.socket, self.token.clone(), order)? {
            Reply::Failed(error) => Err(error),
            reply => Ok(reply),
        }
    }

    /// What it hands out.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn report(&self) -> Result<Vec<RoleReport>> {
        match self.tell(Order::Report)? {
            Reply::Report(told) => Ok(told),
            _ => Err(
                Error::new(Kind::Failed, "the credentials server does not answer")
                    .called(Id::ServerFailed),
            ),
        }
    }

    /// Has it hand out `roles`, too.
    ///
    /// # Errors
    /// It does not.
    pub(super) fn add(&self, roles: Vec<Role>) -> Result<Ready> {
        match self.tell(Order::Add(roles))? {
            Reply::Ready(ready) => Ok(*ready),
            _ => Err(
                Error::new(Kind::Failed, "the credentials server does not answer")
                    .called(Id::ServerFailed),
            ),
        }
    }
}

/// Where what is written down of detached servers lies: a folder that is gone
/// after a reboot, and so is the token in it.
///
/// # Errors
/// There is none that is this user's alone.
pub(super) fn path(app: &App<'_>) -> Result<PathBuf> {
    let none = |why: String| {
        Error::new(
            Kind::Failed,
            "there is no private folder for the token of a detached server",
        )
        .called(Id::ServerFailed)
        .because(why)
        .hint("set XDG_RUNTIME_DIR to a folder of your own (mode 0700)")
        .hint("run it in a terminal: assumerole serve ROLE")
    };
    let user = identity::uid();
    let path = match fs::runtime_path(&app.env) {
        Some(path) => path,
        None => {
            let usual = PathBuf::from(format!("/run/user/{user}"));
            if !fs::exists(&usual) {
                let usual = usual.display();
                return Err(none(format!(
                    "XDG_RUNTIME_DIR is not set, and there is no {usual}"
                )));
            }
            usual.join("assumerole")
        }
    };
    let above = path.parent().unwrap_or(&path);
    let shown = above.display();
    match fs::mode_and_owner(above)? {
        None => Err(none(format!("there is no folder {shown}"))),
        Some((_, owner)) if owner != user => Err(none(format!(
            "{shown} belongs to user {owner}, this is user {user}"
        ))),
        Some((mode, _)) if mode & 0o022 != 0 => Err(none(format!(
            "others may write to {shown} (mode {mode:04o})"
        ))),
        Some(_) => Ok(path),
    }
}

/// The server of this `~/.assumerole` in `dir`, if one runs. What dead ones have
/// left there is removed.
///
/// # Errors
/// The folder cannot be read, or holds somebody else's files.
pub(super) fn find(app: &App<'_>, dir: &PrivateDir) -> Result<Option<Detached>> {
    let config = absolute(&app.places.config)?;
    papers::sweep(dir, app.host.clock.as_ref());
    for id in papers::ids(dir) {
        let left = LeftPapers::of(dir, &id);
        let Some(state) = left.state()? else { continue };
        let Ok(state) = serde_json::from_slice::<Noted>(&state) else {
            continue;
        };
        if state.config != config {
            continue;
        }
        if let Some(token) = left.token()? {
            return Ok(Some(Detached {
                token,
                socket: left.socket(),
                own_token_file: left.token_path(),
                state,
                id,
            }));
        }
    }
    Ok(None)
}

/// [`find`], for whoever only looks: no folder is made.
///
/// # Errors
/// As there.
pub(super) fn look(app: &App<'_>) -> Result<Option<(PrivateDir, Detached)>> {
    let Ok(path) = path(app) else {
        return Ok(None);
    };
    let Some(dir) = PrivateDir::open(&path)? else {
        return Ok(None);
    };
    let found = find(app, &dir)?;
    Ok(found.map(|found| (dir, found)))
}

/// Has a server hand out the roles of `spec`: the one that runs, else a new one.
///
/// # Errors
/// Neither does.
pub(super) fn hand_over(app: &App<'_>, dir: &PrivateDir, spec: Spec) -> Result<Ready> {
    let clock = app.host.clock.as_ref();
    let _lock = Lock::acquire(dir, LOCK, clock, WAIT, &mut |_| {})?;
    if let Some(running) = find(app, dir)? {
        return running.add(spec.roles);
    }
    let failed = || {
        Error::new(Kind::Failed, "the credentials server did not start").called(Id::ServerFailed)
    };
    let told = spec::written(&spec)?;
    let args = spec::HANDED_OVER.map(Into::into);
    let said = background::start(&args, app.host.env.pairs(), &told, false)
        .map_err(|error| failed().because(assumerole_host::error::reason(&error)))?;
    match spec::read(&said)? {
        Word::Ready(ready) => Ok(*ready),
        Word::Failed(error) => Err(error),
    }
}

/// What `--status --json` prints.
#[derive(Serialize)]
struct StatusObject<'a> {
    running: bool,
    config: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<ServerObject<'a>>,
}

#[derive(Serialize)]
struct ServerObject<'a> {
    pid: u32,
    /// RFC 3339.
    started: String,
    origin: &'a str,
    token_file: String,
    roles: Vec<RoleObject<'a>>,
}

#[derive(Serialize)]
struct RoleObject<'a> {
    name: &'a str,
    url: String,
    handed_out: bool,
    /// RFC 3339.
    expires: Option<String>,
    problem: Option<&'a str>,
}

/// `serve --status`.
///
/// # Errors
/// A folder cannot be read, or the server does not answer.
pub(super) fn status(app: &App<'_>, json: bool) -> Result<Outcome> {
    let config = app.places.show(&app.places.config);
    let found = look(app)?;
    let Some((_, running)) = found else {
        let text = format!("no server is running for {}\n", one_line(&config));
        let none = StatusObject {
            running: false,
            config,
            server: None,
        };
        match json {
            true => app.json(&none)?,
            false => app.data(&text)?,
        };
        return Ok(Outcome::Problems);
    };
    let told = running.report()?;
    let state = &running.state;
    if json {
        let role = |told: &'_ RoleReport| -> (String, Option<String>) {
            (
                format!("{}{}", state.origin, role_path(&told.name)),
                told.ends.map(|ends| ends.to_string()),
            )
        };
        let roles = told.iter().map(|told| {
            let (url, expires) = role(told);
            RoleObject {
                name: &told.name,
                url,
                handed_out: told.handed_out,
                expires,
                problem: told.trouble.as_deref(),
            }
        });
        return app.json(&StatusObject {
            running: true,
            config,
            server: Some(ServerObject {
                pid: state.pid,
                started: state.started.to_string(),
                origin: &state.origin,
                token_file: running.token_file().display().to_string(),
                roles: roles.collect(),
            }),
        });
    }
    let (now, zone) = (app.host.clock.now(), app.host.time_zone());
    let mut text = format!(
        "{}, process {}, since {}, for {}\n",
        state.origin,
        state.pid,
        time::moment(state.started, &zone),
        one_line(&config)
    );
    for told in &told {
        let left = match (told.handed_out, told.ends) {
            (true, Some(ends)) => format!(
                "{} ({})",
                time::until(ends, now, &zone),
                time::left(ends.duration_since(now))
            ),
            (true, None) => "handed out".to_owned(),
            (false, _) => "no credentials".to_owned(),
        };
        let trouble = told.trouble.as_deref().map(|why| format!("; {why}"));
        let trouble = trouble.unwrap_or_default();
        text.push_str(&format!(
            "  {}: {}\n",
            one_line(&told.name),
            one_line(&format!("{left}{trouble}"))
        ));
    }
    app.data(&text)
}

/// `serve --stop`.
///
/// # Errors
/// A folder cannot be read, or the server does not end.
pub(super) fn stop(app: &App<'_>) -> Result<Outcome> {
    let config = app.places.show(&app.places.config);
    let Some((dir, running)) = look(app)? else {
        let text = format!("no server is running for {}", one_line(&config));
        app.printer.note(&text);
        return Ok(Outcome::Done);
    };
    let pid = running.state.pid;
    // One that does not answer is ended like any other process.
    if running.tell(Order::Stop).is_err() {
        background::end(pid);
    }
    let clock = app.host.clock.as_ref();
    match papers::ends_within(&dir, &running.id, clock, ENDING) {
        true => Ok(Outcome::Done),
        false => Err(Error::new(
            Kind::Failed,
            format!("the credentials server, process {pid}, does not end"),
        )
        .called(Id::ServerFailed)
        .hint(format!("end it: kill -9 {pid}"))),
    }
}
