//! The process of a server: it answers on one thread, and renews on the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assumerole_core::shell::note::UserFiles;
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::fs::{self, PrivateDir, Stamp};
use assumerole_host::process::background::{self, Other};
use assumerole_host::signals::Watch;
use assumerole_host::{error, peer};
use assumerole_server::{Limits, Offers, Rules, Server, Token};
use assumerole_session::cache;
use secrecy::ExposeSecret as _;

use super::APART;
use super::door::{self, Opened, Owned};
use super::janitor::Janitor;
use super::kept::{House, Kept};
use super::papers::{self, Papers};
use super::sentry::Sentry;
use super::spec::{self, AwsPaths, CopyPaths, Ready, Spec, Word};
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
    Error::new(Kind::Failed, "the credentials server did not start").because(error::reason(error))
}

/// Is a server, for whoever has started [`near`].
///
/// # Errors
/// It was not started so.
pub(super) fn apart(app: &mut App<'_>) -> Result<Outcome> {
    let told = background::handed_over().map_err(|error| not_started(&error))?;
    let spec: Spec = spec::read(&told)?;
    asks_nobody(app);
    let dir = papers::folder(app).ok();
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
            let gone = || Error::new(Kind::Failed, "the command has ended already");
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
            Error::new(Kind::Failed, "no random number could be had").because(error)
        })?;
        let clock = app.host.clock.as_ref();
        let papers = dir.and_then(|dir| Papers::open(dir, clock).ok());
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
            origin: opened.origin,
            token: token.secret().clone(),
            token_file: token_file.and_then(Result::ok),
            copies: match &spec.aws_files {
                Some(paths) => copies(app, paths, papers.as_ref())?,
                None => None,
            },
        };
        let rules = Rules {
            hosts: opened.hosts,
            token,
            user: peer::own_user(),
            instance: spec.instance,
        };
        let server = Server::start(opened.door, rules, Limits::default(), Arc::clone(&offers));
        let server = server.map_err(|error| not_started(&error))?;
        let stamp = app.places.state().map(|state| cache::forgotten_at(&state));
        let clock = Arc::clone(&app.host.clock);
        let sentry = Sentry::start(app.existing_cache(), stamp, Arc::clone(&offers), clock);
        let talk = Talk::new(app.host, false);
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
            files: Watched::of(app, of_roles.as_ref(), spec.aws_files.as_ref()),
            janitor,
            _server: server,
            _socket: opened.file,
            _token_file: wanted,
        };
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
            let house = House {
                offers: &self.offers,
                talk: &self.talk,
                sentry: &self.sentry,
            };
            for role in &mut self.roles {
                if self.sentry.take_forgotten(role.name()) {
                    role.heed_logout(app, &self.talk);
                }
                role.look_after(app, &house);
            }
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
        match caught.or_else(before) {
            Some(signal) => Some(End::Signal(signal)),
            None => ended.then_some(End::Gone),
        }
    }
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
