//! `login NAME --browser` of a profile that has no `login_session`: it gets one, and
//! its keys go, if the person wants that.

use assumerole_core::aws_config::{FileKind, Profile};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{StaticKeys, first_login};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::signin::{self, SignIn};
use zeroize::Zeroizing;

use super::account::ELSEWHERE;
use super::browser::OnThisMachine;
use crate::app::App;
use crate::commands::assume::context;
use crate::commands::keys::{file, open};
use crate::ui::questions::Questions;

/// What a profile has that `login_session` would not come before.
const OTHERS: [&str; 6] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
];

/// Whether profile `name` gets a `login_session` where a browser is asked for: it has
/// none, and nothing that comes before one but keys.
///
/// # Errors
/// The files cannot be read.
pub(in crate::commands) fn is_for(app: &App<'_>, name: &str) -> Result<bool> {
    // A role of that name is meant.
    if app.config()?.role(name)?.is_some() {
        return Ok(false);
    }
    let profile = app.aws_files()?.profile(name);
    Ok(profile.is_some_and(|profile| {
        let has = |key: &str| profile.property(key).is_some();
        let hidden = in_credentials(&profile).is_some();
        !OTHERS.iter().any(|key| has(key)) && (hidden || !has("login_session"))
    }))
}

/// The ID of its key in the credentials file, which comes before a login.
fn in_credentials(profile: &Profile<'_>) -> Option<String> {
    let keys = StaticKeys::in_file(profile, FileKind::Credentials);
    Some(keys.ok()??.id.text().to_owned())
}

/// Asks, lets the person sign in with the browser, and makes profile `name` one of that
/// login.
///
/// # Errors
/// AWS's refusal or silence, or the person's: nothing is written then. A file of
/// `~/.aws` cannot be changed.
pub(in crate::commands) fn sign_in_instead(app: &App<'_>, name: &str) -> Result<()> {
    let files = app.aws_files()?;
    let login = first_login(files, &app.settings, name)?;
    let shown = one_line(name);
    let key = files.profile(name).and_then(|it| in_credentials(&it));
    let credentials = app.places.show(&app.places.aws_credentials);
    let config = app.places.show(&app.places.aws_config);
    let command = format!("assumerole login {} --browser", argument(name));
    let hint = format!("run it at a terminal: {command}");
    let tty = open::terminal(app, "nothing was changed", &hint)?;
    let mut questions = Questions::new(tty, "asks whether a profile gets a login")?;
    questions.say(&format!(
        "Profile {shown} gets login_session in {config}: from then on it is a login in the browser."
    ))?;
    if let Some(key) = &key {
        questions.say(&format!(
            "Its key {key} is removed from {credentials}, because it would be used instead. To keep \
             it, answer no, and first run: assumerole keys import {}",
            argument(name)
        ))?;
    }
    if !questions.yes("Sign in now, and change the profile?", false)? {
        return Err(Error::new(Kind::Cancelled, "nothing was changed"));
    }
    drop(questions);
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let mut browser = OnThisMachine::new(app, None, false, format!("profile {shown}"), ELSEWHERE)?;
    let person = SignIn::Browser(&mut browser);
    let (session, place) = signin::sign_in_anew(&context, &login, name, person)?;
    file::edit(app, FileKind::Config, |file| {
        Ok(Some(Zeroizing::new(file.with_login(name, &session))))
    })?;
    let note = format!("logged in as {session} ({place}), for the AWS CLI too");
    app.printer.note(&note);
    if let Some(key) = key {
        file::edit(app, FileKind::Credentials, |file| {
            Ok(file.without_keys(name))
        })?;
        app.printer.note(&format!(
            "profile {shown} has login_session in {config}; {key} is no longer in {credentials}, \
             and still works at AWS until it is deleted there"
        ));
        return Ok(());
    }
    app.printer
        .note(&format!("profile {shown} has login_session in {config}"));
    Ok(())
}
