//! `sshkey`: a role's key in the running ssh agent.

mod loaded;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assumerole_core::config::Role;
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::diagnostic::text::Spanned;
use assumerole_core::environment::expand::expand;
use assumerole_core::ssh::{AgentKey, KeyFile, PublicKey};
use assumerole_host::deadline::uncounted;
use assumerole_host::env::names;
use assumerole_host::lock::Lock;
use assumerole_host::process::{
    Captured, ExecError, Helper, RunError, Stderr, Stdin, run_captured,
};
use assumerole_host::tty::Tty;
use assumerole_host::{fs, identity, ssh_agent};
use assumerole_session::Report as _;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::app::App;
use crate::ui::time;

/// Bytes; the largest keys have a few thousand.
const LARGEST: usize = 64 * 1024;

/// For a person who looks for the passphrase. Others that want a key wait no
/// longer.
const PATIENCE: Duration = Duration::from_secs(600);

/// As [`PATIENCE`], where nobody is asked and a prompt waits.
const HURRY: Duration = Duration::from_secs(5);

/// Puts the key of `role` into the agent, if it names one and the agent does
/// not hold it. With `ssh_lifetime` it stays there until `ends`; one that we
/// have loaded for an earlier session stays for this one, where it is `new`.
/// What keeps it from being there is said, and stops nobody.
pub(crate) fn load(app: &App<'_>, role: &Role, ends: Option<Timestamp>, new: bool) {
    let Some(written) = &role.sshkey else { return };
    let key = match Key::find(app, written) {
        Ok(key) => key,
        Err(warning) => return app.printer.warning(&warning),
    };
    let lifetime = ends.filter(|_| role.ssh_lifetime);
    if let Err(warning) = key.load(app, lifetime, new) {
        app.printer.warning(&warning);
    }
}

/// As [`load`], for a session that was renewed without a question, which ends
/// at `ends`: only of a key with `ssh_lifetime` that we have loaded, and only
/// where nobody has to be asked.
pub(crate) fn renew(app: &App<'_>, role: &Role, ends: Option<Timestamp>) {
    let (Some(written), Some(ends), true) = (&role.sshkey, ends, role.ssh_lifetime) else {
        return;
    };
    // What is wrong with it was said when the role was assumed.
    let Ok(key) = Key::find(app, written) else {
        return;
    };
    let now = app.host.clock.now();
    let (Some(until), Ok(held)) = (key.ours_until(app), key.is_held(app)) else {
        return;
    };
    // What is gone before its time was taken out by somebody.
    if held == (until <= now) || ends <= until || !key.private {
        return;
    }
    if key.may_ask {
        let (what, role) = (&key.shown, one_line(&role.name.value));
        let when = time::clock(until, now, &app.host.time_zone());
        return app.note(&format!(
            "the ssh key {what} is in the agent until {when} only: to type its passphrase, assume {role} again"
        ));
    }
    let Some(_lock) = Key::alone(app, HURRY) else {
        return;
    };
    if let Err(warning) = key.add(app, Some(ends), None, HURRY) {
        app.printer.warning(&warning);
    }
}

/// A key that a role names.
struct Key {
    /// Its file.
    path: PathBuf,
    /// As a person would write it.
    shown: String,
    socket: PathBuf,
    /// What is known of it without its passphrase.
    public: Option<PublicKey>,
    encrypted: bool,
    /// Whether `ssh-add` may ask for a passphrase: an old format does not say.
    may_ask: bool,
    /// Whether the file holds a private key at all.
    private: bool,
}

