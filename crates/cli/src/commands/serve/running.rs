//! The process of a server: it answers on one thread, and renews on the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::shell::note::{Note, UserFiles};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::fs::{self, PrivateDir, Stamp};
use assumerole_host::process;
use assumerole_host::process::background::{self, Other};
use assumerole_host::signals::Watch;
use assumerole_host::{error, peer};
use assumerole_server::{Limits, Offers, Rules, Server, Token};
use secrecy::ExposeSecret as _;

use super::control::{Added, Control, Reply};
use super::detached::{self, Noted};
use super::door::{self, Opened, Owned};
use super::janitor::Janitor;
use super::kept::{House, Kept};
use super::papers::{self, Papers};
use super::sentry::Sentry;
use super::spec::{self, APART, AwsPaths, CopyPaths, Ready, Role, Spec, Word};
use super::talk::Talk;
use super::token_file::TokenFile;
use crate::app::App;
use crate::files::{self, Places};
use crate::outcome::Outcome;
use crate::ui::Printer;

/// How often it is looked whether something has to be done.
const TICK: Duration = Duration::from_millis(400);

/// Is started by [`super::launch`], and starts [`apart`].
///
/// # Errors
/// The system refuses.
pub(super) fn near(app: &App<'_>) -> Result<Outcome> {
    let args = APART.map(Into::into);
    background::leave_family(&args, app.host.env.pairs()).map_err(|error| not_started(&error))?;
    Ok(Outcome::Done)
}

fn not_started(error: &std::io::Error) -> Error {
    Error::new(Kind::Failed, "the credentials server did not start")
        .called(Id::ServerFailed)
        .because(error::reason(error))
}

/// Is a server, for whoever has started [`near`].
///
/// # Errors
/// It was not started so.
pub(super) fn apart(app: &mut App<'_>) -> Result<Outcome> {
    let told = background::handed_over().map_err(|error| not_started(&error))?;
    let spec: Spec = spec::read(&told)?;
    asks_nobody(app);
    if let Some(role) = spec.roles.first() {
        let note = role.note()?;
        app.adopt(&note.files, note.duration);
    }
    let dir = match spec.detached {
        Some(_) => detached::path(app)
            .and_then(|path| Ok(PrivateDir::create(&path)?))
            .ok(),
        None => papers::folder(app).ok(),
    };
    let janitor = Janitor::start(Arc::clone(&app.host.clock));
    let opened = door::open(&spec.place);
    let start = |opened| Running::start(app, &spec, dir.as_ref(), opened, janitor);
    let running = opened.and_then(start);
    match running {
        Ok((running, ready)) => {
            let word = spec::written(&Word::Ready(Box::new(ready)))?;
            // Without a reader there is nobody to serve.
            if background::answer(&word).is_ok() {
                running.run(app);
            }
        }
        Err(error) => {
            let word = spec::written(&Word::Failed(error))?;
            let _ = background::answer(&word);
        }
    }
    Ok(Outcome::Done)
}

/// Has `app` be a server's.
pub(super) fn asks_nobody(app: &mut App<'_>) {
    app.printer = Printer::new(&app.env, true);
    app.credentials_only = true;
    app.settings.consumer = Consumer::Program;
    // Where AWS does not answer soon, there is another time.
    app.settings.hurried = true;
}

/// A server with what it hands out.
pub(super) struct Running<'h, 'd> {
    roles: Vec<Kept>,
    offers: Arc<Offers>,
    talk: Talk<'h>,
    papers: Option<Papers<'d>>,
    /// Where programs look for `~/.aws`, whose copies are kept up.
    aws_files: Option<AwsPaths>,
    watch: Option<Other>,
    /// Where it is told something, if it goes on by itself.
    control: Option<Control>,
    ready: Ready,
    files: Watched,
    sentry: Sentry,
    janitor: Option<Janitor>,
    _server: Server,
    _socket: Option<Owned>,
    /// The file of the token that somebody wanted.
    _token_file: Option<TokenFile>,
}

