//! `sso login [SESSION]`: a login at a portal of IAM Identity Center.

use assumerole_core::aws::ids::Region;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::SsoPortal;
use assumerole_core::plan::request;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::signin::{self, AccountNames, DeviceCode, LoginTurn, NewLogin, Person};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::browser::{ELSEWHERE, OnThisMachine};
use super::flow::{Flow, usual};
use super::new_session::NewSession;
use super::session::portal;
use crate::app::App;
use crate::commands::assume::context;
use crate::outcome::Outcome;
use crate::ui::questions::Questions;
use crate::ui::time;

/// Log in to a portal of IAM Identity Center
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Opens the browser of this machine, and waits until it comes back. Where the
browser is on another machine (ssh, CI, containers, no display), shows a code to
type there. Without SESSION, the only one of ~/.aws/config is taken, or you
choose one. Nothing is written before you have signed in; Ctrl-C cancels.")]
pub(crate) struct Args {
    /// Sign in on any device, with a code to type there
    #[arg(long)]
    device_code: bool,

    /// Show the page for any device as a QR code, too
    #[arg(long, conflicts_with_all = ["browser", "no_browser"])]
    qr: bool,

    /// Sign in with this browser: a name, or a command line
    #[arg(long, value_name = "BROWSER", conflicts_with = "device_code")]
    browser: Option<String>,

    /// Print the address of the page, and open no browser
    #[arg(long, conflicts_with_all = ["device_code", "browser"])]
    no_browser: bool,

    /// The start URL of a session that is new to ~/.aws
    #[arg(long, value_name = "URL", requires = "region")]
    start_url: Option<String>,

    /// The region of IAM Identity Center, for a new session
    #[arg(long, value_name = "REGION", value_parser = request::region, requires = "start_url")]
    region: Option<Region>,

    /// Do not ask about another directory or other accounts
    #[arg(long)]
    replace: bool,

    /// The [sso-session] of ~/.aws/config
    #[arg(value_name = "SESSION")]
    sso_session: Option<String>,

    /// Whether it must be the browser of this machine.
    #[arg(skip)]
    here: bool,
}

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    if let (Some(start_url), Some(region)) = (&args.start_url, &args.region) {
        let new = NewSession::new(app, args.sso_session.as_deref(), start_url, region)?;
        log_in_first(app, &new.portal, None, args)?;
        // Not before: a session that nobody can log in to helps nobody.
        new.write(app)?;
        return Ok(Outcome::Done);
    }
    let portal = portal(app, args.sso_session.as_deref(), "sso login")?;
    log_in_first(app, &portal, None, args)?;
    Ok(Outcome::Done)
}

/// As [`log_in`], while others that need the same login wait for it.
///
/// # Errors
/// As there.
pub(in crate::commands) fn log_in_first(
    app: &App<'_>,
    portal: &SsoPortal,
    profile: Option<&str>,
    args: &Args,
) -> Result<()> {
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let turn = LoginTurn::at(&context, portal, profile)?;
    let login = log_in(app, portal, profile, args);
    turn.ends(login.as_ref().err());
    login
}

impl Args {
    /// Of a login in the browser of this machine, or on any device, if that is said.
    pub(in crate::commands) fn said(browser: bool, remote: bool) -> Self {
        Self {
            device_code: remote,
            here: browser,
            ..Self::default()
        }
    }

    /// How the person signs in at `portal`. The AWS CLI has no browser for the
    /// older form of profile, nor have its tokens a use for one.
    pub(super) fn flow(&self, app: &App<'_>, portal: &SsoPortal) -> Flow {
        let is_said = self.browser.is_some() || self.no_browser || self.here;
        let is_device = self.device_code || self.qr || portal.session.is_none();
        match (is_device, is_said) {
            (true, _) => Flow::Device,
            (false, true) => Flow::Browser,
            (false, false) => usual(&app.env),
        }
    }
}

/// Logs the person in at `portal`, which `profile` names if one does.
///
/// # Errors
/// AWS's refusal or silence, or the person's.
pub(super) fn log_in(
    app: &App<'_>,
    portal: &SsoPortal,
    profile: Option<&str>,
    args: &Args,
) -> Result<()> {
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let mut person = AtTerminal {
        app,
        portal,
        replace: args.replace,
        qr: args.qr,
    };
    let login = match args.flow(app, portal) {
        Flow::Device => signin::by_device(&context, portal, profile, &mut person)?,
        Flow::Browser => {
            let wanted = args.browser.as_deref();
            let name = portal.name();
            let mut browser = OnThisMachine::new(app, wanted, args.no_browser, name, ELSEWHERE)?;
            signin::by_browser(&context, portal, profile, &mut person, &mut browser)?
        }
    };
    let until = time::until(login.ends, app.host.clock.now(), &app.host.time_zone());
    let renewed = match login.renewable {
        true => "; it is renewed when it is used",
        false => "",
    };
    let name = portal.name();
    app.printer.note(&format!(
        "logged in to {name}: {until}{renewed}{}",
        gives(&login)
    ));
    Ok(())
}

