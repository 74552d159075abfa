//! Which session of IAM Identity Center is meant.

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::{SsoPortal, sso_session};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};

use crate::app::App;
use crate::ui::questions::Questions;

/// The portal of the session that is `named`, else of the only one there is, else
/// of the one that the person chooses. `command` is what they typed.
///
/// # Errors
/// There is no such session, or several and nobody who chooses.
pub(in crate::commands) fn portal(
    app: &App<'_>,
    named: Option<&str>,
    command: &str,
) -> Result<SsoPortal> {
    let files = app.aws_files()?;
    if let Some(name) = named {
        return sso_session(files, &app.settings, app.access_manager(name), name);
    }
    let names = files.sso_session_names();
    let names: Vec<String> = names
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect();
    match names.as_slice() {
        [] => Err(Error::new(
            Kind::UnknownName,
            "there is no sso-session in ~/.aws/config",
        )
        .hint("create one: assumerole sso login --start-url URL --region REGION")),
        [name] => sso_session(files, &app.settings, app.access_manager(name), name),
        _ => {
            let name = chosen(app, &names, command)?;
            sso_session(files, &app.settings, app.access_manager(&name), &name)
        }
    }
}

fn chosen(app: &App<'_>, names: &[String], command: &str) -> Result<String> {
    let several = |why: &str| {
        let shown: Vec<String> = names.iter().map(|name| one_line(name)).collect();
        let first = names.first().map_or("", String::as_str);
        Error::new(
            Kind::Usage,
            format!("there are {} sso-sessions", names.len()),
        )
        .because(format!("they are {}", shown.join(", ")))
        .because(why)
        .hint(format!(
            "name one: assumerole {command} {}",
            argument(first)
        ))
    };
    let tty = match app.host.tty() {
        Ok(Some(tty)) if tty.in_background() => {
            return Err(several("this runs in the background"));
        }
        Ok(Some(tty)) => tty,
        Ok(None) => return Err(several("there is no terminal to ask at")),
        Err(error) => return Err(several(&error.to_string())),
    };
    let mut questions = Questions::new(tty, "asks for a session of IAM Identity Center")?;
    questions.choose(
        "Sessions of IAM Identity Center:",
        names,
        "Which one? ",
        |answer| {
            let known = names.iter().find(|name| *name == answer);
            known
                .cloned()
                .ok_or_else(|| format!("there is no session {answer}"))
        },
    )
}