impl<'h, 'd> Running<'h, 'd> {
    /// Begins to answer whoever is at the door. `ready` says how it is reached.
    ///
    /// # Errors
    /// A file cannot be written, or a thread not be started.
    pub(super) fn start(
        app: &App<'h>,
        spec: &Spec,
        dir: Option<&'d PrivateDir>,
        opened: Opened,
        janitor: Option<Janitor>,
    ) -> Result<(Self, Ready)> {
        let watch = spec.watch.map(|pid| {
            let gone = || {
                Error::new(Kind::Failed, "the command has ended already").called(Id::ServerFailed)
            };
            Other::of(pid).ok_or_else(gone)
        });
        let mut roles: Vec<Kept> = spec
            .roles
            .iter()
            .map(|role| Kept::of(app, role))
            .collect::<Result<_>>()?;
        let of_roles = roles.first().map(|role| role.note().files.clone());
        let offers = Arc::new(Offers::new(Arc::clone(&app.host.clock)));
        for (role, spec) in roles.iter().zip(&spec.roles) {
            role.give(&offers, spec.credentials());
        }
        let token = Token::random().map_err(|error| {
            Error::new(Kind::Failed, "no random number could be had")
                .called(Id::ServerFailed)
                .because(error)
        })?;
        let clock = app.host.clock.as_ref();
        let papers = dir.map(|dir| Papers::open(dir, clock));
        let papers = needed(papers, spec)?;
        if let (Some(janitor), Some(papers)) = (&janitor, &papers) {
            papers.files().for_each(|file| janitor.knows(file));
        }
        let token_file = papers
            .as_ref()
            .map(|papers| papers.token(token.secret().expose_secret()));
        let wanted = spec.token_file.as_deref();
        let wanted = wanted.map(|path| TokenFile::write(path, token.secret()));
        let wanted = wanted.transpose()?;
        if let (Some(janitor), Some(file)) = (&janitor, &wanted) {
            janitor.knows(file.file());
        }
        let ready = Ready {
            tells: opened.tells,
            origin: opened.origin,
            token: token.secret().clone(),
            token_file: needed(token_file, spec)?,
            copies: match &spec.aws_files {
                Some(paths) => copies(app, paths, papers.as_ref())?,
                None => None,
            },
        };
        let control = control(app, spec, papers.as_ref(), janitor.as_ref(), &ready, &token)?;
        let rules = Rules {
            hosts: opened.hosts,
            token,
            user: peer::own_user(),
            instance: spec.instance,
        };
        let server = Server::start(opened.door, rules, Limits::default(), Arc::clone(&offers));
        let server = server.map_err(|error| not_started(&error))?;
        let clock = Arc::clone(&app.host.clock);
        let sentry = Sentry::start(app.places.state(), Arc::clone(&offers), clock);
        let talk = Talk::new(app.host, spec.detached.is_some());
        let house = House {
            offers: &offers,
            talk: &talk,
            sentry: &sentry,
        };
        for role in &mut roles {
            role.plan(app, &house);
        }
        let running = Self {
            roles,
            offers,
            sentry,
            talk,
            papers,
            aws_files: spec.aws_files.clone(),
            watch: watch.transpose()?,
            control,
            ready: ready.clone(),
            files: Watched::of(app, of_roles.as_ref(), spec.aws_files.as_ref()),
            janitor,
            _server: server,
            _socket: opened.file,
            _token_file: wanted,
        };
        running.report(app);
        Ok((running, ready))
    }