impl Key {
    /// The key at `written`.
    fn find(app: &App<'_>, written: &Spanned<String>) -> Result<Self, Warning> {
        let at = |warning: Warning| {
            let config = app.config().ok();
            let snippet = config.map(|config| config.snippet(written.span.clone()));
            Warning {
                at: snippet,
                ..warning
            }
        };
        let home = app.places.home.as_deref().and_then(Path::to_str);
        let lookup = |name: &str| app.env.get(name)?.to_str().map(str::to_owned);
        let path = expand(&written.value, lookup, home).map_err(|why| {
            at(Warning::new(format!(
                "the ssh key {} is not loaded: {why}",
                written.value
            )))
        })?;
        let mut path = PathBuf::from(path);
        if path.is_relative() {
            // A name that begins with a hyphen is no option either.
            path = Path::new(".").join(path);
        }
        let shown = app.places.show(&path);
        let Some(socket) = app.env.path(names::SSH_AUTH_SOCK) else {
            return Err(
                not_loaded(&shown, "no ssh agent runs (SSH_AUTH_SOCK is not set)")
                    .hint("start one: eval \"$(ssh-agent)\""),
            );
        };
        let read = |path: &Path| match fs::read(path, LARGEST) {
            Ok(bytes) => Ok(bytes.map(Zeroizing::new)),
            Err(error) => Err(not_loaded(&shown, error)),
        };
        let mut beside = path.clone().into_os_string();
        beside.push(".pub");
        let beside = || -> Option<PublicKey> {
            PublicKey::of_file(&fs::read(Path::new(&beside), LARGEST).ok()??)
        };
        let mut is_old = false;
        let (private, public, encrypted) = match read(&path)?.map(|bytes| KeyFile::read(&bytes)) {
            Some(KeyFile::OpenSsh { public, encrypted }) => (true, Some(public), encrypted),
            Some(KeyFile::Pem) => {
                is_old = true;
                (true, beside(), false)
            }
            Some(KeyFile::Public(public)) => (false, Some(public), false),
            Some(KeyFile::Other) => {
                return Err(at(not_loaded(&shown, "the file holds no ssh key")
                    .hint("name the file of a private key, such as ~/.ssh/id_ed25519")));
            }
            None => match beside() {
                Some(public) => (false, Some(public), false),
                None => {
                    return Err(at(not_loaded(&shown, "there is no such file")
                        .hint("correct \"sshkey\", or make the key: ssh-keygen -f FILE")));
                }
            },
        };
        Ok(Self {
            path,
            shown,
            socket,
            public,
            encrypted,
            may_ask: encrypted || is_old,
            private,
        })
    }

    /// Loads it, unless the agent holds it for long enough. One that is held is
    /// only looked at more closely for a session that is `new`.
    fn load(&self, app: &App<'_>, lifetime: Option<Timestamp>, new: bool) -> Result<(), Warning> {
        let is_enough = |held: bool| held && !(new && self.ends_before(app, lifetime));
        if is_enough(self.is_held(app)?) {
            app.trace(&format!("ssh: the agent holds {}", self.shown));
            return Ok(());
        }
        if !self.private {
            return Err(not_loaded(&self.shown, "only its public half is there, and the agent does not hold it")
                .hint("load the private half into the agent: it may be in a password manager or on a token"));
        }
        self.check_mode()?;
        let tty = app.host.tty().ok().flatten();
        let tty = tty.as_ref().filter(|tty| !tty.in_background());
        let window = app.env.is_set(names::SSH_ASKPASS) || app.env.is_set(names::DISPLAY);
        if self.encrypted && tty.is_none() && !window {
            return Err(not_loaded(
                &self.shown,
                "it has a passphrase, and there is no terminal to ask for it at",
            )
            .hint(self.by_hand()));
        }
        // One process asks for the passphrase, the others find the key there.
        let _lock = Self::alone(app, PATIENCE);
        if is_enough(self.is_held(app)?) {
            return Ok(());
        }
        let patience = match self.may_ask {
            true => PATIENCE,
            false => PATIENCE.min(app.host.clock.left()),
        };
        self.add(app, lifetime, tty.filter(|_| self.may_ask), patience)
    }

    /// Waits until no other process loads a key. Without a folder for the lock
    /// nobody is waited for.
    fn alone<'a>(app: &'a App<'_>, patience: Duration) -> Option<Lock<'a>> {
        let mut say = |holder: assumerole_host::lock::LockHolder| {
            let who = holder.pid.map_or_else(
                || "another process".to_owned(),
                |pid| format!("process {pid}"),
            );
            app.note(&format!("waiting for {who}, which is loading an ssh key"));
        };
        let clock = app.host.clock.as_ref();
        let dir = app.state_dir().ok()?;
        // Whoever has it may ask for a passphrase.
        let wait = || Lock::acquire(dir, "ssh-add.lock", clock, patience, &mut say);
        uncounted(clock, wait).ok()
    }

    /// Until when it is in the agent because we have loaded it there.
    fn ours_until(&self, app: &App<'_>) -> Option<Timestamp> {
        let (dir, agent) = (app.state_dir().ok()?, self.agent()?);
        loaded::until(dir, &self.name(), &agent)
    }

    /// Whether we have loaded it for a shorter time than `lifetime`.
    fn ends_before(&self, app: &App<'_>, lifetime: Option<Timestamp>) -> bool {
        let now = app.host.clock.now();
        // One that is there after its time is somebody else's.
        let until = self.ours_until(app).filter(|until| now < *until);
        until.is_some_and(|until| lifetime.is_none_or(|ends| until < ends))
    }

