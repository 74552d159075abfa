//! `renew`: what the scripts of `init` call when credentials end soon. Asks
//! nobody, and says in a line what came of it.
//!
//! It goes by the note of the shell alone. New credentials are taken only for
//! the session that the shell has the key of, and only if the files, flags and
//! settings of then still make that very session; else the shell stays as it
//! is, is told so, and is not looked at again.
//!
//! Whatever comes of it, stdout changes the shell: at the least it says when to
//! look next. The status is that of `export`: 5 where a person is needed.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::{CHECK_AT, VariableChange};
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::render::Format;
use assumerole_core::shell::expiry::{self, Look};
use assumerole_core::shell::note::{Here, Note, ReplacedKeys, SessionIdentity, Unreadable};
use assumerole_core::{Error, Kind, Result};

use super::assume::{OtherCaller, Planned, Quietly, planned, quietly};
use crate::app::App;
use crate::deliver;
use crate::integrations::ssh;
use crate::options::{Obtain, Session};
use crate::outcome::Outcome;
use crate::ui::Printer;

/// Renew the credentials of the shell that asks, without a question
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How to write them
    #[arg(long, value_parser = super::export::formats(), hide_possible_values = true)]
    format: &'static Format,

    /// The function that changes the role
    #[arg(long, default_value = "assume")]
    cmd: String,

    /// What is wrong in the settings.
    #[arg(skip)]
    wrong: Option<Error>,
}

impl Args {
    /// Goes on without settings: they are wrong, which is said in a line.
    pub(crate) fn stopped_by(&mut self, error: Error) -> RunSettings {
        self.wrong = Some(error);
        RunSettings::default()
    }

    /// What a person types to be in `role` again.
    fn command(&self, role: &str) -> String {
        format!("{} {}", self.cmd, one_line(&shell_words::quote(role)))
    }
}

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    let note = match app.here() {
        Here::In(note) => note,
        // A time to look that an earlier role has left.
        Here::Nowhere => return look_again(app, args, None).map(|()| Outcome::Done),
        Here::Left(note, keys) => return stopped(app, args, &left(args, &note, keys)),
        Here::Unknown(why) => return stopped(app, args, &unknown(app, args, why)),
    };
    // A server hands them out, and renews them.
    if note.key.is_none() {
        return look_again(app, args, None).map(|()| Outcome::Done);
    }
    if let Some(error) = &args.wrong {
        return stopped(app, args, &not_as_it_was(args, &note, error));
    }
    app.adopt(&note.files, note.duration);
    app.settings.hurried = true;
    let Some(session) = Session::of_words(&note.flags) else {
        let why = unknown(app, args, Unreadable::Garbled);
        return stopped(app, args, &why);
    };
    let obtain = Obtain::of(session);
    // What is odd in the files was said when the role was assumed.
    let silent = Printer::new(&app.env, true);
    let printer = std::mem::replace(&mut app.printer, silent);
    let planned = planned(app, &note.role, &obtain);
    app.printer = printer;
    let planned = match planned {
        Ok(planned) => planned,
        Err(error) => return stopped(app, args, &not_as_it_was(args, &note, &error)),
    };
    let today = SessionIdentity::of(&planned.plan, &planned.plan.fingerprints());
    if let Some(difference) = note.identity.differs(&today) {
        let (role, command) = (one_line(&note.role), args.command(&note.role));
        let line = format!("{role} is a different role now ({difference}): {command}");
        return stopped(app, args, &line);
    }
    renewed(app, args, &note, planned, &obtain)
}

/// New credentials for the session of `note`, which `planned` makes again.
fn renewed(
    app: &App<'_>,
    args: &Args,
    note: &Note,
    planned: Planned,
    obtain: &Obtain,
) -> Result<Outcome> {
    let now = app.host.clock.now().as_second();
    let ends = note.ends.unwrap_or(now);
    let look = match quietly(app, planned, obtain, note.whose.as_deref()) {
        Ok(Err(OtherCaller)) => return stopped(app, args, &other_caller(args, note)),
        Ok(Ok(Quietly { assumed, .. })) if Some(assumed.access_key_id()) != note.key.as_deref() => {
            if let Some(role) = assumed.target.role() {
                ssh::renew(app, role, assumed.ends);
            }
            return deliver::renewed(app, &assumed, args.format);
        }
        Ok(Ok(Quietly { would_ask, .. })) if would_ask => Look::WouldAsk,
        Ok(Ok(_)) => Look::Well,
        Err(error) if matches!(error.kind(), Kind::CannotAsk | Kind::Mfa) => Look::WouldAsk,
        Err(error) => Look::Failed(error),
    };
    let now = app.host.clock.now().as_second();
    let (role, command) = (one_line(&note.role), args.command(&note.role));
    if let Some(line) = expiry::said(&look, &role, &command, ends, now) {
        app.printer.note(&line);
    }
    look_again(app, args, expiry::next_look(&look, ends, now))?;
    Ok(match look {
        Look::Well => Outcome::Done,
        Look::WouldAsk => needs_a_person(),
        Look::Failed(error) => Outcome::failed(&error, false),
    })
}

/// Says once why the shell stays as it is, and looks no more.
fn stopped(app: &App<'_>, args: &Args, line: &str) -> Result<Outcome> {
    app.printer.note(line);
    look_again(app, args, None)?;
    Ok(needs_a_person())
}

fn needs_a_person() -> Outcome {
    Outcome::Failed {
        kind: Kind::CannotAsk,
        running: false,
    }
}

/// When the shell looks next, seconds since 1970; `None`: never again. That is
/// a word: in nushell a hook cannot unset what it has set itself.
fn look_again(app: &App<'_>, args: &Args, at: Option<i64>) -> Result<()> {
    let at = at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let change = VariableChange {
        name: CHECK_AT.to_owned(),
        value: Some(at.into_bytes().into()),
    };
    deliver::change(app, &[change], args.format).map(drop)
}

fn other_caller(args: &Args, note: &Note) -> String {
    let (role, command) = (one_line(&note.role), args.command(&note.role));
    format!(
        "{role} is not renewed: cannot tell whether the same caller would assume it; assume it again: {command}"
    )
}

fn left(args: &Args, note: &Note, keys: ReplacedKeys) -> String {
    let (role, command) = (one_line(&note.role), args.command(&note.role));
    match keys {
        ReplacedKeys::Gone => format!(
            "{role} is not renewed: its credentials were taken out of this shell; assume it again: {command}"
        ),
        ReplacedKeys::Other => format!(
            "{role} is not renewed: this shell now has other credentials; assume it again: {command}"
        ),
    }
}

fn unknown(app: &App<'_>, args: &Args, why: Unreadable) -> String {
    let here = app.here();
    let (role, command) = match app.current_role(&here) {
        Some(role) => (one_line(role), args.command(role)),
        None => ("this shell".to_owned(), format!("{} ROLE", args.cmd)),
    };
    format!("{role} is not renewed: {why}; assume it again: {command}")
}

/// What `note` says cannot even be planned any more.
fn not_as_it_was(args: &Args, note: &Note, error: &Error) -> String {
    let (role, command) = (one_line(&note.role), args.command(&note.role));
    let why = one_line(error.message());
    format!("{role} has changed ({why}): {command}")
}
