//! `console ROLE…`: the console of AWS in a browser, signed in as a role.

mod asked;
mod forget;
mod isolate;
mod open;
mod signin;
mod user;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::clipboard;
use secrecy::ExposeSecret;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;

use asked::SignIn;

pub(crate) use asked::Args;
pub(super) use forget::forget_profiles;

/// What is to be written.
const COMMAND: Command = Command {
    name: "console",
    usage: "assumerole console [OPTIONS] <ROLE>...",
};

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    if args.forget {
        return forget::run(app, &args.names);
    }
    if args.names.is_empty() {
        return Err(COMMAND.incomplete(app, "ROLE"));
    }
    app.credentials_only = true;
    // Before anybody is asked for anything.
    let opens = match args.print || args.copy {
        true => None,
        false => Some(open::Browsers::of(app, args)?),
    };
    if args.copy && args.names.len() > 1 {
        return Err(Error::new(
            Kind::Usage,
            "--copy takes one role: the clipboard holds one URL",
        )
        .hint("print them: --print"));
    }
    let mut all = Vec::with_capacity(args.names.len());
    for name in &args.names {
        all.push(signin::sign_in(app, args, name)?);
    }
    match opens {
        Some(browsers) => open::open(app, &browsers, all),
        None if args.copy => copied(app, &all),
        None => {
            for one in &all {
                app.data(&format!("{}\n", one.url.expose_secret()))?;
            }
            Ok(Outcome::Done)
        }
    }
}

fn copied(app: &App<'_>, all: &[SignIn]) -> Result<Outcome> {
    for one in all {
        let tty = app.host.tty().ok().flatten();
        let Some(by) = clipboard::copy(&one.url, &app.env, tty) else {
            return Err(
                Error::new(Kind::Failed, "the URL cannot be copied: no clipboard was found")
                    .because("there is no wl-copy, xclip, xsel, pbcopy or clip.exe that takes it, and no terminal")
                    .hint(format!("print it: assumerole console --print {}", one_line(&one.name))),
            );
        };
        app.printer.note(&format!(
            "URL of {} copied by {by}; it signs in whoever opens it within 15 minutes",
            one.about
        ));
    }
    Ok(Outcome::Done)
}