    /// Looks after everything until the end; the signal that was it, if one was.
    pub(super) fn run(mut self, app: &mut App<'_>) -> Option<i32> {
        if let Some(janitor) = &self.janitor {
            janitor.is_served();
        }
        loop {
            match self.waits(app) {
                Some(End::Signal(signal)) => return Some(signal),
                Some(End::Gone) => return None,
                None => {}
            }
            app.begin_anew();
            if self.files.have_changed() {
                if let Some(note) = self.roles.first().map(|role| role.note().clone()) {
                    app.adopt(&note.files, note.duration);
                }
                self.roles.iter_mut().for_each(Kept::plan_anew);
                if let Some(paths) = &self.aws_files {
                    let _ = copies(app, paths, self.papers.as_ref());
                }
            }
            let added = self.control.as_ref().and_then(Control::added);
            if let Some(Added { roles, reply }) = added {
                let answer = self.add(app, &roles);
                let _ = reply.send(answer.unwrap_or_else(Reply::Failed));
            }
            let house = House {
                offers: &self.offers,
                talk: &self.talk,
                sentry: &self.sentry,
            };
            for role in &mut self.roles {
                if let Some(logout) = self.sentry.take_forgotten(role.name()) {
                    role.heed_logout(&self.talk, logout);
                }
                role.look_after(app, &house);
            }
            self.report(app);
        }
    }

    /// Hands out `roles`, too.
    ///
    /// # Errors
    /// They are of other files, or were not written by this program.
    fn add(&mut self, app: &App<'_>, roles: &[Role]) -> Result<Reply> {
        let mut new = Vec::with_capacity(roles.len());
        for role in roles {
            let kept = Kept::of(app, role)?;
            if let Some(first) = self.roles.first()
                && let Some(what) = other_files(first.note(), kept.note())
            {
                let message = format!("the server that is running has another {what}");
                return Err(Error::new(Kind::Failed, message)
                    .called(Id::ServerFailed)
                    .hint("end it, and start it with all roles: assumerole serve --stop"));
            }
            new.push((kept, role.credentials()));
        }
        let house = House {
            offers: &self.offers,
            talk: &self.talk,
            sentry: &self.sentry,
        };
        for (mut kept, credentials) in new {
            self.roles.retain(|old| old.name() != kept.name());
            self.sentry.take_forgotten(kept.name());
            kept.give(&self.offers, credentials);
            kept.plan(app, &house);
            self.roles.push(kept);
        }
        self.report(app);
        Ok(Reply::Ready(Box::new(self.ready.clone())))
    }

    /// Says what there is to whoever wants to know.
    fn report(&self, app: &App<'_>) {
        if let Some(control) = &self.control {
            let now = app.host.clock.now();
            control.report(self.roles.iter().map(|role| role.told(now)).collect());
        }
    }

    /// Waits for the next look, if there is one.
    fn waits(&self, app: &App<'_>) -> Option<End> {
        // While something is renewed, a program that is run for that watches.
        let signals = Watch::start().ok();
        let ended = match &self.watch {
            Some(other) => other.ends_within(TICK),
            None => {
                app.host.clock.sleep(TICK);
                false
            }
        };
        let caught = signals.and_then(Watch::finish);
        // That which came while something was renewed.
        let before = || self.janitor.as_ref().and_then(Janitor::caught);
        let ended = ended || self.is_ended();
        match caught.or_else(before) {
            Some(signal) => Some(End::Signal(signal)),
            None => ended.then_some(End::Gone),
        }
    }
}

impl Running<'_, '_> {
    /// Whether it was told to end, or nothing finds it any more.
    fn is_ended(&self) -> bool {
        let told = self.janitor.as_ref().is_some_and(Janitor::is_ended);
        let has_state = || self.papers.as_ref().is_some_and(Papers::has_state);
        told || self.control.is_some() && !has_state()
    }
}

/// `found`, without which a server that goes on by itself cannot be found.
fn needed<T>(found: Option<Result<T>>, spec: &Spec) -> Result<Option<T>> {
    match (found, &spec.detached) {
        (found, None) => Ok(found.and_then(Result::ok)),
        (found, Some(_)) => found.transpose(),
    }
}

