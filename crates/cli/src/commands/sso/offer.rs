//! A role whose login has ended: the person logs in, and the command goes on.

use assumerole_core::plan::{Plan, SourceKind};
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Context;
use assumerole_session::signin::{LoginTurn, Turn};

use super::account;
use super::flow::{Flow, usual};
use super::login::{Args, log_in};
use crate::app::App;
use crate::ui::questions::Questions;

/// Does `obtain` again, which failed with `error` for want of a login, when there is
/// one: made by another process, or here, if the person who typed this wants to.
///
/// # Errors
/// `error`, if nobody can be asked; why there is no login; those of `obtain`.
pub(in crate::commands) fn and_again<T>(
    app: &App<'_>,
    context: &Context<'_>,
    plan: &Plan,
    error: Error,
    mut obtain: impl FnMut() -> Result<T>,
) -> Result<T> {
    let can_ask = can_ask(app)?;
    let turn = match LoginTurn::of(context, plan, can_ask) {
        Turn::None => return Err(error),
        Turn::Refused(refusal) => return Err(refusal),
        Turn::LoggedIn => return obtain(),
        Turn::Mine(_) if !can_ask => return Err(error),
        Turn::Mine(turn) => turn,
    };
    // Somebody may have logged in just before the turn began.
    let error = match obtain() {
        Err(error) if error.kind() == Kind::LoginNeeded => error,
        obtained => return obtained,
    };
    let login = made(app, plan, error);
    turn.ends(login.as_ref().err());
    login?;
    obtain()
}

/// Whether somebody is there who typed the command.
fn can_ask(app: &App<'_>) -> Result<bool> {
    if !app.is_typed || app.agent.is_some() {
        return Ok(false);
    }
    let tty = app.host.tty().ok().flatten();
    let unasked = app.config()?.sso_auto_login();
    Ok(tty.is_some_and(|tty| unasked || !tty.in_background()))
}

/// Makes the login that `plan` comes from, for which there is `error`.
fn made(app: &App<'_>, plan: &Plan, error: Error) -> Result<()> {
    let args = Args::default();
    let flow = match &plan.source.kind {
        SourceKind::Sso(sso) => args.flow(app, &sso.at),
        SourceKind::Login(_) => usual(&app.env),
        _ => return Err(error),
    };
    let question = match flow {
        Flow::Browser => "Log in now, in the browser?",
        Flow::Device => "Log in now, on any device?",
    };
    if !app.config()?.sso_auto_login() {
        let Ok(Some(tty)) = app.host.tty() else {
            return Err(error);
        };
        let mut questions = Questions::new(tty, "asks for a login")?;
        questions.say(&format!("{}.", capital(error.message())))?;
        if !questions.yes(question, true)? {
            return Err(error.because("you chose not to log in now"));
        }
    }
    match &plan.source.kind {
        SourceKind::Sso(sso) => log_in(app, &sso.at, Some(&plan.source.profile.value), &args),
        SourceKind::Login(login) => account::sign_in(app, plan, login, flow),
        _ => Err(error),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
