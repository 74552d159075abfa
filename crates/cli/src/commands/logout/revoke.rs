//! `logout --revoke`: logins end at AWS, too.

use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::signin::{self, EndedLogin};

use super::{CachedSessions, told};
use crate::app::App;
use crate::commands::assume::context;
use crate::commands::logins::{self, LoginAt, NamedLogin};
use crate::outcome::Outcome;
use crate::ui::time;

pub(super) fn run(app: &App<'_>, names: &[String]) -> Result<Outcome> {
    let all = logins::all(app)?;
    let mut failed: Option<Error> = None;
    let mut note = |ended: Result<()>| {
        let Err(error) = ended else { return };
        match &failed {
            None => failed = Some(error),
            Some(_) => app.printer.warning(&Warning::new(error.to_string())),
        }
    };
    if names.is_empty() {
        let mut any = false;
        for login in &all {
            match end(app, login) {
                Ok(there) => any |= there,
                Err(error) => {
                    any = true;
                    note(Err(error));
                }
            }
        }
        if !any {
            app.printer.note("there was no login to end");
        }
        let removed = super::all(app)?;
        super::forget_browsers(app, &[])?;
        app.printer.note(&told(removed));
    }
    for name in names {
        note(match is_session(name) {
            true => end_by_arn(app, &all, name),
            false => end_named(app, &all, name),
        });
    }
    match failed {
        None => Ok(Outcome::Done),
        Some(error) => Err(error),
    }
}

/// Whether `name` is the ARN of a session of AWS Sign-In.
fn is_session(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "signin", _, _, session] if session.starts_with("session/"))
}

fn end_named(app: &App<'_>, all: &[NamedLogin], name: &str) -> Result<()> {
    let Some(login) = logins::named(app, all, name)? else {
        let message = format!("{} does not begin at a login", one_line(name));
        return Err(Error::new(Kind::Usage, message)
            .hint(format!(
                "forget its sessions: assumerole logout {}",
                one_line(name)
            ))
            .hint("see the logins: assumerole status --aws"));
    };
    if !end(app, login)? {
        let note = format!("there was no login for {}", login.name());
        app.printer.note(&note);
    }
    Ok(())
}

/// Ends `login`; whether there was one.
fn end(app: &App<'_>, login: &NamedLogin) -> Result<bool> {
    let cache = app.existing_cache();
    let context = context(app, cache.as_ref())?;
    let handed_out = handed_out(app, login);
    let mut forgotten = 0;
    let forget = || {
        let sessions = CachedSessions::of_all(app, &login.profiles);
        forgotten = sessions.forget(app)?;
        match (&login.at, &cache) {
            (LoginAt::Portal(portal), Some(cache)) => signin::forget_directory(cache, portal),
            _ => Ok(()),
        }
    };
    let ended = match &login.at {
        LoginAt::Portal(portal) => signin::log_out(&context, portal, forget)?,
        LoginAt::Account(at) => signin::log_out_of_account(&context, login.profile(), at, forget)?,
    };
    let Some(ended) = ended else { return Ok(false) };
    said(app, login, &ended, forgotten, &handed_out)?;
    Ok(true)
}

fn said(
    app: &App<'_>,
    login: &NamedLogin,
    ended: &EndedLogin,
    forgotten: usize,
    handed_out: &[String],
) -> Result<()> {
    let (name, place) = (login.name(), &ended.place);
    let here = format!(
        "logged out of {name}, for the AWS CLI too ({place} is removed); {}",
        told(forgotten)
    );
    let lives = match (&login.at, handed_out) {
        (LoginAt::Account(_), _) => {
            "credentials that were handed out stay valid, those of the login for at most 15 minutes"
                .to_owned()
        }
        (LoginAt::Portal(_), []) => {
            "credentials of roles that were handed out stay valid until they expire".to_owned()
        }
        (LoginAt::Portal(_), known) => format!(
            "credentials of roles that were handed out stay valid until they expire: {}",
            known.join(", ")
        ),
    };
    match &ended.lives_on {
        None => {
            app.printer.note(&here);
            app.printer.note(&lives);
            Ok(())
        }
        Some(why) => {
            let error = not_ended(&name, why).because(here).because(lives);
            let error = why.hints().iter().fold(error, Error::hint);
            Err(match &login.at {
                LoginAt::Portal(_) => error.hint(SIGN_OUT),
                LoginAt::Account(_) => error,
            })
        }
    }
}

/// The error of a login that may live on at AWS.
pub(in crate::commands) fn not_ended(name: &str, why: &Error) -> Error {
    let message = format!("the login of {name} was not ended at AWS");
    let error = Error::new(why.kind(), message).because(why.message());
    why.causes().iter().fold(error, Error::because)
}

/// What ends a login without this program.
pub(in crate::commands) const SIGN_OUT: &str =
    "end it there: sign out at the access portal in the browser";

/// The sessions that came from `login` and last: their names and ends.
fn handed_out(app: &App<'_>, login: &NamedLogin) -> Vec<String> {
    let (now, zone) = (app.host.clock.now(), app.host.time_zone());
    let cache = app.existing_cache();
    let mut entries = cache.map_or_else(Vec::new, |cache| cache.marked_entries());
    entries.retain(|(_, entry, _)| {
        entry.left(now).is_positive() && login.profiles.contains(&entry.about.profile)
    });
    entries.sort_by(|(_, a, _), (_, b, _)| a.about.name.cmp(&b.about.name));
    let known = entries.iter().map(|(_, entry, _)| {
        let until = time::clock(entry.ends(), now, &zone);
        format!("{} ({until})", one_line(&entry.about.name))
    });
    known.collect()
}

/// Ends the session `arn`, wherever it was made.
fn end_by_arn(app: &App<'_>, all: &[NamedLogin], arn: &str) -> Result<()> {
    let cache = app.existing_cache();
    let context = context(app, cache.as_ref())?;
    let account = arn.split(':').nth(4);
    let mut error = None;
    for login in all {
        let LoginAt::Account(at) = &login.at else {
            continue;
        };
        if at.session.value.split(':').nth(4) != account {
            continue;
        }
        match signin::end_session(&context, login.profile(), at, arn) {
            Ok(()) => {
                app.printer.note(&format!(
                    "ended {arn} at AWS; credentials that it gave stay valid for at most 15 minutes"
                ));
                return Ok(());
            }
            Err(why) => error = Some(why),
        }
    }
    Err(error.unwrap_or_else(|| {
        let message = format!("there is no login of the account of {arn}");
        Error::new(Kind::UnknownName, message)
            .because("a session is ended with a login of whoever it is of")
            .hint("see the profiles that have one: assumerole status --aws")
    }))
}