/// `text` as a QR code for a terminal, two rows of squares a line. Light on dark,
/// so that it can be read on either, with the quiet zone that it needs.
fn qr_code(text: &str) -> String {
    match QrCode::new(text) {
        Ok(code) => {
            let drawn = code
                .render::<Dense1x2>()
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark)
                .build();
            format!("{drawn}\n")
        }
        // Longer than a QR code can be; the address stands above.
        Err(_) => String::new(),
    }
}

/// This many accounts are named.
const NAMED: usize = 3;

/// The accounts that `login` gives.
fn gives(login: &NewLogin) -> String {
    login
        .accounts
        .as_ref()
        .map_or_else(String::new, |accounts| {
            format!("; accounts: {}", listed(accounts))
        })
}

fn listed(accounts: &AccountNames) -> String {
    let AccountNames { names, more } = accounts;
    let first: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| one_line(name))
        .collect();
    let rest = names.len() - first.len();
    match (first.is_empty(), rest, more) {
        (true, ..) => "none".to_owned(),
        (_, 0, false) => first.join(", "),
        (_, rest, false) => format!("{} and {rest} more", first.join(", ")),
        (_, rest, true) => format!("{} and more than {rest} more", first.join(", ")),
    }
}

/// Who typed the command.
struct AtTerminal<'a> {
    app: &'a App<'a>,
    portal: &'a SsoPortal,
    replace: bool,
    /// Whether the page is shown as a QR code, too.
    qr: bool,
}

impl AtTerminal<'_> {
    /// Asks `question`, after what is `told`; `refused` is the error where nobody can
    /// be asked.
    fn confirms(&self, told: &str, question: &str, refused: &dyn Fn(&str) -> Error) -> Result<()> {
        if self.replace {
            return Ok(());
        }
        let tty = match self.app.host.tty() {
            Ok(Some(tty)) if tty.in_background() => {
                return Err(refused("this runs in the background"));
            }
            Ok(Some(tty)) => tty,
            Ok(None) => return Err(refused("there is no terminal to ask at")),
            Err(error) => return Err(refused(&error.to_string())),
        };
        let mut questions = Questions::new(tty, "asks about a login")?;
        questions.say(told)?;
        match questions.yes(question, false)? {
            true => Ok(()),
            false => Err(Error::new(Kind::Cancelled, "nothing was written")),
        }
    }
}

impl Person for AtTerminal<'_> {
    fn show(&mut self, code: &DeviceCode) -> Result<()> {
        let app = self.app;
        let until = time::until(code.ends, app.host.clock.now(), &app.host.time_zone());
        let name = self.portal.name();
        let mut text = format!(
            "Sign in to {name} on any device, at\n  {}\nand type this code there: {}\n",
            code.page, code.code
        );
        if let Some(page) = &code.page_with_code {
            text.push_str(&format!("The same page with the code in it:\n  {page}\n"));
        }
        if self.qr {
            text.push_str(&qr_code(code.page_with_code.as_ref().unwrap_or(&code.page)));
        }
        text.push_str(&format!("Waiting {until} (Ctrl-C to cancel)"));
        app.printer.request(&text);
        Ok(())
    }

    fn replace(&mut self, whose: &str) -> Result<()> {
        let portal = self.portal;
        let (name, start) = (portal.name(), &portal.start_url.value);
        let refused = |why: &str| {
            let message = format!("the login of {name} is for another directory");
            Error::new(Kind::CannotAsk, message)
                .because(format!("it is for {whose}, and {name} has {start}"))
                .because(why)
                .hint("replace it: add --replace")
        };
        let told = format!("The login of {name} that is there is for another directory: {whose}.");
        self.confirms(
            &told,
            &format!("Replace it with one for {start}?"),
            &refused,
        )
    }

    fn other_accounts(&mut self, now: &AccountNames) -> Result<()> {
        let (name, accounts) = (self.portal.name(), listed(now));
        let refused = |why: &str| {
            let message = format!("this login of {name} has none of the accounts from before");
            Error::new(Kind::CannotAsk, message)
                .because(format!("its accounts: {accounts}"))
                .because(why)
                .hint("add --replace if it is yours")
        };
        let told = format!(
            "This login of {name} has none of the accounts from before. Its accounts: {accounts}."
        );
        self.confirms(&told, "Is it yours?", &refused)
    }
}
