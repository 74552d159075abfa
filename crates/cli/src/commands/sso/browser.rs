//! The browser of this machine, on its way to AWS's sign-in page and back.

use std::time::Duration;

use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::{self, Desktop, Wanted, candidates};
use assumerole_host::fs::PrivateDir;
use assumerole_host::signals::Watch;
use assumerole_server::{Back, Desk, Event, Handed, Handing, Opener};
use assumerole_session::signin::{Browser, CALLBACK};
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::App;

/// How long the browser is waited for.
const PATIENCE: Duration = Duration::from_mins(5);

/// How often to look whether a signal has come.
const TICK: Duration = Duration::from_millis(50);

/// How long the browser may take to show that it is done.
const GOODBYE: Duration = Duration::from_secs(2);

/// What is said where the browser of this machine will not do.
pub(super) const ELSEWHERE: &str = "sign in on another device: add --device-code";

/// Browsers of this machine, and where they come back to.
pub(super) struct OnThisMachine<'a> {
    app: &'a App<'a>,
    desk: Desk,
    browsers: Vec<browser::Browser>,
    folder: &'a PrivateDir,
    /// Whether the address is printed, and nothing opened.
    print: bool,
    /// What one signs in to.
    name: String,
    /// How one signs in on another device.
    elsewhere: &'static str,
}

impl<'a> OnThisMachine<'a> {
    /// To sign in to `name`, with the browser `wanted`, or one that the person
    /// opens, if `print`. `elsewhere` says how to sign in on another device.
    ///
    /// # Errors
    /// There is no such browser, or loopback cannot be listened on.
    pub(super) fn new(
        app: &'a App<'a>,
        wanted: Option<&str>,
        print: bool,
        name: String,
        elsewhere: &'static str,
    ) -> Result<Self> {
        let desktop = Desktop::of(&app.env);
        let wanted = Wanted {
            flag: wanted,
            setting: app.config()?.browser(),
        };
        let browsers = match print {
            true => Vec::new(),
            false => candidates(wanted, &app.env, desktop)?,
        };
        let desk = Desk::open(desktop == Desktop::Wsl).map_err(|error| {
            Error::new(Kind::Failed, "cannot listen on 127.0.0.1 for the browser")
                .because(error)
                .hint(elsewhere)
        })?;
        Ok(Self {
            app,
            desk,
            browsers,
            folder: app.state_dir()?,
            print,
            name,
            elsewhere,
        })
    }

    /// Shows the address, for a browser of this machine that the person opens.
    fn show(&self, url: &SecretString) {
        let url = url.expose_secret();
        let (name, elsewhere) = (&self.name, self.elsewhere);
        self.app.printer.request(&format!(
            "Open this page in a browser of this machine to sign in to {name}:\n  {url}\n\
             Waiting for five minutes (Ctrl-C to cancel); to {elsewhere}"
        ));
    }

    /// Lets a browser that came back show how it ended, before its place is gone.
    fn say_goodbye(&self) {
        while let Some(event) = self.desk.wait(GOODBYE) {
            if matches!(event, Event::Ended) {
                return;
            }
        }
    }

    /// What `event` means for the sign-in; `None`: nothing.
    fn came(&self, event: Event) -> Option<Result<SecretString>> {
        match event {
            Event::Back(Back { code: Ok(code) }) => {
                self.say_goodbye();
                Some(Ok(code))
            }
            Event::Back(Back { code: Err(why) }) => {
                self.say_goodbye();
                let message = format!("AWS did not sign you in to {}", self.name);
                Some(Err(
                    Error::new(Kind::Refused, message).because(one_line(&why))
                ))
            }
            Event::Again(_) => {
                let message =
                    "the page for the browser was asked for twice; whoever was first has it";
                self.app.printer.warning(&Warning::new(message));
                None
            }
            _ => None,
        }
    }

    /// What became of the page that the browser was started on; `None`: nothing
    /// that ends the wait.
    fn look(&self, handing: &mut Handing<'_>, url: &SecretString) -> Looked {
        match handing.wait(&self.desk) {
            Handed::Waiting => Looked::Goes,
            Handed::Taken => Looked::Done(None),
            Handed::NotOpened(why) => {
                let why = why.join("; ");
                if !why.is_empty() {
                    let message = format!("no browser was opened ({why})");
                    self.app.printer.warning(&Warning::new(message));
                }
                self.show(url);
                // Nobody needs the page any more.
                Looked::Done(None)
            }
            Handed::Late => {
                self.show(url);
                Looked::Done(None)
            }
            Handed::Foreign(user) => {
                let who = user.map_or_else(
                    || "somebody unknown".to_owned(),
                    |user| format!("another user of this machine ({user})"),
                );
                let message = format!("you were not signed in to {}", self.name);
                Looked::Done(Some(Err(Error::new(Kind::Failed, message)
                    .because(format!(
                        "{who} asked for the page of the browser, and nobody got it"
                    ))
                    .hint(self.elsewhere))))
            }
            Handed::Other(event) => match self.came(event) {
                Some(came) => Looked::Done(Some(came)),
                None => Looked::Goes,
            },
        }
    }
}

/// What is seen of a page.
enum Looked {
    /// It is waited for.
    Goes,
    /// It need not be looked at any more; with an answer, the wait is over.
    Done(Option<Result<SecretString>>),
}

impl Browser for OnThisMachine<'_> {
    fn port(&self) -> u16 {
        self.desk.port()
    }

    fn sign_in(&mut self, url: &SecretString, state: SecretString) -> Result<SecretString> {
        self.desk.expect(CALLBACK, state);
        let clock = &self.app.host.clock;
        let ends = clock.monotonic() + PATIENCE;
        let watch = Watch::start()
            .map_err(|error| Error::new(Kind::Failed, "signals cannot be caught").because(error))?;
        let opener = Opener {
            env: &self.app.env,
            browsers: &self.browsers,
            folder: self.folder,
            now: self.app.host.clock.now(),
        };
        let mut handing = None;
        match self.print || self.browsers.is_empty() {
            true => self.show(url),
            false => {
                let name = &self.name;
                self.app.printer.note(&format!(
                    "Sign in to {name} in the browser; waiting for five minutes (Ctrl-C to cancel)"
                ));
                handing = Some(opener.hand_over(&self.desk, url.clone(), &str::to_owned)?);
            }
        }
        loop {
            if let Some(signal) = watch.caught() {
                let signal = u8::try_from(signal).unwrap_or_default();
                return Err(Error::new(
                    Kind::Signal(signal),
                    "the sign-in was cancelled",
                ));
            }
            if clock.monotonic() >= ends {
                return Err(
                    Error::new(Kind::LoginNeeded, "nobody signed in within five minutes")
                        .hint(self.elsewhere),
                );
            }
            if let Some(page) = &mut handing {
                match self.look(page, url) {
                    Looked::Goes => continue,
                    Looked::Done(came) => {
                        handing = None;
                        if let Some(came) = came {
                            return came;
                        }
                        continue;
                    }
                }
            }
            if let Some(event) = self.desk.wait(TICK)
                && let Some(came) = self.came(event)
            {
                return came;
            }
        }
    }
}
