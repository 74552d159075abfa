//! Signing in to an account as in the console: `login NAME` where NAME's profile has
//! `login_session`.

use assumerole_core::plan::{Login, Plan};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::signin::{self, Elsewhere, LoginTurn, SignIn};
use secrecy::{ExposeSecret as _, SecretString};

use super::browser::OnThisMachine;
use super::flow::Flow;
use crate::app::App;
use crate::commands::assume::context;

/// As [`sign_in`], while others that need the same login wait for it.
///
/// # Errors
/// As there.
pub(in crate::commands) fn sign_in_first(
    app: &App<'_>,
    plan: &Plan,
    login: &Login,
    flow: Flow,
) -> Result<()> {
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let turn = LoginTurn::first(&context, plan)?;
    let signed_in = sign_in(app, plan, login, flow);
    if let Some(turn) = turn {
        turn.ends(signed_in.as_ref().err());
    }
    signed_in
}

/// Lets the person sign in to the session `login` that `plan` comes from.
///
/// # Errors
/// AWS's refusal or silence, or the person's.
pub(super) fn sign_in(app: &App<'_>, plan: &Plan, login: &Login, flow: Flow) -> Result<()> {
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let profile = plan.source.profile.value.as_str();
    let session = &login.session.value;
    let mut elsewhere = AnyBrowser { app, session };
    let place = match flow {
        Flow::Device => {
            let person = SignIn::Elsewhere(&mut elsewhere);
            signin::sign_in(&context, login, profile, person)?
        }
        Flow::Browser => {
            let mut browser = OnThisMachine::new(app, None, false, session.clone(), ELSEWHERE)?;
            let person = SignIn::Browser(&mut browser);
            signin::sign_in(&context, login, profile, person)?
        }
    };
    let note = format!("logged in as {session} ({place}), for the AWS CLI too");
    app.printer.note(&note);
    Ok(())
}

/// What is said where a browser of this machine will not do.
pub(super) const ELSEWHERE: &str = "sign in on another device: assumerole login --remote NAME";

/// Who typed the command, with a browser anywhere.
struct AnyBrowser<'a> {
    app: &'a App<'a>,
    session: &'a str,
}

impl Elsewhere for AnyBrowser<'_> {
    fn code(&mut self, url: &SecretString) -> Result<SecretString> {
        let nobody = |why: &str| {
            Error::new(
                Kind::CannotAsk,
                "the code of the sign-in cannot be asked for",
            )
            .because(why)
        };
        let mut tty = match self.app.host.tty() {
            Ok(Some(tty)) if tty.in_background() => {
                return Err(nobody("this runs in the background"));
            }
            Ok(Some(tty)) => tty,
            Ok(None) => return Err(nobody("there is no terminal to ask at")),
            Err(error) => return Err(nobody(&error.to_string())),
        };
        let (url, session) = (url.expose_secret(), self.session);
        self.app.printer.request(&format!(
            "Open this page in any browser, and sign in as {session}:\n  {url}"
        ));
        Ok(tty.prompt_line("The code that the page shows at its end: ")?)
    }
}
