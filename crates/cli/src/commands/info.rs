//! `info [ROLE]`: account and role; contacts nobody.
//!
//! Without ROLE it says what the shell is in, by the note that the shell has.
//! What the files say today is another thing: where it differs, that is said,
//! too.

use std::fmt::Write as _;

use assumerole_core::Result;
use assumerole_core::aws::ids::RoleArn;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::table::ROLE;
use assumerole_core::plan::Plan;
use assumerole_core::plan::request::Request;
use assumerole_core::shell::note::{Here, Note, ReplacedKeys, SessionIdentity};

use jiff::SignedDuration;

use super::choose::{self, Chosen};
use super::marks;
use crate::app::{App, here};
use crate::options::Session;
use crate::outcome::Outcome;
use crate::ui::time;

/// Show a role's account and name, without network access
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The role; without it, the one this shell is in, else choose one
    role: Option<String>,
}

pub(crate) fn run(app: &mut App<'_>, args: Args) -> Result<Outcome> {
    if let Some(role) = args.role {
        return of_file(app, &role);
    }
    match app.here() {
        Here::In(note) => of_note(app, &note),
        Here::Left(note, keys) => {
            let role = one_line(&note.role);
            app.printer.note(&match keys {
                ReplacedKeys::Gone => {
                    format!("this shell is out of {role}: its credentials are gone")
                }
                ReplacedKeys::Other => {
                    format!("this shell is out of {role}: it has other credentials")
                }
            });
            say(app, &note)
        }
        Here::Unknown(why) => {
            app.printer
                .note(&format!("{why}; this is what the files say"));
            of_environment(app)
        }
        Here::Nowhere => of_environment(app),
    }
}

/// The session that the shell is in.
fn of_note(app: &mut App<'_>, note: &Note) -> Result<Outcome> {
    let outcome = say(app, note)?;
    let role = one_line(&note.role);
    let named = |name: &&str| match here(&app.host.env) {
        // As it was when its role was renamed.
        Here::In(written) => *name == written.role,
        _ => *name == note.role,
    };
    if let Some(other) = app.host.env.text(ROLE).filter(|name| !named(name)) {
        let other = one_line(other);
        app.printer
            .note(&format!("{ROLE} says {other}, and this shell is in {role}"));
    }
    app.adopt(&note.files, note.duration);
    let today = match today(app, note) {
        Ok(plan) => plan,
        Err(error) => {
            let why = one_line(error.message());
            app.printer.note(&format!(
                "{role} cannot be assumed like this any more: {why}"
            ));
            return Ok(outcome);
        }
    };
    let today = SessionIdentity::of(&today, &today.fingerprints());
    if let Some(difference) = note.identity.differs(&today) {
        app.printer.note(&format!(
            "{role} is a different role in the files now: {difference}"
        ));
    }
    Ok(outcome)
}

/// What assuming the role of `note` takes today, with all that it was assumed
/// with.
fn today(app: &App<'_>, note: &Note) -> Result<Plan> {
    let session = Session::of_words(&note.flags).unwrap_or_default();
    app.plan(&app.target(&note.role)?, &session.request()?)
}

fn say(app: &App<'_>, note: &Note) -> Result<Outcome> {
    let identity = &note.identity;
    let arn = identity.arn.as_ref();
    let arn = arn.and_then(|arn| arn.parse::<RoleArn>().ok());
    let role = match &arn {
        Some(arn) => Some(arn.name.as_str()),
        None => identity.role.as_deref(),
    };
    let mut text = lines(&note.role, identity.account.as_deref(), role);
    if !identity.narrowed.is_empty() {
        let by = one_line(&identity.narrowed.join(", "));
        let _ = writeln!(text, "narrowed by:  {by}");
    }
    let marks = marks::of_note(note);
    if let Some(seconds) = marks.duration {
        let lasts = time::left(SignedDuration::from_secs(seconds.into()));
        let _ = writeln!(text, "asked for:    {lasts}");
    }
    if let Some(name) = &marks.session_name {
        let _ = writeln!(text, "session name: {}", one_line(name));
    }
    app.data(&text)
}

/// The role that the environment names.
fn of_environment(app: &App<'_>) -> Result<Outcome> {
    if let Some(role) = app.host.env.text(ROLE) {
        return of_file(app, role);
    }
    match choose::role(app, "", &Session::default())? {
        Chosen::Role(role) => of_file(app, &role),
        Chosen::Ended(outcome) => Ok(outcome),
    }
}

/// What the files say of the role `name`.
fn of_file(app: &App<'_>, name: &str) -> Result<Outcome> {
    let target = app.target(name)?;
    let (account, role) = match target.role() {
        // What the file says, though the rest of the way may be wrong.
        Some(role) => (
            Some(role.aws_account.value.to_string()),
            Some(role.aws_role.value.clone()),
        ),
        None => {
            let plan = app.plan(&target, &Request::default())?;
            let account = plan.account().map(|account| account.to_string());
            (account, plan.role_name())
        }
    };
    app.data(&lines(target.name(), account.as_deref(), role.as_deref()))
}

fn lines(name: &str, account: Option<&str>, role: Option<&str>) -> String {
    format!(
        "account name: {}\naccount ID:   {}\nrole:         {}\n",
        one_line(name),
        account.unwrap_or("unknown"),
        one_line(role.unwrap_or("none")),
    )
}
