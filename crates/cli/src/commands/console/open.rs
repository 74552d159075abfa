//! Handing the URLs to a browser.

use assumerole_core::config::Isolation;
use assumerole_core::diagnostic::Warning;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::browser::{Browser, Desktop, Wanted, candidates};
use assumerole_host::signals::Watch;
use assumerole_server::{Desk, Event, Handed, Opener};

use super::asked::{Args, SignIn};
use super::isolate::Apart;
use crate::app::App;
use crate::outcome::Outcome;

/// What opens the consoles.
pub(super) struct Browsers {
    found: Vec<Browser>,
    apart: Apart,
}

impl Browsers {
    /// What `args`, the file, the environment and the desktop say.
    ///
    /// # Errors
    /// There is no such browser, or it cannot keep consoles apart.
    pub(super) fn of(app: &App<'_>, args: &Args) -> Result<Self> {
        let config = app.config()?;
        let wanted = Wanted {
            flag: args.browser.as_deref(),
            setting: config.browser(),
        };
        let found = candidates(wanted, &app.env, Desktop::of(&app.env))?;
        let isolation = args.isolate.unwrap_or_else(|| config.browser_isolate());
        let apart = match (isolation, found.is_empty()) {
            // The page is printed, and opened by hand.
            (_, true) => Apart::of(Isolation::Off, &found)?,
            (isolation, false) => Apart::of(isolation, &found)?,
        };
        if args.names.len() > 1 && apart == Apart::No && !args.multi {
            let message = "a browser has one console at a time: the last role is signed in";
            app.printer.warning(
                &Warning::new(message)
                    .hint("keep them apart: --isolate, or keep all in one browser: --multi"),
            );
        }
        Ok(Self { found, apart })
    }
}

/// Opens the consoles, one after the other.
///
/// # Errors
/// No browser has taken a page in time, or somebody else wanted it.
pub(super) fn open(app: &App<'_>, browsers: &Browsers, all: Vec<SignIn>) -> Result<Outcome> {
    let desk = Desk::open(Desktop::of(&app.env) == Desktop::Wsl).map_err(|error| {
        Error::new(Kind::Failed, "cannot listen on 127.0.0.1 for the browser")
            .because(error)
            .hint("print the URL: assumerole console --print ROLE")
    })?;
    for one in all {
        hand_over(app, browsers, &desk, one)?;
    }
    Ok(Outcome::Done)
}

fn hand_over(app: &App<'_>, browsers: &Browsers, desk: &Desk, one: SignIn) -> Result<()> {
    let found = browsers.apart.browsers(app, &browsers.found, &one)?;
    let opener = Opener {
        env: &app.env,
        browsers: &found,
        folder: app.state_dir()?,
        now: app.host.clock.now(),
    };
    let SignIn {
        name, url, about, ..
    } = one;
    let print = || {
        format!(
            "print the URL: assumerole console --print {}",
            argument(&name)
        )
    };
    let watch = Watch::start()
        .map_err(|error| Error::new(Kind::Failed, "signals cannot be caught").because(error))?;
    let mut handing = opener.hand_over(desk, url, &|page| browsers.apart.page(&name, page))?;
    loop {
        let handed = handing.wait(desk);
        if let Some(signal) = watch.caught() {
            let signal = u8::try_from(signal).unwrap_or_default();
            let message = "the console was not opened: a signal ended this";
            return Err(Error::new(Kind::Signal(signal), message));
        }
        match handed {
            Handed::Taken => break,
            Handed::NotOpened(why) => {
                let why = match why.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", why.join("; ")),
                };
                let message = format!(
                    "no browser was opened{why}; open this page on this machine within a minute: {}",
                    handing.address()
                );
                let warning = Warning::new(message);
                app.printer
                    .warning(&warning.hint(format!("open it elsewhere: {}", print())));
            }
            Handed::Foreign(user) => {
                let who = user.map_or_else(
                    || "somebody unknown".to_owned(),
                    |user| format!("another user of this machine ({user})"),
                );
                let message = format!("the console of {about} was not opened");
                return Err(Error::new(Kind::Failed, message)
                    .because(format!("{who} asked for the page, and nobody got the URL"))
                    .hint(print()));
            }
            Handed::Late => {
                let message = format!("the console of {about} was not opened");
                return Err(Error::new(Kind::Failed, message)
                    .because("no browser asked for the page within a minute")
                    .hint(print()));
            }
            Handed::Other(Event::Again(_)) => {
                let message = "a page was asked for twice: sign out of the console if it is not \
                               in your browser";
                app.printer.warning(&Warning::new(message));
            }
            Handed::Other(_) | Handed::Waiting => {}
        }
    }
    app.printer.note(&format!("opened the console of {about}"));
    Ok(())
}