/// Writes down what finds a server that goes on by itself, and listens to what
/// it is told.
fn control(
    app: &App<'_>,
    spec: &Spec,
    papers: Option<&Papers<'_>>,
    janitor: Option<&Janitor>,
    ready: &Ready,
    token: &Token,
) -> Result<Option<Control>> {
    let Some(config) = &spec.detached else {
        return Ok(None);
    };
    let (Some(papers), Some(janitor)) = (papers, janitor) else {
        return Err(
            Error::new(Kind::Failed, "the credentials server did not start")
                .called(Id::ServerFailed),
        );
    };
    let listener = fs::listen_at(&papers.socket())?;
    let noted = Noted {
        config: config.clone(),
        pid: process::own_pid(),
        origin: ready.origin.clone(),
        place: spec.place.clone(),
        instance: spec.instance,
        token_file: spec.token_file.clone(),
        started: app.host.clock.now(),
    };
    papers.state(&spec::written(&noted)?)?;
    let control = Control::start(listener, token.clone(), janitor.ender());
    control.map(Some).map_err(|error| not_started(&error))
}

/// What another note has been made with than `first`, in which a server looks.
fn other_files(first: &Note, other: &Note) -> Option<&'static str> {
    let (first_files, files) = (&first.files, &other.files);
    [
        (first_files.config != files.config, "~/.assumerole"),
        (
            first_files.aws_config != files.aws_config,
            "AWS_CONFIG_FILE",
        ),
        (
            first_files.aws_credentials != files.aws_credentials,
            "AWS_SHARED_CREDENTIALS_FILE",
        ),
        (first.duration != other.duration, "AWS_STS_DURATION_SECONDS"),
    ]
    .into_iter()
    .find_map(|(differs, what)| differs.then_some(what))
}

/// What ends a server.
enum End {
    Signal(i32),
    /// The command that it was for has ended.
    Gone,
}

/// Copies of the files at `paths` without the credentials of `[default]`, where
/// it has some.
fn copies(
    app: &App<'_>,
    paths: &AwsPaths,
    papers: Option<&Papers<'_>>,
) -> Result<Option<CopyPaths>> {
    let places = Places {
        aws_config: paths.config.clone(),
        aws_credentials: paths.credentials.clone(),
        ..app.places.clone()
    };
    let Some(copies) = files::aws(&places)?.without_default() else {
        return Ok(None);
    };
    let papers = papers.ok_or_else(|| {
        Error::new(
            Kind::Failed,
            "programs would take the credentials of [default] in ~/.aws in the server's place",
        )
        .called(Id::ServerFailed)
        .because("there is no folder for a copy without them")
        .hint("give [default] another name, or set XDG_RUNTIME_DIR")
    })?;
    papers.copies(&copies).map(Some)
}

/// The files that say what a role is.
struct Watched {
    paths: Vec<PathBuf>,
    stamps: Vec<Option<Stamp>>,
}

impl Watched {
    fn of(app: &App<'_>, files: Option<&UserFiles>, aws_files: Option<&AwsPaths>) -> Self {
        let home = app.places.home.clone();
        let logins = home.iter().flat_map(|home| {
            [".aws/sso/cache", ".aws/login/cache"].map(|folder| home.join(folder))
        });
        let files = files.into_iter().flat_map(|files| {
            [&files.config, &files.aws_config, &files.aws_credentials].map(Clone::clone)
        });
        let read = aws_files
            .into_iter()
            .flat_map(|paths| [paths.config.clone(), paths.credentials.clone()]);
        let paths: Vec<PathBuf> = files.chain(read).chain(logins).collect();
        Self {
            stamps: paths.iter().map(|path| fs::stamp(path)).collect(),
            paths,
        }
    }

    fn have_changed(&mut self) -> bool {
        let stamps: Vec<_> = self.paths.iter().map(|path| fs::stamp(path)).collect();
        let changed = stamps != self.stamps;
        self.stamps = stamps;
        changed
    }
}