    /// What tells it from other keys.
    fn name(&self) -> String {
        match &self.public {
            Some(public) => public.fingerprint(),
            None => self.path.to_string_lossy().into_owned(),
        }
    }

    fn agent(&self) -> Option<String> {
        let at = ssh_agent::instance(&self.socket)?;
        Some(format!("{} {at}", self.socket.display()))
    }

    /// Whether the agent holds it: by its public half. An old PEM file without
    /// a `.pub` beside it shows none; what `ssh-add` loaded from it is called
    /// as the file is.
    fn is_held(&self, app: &App<'_>) -> Result<bool, Warning> {
        let held = ssh_agent::keys(&self.socket, &*app.host.clock).map_err(|why| {
            let socket = one_line(&self.socket.to_string_lossy());
            not_loaded(
                &self.shown,
                format!("the ssh agent at {socket} cannot be asked: {why}"),
            )
            .hint("start another one: eval \"$(ssh-agent)\"")
        })?;
        let path = self.path.to_string_lossy();
        let is_it = |identity: &AgentKey| match &self.public {
            Some(public) => identity.public == *public,
            None => identity.comment == path,
        };
        Ok(held.iter().any(is_it))
    }

    /// `ssh-add` takes no key of ours that others may read.
    fn check_mode(&self) -> Result<(), Warning> {
        let Ok(Some((mode, owner))) = fs::mode_and_owner(&self.path) else {
            return Ok(());
        };
        if mode & 0o077 == 0 || owner != identity::uid() {
            return Ok(());
        }
        let why = format!(
            "others may read it (mode {:03o}), which ssh-add refuses",
            mode & 0o777
        );
        Err(not_loaded(&self.shown, why).hint(format!("chmod 600 {}", self.shown)))
    }

    fn add(
        &self,
        app: &App<'_>,
        lifetime: Option<Timestamp>,
        tty: Option<&Tty>,
        timeout: Duration,
    ) -> Result<(), Warning> {
        let left = lifetime.map(|ends| ends.duration_since(app.host.clock.now()));
        let mut args: Vec<OsString> = vec!["-q".into()];
        if let Some(left) = left {
            // 0 would be for ever.
            args.extend(["-t".into(), left.as_secs().max(1).to_string().into()]);
        }
        args.push(self.path.clone().into());
        let helper = Helper {
            program: "ssh-add".into(),
            args,
            env: app.env.pairs(),
            stdin: tty.map_or(Stdin::Null, Stdin::Terminal),
            stderr: if tty.is_some() {
                Stderr::Terminal
            } else {
                Stderr::Captured
            },
            timeout,
            limit: LARGEST,
        };
        let clock = app.host.clock.as_ref();
        let done =
            uncounted(clock, || run_captured(&helper)).map_err(|error| self.not_run(&error))?;
        if !done.status.success() {
            return Err(not_loaded(&self.shown, why_not(&done)).hint(self.by_hand()));
        }
        if let (Ok(dir), Some(agent)) = (app.state_dir(), self.agent()) {
            let now = app.host.clock.now();
            loaded::note(dir, &self.name(), &agent, lifetime, now);
        }
        let until = match left {
            Some(left) => format!(" for {}", time::left(left)),
            None => String::new(),
        };
        app.note(&format!(
            "{} is loaded into the ssh agent{until}",
            self.shown
        ));
        Ok(())
    }

    fn not_run(&self, error: &RunError) -> Warning {
        match error {
            RunError::Start(ExecError::NotFound(_)) => {
                not_loaded(&self.shown, "ssh-add is not installed, or not in PATH")
                    .hint("install the OpenSSH client")
            }
            error => not_loaded(&self.shown, error).hint(self.by_hand()),
        }
    }

    fn by_hand(&self) -> String {
        format!("load it yourself: ssh-add {}", self.shown)
    }
}

fn not_loaded(shown: &str, why: impl std::fmt::Display) -> Warning {
    Warning::new(format!("the ssh key {shown} is not loaded: {why}"))
}

/// What `ssh-add` said, if the person has not read it at the terminal.
fn why_not(done: &Captured) -> String {
    let text = String::from_utf8_lossy(&done.stderr);
    match text.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => Sent::default().line(line),
        None => "ssh-add did not take it".to_owned(),
    }
}
